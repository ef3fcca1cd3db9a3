/** First line of a service dump; the number is the form's version. */
export const SERVICE_DUMP_HEAD = '# l9s service dump';
export const SERVICE_DUMP_VERSION = 1;
/** Stands in a cell whose value is not known, so that `column -t -s$'\t'` keeps the columns apart. */
export const UNKNOWN_CELL = '-';
/** Longest cell, in characters: an SQL text of more is cut and shows it. */
export const MAX_CELL = 4_096;
/** More rows than a server has threads for. */
export const MAX_REQUESTS = 20_000;
/** Characters of all cells together that are kept of a file. */
export const MAX_TEXT = 16_000_000;
/** Longest name of a server. */
export const MAX_SERVER = 512;
