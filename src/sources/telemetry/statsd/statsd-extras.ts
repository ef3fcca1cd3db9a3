import { isSecretName, MASK, maskUrl } from '../../../domain/secret-name.ts';
import { ownText } from '../../../wire/own-text.ts';
import type { StatsdMetric, StatsdTags } from '../../../wire/statsd/datagram.ts';
import { type CounterBag, keepable, MAX_COUNTER_NAME } from '../counters.ts';
import type { Holding } from '../value-budget.ts';
import { isIdentityTag } from './statsd-identity.ts';

const MAX_EXTRAS = 128;
const LONGEST_KEY = 1_024;

interface Extra {
  /** As it is shown. */
  readonly name: string;
  /** Of a gauge its value, of a counter its sum since it was first heard, of a timing the mean of its last line. */
  value: number;
  /** Occurrences of a timing. */
  count: number | undefined;
}

/** What tells the metrics of one sender apart: name and tags. */
export function metricKey({ name, tags }: StatsdMetric): string {
  let key = name;
  for (const [tag, value] of tags) key += `,${tag}=${value}`;
  return key;
}
/** `executor.active{name=applicationTaskExecutor}`, without who sends it and without secrets. */
function shownName(name: string, tags: StatsdTags): string {
  const told = tags
    .filter(([tag]) => tag !== 'statistic' && !isIdentityTag(tag))
    .map(([tag, value]) => (value === '' ? tag : `${tag}=${isSecretName(tag) ? MASK : maskUrl(value)}`));
  return keepable(told.length === 0 ? name : `${name}{${told.join(',')}}`, MAX_COUNTER_NAME);
}

/** Metrics without a field of their own, as they came; number and size bounded. */
export class StatsdExtras {
  readonly #holding: Holding;
  readonly #extras = new Map<string, Extra>();

  constructor(holding: Holding) {
    this.#holding = holding;
  }
  take(metric: StatsdMetric, key: string): void {
    const last = metric.values.at(-1);
    if (last === undefined) return;
    const extra = this.#extraOf(metric, key);
    if (extra === undefined) return;
    let sum = 0;
    for (const value of metric.values) sum += value;
    switch (metric.type) {
      case 'g':
        extra.value = metric.isSigned && !metric.isDogStatsd ? extra.value + sum : last;
        return;
      case 'c':
      case 'm':
        extra.value += sum / metric.sampleRate;
        return;
      case 'ms':
      case 'h':
      case 'd':
        extra.value = sum / metric.values.length;
        extra.count = (extra.count ?? 0) + metric.values.length / metric.sampleRate;
        return;
      case 's':
        return;
    }
  }
  clear(): void {
    this.#holding.give(this.#extras.size);
    this.#extras.clear();
  }
  addTo(bag: CounterBag): void {
    for (const { name, value, count } of this.#extras.values()) {
      bag.add(count === undefined ? name : `${name}.mean`, value);
      bag.add(`${name}.count`, count);
    }
  }
  #extraOf({ name, tags }: StatsdMetric, key: string): Extra | undefined {
    const known = this.#extras.get(key);
    if (known !== undefined) return known;
    if (this.#extras.size >= MAX_EXTRAS || key.length > LONGEST_KEY || !this.#holding.add()) return undefined;
    const created: Extra = { name: ownText(shownName(name, tags)), value: 0, count: undefined };
    this.#extras.set(ownText(key), created);
    return created;
  }
}
