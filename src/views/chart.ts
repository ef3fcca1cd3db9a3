import type { Ref } from '../domain/ref.ts';
import type { SeriesPoint } from '../domain/series.ts';
import type { Text } from '../domain/text.ts';
import type { DetailSection, ViewContext } from './view.ts';

/** How the values of a chart are written: `512 MiB`, `0.7%`, `12`, `41.2/s`, `38 ms`. */
export type ChartUnit = 'bytes' | 'percent' | 'count' | 'rate' | 'ms';

/** The stretch of time charts show, epoch ms. */
export interface TimeWindow {
  readonly fromAt: number;
  readonly toAt: number;
}

/** The stretch of time a page of charts shows. */
export interface PageWindow extends TimeWindow {
  /** It ends at an instant that was chosen: figures of now are not those of its end. */
  readonly isPaused: boolean;
}

export interface ChartSeries {
  readonly label: string;
  /** Oldest first. */
  readonly points: readonly SeriesPoint[];
  /** Points farther apart have silence between them, which stays blank; ms. */
  readonly silenceMs: number;
  /** What the others may grow to, e.g. what is committed: drawn as a broken line over an area. */
  readonly isLimit?: true | undefined;
  /** Its server is no longer there: the line ends where it was last heard. */
  readonly isGone?: boolean | undefined;
}

/** Something that happened at an instant, shown on the time axis. */
export interface ChartMark {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: 'collection' | 'fullCollection';
}

/** Values over time, as data: how they are drawn is the screen's. */
export interface Chart {
  readonly title: Text;
  readonly unit: ChartUnit;
  /** `area`: the first series as an area, the others as lines over it; `lines`: all as lines. */
  readonly form: 'area' | 'lines';
  readonly series: readonly ChartSeries[];
  /** Upper end of the scale where known. */
  readonly max?: number | undefined;
  readonly marks?: readonly ChartMark[] | undefined;
  /** Letters and names of its lines stand over all charts of the page (`DetailSection.lineNames`). */
  readonly isNamedAbove?: true | undefined;
  /** The first series is coloured by its share of `max`, as bars are. */
  readonly hasLevels?: true | undefined;
}

/** A row on a page of charts. */
export interface ChartSubject<Row> {
  readonly ref: Ref;
  readonly name: string;
  /** The last one known where it is gone. */
  readonly row: Row;
  readonly isGone: boolean;
}

/** A page of charts over one stretch of time: of one row, or of several beside each other. */
export interface ChartPage<Row> {
  /** Names it in targets, and the detail sections that stand under its charts. */
  readonly part: string;
  readonly title: Text;
  /** Rows that are compared at most. */
  readonly mostRows: number;
  /** Nothing of it is heard now: it gives way where more are marked than can be compared. */
  readonly isSilent: (row: Row, context: ViewContext) => boolean;
  /** Oldest instant something is known of; epoch ms. */
  readonly knownSince: (subjects: readonly ChartSubject<Row>[], context: ViewContext) => number | undefined;
  readonly sections: (
    subjects: readonly ChartSubject<Row>[],
    context: ViewContext,
    window: PageWindow,
  ) => readonly DetailSection[];
}
