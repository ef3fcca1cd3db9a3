import type { FindingDraft } from '../diagnosis/findings/finding-input.ts';
import type { Acknowledgement, Finding } from '../domain/finding.ts';
import { type Ref, refKey, refOf } from '../domain/ref.ts';
import { deleteRow, type MutableTable, setRow } from './tables.ts';

const NONE: readonly Finding[] = [];

export interface FoundDraft extends FindingDraft {
  readonly code: string;
}

/** The findings table, by what each is about; a finding that still holds keeps its object and its since. */
export class FindingTable {
  readonly #table: MutableTable<Finding>;
  readonly #byTarget = new Map<string, readonly Finding[]>();
  /** By key of the finding, whether it is there now or not. */
  #acknowledged: ReadonlyMap<string, Acknowledgement> = new Map();

  constructor(table: MutableTable<Finding>) {
    this.#table = table;
  }

  of(target: Ref): readonly Finding[] {
    return this.#byTarget.get(targetKey(target)) ?? NONE;
  }

  /** States every acknowledgement; findings that come back are still acknowledged. */
  acknowledge(list: readonly Acknowledgement[], now: number): void {
    this.#acknowledged = new Map(
      list.filter(({ until }) => until > now).map((one) => [refKey(one.finding), one]),
    );
    for (const [target, findings] of this.#byTarget) {
      const after = findings.map((finding) => this.#marked(finding));
      for (const [index, finding] of after.entries()) {
        if (finding !== findings[index]) setRow(this.#table, refKey(finding.ref), finding);
      }
      if (after.some((finding, index) => finding !== findings[index])) this.#byTarget.set(target, after);
    }
  }

  /** Lets acknowledgements go whose time is over. */
  expire(now: number): void {
    const list = [...this.#acknowledged.values()];
    if (list.some(({ until }) => until <= now)) this.acknowledge(list, now);
  }

  /** The finding as its acknowledgement has it; the same object where that is so already. */
  #marked(finding: Finding): Finding {
    const known = this.#acknowledged.get(refKey(finding.ref));
    if (known?.at === finding.acknowledged?.at && known?.until === finding.acknowledged?.until)
      return finding;
    const { acknowledged: _before, ...bare } = finding;
    if (known === undefined) return bare;
    const { finding: _ref, ...acknowledged } = known;
    return { ...bare, acknowledged };
  }

  /** States everything found about `target`; what is not among `drafts` is over. */
  set(target: Ref, targetName: string, drafts: readonly FoundDraft[], now: number): readonly Finding[] {
    const before = this.of(target);
    if (drafts.length === 0 && before.length === 0) return NONE;
    const after = drafts.map((draft) => {
      const known = before.find(({ code }) => code === draft.code);
      const since = draft.since ?? known?.since ?? now;
      if (known !== undefined && known.since === since && saysTheSame(known, draft)) return known;
      const { code, level, text, next } = draft;
      const ref = refOf('finding', target.context, `${code}:${target.id}`);
      return this.#marked({ ref, code, level, text, next, target, targetName, since });
    });
    for (const finding of before) {
      if (!after.some(({ code }) => code === finding.code)) deleteRow(this.#table, refKey(finding.ref));
    }
    for (const finding of after) {
      if (!before.includes(finding)) setRow(this.#table, refKey(finding.ref), finding);
    }
    if (after.length === 0) this.#byTarget.delete(targetKey(target));
    else this.#byTarget.set(targetKey(target), after);
    return after;
  }
}

const targetKey = (target: Ref): string => `${target.kind}\n${target.context}\n${target.id}`;

const saysTheSame = (a: Finding, b: FindingDraft): boolean =>
  a.level === b.level && a.text.en === b.text.en && a.next.en === b.next.en;
