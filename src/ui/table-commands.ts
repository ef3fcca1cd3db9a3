import type { Ref } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import {
  clearMarks,
  cursorPlace,
  cursorTo,
  leaveRows,
  markAll,
  markRange,
  toggleMark,
} from '../store/shell/selection.ts';
import { type Shell, updatePage } from '../store/shell/shell.ts';
import type { Flasher } from './flash.ts';
import { sortOf } from './rows.ts';
import type { Screen } from './screen/screen.ts';

/** Cursor, marks, sort and columns of the table shown. */
export function createTableCommands({
  shell,
  screen,
  flasher,
}: {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly flasher: Flasher;
}) {
  const placeNow = () => {
    const { rows, indexOf } = screen.rowSet();
    return cursorPlace(screen.world().page, indexOf, rows[0]?.ref);
  };
  const place = () => {
    screen.settle();
    return placeNow();
  };
  const sayEmpty = () => flasher.show(text('No rows here', '행이 없습니다'));
  /** After the user changed what is shown: a cursor whose row is left out goes to the top. */
  const settleCursor = () => {
    if (placeNow().state === 'gone') updatePage(shell, { cursor: undefined, cursorIndex: 0 });
  };
  const commands = {
    moveCursor(by: number) {
      const at = place();
      const { refs } = screen.rowSet();
      const { page } = screen.world();
      if (refs.length === 0) return sayEmpty();
      // Where the row vanished the cursor goes on from where it was: the row that took its place is the next one.
      const from = at.state === 'at' ? at.index : page.cursorIndex - (by > 0 ? 1 : 0);
      updatePage(shell, cursorTo(refs, from + by));
    },
    /** Rows went by the user's own deed: he does not have to find his place again. */
    leaveRows(gone: readonly Ref[]) {
      const { page } = screen.world();
      if (page.content.kind !== 'table' || gone.length === 0) return;
      updatePage(shell, leaveRows(page, screen.rowSet().refs, gone));
    },
    mark(what: 'one' | 'range' | 'all' | 'none') {
      const at = place();
      const { refs } = screen.rowSet();
      const { page } = screen.world();
      if (what === 'none') return updatePage(shell, clearMarks());
      if (refs.length === 0) return sayEmpty();
      if (what === 'all') return updatePage(shell, markAll(page, refs));
      if (at.state !== 'at') {
        return flasher.show(text('Move the cursor to a row first', '먼저 커서를 행으로 옮기세요'), 'warn');
      }
      if (what === 'range') return updatePage(shell, markRange(page, refs, at.index));
      updatePage(shell, { ...toggleMark(page, at.ref), ...cursorTo(refs, at.index + 1) });
    },
    sortBy(column: string) {
      const view = screen.view();
      const { page } = screen.world();
      const found = view?.columns.find(({ id }) => id === column);
      if (view === undefined || found === undefined) return;
      const sort = sortOf(view, page);
      const isDescending = sort.column === column ? !sort.isDescending : found.sortsDown === true;
      updatePage(shell, { sort: { column, isDescending } });
    },
    sortBySelected() {
      const { column } = screen.world().page;
      if (column !== undefined) return commands.sortBy(column);
      flasher.show(text('Select a column with shift-arrows first', '먼저 shift-화살표로 열을 선택하세요'));
    },
    selectColumn(by: -1 | 1) {
      const shown = screen.shownColumns();
      const { column } = screen.world().page;
      const at = column === undefined ? -1 : shown.indexOf(column);
      const next = at === -1 ? (by === 1 ? 0 : shown.length - 1) : at + by;
      const chosen = shown[Math.min(shown.length - 1, Math.max(0, next))];
      if (chosen !== undefined) updatePage(shell, { column: chosen });
    },
    /** Puts a filter in. */
    setFilter(filter: string) {
      updatePage(shell, { filter });
      screen.beforeDrawing(settleCursor);
    },
    favourite(number: number) {
      const view = screen.view();
      if (number === 0) {
        updatePage(shell, { isFaultsOnly: false });
        return commands.setFilter('');
      }
      const filter = view?.favourites?.[number - 1];
      if (filter === undefined) {
        return flasher.show(
          text(
            `:${view?.id ?? ''} has no favourite filter ${number}`,
            `:${view?.id ?? ''}: 즐겨찾기 필터 ${number} 없음`,
          ),
        );
      }
      commands.setFilter(filter);
    },
    toggleFaults() {
      updatePage(shell, { isFaultsOnly: !screen.world().page.isFaultsOnly });
      screen.beforeDrawing(settleCursor);
    },
    toggleWide() {
      updatePage(shell, { isWide: !screen.world().page.isWide });
    },
    place,
  };
  return commands;
}
export type TableCommands = ReturnType<typeof createTableCommands>;
