import type { DryRunResult, Prepared } from '../../actions/acting.ts';
import { isAccomplished, type Job, type JobTarget } from '../../domain/job.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

const REFUSALS: ReadonlySet<string> = new Set([
  'MODE_REFUSED',
  'POLICY_REFUSED',
  'TRANSPORT_LOCKED',
  'PERMISSION_DENIED',
  'AUDIT_UNWRITABLE',
]);
export const isRefusal = (code: string | undefined): boolean => code !== undefined && REFUSALS.has(code);

const isUnknown = ({ state, outcomes }: JobTarget): boolean =>
  state === 'unknown' || (!isAccomplished(state) && outcomes.includes('unknown'));

/** 6 where anything sent has an unknown outcome, 4 where all that failed was refused, 5 for any other failure. */
export function exitCodeOfJob({ targets }: Job): ExitCode {
  if (targets.some(isUnknown)) return EXIT.outcomeUnknown;
  const failed = targets.filter(({ state }) => !isAccomplished(state));
  if (failed.length === 0) return EXIT.done;
  const causes = failed.filter(({ error }) => error !== undefined);
  return causes.length > 0 && causes.every(({ error }) => isRefusal(error?.code))
    ? EXIT.refused
    : EXIT.actionFailed;
}

export function exitCodeOfDryRun({ verdict }: Prepared, results: readonly DryRunResult[]): ExitCode {
  if (verdict.state === 'refused') return EXIT.refused;
  const errors = results.flatMap(({ sent }) =>
    sent === undefined || sent.outcome === 'done' ? [] : [sent.error.code],
  );
  if (errors.length === 0) return EXIT.done;
  return errors.every(isRefusal) ? EXIT.refused : EXIT.actionFailed;
}
