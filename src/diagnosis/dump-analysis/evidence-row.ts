import { EVIDENCE_PARTS, type Evidence, type EvidencePart } from '../../domain/analysis.ts';
import { type Text, text } from '../../domain/text.ts';

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
  class: 1_000,
  thread: 2_000,
  note: 60,
};
const MOST_ROWS = 2_000;
/** Where every row is asked for: what the largest of heaps has of classes. */
const MOST_CLASSES = 100_000;
/** Lines of all blocks together: some 8 MB of text. */
const MOST_LINES = 100_000;

/** A sentence under the name of the server it speaks of. */
export const about = (server: string, { en, ko }: Text): Text =>
  text(en === '' ? server : `${server}: ${en}`, ko === '' ? server : `${server}: ${ko}`);

/** Takes rows in the order they are shown in, and no more than a page and a table can hold. */
export class EvidenceRows {
  readonly #rows: EvidenceRow[] = [];
  readonly #counts = new Map<EvidencePart, number>();
  readonly #left = new Map<EvidencePart, number>();
  readonly #isWhole: boolean;
  #server: string | undefined = undefined;
  #lines = 0;

  /** `isWhole`: every class, however many. */
  constructor(isWhole = false) {
    this.#isWhole = isWhole;
  }
  /** Whose rows come now, where there are several servers. */
  speakOf(server: string | undefined): void {
    this.#server = server;
  }
  /** Rows there was no room for. */
  get left(): ReadonlyMap<EvidencePart, number> {
    return this.#left;
  }
  /** False where there is no room left for rows of that part. */
  hasRoom(part: EvidencePart): boolean {
    const count = this.#counts.get(part) ?? 0;
    if (!this.#isWhole) return this.#rows.length < MOST_ROWS && count < MOST[part];
    if (part === 'class') return count < MOST_CLASSES;
    return this.#rows.length - (this.#counts.get('class') ?? 0) < MOST_ROWS && count < MOST[part];
  }
  /** Counts rows that are not made, as there is no room for them. */
  leave(part: EvidencePart, count: number): void {
    if (count > 0) this.#left.set(part, (this.#left.get(part) ?? 0) + count);
  }
  add(row: Omit<EvidenceRow, 'blocks'>, blocks: () => EvidenceRow['blocks'] = () => []): void {
    if (!this.hasRoom(row.part)) {
      this.leave(row.part, 1);
      return;
    }
    this.#counts.set(row.part, (this.#counts.get(row.part) ?? 0) + 1);
    const given = this.#lines < MOST_LINES ? blocks() : [];
    this.#lines += given.reduce((sum, { lines }) => sum + lines.length, 0);
    const said = this.#server === undefined ? row.text : about(this.#server, row.text);
    this.#rows.push({ ...row, text: said, blocks: given });
  }
  /** Part by part; within a part as they came. */
  get rows(): readonly EvidenceRow[] {
    return [...this.#rows].sort((a, b) => EVIDENCE_PARTS.indexOf(a.part) - EVIDENCE_PARTS.indexOf(b.part));
  }
}
