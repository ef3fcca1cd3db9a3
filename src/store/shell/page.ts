import type { DiffBlock } from '../../domain/plan.ts';
import type { Ref } from '../../domain/ref.ts';
import type { Text } from '../../domain/text.ts';

/** What was read once at the operator's wish, e.g. how two revisions differ; it stays as it was read. */
export interface Report {
  /** In the crumbs and in the name of a saved file, e.g. `WAS-001-11-12`. */
  readonly name: string;
  readonly title: Text;
  /** Lines begin with `-`, `+` or a space, as in a difference. */
  readonly blocks: readonly DiffBlock[];
}

/** What a page shows. */
export type PageContent =
  | { readonly kind: 'table'; readonly view: string; readonly scope?: Ref | undefined }
  | {
      readonly kind: 'detail';
      readonly ref: Ref;
      /** Its name when it was opened, so that the crumb stays when the thing is gone. */
      readonly name: string;
      /** Only the sections of this part. */
      readonly part?: string | undefined;
      readonly form: 'sections' | 'json';
    }
  | {
      /** Charts of several rows over one stretch of time. */
      readonly kind: 'compare';
      readonly refs: readonly Ref[];
      /** Their names when it was opened. */
      readonly names: readonly string[];
      readonly part: string;
    }
  | {
      readonly kind: 'help';
      readonly view: string | undefined;
      /** Asked on a page of charts: its keys come first. */
      readonly isOfCharts?: boolean | undefined;
    }
  | { readonly kind: 'report'; readonly report: Report };

/** What a command narrowed a table to, apart from its filter. */
export interface Narrowing {
  /** Globs over context names. */
  readonly contexts: readonly string[];
  readonly namespaces: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}
export const NO_NARROWING: Narrowing = { contexts: [], namespaces: [], labels: {} };

export interface SortChoice {
  /** Column id. */
  readonly column: string;
  readonly isDescending: boolean;
}

/** One entry of the history; it keeps filter, sort, cursor and marks for whoever comes back. */
export interface Page {
  readonly id: number;
  /** Where `esc` leads; none at a root. */
  readonly parent?: number | undefined;
  readonly content: PageContent;
  readonly filter: string;
  readonly narrowing: Narrowing;
  /** @default the view's own */
  readonly sort?: SortChoice | undefined;
  readonly isFaultsOnly: boolean;
  readonly isWide: boolean;
  /** Id of the column that shift-arrows selected. */
  readonly column?: string | undefined;
  /** `undefined` until the cursor was moved: then the first row has it. */
  readonly cursor?: Ref | undefined;
  /** Where the cursor was last seen; where it goes on when its row vanished. */
  readonly cursorIndex: number;
  /** First row or line shown. */
  readonly top: number;
  /** By `refKey`. */
  readonly marks: ReadonlyMap<string, Ref>;
  readonly markAnchor?: Ref | undefined;
  /** Stretch of time charts show, ms; @default the shortest that holds what is known */
  readonly spanMs?: number | undefined;
  /** Where charts that stand still end, epoch ms; they follow the present while there is none. */
  readonly pausedAt?: number | undefined;
}

export interface PageOptions {
  readonly filter?: string | undefined;
  readonly narrowing?: Narrowing | undefined;
  readonly isWide?: boolean | undefined;
}

export const createPage = (
  id: number,
  content: PageContent,
  { filter = '', narrowing = NO_NARROWING, isWide = false }: PageOptions = {},
): Page => ({
  id,
  content,
  filter,
  narrowing,
  isFaultsOnly: false,
  isWide,
  cursorIndex: 0,
  top: 0,
  marks: new Map(),
});
