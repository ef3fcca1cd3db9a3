import type { Clock } from '../../core/clock.ts';
import type { Ref } from '../../domain/ref.ts';
import { currentPage } from '../../store/shell/history.ts';
import type { Page } from '../../store/shell/page.ts';
import { cursorPlace } from '../../store/shell/selection.ts';
import type { Shell } from '../../store/shell/shell.ts';
import type { ConsoleStore } from '../../store/state.ts';
import { type AnyRow, rowFor } from '../../views/any-view.ts';
import { viewByName, viewOfKind } from '../../views/index.ts';
import type { LooseView, Related, ViewContext } from '../../views/view.ts';
import type { Acting } from '../acting.ts';
import type { Completion } from '../command/complete.ts';
import type { KnownNames } from '../command/known-names.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { Dialogs } from '../dialog/dialogs.ts';
import { dialogFrame } from '../dialog/frame.ts';
import { asciiLine } from '../kit/ascii-line.ts';
import type { Theme } from '../kit/theme.ts';
import { EMPTY_ROWS, type RowSet, selectRows } from '../rows.ts';
import type { ConsoleSettings } from '../settings.ts';
import { type VerbHint, verbHints } from '../verb-targets.ts';
import { bottomLines, SMALLEST, tooSmall } from './bottom-line.ts';
import type { ChartPageShown } from './chart-page.ts';
import { crumbNames, nameOfRef } from './crumb-names.ts';
import { crumbLine, headerLine } from './header.ts';
import { createPageBody, remember } from './page-body.ts';
import { createPromptFacts } from './prompt-facts.ts';
import type { World } from './world.ts';

export interface ScreenOptions {
  readonly store: ConsoleStore;
  readonly related: Related;
  readonly shell: Shell;
  readonly clock: Clock;
  readonly settings: ConsoleSettings;
  readonly theme: Theme;
  readonly dialogs: Dialogs;
  readonly acting: Acting | undefined;
}

/** The frame as lines, redrawn at once for keys and at most every `refreshMs` for data. */
export interface Screen {
  /** Exactly as many lines as the terminal has rows; the same array while nothing changed. */
  lines(): readonly string[];
  subscribe(listener: () => void): () => void;
  resize(columns: number, rows: number): void;
  /** Redraws, for what no store tells. */
  invalidate(): void;
  /** Runs several changes and draws once. */
  batch(changes: () => void): void;
  /** Runs a task once before the next drawing, however often it was asked for in a batch. */
  beforeDrawing(task: () => void): void;
  /** Runs what waits for the next drawing now, for a key that builds on it. */
  settle(): void;
  world(): World;
  view(): LooseView | undefined;
  /** Rows of the table shown, as the user sees them. */
  rowSet(): RowSet;
  /** The row a detail page is about, also after it vanished. */
  detailRow(): AnyRow | undefined;
  /** Nothing can be read: nothing is to be answered. */
  isTooSmall(): boolean;
  /** What a verb would act on if nothing is marked. */
  actingRef(): Ref | undefined;
  /** Rows or lines that fit in the main area. */
  height(): number;
  /** Column ids shown. */
  shownColumns(): readonly string[];
  /** Of the rows on the screen, where it is a table. */
  shownRefs(): readonly Ref[];
  /** Lines a scrolled page has. */
  lineCount(): number;
  /** What the page of charts shows, where the current page is one. */
  charts(): ChartPageShown | undefined;
  /** First line shown of a scrolled page. */
  scrollTop(): number;
  /** Takes data now instead of with the next data frame. */
  takeData(): void;
  completion(): Completion | undefined;
  /** Contexts and namespaces a command may name. */
  knownNames(): KnownNames;
  /** Why the filter being typed, or the page's own, cannot be used. */
  filterError(): string | undefined;
  close(): void;
}

/** Below this a dialog takes every line but the last. */
const ROOMY_ROWS = 16;

