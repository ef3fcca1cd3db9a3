import type { AnyAction, VerbMenu } from '../actions/action.ts';
import type { Text } from '../domain/text.ts';
import type { FlashTone } from '../store/shell/shell.ts';
import type { OfferId } from '../views/view.ts';

/** What keys and commands may ask of the console. */
export interface Controller {
  openPrompt(kind: 'command' | 'filter'): void;
  openHelp(): void;
  /** Clears the filter where there is one, else goes back. */
  escape(): void;
  backOrQuit(): void;
  quit(): void;
  lastPage(): void;
  stepHistory(by: -1 | 1): void;
  refresh(): void;
  save(format: string): void;
  toggle(what: 'hasHeader' | 'hasCrumbs' | 'isUtc'): void;
  runCommand(line: string): void;
  /** Opens a view from wherever the user is; going back leads there again. */
  visit(view: string): void;
  /** Puts in the view's filter of that number; 0 shows all. */
  favourite(number: number): void;
  moveCursor(by: number): void;
  /** Rows or lines that fit. */
  pageSize(): number;
  openRow(): void;
  describe(form: 'sections' | 'json'): void;
  mark(what: 'one' | 'range' | 'all' | 'none'): void;
  toggleWide(): void;
  toggleFaults(): void;
  copy(what: 'name' | 'namespace'): void;
  selectColumn(by: -1 | 1): void;
  sortBySelected(): void;
  sortBy(column: string): void;
  /** Goes where the view's link of that id leads. */
  follow(link: string): void;
  /**
   * Opens the dialog of the first of these verbs that can act on the marked rows or the row under the cursor, or the
   * list of them.
   */
  act(actions: readonly AnyAction[], menu?: VerbMenu): void;
  /** What the console itself does with a row. */
  offer(id: OfferId): void;
  /** The audit of the row. */
  auditOfRow(): void;
  askForLift(): void;
  scroll(by: number): void;
  /** Charts show the last `ms`, or so much up to where they stand still. */
  chartSpan(ms: number): void;
  /** Half a window back or on; back makes the charts stand still. */
  moveCharts(by: -1 | 1): void;
  /** Charts follow the present; where they do, they choose their window themselves again. */
  resumeCharts(): void;
  flash(words: Text, tone?: FlashTone): void;
}
