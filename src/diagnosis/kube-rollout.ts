import { type Json, listOf, numberOf, recordOf, stringOf } from '../core/json-read.ts';
import type { Workload } from '../domain/workload.ts';

type Judgement = Pick<Workload['rollout'], 'state' | 'message'>;

/** A condition of a status by its type. */
export function conditionOf(status: Json, type: string): Json | undefined {
  for (const entry of listOf(status['conditions'])) {
    const condition = recordOf(entry);
    if (condition['type'] === type) return condition;
  }
  return undefined;
}

const progressing = (message: string): Judgement => ({ state: 'progressing', message });
const STABLE: Judgement = { state: 'stable' };

const count = (value: unknown): number => numberOf(value) ?? 0;

function isUnobserved(metadata: Json, status: Json): boolean {
  return count(metadata['generation']) > count(status['observedGeneration']);
}

/** As `kubectl rollout status deployment` judges. */
export function judgeDeployment(metadata: Json, spec: Json, status: Json): Judgement {
  if (spec['paused'] === true) return { state: 'paused', message: 'paused' };
  if (isUnobserved(metadata, status)) return progressing('waiting for the new spec to be observed');
  const condition = conditionOf(status, 'Progressing');
  if (condition?.['reason'] === 'ProgressDeadlineExceeded') {
    return { state: 'failed', message: 'exceeded its progress deadline' };
  }
  const wanted = numberOf(spec['replicas']) ?? 1;
  const updated = count(status['updatedReplicas']);
  const all = count(status['replicas']);
  const available = count(status['availableReplicas']);
  if (updated < wanted) return progressing(`${updated} of ${wanted} new replicas updated`);
  if (all > updated) return progressing(`${all - updated} old replicas pending termination`);
  if (available < updated) return progressing(`${available} of ${updated} updated replicas available`);
  return STABLE;
}

/** As `kubectl rollout status statefulset` judges; OnDelete has no rollout to wait for. */
export function judgeStatefulSet(metadata: Json, spec: Json, status: Json): Judgement {
  const strategy = recordOf(spec['updateStrategy']);
  if (strategy['type'] === 'OnDelete') return STABLE;
  if (isUnobserved(metadata, status)) return progressing('waiting for the new spec to be observed');
  const wanted = numberOf(spec['replicas']) ?? 1;
  const ready = count(status['readyReplicas']);
  const updated = count(status['updatedReplicas']);
  if (ready < wanted) return progressing(`${ready} of ${wanted} replicas ready`);
  const partition = count(recordOf(strategy['rollingUpdate'])['partition']);
  if (partition > 0) {
    const due = wanted - partition;
    return updated < due ? progressing(`partitioned: ${updated} of ${due} new replicas updated`) : STABLE;
  }
  const target = stringOf(status['updateRevision']);
  if (target !== stringOf(status['currentRevision']))
    return progressing(`${updated} of ${wanted} replicas at the new revision`);
  return STABLE;
}

/** As `kubectl rollout status daemonset` judges. */
export function judgeDaemonSet(metadata: Json, spec: Json, status: Json): Judgement {
  if (recordOf(spec['updateStrategy'])['type'] === 'OnDelete') return STABLE;
  if (isUnobserved(metadata, status)) return progressing('waiting for the new spec to be observed');
  const wanted = count(status['desiredNumberScheduled']);
  const updated = count(status['updatedNumberScheduled']);
  const available = count(status['numberAvailable']);
  if (updated < wanted) return progressing(`${updated} of ${wanted} new pods updated`);
  if (available < wanted) return progressing(`${available} of ${wanted} updated pods available`);
  return STABLE;
}
