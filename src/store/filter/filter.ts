/** How the right-hand side of a comparison is read, and what a column's numbers are. */
export type FilterUnit = 'text' | 'count' | 'percent' | 'bytes' | 'age';
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~';

/** One term of a filter; a row must pass all of them. */
export type FilterTerm =
  /** Found in (negated: in none of) the row's text. */
  | { readonly kind: 'text'; readonly pattern: string; readonly isNegated: boolean; readonly test: TextTest }
  /** The characters in this order, with anything between. */
  | { readonly kind: 'fuzzy'; readonly text: string }
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly operator: Operator;
      readonly value: string;
      /** For `~` and `!~`. */
      readonly test?: TextTest | undefined;
    }
  /** `value` absent: the label exists. */
  | {
      readonly kind: 'label';
      readonly name: string;
      readonly isNegated: boolean;
      readonly value?: string | undefined;
    }
  | { readonly kind: 'context'; readonly globs: readonly string[] }
  | { readonly kind: 'namespace'; readonly globs: readonly string[] };

export type TextTest = (text: string) => boolean;

export interface Filter {
  readonly terms: readonly FilterTerm[];
}

/** What a filter reads of a column; a view's columns fit. */
export interface FilterColumn<Row, Context> {
  readonly id: string;
  /** Heading; it names the column too, without spaces or with dashes: `rollout-rev`. */
  readonly title?: string | undefined;
  /** @default 'text' */
  readonly unit?: FilterUnit | undefined;
  /** Ages are milliseconds, percents 0–100, sizes bytes; `undefined` is not known. */
  readonly value: (row: Row, context: Context) => string | number | undefined;
  /** Its values from least to most, where they are levels; `<` and `>` go by their place. */
  readonly levels?: readonly string[] | undefined;
  /** Text that has an order (revisions) may be compared; text without one may not. */
  readonly order?: ((row: Row, context: Context) => string | number | undefined) | undefined;
  /** The same in bytes, where the column shows a share: `heap>600MiB`. */
  readonly bytes?: ((row: Row, context: Context) => number | undefined) | undefined;
}

/** What a filter reads of a row; a view fits. */
export interface FilterView<Row, Context> {
  readonly columns: readonly FilterColumn<Row, Context>[];
  readonly nameOf?: ((row: Row) => string) | undefined;
  readonly contextOf?: ((row: Row) => string) | undefined;
  readonly namespaceOf?: ((row: Row) => string | undefined) | undefined;
  readonly labelsOf?: ((row: Row) => Readonly<Record<string, string>>) | undefined;
}
