import { isAccomplished, type Job, type JobTarget, type ResultState } from '../domain/job.ts';
import { refKey } from '../domain/ref.ts';

/** Ended jobs kept; older ones are in the audit. */
const MAX_ENDED = 200;

export interface JobTable {
  put(job: Job): void;
  /** Newest first. */
  list(): readonly Job[];
  onJob(listener: (job: Job) => void): () => void;
}

export function createJobTable(): JobTable {
  const jobs = new Map<string, Job>();
  const listeners = new Set<(job: Job) => void>();
  const newestFirst = () => [...jobs.values()].reverse();
  return {
    put(job) {
      jobs.set(refKey(job.ref), job);
      const tooOld = newestFirst().filter(({ endedAt }) => endedAt !== undefined);
      for (const { ref } of tooOld.slice(MAX_ENDED)) jobs.delete(refKey(ref));
      for (const listener of listeners) listener(job);
    },
    list: newestFirst,
    onJob(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** From what asks most for a look to what asks least. */
const GRAVEST: readonly ResultState[] = [
  'unknown',
  'failed',
  'timedOut',
  'interrupted',
  'cancelled',
  'notStarted',
];

/** `partial` where some targets are done (or sent) and some are not; else what is gravest among them. */
export function stateOfTargets(targets: readonly Pick<JobTarget, 'state'>[]): Job['state'] {
  const states = targets.map(({ state }) => state);
  if (states.some((state) => state === 'waiting' || state === 'running')) return 'running';
  const isDone = states.some(isAccomplished);
  const gravest = GRAVEST.find((state) => states.includes(state));
  if (gravest === undefined) return states.includes('sent') ? 'sent' : 'done';
  return isDone ? 'partial' : gravest;
}
