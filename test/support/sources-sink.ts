import { EventEmitter, once } from 'node:events';
import type { ObservedEntities } from '../../src/domain/entities.ts';
import type { ObservedKind } from '../../src/domain/kind.ts';
import type { Change, Sink, Source } from '../../src/domain/ports.ts';
import { refKey } from '../../src/domain/ref.ts';
import type { SourceFacts, SourceStatus } from '../../src/domain/source-status.ts';

/** A sink that keeps what a source says, and waits for conditions on it. */
export class RecordingSink implements Sink {
  readonly statuses: SourceStatus[] = [];
  lastFacts: SourceFacts = {};
  readonly #tables = new Map<ObservedKind, Map<string, ObservedEntities[ObservedKind]>>();
  readonly #emitter = new EventEmitter();

  changes(batch: readonly Change[]): void {
    for (const change of batch) {
      const table = this.#table(change.kind);
      switch (change.type) {
        case 'put':
          table.set(refKey(change.entity.ref), change.entity);
          break;
        case 'drop':
          table.delete(refKey(change.ref));
          break;
        case 'replace':
          table.clear();
          for (const entity of change.entities) table.set(refKey(entity.ref), entity);
          break;
      }
    }
    this.#emitter.emit('word');
  }
  status(status: SourceStatus): void {
    this.statuses.push(status);
    this.#emitter.emit('word');
  }
  facts(facts: SourceFacts): void {
    this.lastFacts = facts;
    this.#emitter.emit('word');
  }
  get lastStatus(): SourceStatus | undefined {
    return this.statuses.at(-1);
  }
  all<K extends ObservedKind>(kind: K): ObservedEntities[K][] {
    const isOfKind = (entity: ObservedEntities[ObservedKind]): entity is ObservedEntities[K] =>
      entity.ref.kind === kind;
    return [...this.#table(kind).values()].filter(isOfKind);
  }
  /** Resolves when `condition` holds, checked at every word of the source; fails after `deadlineMs`. */
  async until(condition: () => boolean, what: string, deadlineMs = 8_000): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!condition()) {
      try {
        await once(this.#emitter, 'word', { signal: deadline });
      } catch {
        const said = JSON.stringify(this.lastStatus);
        throw new Error(
          `not within ${deadlineMs} ms: ${what}; last status ${said}; ${JSON.stringify(this.lastFacts)}`,
        );
      }
    }
  }
  untilState(state: SourceStatus['state'], deadlineMs?: number): Promise<void> {
    return this.until(() => this.lastStatus?.state === state, `status ${state}`, deadlineMs);
  }
  /** The code of the last status, where it has one. */
  get errorCode(): string | undefined {
    const status = this.lastStatus;
    return status !== undefined && 'error' in status ? status.error?.code : undefined;
  }
  #table(kind: ObservedKind): Map<string, ObservedEntities[ObservedKind]> {
    const known = this.#tables.get(kind);
    if (known !== undefined) return known;
    const made = new Map<string, ObservedEntities[ObservedKind]>();
    this.#tables.set(kind, made);
    return made;
  }
}

/** Runs a source for one test; `stop` aborts it and returns how long it took to end. */
export function startSource(source: Source) {
  const sink = new RecordingSink();
  const controller = new AbortController();
  const ended = source.run(sink, controller.signal);
  return {
    sink,
    async stop(): Promise<number> {
      const startedAt = performance.now();
      controller.abort();
      await ended;
      return performance.now() - startedAt;
    },
  };
}
