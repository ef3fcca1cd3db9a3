import { sumOf } from '../../core/sum.ts';
import type { TomcatFigures, TomcatReading } from './tomcat-figures.ts';

/** A reading with what it cost Tomcat itself: requests of ours it had served by then, and their time. */
export interface CountedReading {
  readonly reading: TomcatReading;
  /** Ms of a clock that only goes forward. */
  readonly at: number;
  readonly ourRequests: number;
  readonly ourMs: number;
}

interface Totals {
  readonly requests: number;
  readonly processingMs: number;
}
function totalsOf({ connectors }: TomcatReading): Totals | undefined {
  let requests = 0;
  let processingMs = 0;
  let isKnown = false;
  for (const connector of connectors) {
    if (connector.requests === undefined) continue;
    isKnown = true;
    requests += connector.requests;
    processingMs += connector.processingMs ?? 0;
  }
  return isKnown ? { requests, processingMs } : undefined;
}

/** Requests a second and their mean time between two readings, our own left out. */
export class TomcatRates {
  #last: CountedReading | undefined = undefined;

  figuresOf(current: CountedReading): TomcatFigures {
    const last = this.#last;
    this.#last = current;
    const { connectors, dataSources, sessions } = current.reading;
    return {
      connectors: connectors.map(({ name, busy, max, isOurs }) => ({
        name,
        busy: busy === undefined ? undefined : Math.max(0, busy - (isOurs === true ? 1 : 0)),
        max,
      })),
      dataSources,
      sessions,
      tx: {
        ...(last && ratesBetween(last, current)),
        active: sumOf(connectors.map(({ active }) => active)),
        errors: sumOf(connectors.map(({ errors }) => errors)),
      },
    };
  }
  forget(): void {
    this.#last = undefined;
  }
}

/** Nothing where a count shrank: that is another Tomcat than before. */
function ratesBetween(
  last: CountedReading,
  current: CountedReading,
): { readonly perSec: number; readonly avgMs?: number | undefined } | undefined {
  const before = totalsOf(last.reading);
  const after = totalsOf(current.reading);
  const seconds = (current.at - last.at) / 1_000;
  if (before === undefined || after === undefined || seconds <= 0 || after.requests < before.requests)
    return undefined;
  const requests = Math.max(0, after.requests - before.requests - (current.ourRequests - last.ourRequests));
  const spentMs = Math.max(0, after.processingMs - before.processingMs - (current.ourMs - last.ourMs));
  const rounded = (value: number) => Math.round(value * 100) / 100;
  return {
    perSec: rounded(requests / seconds),
    avgMs: requests === 0 ? undefined : rounded(spentMs / requests),
  };
}
