import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import type { Instance } from '../domain/instance.ts';
import type { ServerFacts } from './server-row.ts';

/** Key of the workload that keeps an instance running. */
export function workloadKeyOf({ ref, place, workload }: Instance): string | undefined {
  return workload === undefined
    ? undefined
    : `${ref.context}\n${place.name}/${workload.kind}/${workload.name}`;
}

/** Session servers of one pair: they name the same two addresses, or one StatefulSet runs both. */
export function pairKeyOf({ ref, place, environment, workload }: ServerFacts): string | undefined {
  const where = `${ref.context}\n${place?.name}`;
  const pair = readLenaEnvironment(environment).sessionPair;
  if (pair !== undefined) return `${where}\n${pair}`;
  return workload === undefined ? undefined : `${where}\n${workload.kind}/${workload.name}`;
}