export function createScreen(options: ScreenOptions): Screen {
  const { store, related, shell, clock, settings, theme, dialogs, acting } = options;
  const listeners = new Set<() => void>();
  const lastRows = new Map<number, AnyRow>();
  let columns = 80;
  let rows = 24;
  let lines: readonly string[] = [];
  let isDirty = true;
  let depth = 0;
  const tasks = new Set<() => void>();
  let dataVersion = 0;
  let now = store.state.getState().now;
  let lastDataAt = Number.NEGATIVE_INFINITY;
  let cancelData: (() => void) | undefined;
  let rowCache: { readonly key: readonly unknown[]; readonly set: RowSet } | undefined;

  const page = (): Page => currentPage(shell.getState().history);
  const context = (): ViewContext => ({
    now,
    language: settings.language,
    isUtc: shell.getState().isUtc,
    levels: settings.levels,
    related,
  });
  const world = (): World => ({
    shell: shell.getState(),
    page: page(),
    context: context(),
    settings,
    theme,
    columns,
    rows,
    acting,
    verbs: verbs(),
  });
  const viewOf = ({ content }: Page): LooseView | undefined => {
    switch (content.kind) {
      case 'table':
        return viewByName(content.view);
      case 'detail':
        return viewOfKind(content.ref.kind);
      case 'compare':
        return content.refs[0] === undefined ? undefined : viewOfKind(content.refs[0].kind);
      case 'help':
        return content.view === undefined ? undefined : viewByName(content.view);
      case 'report':
        return undefined;
    }
  };

  const rowSet = (): RowSet => {
    const current = page();
    const view = viewOf(current);
    if (current.content.kind !== 'table' || view === undefined) return EMPTY_ROWS;
    const { content, filter, narrowing, sort, isFaultsOnly } = current;
    const key = [view, content, filter, narrowing, sort, isFaultsOnly, dataVersion];
    if (rowCache === undefined || rowCache.key.some((part, index) => part !== key[index])) {
      rowCache = {
        key,
        set: selectRows({
          view,
          table: store.state.getState().tables[view.kind],
          page: current,
          context: context(),
        }),
      };
    }
    return rowCache.set;
  };
  const find = (ref: Ref): AnyRow | undefined => related.get(ref);
  const detailRow = (): AnyRow | undefined => {
    const { id, content } = page();
    if (content.kind !== 'detail') return undefined;
    const row = find(content.ref);
    return row === undefined ? lastRows.get(id) : remember(lastRows, id, row);
  };

  const actingRef = (): Ref | undefined => {
    const current = page();
    if (current.content.kind === 'detail') return current.content.ref;
    if (current.content.kind !== 'table') return undefined;
    const { indexOf, rows: shown } = rowSet();
    const place = cursorPlace(current, indexOf, shown[0]?.ref);
    return place.state === 'at' ? place.ref : undefined;
  };
  let lastVerbs: readonly VerbHint[] = [];
  const verbs = (): readonly VerbHint[] => lastVerbs;
  const takeVerbs = () => {
    if (acting === undefined || page().content.kind === 'help') return;
    const ref = actingRef();
    lastVerbs = ref === undefined ? [] : verbHints(acting.executor, ref);
  };

  const bodyHeight = (): number => {
    const { hasHeader, hasCrumbs } = shell.getState();
    return Math.max(3, rows - 1 - (hasHeader ? 1 : 0) - (hasCrumbs ? 1 : 0));
  };
  const body = createPageBody({
    world,
    view: () => viewOf(page()),
    rowSet,
    detailRow,
    dataVersion: () => dataVersion,
    height: bodyHeight,
  });
  const { completion, knownNames, filterError } = createPromptFacts({
    related,
    shell,
    settings,
    view: () => viewOf(page()),
    rowSet,
  });

  const noteOf = (index: number) => {
    const view = viewOf(page());
    const row = rowSet().rows[index];
    return view === undefined || row === undefined ? undefined : view.note?.(rowFor(view, row), context());
  };
  const isTooSmall = (): boolean => columns < SMALLEST.columns || rows < SMALLEST.rows;
  const draw = (): readonly string[] => {
    takeVerbs();
    const all = world();
    if (isTooSmall()) return [tooSmall(all), ...new Array<string>(Math.max(0, rows - 1)).fill(' ')];
    const { hasHeader, hasCrumbs } = all.shell;
    const { lines: main, table } = body.draw(all.page);
    const dialog = dialogs.current();
    const place = dialog === undefined ? table?.place : undefined;
    const bottom = bottomLines(all, {
      completion: completion(),
      filterError: table === undefined ? undefined : filterError(),
      goneName: place?.state === 'gone' ? nameOfRef(related, place.ref) : undefined,
      note: place?.state === 'at' ? noteOf(place.index) : undefined,
      noteRoom: table?.roomBelow ?? 0,
    });
    const head = [
      ...(hasHeader ? [headerLine(all)] : []),
      ...(hasCrumbs ? [crumbLine(all, crumbNames(all))] : []),
    ];
    // Words that need more than a line cover the end of the body; the rows above do not move.
    const page = [
      ...head,
      ...Array.from({ length: bodyHeight() + 1 - bottom.length }, (_, index) => main[index] ?? ' '),
    ];
    return [...(dialog === undefined ? page : covered(all, page, dialog, head.length)), ...bottom];
  };
  /** A dialog lies over the end of the page; where that is little room, over the header too. */
  const covered = (all: World, page: readonly string[], dialog: Dialog, headHeight: number) => {
    const height = page.length - (rows < ROOMY_ROWS ? 0 : headHeight);
    const over = dialogFrame(all, dialog, { scroll: dialogs.scroll, height, now: clock.now() });
    return [...page.slice(0, page.length - over.length), ...over];
  };
  const emit = () => {
    isDirty = true;
    if (depth > 0) return;
    const before = lines;
    if (currentLines() !== before) for (const listener of listeners) listener();
  };
  const keepsHangul = settings.language === 'ko';
  const spelled = (line: string): string =>
    settings.isUnicode === false ? asciiLine(line, { keepsHangul }) : line;
  const currentLines = (): readonly string[] => {
    if (!isDirty) return lines;
    isDirty = false;
    // An empty line would take no row at all.
    const next = draw().map((line) => (line === '' ? ' ' : spelled(line)));
    if (next.length !== lines.length || next.some((line, index) => line !== lines[index])) lines = next;
    return lines;
  };
  const settle = () => {
    const waiting = [...tasks];
    tasks.clear();
    for (const task of waiting) task();
  };
  const batch = (changes: () => void) => {
    depth++;
    try {
      changes();
      if (depth === 1) settle();
    } finally {
      depth--;
    }
    if (depth === 0 && isDirty) emit();
  };
  const takeData = () => {
    cancelData?.();
    cancelData = undefined;
    lastDataAt = clock.now();
    now = store.state.getState().now;
    dataVersion++;
    emit();
  };
  const stopData = store.state.subscribe(() => {
    cancelData ??= clock.after(Math.max(0, lastDataAt + settings.refreshMs - clock.now()), takeData);
  });
  const stopShell = shell.subscribe(emit);
  const stopDialogs = dialogs.subscribe(emit);

  return {
    lines: currentLines,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resize(nextColumns, nextRows) {
      if (nextColumns === columns && nextRows === rows) return;
      columns = nextColumns;
      rows = nextRows;
      body.forgetWidths();
      emit();
    },
    invalidate() {
      body.invalidate();
      emit();
    },
    batch,
    settle,
    beforeDrawing(task) {
      if (depth > 0) tasks.add(task);
      else task();
    },
    world,
    view: () => viewOf(page()),
    rowSet,
    detailRow,
    actingRef,
    isTooSmall,
    height: () => bodyHeight() - (page().content.kind === 'table' ? 2 : 1),
    shownColumns: body.shownColumns,
    shownRefs: body.shownRefs,
    lineCount: body.lineCount,
    charts: body.charts,
    scrollTop: body.scrollTop,
    takeData,
    completion,
    knownNames,
    filterError,
    close() {
      cancelData?.();
      stopData();
      stopShell();
      stopDialogs();
      listeners.clear();
    },
  };
}
