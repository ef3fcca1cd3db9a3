import { DEFAULT_HEALTH_LEVELS, type HealthLevels } from '../../src/diagnosis/health/health-levels.ts';
import { assessHealth } from '../../src/diagnosis/health/health-rules.ts';
import { ServerHistory } from '../../src/diagnosis/health/server-history.ts';
import type { Health, HealthReason } from '../../src/domain/health.ts';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { jvmSampleOf, NOW } from './store-entities.ts';

/** One server's history, to be told of samples and asked for its health at any second. */
export function openHealth(given: Partial<HealthLevels> = {}) {
  const levels = { ...DEFAULT_HEALTH_LEVELS, ...given };
  const history = new ServerHistory();
  const dues: number[] = [];
  let jvm: JvmSample | undefined;
  const assess = (second: number): Health =>
    assessHealth({
      now: NOW + second * 1_000,
      levels,
      name: 'was-1',
      context: 'prod',
      state: 'ready',
      jvm: history.ofThisRun(jvm),
      history,
      alerts: [],
      findings: [],
      lookAgainAt: (at) => void dues.push((at - NOW) / 1_000),
    });
  const observe = (second: number, more: { readonly restarts?: number; readonly uid?: string } = {}) =>
    history.observe({
      now: NOW + second * 1_000,
      uid: 'u1',
      state: 'ready',
      stateSince: NOW - 3_600_000,
      restarts: 0,
      jvm,
      levels,
      ...more,
    });
  observe(0);
  return {
    history,
    /** Seconds at which rules want to be asked again. */
    dues,
    observe,
    hear(second: number, more: Partial<JvmSample>): Health {
      jvm = jvmSampleOf({ ...more, at: NOW + second * 1_000 });
      history.observeJvm(jvm, jvm.at, levels);
      return assess(second);
    },
    /** Its figures are no longer fresh. */
    miss(second: number): Health {
      jvm = undefined;
      return assess(second);
    },
    assess,
    reason: (second: number, code: string): HealthReason | undefined =>
      assess(second).reasons.find((one) => one.code === code),
  };
}
