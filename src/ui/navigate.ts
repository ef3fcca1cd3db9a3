import type { Ref } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { back, currentPage, type History, isAtRoot, last, openPage, step } from '../store/shell/history.ts';
import type { PageContent, PageOptions } from '../store/shell/page.ts';
import type { Shell } from '../store/shell/shell.ts';
import { updatePage } from '../store/shell/shell.ts';
import { type AnyRow, rowFor } from '../views/any-view.ts';
import { viewByName, viewOfKind } from '../views/index.ts';
import type { Target } from '../views/view.ts';
import type { Flasher } from './flash.ts';
import { leadTogether } from './lead-together.ts';
import { nameOfRef } from './screen/crumb-names.ts';
import type { Screen } from './screen/screen.ts';

/** The row a key acts on, or `undefined` after saying why there is none. */
export type ActingRow = () => AnyRow | undefined;

export interface NavigateOptions {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly actingRow: ActingRow;
  readonly quit: () => void;
}

/** Opening, leaving and coming back to pages. */
export function createNavigation({ shell, screen, flasher, actingRow, quit }: NavigateOptions) {
  const change = (next: (history: History) => History): boolean => {
    const { history } = shell.getState();
    const moved = next(history);
    if (moved === history) return false;
    shell.setState({ history: moved, prompt: undefined });
    return true;
  };
  const open = (content: PageContent, options: PageOptions & { readonly isRoot?: boolean } = {}) =>
    change((history) => openPage(history, content, options));
  const nameOf = (ref: Ref): string => nameOfRef(screen.world().context.related, ref);
  const sayShown = () => flasher.show(text('This page is shown already', '이미 이 페이지입니다'));
  const openDetail = (ref: Ref, form: 'sections' | 'json', part?: string) => {
    if (viewOfKind(ref.kind)?.detail === undefined) return;
    open({ kind: 'detail', ref, name: nameOf(ref), form, part });
  };
  const openTarget = (target: Target) => {
    if ('detail' in target) {
      openDetail(target.detail, 'sections', target.part);
      return;
    }
    if ('compare' in target) {
      open({ kind: 'compare', refs: target.compare, names: target.compare.map(nameOf), part: target.part });
      return;
    }
    const view = viewByName(target.view);
    if (view === undefined) return;
    open(
      { kind: 'table', view: view.id, scope: target.scope },
      { filter: target.filter, isWide: screen.world().page.isWide },
    );
  };
  return {
    open,
    openTarget,
    visit(name: string) {
      const view = viewByName(name);
      const { content } = screen.world().page;
      if (view === undefined) return;
      if (content.kind === 'table' && content.view === view.id && content.scope === undefined) sayShown();
      else open({ kind: 'table', view: view.id });
    },
    openRow() {
      const view = screen.view();
      const row = actingRow();
      if (view === undefined || row === undefined) return;
      const target = view.enter?.(rowFor(view, row)) ?? { detail: row.ref };
      openTarget(target);
    },
    describe(form: 'sections' | 'json') {
      const row = actingRow();
      if (row === undefined) return;
      const { content } = screen.world().page;
      if (content.kind === 'detail' && content.form === form && content.part === undefined) {
        sayShown();
        return;
      }
      openDetail(row.ref, form);
    },
    follow(linkId: string) {
      const view = screen.view();
      const link = view?.links?.find(({ id }) => id === linkId);
      if (view === undefined || link === undefined) return;
      if (link.isTogether === true && screen.world().page.marks.size > 0) {
        const led = leadTogether(screen, view, link);
        if (led.words !== undefined) flasher.show(led.words, 'warn');
        if (led.target !== undefined) openTarget(led.target);
        return;
      }
      const row = actingRow();
      if (row === undefined) return;
      const target = link.target(rowFor(view, row), screen.world().context);
      if ('disabledReason' in target) flasher.show(target.disabledReason, 'warn');
      else openTarget(target);
    },
    openHelp() {
      const { content } = screen.world().page;
      if (content.kind === 'help') return;
      open({ kind: 'help', view: screen.view()?.id, isOfCharts: screen.charts() !== undefined });
    },
    escape() {
      const { page } = screen.world();
      if (page.content.kind === 'table' && page.filter !== '') {
        updatePage(shell, { filter: '' });
        return;
      }
      if (!change(back))
        flasher.show(text('At the first page; q or ^c quits', '첫 화면입니다; q 또는 ^c로 종료'));
    },
    backOrQuit() {
      if (isAtRoot(shell.getState().history)) quit();
      else change(back);
    },
    lastPage() {
      if (!change(last)) flasher.show(text('No view before this one', '이전 화면 없음'));
    },
    stepHistory(by: -1 | 1) {
      if (change((history) => step(history, by))) return;
      flasher.show(
        by === -1
          ? text('At the oldest page of the history', '가장 오래된 기록')
          : text('At the newest page of the history', '가장 최근 기록'),
      );
    },
    current: () => currentPage(shell.getState().history),
  };
}
