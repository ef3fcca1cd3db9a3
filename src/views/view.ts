import type { Entities } from '../domain/entities.ts';
import type { OpsEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { HealthLevel } from '../domain/health.ts';
import type { FullGc } from '../domain/jvm-sample.ts';
import type { Kind } from '../domain/kind.ts';
import type { Ref } from '../domain/ref.ts';
import type { SeriesId, SeriesPoint, SeriesResolution } from '../domain/series.ts';
import type { Language, Text } from '../domain/text.ts';
import type { Chart, ChartPage } from './chart.ts';

export type Tone = 'normal' | 'muted' | 'accent' | 'good' | 'warn' | 'bad';

/** What a view may look up beside its row. */
export interface Related {
  get<K extends Kind>(ref: Ref<K>): Entities[K] | undefined;
  all<K extends Kind>(kind: K): Iterable<Entities[K]>;
  /** Newest first. */
  events(target: Ref): readonly OpsEvent[];
  findings(target: Ref): readonly Finding[];
  /** Oldest first; empty where that series is not kept of it. */
  series(server: Ref<'server'>, id: SeriesId, resolution?: SeriesResolution): readonly SeriesPoint[];
  /** Full collections seen, oldest first. */
  fullGcs(server: Ref<'server'>): readonly FullGc[];
}

export interface ViewContext {
  /** Epoch ms; moves in steps so that ages do not repaint each frame. */
  readonly now: number;
  readonly language: Language;
  readonly isUtc: boolean;
  /** Where heap colours change, 0–1 (config `levels`). */
  readonly levels: { readonly middle: number; readonly high: number };
  readonly related: Related;
}

/** How a filter reads the right-hand side of a comparison on a column: `80%`, `2h`, `512MiB`, `3`, text. */
export type ColumnUnit = 'text' | 'count' | 'percent' | 'bytes' | 'age';

export interface Column<Row> {
  /** Name in filters, sorts, saved views and CSV, e.g. `heap`. */
  readonly id: string;
  /** Heading, in capitals. */
  readonly title: string;
  /** Cells; `grow` shares what is left over. */
  readonly width: number | 'grow';
  readonly align?: 'right';
  /**
   * Cells it may be squeezed to before any column is dropped, @default what it needs; of one that grows, those it gets
   * before others widen.
   */
  readonly min?: number;
  /** Where a text too long is cut; names differ at their ends. @default 'end' */
  readonly cut?: 'middle';
  /** Not its source's word: it stays lively where the rest of the row is out of date. */
  readonly isHeard?: true;
  /** Shown only in wide mode. */
  readonly wide?: true;
  /** While all rows say the same in it, it makes room for what would be cut. */
  readonly goesWhenUniform?: true;
  /** When the screen is narrow, columns with the highest number go first; the NAME column has none. */
  readonly dropOrder?: number;
  /** @default 'text' */
  readonly unit?: ColumnUnit;
  /** Key that sorts by this column (`N A S P H C`). */
  readonly sortKey?: string;
  /** First press sorts downwards, e.g. heap. */
  readonly sortsDown?: true;
  /** Sorted, filtered and exported; `undefined` is not known. Ages are milliseconds, percents 0–100. */
  readonly value: (row: Row, context: ViewContext) => string | number | undefined;
  /** Sorts, where the order of `value` is not the one meant (health, dotted revisions); @default the value. */
  readonly order?: (row: Row, context: ViewContext) => string | number | undefined;
  /** Values from least to most where they are levels, e.g. `ok unknown warn error`; filters compare by it. */
  readonly levels?: readonly string[];
  /** The same in bytes where the column shows a share, for filters like `heap>600MiB`. */
  readonly bytes?: (row: Row, context: ViewContext) => number | undefined;
  /** Shown; @default the value, `n/a` where not known. */
  readonly text?: (row: Row, context: ViewContext) => string;
  readonly tone?: (row: Row, context: ViewContext) => Tone;
}

/** One line of a detail page. */
export interface DetailLine {
  readonly label: string;
  readonly value: string;
  readonly tone?: Tone;
}
/** A small table of texts of any script; cells are cut and padded by the screen. */
export interface DetailGrid {
  readonly columns: readonly { readonly title: string; readonly align?: 'right' | undefined }[];
  readonly rows: readonly {
    readonly cells: readonly string[];
    /** Sign and colour of the chart line of this number stand before the row. */
    readonly line?: number | undefined;
    readonly tone?: Tone | undefined;
  }[];
}
/** A part of a detail page. */
export interface DetailSection {
  readonly title: Text;
  /** Names the section for pages that show only a part, e.g. `w` the reasons and `m` the JVM. */
  readonly part?: string | undefined;
  /** Stands right under the page's title, without a rule of its own. */
  readonly isHead?: true | undefined;
  readonly lines: readonly DetailLine[];
  /** Its lines are of the instant its charts end at, and stand still with them. */
  readonly isHeld?: true | undefined;
  readonly charts?: readonly Chart[] | undefined;
  /** Names of the lines of all its charts, by their letters. */
  readonly lineNames?: readonly string[] | undefined;
  /** A small table (connectors, pools); the screen spells its cells in ASCII where it draws it with lines. */
  readonly table?:
    | { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
    | undefined;
  readonly grid?: DetailGrid | undefined;
  /** Preformatted lines as they came, e.g. a stack; long ones go on under themselves. */
  readonly text?: readonly string[] | undefined;
}

export type Target =
  | { readonly view: string; readonly filter?: string; readonly scope?: Ref }
  /** `part` shows only the sections of that name. */
  | { readonly detail: Ref; readonly part?: string }
  /** The chart page of several rows; `part` names it. */
  | { readonly compare: readonly Ref[]; readonly part: string };

/** A place a row leads to with a key of its own, e.g. `e` its events, `o` its owner. */
export interface RowLink<Row> {
  /** Command name for rebinding, e.g. `owner`. */
  readonly id: string;
  readonly key: string;
  readonly title: Text;
  /** Where it leads, or why it leads nowhere. */
  readonly target: (row: Row, context: ViewContext) => Target | { readonly disabledReason: Text };
  /** Leads to one page of charts of all marked rows it would lead to one by one. */
  readonly isTogether?: true;
}

/** What the console itself can do with a row; each has its dialog there. */
export type OfferId =
  | 'acknowledge'
  | 'cancel-job'
  | 'diff-revisions'
  | 'check-revision'
  | 'analyze-dumps'
  | 'copy-dump-path'
  | 'delete-dumps';
export interface RowOffer<Row> {
  readonly id: OfferId;
  readonly key: string;
  readonly title: Text;
  readonly disabledReason?: ((row: Row, context: ViewContext) => Text | undefined) | undefined;
}

export interface RowNote {
  readonly text: string;
  readonly tone: Tone;
  /** Worth more than one line where it is longer. */
  readonly isWhole?: true;
}

/** Everything of a view but the kind of its rows. */
export interface RowSpec<Row> {
  /** Command name, e.g. `servers`; also the KIND of `l9s get`. */
  readonly id: string;
  readonly title: Text;
  readonly aliases: readonly string[];
  readonly help: Text;
  readonly columns: readonly Column<Row>[];
  readonly sort: { readonly column: string; readonly descending?: true };
  /** True where the row's source no longer vouches for it, or the operator set it aside: it is shown dim. */
  readonly isOutdated?: (row: Row, context: ViewContext) => boolean;
  /** Rows this view leaves out. */
  readonly only?: (row: Row, context: ViewContext) => boolean;
  /** How bad a row is, and which levels the title counts. */
  readonly tally?: {
    /** `undefined` where the row does not count. */
    readonly levelOf: (row: Row) => HealthLevel | undefined;
    readonly levels: readonly HealthLevel[];
  };
  /** True for rows `^z` (faults only) keeps. */
  readonly isFault: (row: Row, context: ViewContext) => boolean;
  /** True when the row belongs to `scope` (a workload's servers, a context's servers …). */
  readonly isIn?: (row: Row, scope: Ref, context: ViewContext) => boolean;
  /** Why there are no rows before any filter, of the scope where there is one; @default that none came yet */
  readonly whenEmpty?: (scope: Ref | undefined, context: ViewContext) => Text | undefined;
  readonly enter?: (row: Row) => Target | undefined;
  /** What `enter` does, for help; @default the detail page. */
  readonly enterTitle?: Text;
  readonly links?: readonly RowLink<Row>[];
  readonly offers?: readonly RowOffer<Row>[];
  /** One line about the row under the cursor: what is wrong with it and what to do. */
  readonly note?: (row: Row, context: ViewContext) => RowNote | undefined;
  /** Filters the keys `1`–`9` put in; `0` clears. */
  readonly favourites?: readonly string[];
  /** Everything known about one row: the detail page and `l9s describe`. */
  readonly detail?: (row: Row, context: ViewContext) => readonly DetailSection[];
  /** Pages of one row with sections of their own, by the `part` that leads there. */
  readonly pages?: { readonly [part: string]: (row: Row, context: ViewContext) => readonly DetailSection[] };
  /** Its rows are kept on this machine: the command line shows them where no target is configured. */
  readonly isLocal?: true;
  /** What the servers say of themselves is asked for while their rows are shown. */
  readonly readsOwnWord?: true;
  /** Charts over the part of the detail page that it names. */
  readonly chartPage?: ChartPage<Row>;
  /** Its context name and namespace, for `@ctx` and `-n`. */
  readonly contextOf: (row: Row) => string;
  readonly namespaceOf?: (row: Row) => string | undefined;
  readonly labelsOf?: (row: Row) => Readonly<Record<string, string>>;
  readonly nameOf: (row: Row) => string;
  /** The documented JSON shape (README, Commands); what is not known is absent. */
  readonly json: (row: Row, context: ViewContext) => Readonly<Record<string, unknown>>;
}
export interface ViewSpec<K extends Kind = Kind> extends RowSpec<Entities[K]> {
  readonly kind: K;
}
/** A view read by code that does not care for its kind; rows go in through `any-view.ts`. */
export interface LooseView extends RowSpec<never> {
  readonly kind: Kind;
}
export type AnyView = { [K in Kind]: ViewSpec<K> }[Kind];
export const defineView = <K extends Kind>(spec: ViewSpec<K>): ViewSpec<K> => spec;
