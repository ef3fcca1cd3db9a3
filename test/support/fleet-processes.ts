import type { FleetProcess } from '../../fixtures/fleet/process.ts';
import type { Clock } from '../../src/core/clock.ts';

/** A clock that stands until it is turned; what is due then runs in order. */
export class HandClock implements Clock {
  #now: number;
  readonly #tasks = new Set<{ readonly at: number; readonly task: () => void }>();
  constructor(now: number) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  after(delayMs: number, task: () => void): () => void {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }
  turn(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#tasks].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = until;
  }
}

export const START_AT = Date.UTC(2026, 10, 20, 9, 0, 0);

export function fleetProcess(own: Partial<FleetProcess> = {}): FleetProcess {
  return {
    id: 'p1',
    context: 'prod-eu',
    type: 'was',
    hostName: 'lena-was-7c9d-abcde',
    serverName: 'lena-was-7c9d-abcde',
    address: '10.244.1.7',
    port: 8180,
    image: 'docker.io/lenacloud/lena-cluster:1.3.2.10',
    environment: { LENA_CONFIG_TEMPLATE_ID: 'shop-was:3', LENA_JVM_HEAP_SIZE: '1024m' },
    memoryLimitBytes: 2 * 1024 ** 3,
    workload: 'lena-was',
    namespace: 'shop',
    startedAt: START_AT - 3 * 86_400_000,
    isContainer: true,
    ...own,
  };
}
