import type { Health, HealthLevel, HealthReason } from '../../domain/health.ts';
import { healthRank, worseOf } from '../../domain/health.ts';
import { alerts } from './alerts.ts';
import { webThreadsFull, workerDown, workersFull } from './back-ends.ts';
import { containerConfig, crashLoop, imagePull } from './container-waiting.ts';
import { errorRate } from './error-rate.ts';
import { failed } from './failed.ts';
import { failedBefore } from './failed-before.ts';
import { fullGcs } from './full-gcs.ts';
import { gcOverhead } from './gc-overhead.ts';
import type { HealthInput, HealthRule } from './health-input.ts';
import { heapAfterGc } from './heap-after-gc.ts';
import { heapGrowth } from './heap-growth.ts';
import type { ReasonDraft } from './held-reasons.ts';
import { noLongerHeard } from './no-longer-heard.ts';
import { jvmStalled, notAnswering } from './not-answering.ts';
import { notReady } from './not-ready.ts';
import { oomKilled } from './oom-killed.ts';
import { connectorsFull, poolFull } from './pools.ts';
import { restartingOften } from './restarting-often.ts';
import { slowRequests, stuckThreads } from './slow-requests.ts';
import { staleData } from './stale-data.ts';
import { templateFailed } from './template-failed.ts';
import { unknownState } from './unknown-state.ts';

/** Every health rule; reasons of one level keep this order. The heap's level alone is no reason. */
export const HEALTH_RULES: readonly HealthRule[] = [
  crashLoop,
  imagePull,
  containerConfig,
  oomKilled,
  failed,
  templateFailed,
  failedBefore,
  notReady,
  restartingOften,
  jvmStalled,
  notAnswering,
  heapAfterGc,
  heapGrowth,
  fullGcs,
  gcOverhead,
  slowRequests,
  stuckThreads,
  connectorsFull,
  poolFull,
  webThreadsFull,
  workersFull,
  workerDown,
  errorRate,
  alerts,
  staleData,
  noLongerHeard,
  unknownState,
];

const named = ({ code }: HealthRule, found: ReasonDraft | undefined): HealthReason | undefined =>
  found === undefined ? undefined : { code, ...found };

const HEALTHY: Health = { level: 'ok', reasons: [] };

/**
 * The reasons of all rules, worst first; a server's findings are reasons too. Reads `history` and writes only which
 * reasons are being held there, so that asking twice at one instant gives one answer.
 */
export function assessHealth(input: HealthInput): Health {
  let reasons: HealthReason[] | undefined;
  for (const rule of HEALTH_RULES) {
    const found = rule.check(input);
    const reason = rule.readsJvm === true ? input.history.hold(rule.code, found, input) : named(rule, found);
    if (reason === undefined) continue;
    reasons ??= [];
    reasons.push(reason);
  }
  for (const { code, level, text, next, since } of input.findings) {
    if (level === 'ok') continue;
    reasons ??= [];
    reasons.push({ code, level, text, next, since });
  }
  if (reasons === undefined) return HEALTHY;
  reasons.sort((a, b) => healthRank(b.level) - healthRank(a.level));
  let level: HealthLevel = 'ok';
  for (const reason of reasons) level = worseOf(level, reason.level);
  return { level, reasons };
}
