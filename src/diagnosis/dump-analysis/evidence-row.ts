import { EVIDENCE_PARTS, type Evidence, type EvidencePart } from '../../domain/analysis.ts';

/** One row of an analysis, before it is known which. */
export type EvidenceRow = Omit<Evidence, 'ref' | 'analysis' | 'order'>;

/** Rows of each part at most; threads take what is left of all. */
const MOST: Readonly<Record<EvidencePart, number>> = {
  verdict: 8,
  lock: 200,
  request: 400,
  pool: 200,
  group: 200,
  still: 200,
  busy: 100,
  state: 8,
  class: 500,
  thread: 2_000,
  note: 60,
};
const MOST_ROWS = 2_000;
/** Lines of all blocks together: some 8 MB of text. */
const MOST_LINES = 100_000;

/** Takes rows in the order they are shown in, and no more than a page and a table can hold. */
export class EvidenceRows {
  readonly #rows: EvidenceRow[] = [];
  readonly #counts = new Map<EvidencePart, number>();
  #lines = 0;

  /** False where there is no room left for rows of that part. */
  hasRoom(part: EvidencePart): boolean {
    return this.#rows.length < MOST_ROWS && (this.#counts.get(part) ?? 0) < MOST[part];
  }
  add(row: Omit<EvidenceRow, 'blocks'>, blocks: () => EvidenceRow['blocks'] = () => []): void {
    if (!this.hasRoom(row.part)) return;
    this.#counts.set(row.part, (this.#counts.get(row.part) ?? 0) + 1);
    const given = this.#lines < MOST_LINES ? blocks() : [];
    this.#lines += given.reduce((sum, { lines }) => sum + lines.length, 0);
    this.#rows.push({ ...row, blocks: given });
  }
  /** Part by part; within a part as they came. */
  get rows(): readonly EvidenceRow[] {
    return [...this.#rows].sort((a, b) => EVIDENCE_PARTS.indexOf(a.part) - EVIDENCE_PARTS.indexOf(b.part));
  }
}
