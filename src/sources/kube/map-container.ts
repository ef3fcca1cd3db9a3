import { type Json, lineOf, listOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import type { ContainerFacts } from '../../domain/instance.ts';
import type { Interner } from './intern.ts';
import { maskMessage } from './mask.ts';
import { quantityOf } from './quantity.ts';

function stateOf(state: Json): { readonly state: ContainerFacts['state']; readonly detail: Json } {
  for (const name of ['running', 'waiting', 'terminated'] as const) {
    const detail = state[name];
    if (typeof detail === 'object' && detail !== null) return { state: name, detail: recordOf(detail) };
  }
  return { state: 'unknown', detail: {} };
}

function lastTerminationOf(status: Json): ContainerFacts['lastTermination'] {
  const terminated = recordOf(recordOf(status['lastState'])['terminated']);
  const exitCode = numberOf(terminated['exitCode']);
  if (exitCode === undefined) return undefined;
  return { reason: lineOf(terminated['reason'], 100), exitCode, at: timeOf(terminated['finishedAt']) };
}

/** One container of a pod: its spec and, where the kubelet has reported, its status. */
export function mapContainer(spec: Json, status: Json | undefined, intern: Interner): ContainerFacts {
  const limits = recordOf(recordOf(spec['resources'])['limits']);
  const { state, detail } = stateOf(recordOf(status?.['state']));
  const message = stringOf(detail['message']);
  return {
    name: intern.line(spec['name']) ?? '',
    image: intern.line(spec['image']) ?? '',
    state,
    isReady: typeof status?.['ready'] === 'boolean' ? status['ready'] : undefined,
    reason: intern.line(detail['reason']),
    message: message === undefined ? undefined : maskMessage(message, 300),
    exitCode: numberOf(detail['exitCode']),
    restarts: numberOf(status?.['restartCount']),
    memoryLimitBytes: quantityOf(limits['memory']),
    cpuLimit: quantityOf(limits['cpu']),
    imagePullPolicy: intern.line(spec['imagePullPolicy']),
    lastTermination: status === undefined ? undefined : lastTerminationOf(status),
  };
}

/** Container ports, the server container's first. */
export function portsOf(containers: readonly Json[]): number[] {
  const ports = new Set<number>();
  for (const container of containers) {
    for (const entry of listOf(container['ports'])) {
      const port = numberOf(recordOf(entry)['containerPort']);
      if (port !== undefined) ports.add(port);
    }
  }
  return [...ports];
}
