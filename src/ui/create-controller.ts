import { describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { createPrompt, remember } from '../store/shell/prompt.ts';
import { type Shell, updatePage } from '../store/shell/shell.ts';
import { type AnyRow, rowFor } from '../views/any-view.ts';
import type { LooseView } from '../views/view.ts';
import type { Acting } from './acting.ts';
import { createChartCommands } from './chart-commands.ts';
import { parseCommand } from './command/parse.ts';
import type { Controller } from './controller.ts';
import type { Dialogs } from './dialog/dialogs.ts';
import type { Flasher } from './flash.ts';
import { createNavigation } from './navigate.ts';
import { createOffers } from './offers.ts';
import { filesOfPage } from './save.ts';
import { nameOfRef } from './screen/crumb-names.ts';
import type { Screen } from './screen/screen.ts';
import type { TableCommands } from './table-commands.ts';
import { createVerbs } from './verbs.ts';

/** What only the application can do. */
export interface ConsoleActions {
  readonly onQuit: () => void;
  readonly onRefresh: () => void;
  /** Writes a file and tells where. */
  readonly saveFile: (name: string, text: string) => Promise<string>;
  /** Puts text on the user's clipboard (OSC 52 over SSH). */
  readonly copy: (text: string) => void;
  /**
   * Told which servers' JVM pages are on the screen (several where they are compared) whenever that changes: all their
   * series are kept meanwhile, and those without datagrams are read. Of `own` only what the servers say of themselves
   * is shown.
   */
  readonly onLook?: ((servers: readonly Ref<'server'>[], own: readonly Ref<'server'>[]) => void) | undefined;
  /** Told which analysis of dumps is on the screen whenever that changes: then they are read. */
  readonly onAnalysis?: ((analysis: Ref<'analysis'> | undefined) => void) | undefined;
}

export interface ControllerOptions {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly table: TableCommands;
  readonly dialogs: Dialogs;
  readonly clock: Clock;
  readonly acting: Acting | undefined;
  readonly actions: ConsoleActions;
}

/** Carries out what keys and commands ask for. */
export function createController(options: ControllerOptions): Controller {
  const { shell, screen, flasher, table, actions, dialogs, acting, clock } = options;
  const related = () => screen.world().context.related;
  const actingRow = (): AnyRow | undefined => {
    const { page } = screen.world();
    if (page.content.kind === 'detail') {
      const row = screen.detailRow();
      if (row === undefined)
        flasher.show(text(`${page.content.name} is gone`, `${page.content.name}: 사라짐`), 'warn');
      return row;
    }
    const at = table.place();
    if (at.state === 'at') return screen.rowSet().rows[at.index];
    if (at.state === 'none') flasher.show(text('No rows here', '행이 없습니다'));
    else {
      const name = nameOfRef(related(), at.ref);
      flasher.show(
        text(`${name} is gone: move the cursor first`, `${name}: 사라짐, 먼저 커서를 옮기세요`),
        'warn',
      );
    }
    return undefined;
  };
  const verbs = createVerbs({ acting, dialogs, screen, flasher, actingRow, quit: actions.onQuit });
  const navigation = createNavigation({ shell, screen, flasher, actingRow, quit: verbs.quit });
  const offers = createOffers({
    acting,
    dialogs,
    screen,
    flasher,
    clock,
    verbs,
    actingRow,
    openReport: (report) => navigation.open({ kind: 'report', report }),
    openTarget: navigation.openTarget,
    leaveRows: table.leaveRows,
    copy: actions.copy,
  });
  const fail = (error: unknown) => {
    const why = cleanLine(describeThrown(error), 200);
    flasher.show(text(`Could not save: ${why}`, `저장 실패: ${why}`), 'error');
  };
  const save = async (format: string) => {
    if (format !== 'csv' && format !== 'json') {
      flasher.show(
        text(`Save as csv or json, not ${format}`, `csv 또는 json으로 저장: ${format} 아님`),
        'warn',
      );
      return;
    }
    const files = await filesOfPage(screen, format);
    if (files.length === 0) {
      flasher.show(text('Nothing to save on this page', '이 페이지에는 저장할 것이 없음'));
      return;
    }
    const paths: string[] = [];
    for (const file of files) paths.push(cleanLine(await actions.saveFile(file.name, file.text), 400));
    flasher.show(text(`Saved ${paths.join(' and ')}`, `저장함: ${paths.join(', ')}`));
  };
  /** All marked rows, one a line, those shown first and in their order; false where none is marked. */
  const copyMarked = (view: LooseView, what: 'name' | 'namespace'): boolean => {
    const { content, marks } = screen.world().page;
    if (content.kind !== 'table' || marks.size === 0) return false;
    const shown = screen.rowSet().refs.filter((ref) => marks.has(refKey(ref)));
    const others = new Map(marks);
    for (const ref of shown) others.delete(refKey(ref));
    const names = [...shown, ...others.values()].map((ref) => {
      if (what === 'name') return nameOfRef(related(), ref);
      const row = related().get(ref);
      return row === undefined ? undefined : view.namespaceOf?.(rowFor(view, row));
    });
    const known = names.filter((name) => name !== undefined);
    const copied = what === 'name' ? known : [...new Set(known)];
    if (copied.length > 0) actions.copy(copied.join('\n'));
    const plural = copied.length === 1 ? '' : 's';
    const kind = what === 'name' ? '이름' : '네임스페이스';
    const [hidden, hiddenKo] =
      others.size === 0
        ? ['', '']
        : [`; ${others.size} of them not shown`, `; 그중 ${others.size}개는 안 보임`];
    flasher.show(
      text(
        `Copied ${copied.length} ${what}${plural} of ${marks.size} marked${hidden}`,
        `표시한 ${marks.size}개 중 ${kind} ${copied.length}개 복사함${hiddenKo}`,
      ),
    );
    return true;
  };
  const controller: Controller = {
    ...navigation,
    ...table,
    ...offers,
    act: verbs.act,
    quit: verbs.quit,
    auditOfRow() {
      const row = actingRow();
      if (row !== undefined) navigation.openTarget({ view: 'audit', scope: row.ref });
    },
    openPrompt(kind) {
      const { page } = screen.world();
      // Typing replaces the filter in force; ↑ finds it as the newest of the recent ones.
      shell.setState(({ recentFilters }) =>
        kind === 'filter'
          ? {
              prompt: createPrompt(kind, '', page.filter),
              recentFilters: remember(recentFilters, page.filter),
            }
          : { prompt: createPrompt(kind, '') },
      );
    },
    refresh() {
      actions.onRefresh();
      screen.takeData();
      flasher.show(text('Refreshing every context', '모든 컨텍스트 새로 고침'));
    },
    save(format) {
      save(format).catch(fail);
    },
    toggle(what) {
      shell.setState((state) => ({ [what]: !state[what] }));
    },
    runCommand(line) {
      const command = parseCommand(line, screen.knownNames());
      switch (command.kind) {
        case 'wrong':
          flasher.show(command.reason, 'warn');
          return;
        case 'view':
          navigation.open(
            { kind: 'table', view: command.view.id },
            { isRoot: true, filter: command.filter, narrowing: command.narrowing },
          );
          if (command.warning !== undefined) flasher.show(command.warning, 'warn');
          return;
        case 'plain':
          if (command.name === 'quit') verbs.quit();
          else if (command.name === 'help') navigation.openHelp();
          else controller.save(command.argument === '' ? 'csv' : command.argument);
      }
    },
    pageSize: () => Math.max(1, screen.height() - 1),
    copy(what) {
      const view = screen.view();
      if (view !== undefined && copyMarked(view, what)) return;
      const row = actingRow();
      if (view === undefined || row === undefined) return;
      const value = what === 'name' ? view.nameOf(rowFor(view, row)) : view.namespaceOf?.(rowFor(view, row));
      if (value === undefined) {
        flasher.show(text('This row has no namespace', '이 행에는 네임스페이스가 없음'));
        return;
      }
      actions.copy(value);
      flasher.show(text(`Copied ${value}`, `복사함: ${value}`));
    },
    scroll(by) {
      const last = Math.max(0, screen.lineCount() - screen.height());
      updatePage(shell, { top: Math.min(last, Math.max(0, screen.scrollTop() + by)) });
    },
    ...createChartCommands({ shell, screen, flasher }),
    flash: flasher.show,
  };
  return controller;
}
