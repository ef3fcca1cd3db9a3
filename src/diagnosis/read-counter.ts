import type { Sender } from '../domain/sender.ts';
import type { CounterMeaning } from './counter-meaning.ts';
import { L9S_COUNTERS } from './l9s-counters.ts';
import { LENA_COUNTERS } from './lena-counters.ts';

/** A counter's name taken apart, and what is known of it. */
export interface ReadCounter {
  /** Name on the wire. */
  readonly name: string;
  readonly isOver5Minutes: boolean;
  readonly meaning?: CounterMeaning | undefined;
}

/** How the receiver marks what a LENA advertiser sends of the last five minutes. */
const FIVE_MINUTES = '.5m';
/** `NAME of PART`: a counter of an object below the server whose kind is not known. */
const OF_PART = / of .+$/;

const CATALOGUES: Readonly<Record<Sender['codec'], Readonly<Record<string, CounterMeaning>> | undefined>> = {
  lena: LENA_COUNTERS,
  l9s: L9S_COUNTERS,
  statsd: undefined,
  collectd: undefined,
  heartbeat: undefined,
};

/** What is known of a counter by its name and the form it came in. */
export function readCounter(counter: string, codec: Sender['codec'] | undefined): ReadCounter {
  const isOver5Minutes = codec === 'lena' && counter.endsWith(FIVE_MINUTES);
  const name = isOver5Minutes ? counter.slice(0, -FIVE_MINUTES.length) : counter;
  const catalogue = codec === undefined ? undefined : CATALOGUES[codec];
  const key = codec === 'lena' ? name.replace(OF_PART, '') : name;
  const meaning = catalogue !== undefined && Object.hasOwn(catalogue, key) ? catalogue[key] : undefined;
  return { name, isOver5Minutes, meaning };
}
