import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';

/** ECS allows far more, but shares its buckets with deployments, autoscaling and everybody's consoles. */
const BURST = 40;
const FULL_PER_SECOND = 8;
const LEAST_PER_SECOND = 0.5;

/** The requests one account and region may get from this process, whatever number of sources ask. */
export interface EcsBudget {
  take(signal: AbortSignal): Promise<void>;
  /** The remote throttled: halve the rate. */
  slowDown(): void;
  /** A poll went well: back towards the full rate. */
  speedUp(): void;
  readonly perSecond: number;
}

/** Budgets by account and region; one instance serves the whole process. */
export class EcsBudgets {
  readonly #budgets = new Map<string, EcsBudget>();
  of(key: string, clock: Clock): EcsBudget {
    const known = this.#budgets.get(key);
    if (known !== undefined) return known;
    const made = createBudget(clock);
    this.#budgets.set(key, made);
    return made;
  }
}

/** Until the account is known, those who use the same credentials share. */
export function budgetKey(of: {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly account: string | undefined;
  /** Profile or access key id. */
  readonly credentials: string | undefined;
}): string {
  const who = of.account === undefined ? (of.credentials ?? 'default') : `account ${of.account}`;
  return `${of.endpoint ?? 'aws'} ${of.region} ${who}`;
}

function createBudget(clock: Clock): EcsBudget {
  let perSecond = FULL_PER_SECOND;
  const bucket = new TokenBucket({ clock, burst: BURST, perSecond });
  const setRate = (rate: number) => {
    perSecond = Math.min(FULL_PER_SECOND, Math.max(LEAST_PER_SECOND, rate));
    bucket.setRate(perSecond);
  };
  return {
    take: (signal) => bucket.take(signal),
    slowDown: () => setRate(perSecond / 2),
    speedUp: () => setRate(perSecond * 1.25),
    get perSecond() {
      return perSecond;
    },
  };
}

export const processBudgets = new EcsBudgets();
