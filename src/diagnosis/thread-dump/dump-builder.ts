import type { DumpLock, DumpStack, DumpThread, ThreadDump } from '../../domain/thread-dump.ts';
import { ProblemCount } from '../../wire/problem-count.ts';
import { DeadlockReport } from './deadlock-report.ts';
import { initializerId, isInitializer } from './lock-line.ts';
import type { ReadThread } from './thread-builder.ts';

const MAX_DEADLOCKS = 1_000;
const CLASS_INITIALIZER = '.<clinit>(';

/** One dump while its threads come. */
export class DumpBuilder {
  readonly form: ThreadDump['form'];
  readonly title: string | undefined;
  readonly saidAt: number | undefined;
  readonly #problems = new ProblemCount();
  readonly #threads: DumpThread[] = [];
  readonly #deadlocks: DeadlockReport[] = [];
  /** Index of a thread → number of the owner it waits for. */
  readonly #owners = new Map<number, number>();
  /** Classes being initialized that some thread waits for. */
  readonly #wanted = new Set<string>();
  /** The end of its list of threads was seen, or has no mark. */
  isWhole: boolean = false;
  isCut: boolean = false;
  /** Of the file, the one being read. */
  line = 0;

  constructor(of: Pick<DumpBuilder, 'form' | 'title' | 'saidAt'>) {
    this.form = of.form;
    this.title = of.title;
    this.saidAt = of.saidAt;
  }
  get threadCount(): number {
    return this.#threads.length;
  }
  add({ thread, ownerId }: ReadThread): void {
    const waited = thread.waitsFor?.id;
    if (waited !== undefined && isInitializer(waited)) this.#wanted.add(waited);
    if (ownerId !== undefined) this.#owners.set(this.#threads.length, ownerId);
    this.#threads.push(thread);
  }
  /** The thread at `index` owns that too. */
  addOwned(index: number, lock: DumpLock): void {
    const thread = this.#threads[index];
    if (thread !== undefined) this.#threads[index] = { ...thread, holds: [...thread.holds, lock] };
  }
  /** A new deadlock's report; `undefined` beyond a thousand. */
  addDeadlock(): DeadlockReport | undefined {
    if (this.#deadlocks.length >= MAX_DEADLOCKS) return undefined;
    const report = new DeadlockReport();
    this.#deadlocks.push(report);
    return report;
  }
  problem(code: string, sample: string): void {
    this.#problems.add(code, this.line, sample);
  }
  finish(): ThreadDump {
    const isTruncated = this.isCut || !this.isWhole;
    if (isTruncated) this.problem('truncated', this.#threads.at(-1)?.name ?? '');
    this.#nameOwners();
    this.#nameInitializers();
    return {
      saidAt: this.saidAt,
      title: this.title,
      form: this.form,
      threads: this.#threads,
      deadlocks: this.#deadlocks.map(({ names }) => names).filter((names) => names.length > 0),
      isTruncated,
      problems: this.#problems.list(),
    };
  }

  #nameOwners(): void {
    if (this.#owners.size === 0) return;
    const names = new Map(this.#threads.map(({ id, name }) => [id, name]));
    for (const [index, ownerId] of this.#owners) {
      const thread = this.#threads[index];
      if (thread?.waitsFor === undefined) continue;
      const ownerName = names.get(ownerId) ?? `#${ownerId}`;
      this.#threads[index] = { ...thread, waitsFor: { ...thread.waitsFor, ownerName } };
    }
  }
  /** Whoever runs a class's initializer holds it against those that wait for the class. */
  #nameInitializers(): void {
    const wanted = this.#wanted;
    if (wanted.size === 0) return;
    const byStack = new Map<DumpStack, readonly string[]>();
    for (const [index, thread] of this.#threads.entries()) {
      const classes = byStack.get(thread.stack) ?? initializedClasses(thread.stack);
      byStack.set(thread.stack, classes);
      if (classes.length === 0) continue;
      const holds = classes
        .map((className) => ({ id: initializerId(className), className }))
        .filter(({ id }) => wanted.has(id) && thread.waitsFor?.id !== id);
      if (holds.length > 0) this.#threads[index] = { ...thread, holds: [...thread.holds, ...holds] };
    }
  }
}

function initializedClasses({ frames }: DumpStack): readonly string[] {
  const classes = frames.flatMap((frame) => {
    const at = frame.indexOf(CLASS_INITIALIZER);
    return at > 0 ? [frame.slice(0, at)] : [];
  });
  return [...new Set(classes)];
}
