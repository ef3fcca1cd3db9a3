import { isIP } from 'node:net';
import { cleanLine } from '../../core/text.ts';
import type { Instance } from '../../domain/instance.ts';
import { refOf } from '../../domain/ref.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { HostEntry, ProbeResult } from './host-probe.ts';

/** One entry with what its probes said so far. */
export interface HostRecord {
  readonly entry: HostEntry;
  update(result: ProbeResult, at: number): Instance;
}

/** Unanswered probes in a row after which a host that was heard before counts as failed. */
const MISSES_TO_FAIL = 2;

export function createHostRecord(context: string, entry: HostEntry): HostRecord {
  let misses = 0;
  let wasHeard = false;
  let readySince: number | undefined;
  const stateOf = (result: ProbeResult): ServerState => {
    if (result.outcome !== 'noAnswer') {
      misses = 0;
      wasHeard = true;
      return result.outcome;
    }
    misses++;
    // A refused connection is certain; one that only timed out may be a lost packet.
    return result.code === 'REFUSED' || !wasHeard || misses >= MISSES_TO_FAIL ? 'failed' : 'notReady';
  };
  return {
    entry,
    update(result, at) {
      const state = stateOf(result);
      readySince = state === 'ready' ? (readySince ?? at) : undefined;
      return {
        ref: refOf('instance', context, entry.name),
        contextKind: 'hosts',
        name: cleanLine(entry.name),
        uid: entry.name,
        place: { kind: 'host', name: cleanLine(entry.address) },
        hostNames: isIP(entry.address) === 0 ? [...new Set([entry.name, entry.address])] : [entry.name],
        addresses: isIP(entry.address) === 0 ? [] : [entry.address],
        ports: [entry.port],
        containers: [],
        command: [],
        environment: [],
        labels: {},
        declaredType: entry.type,
        state,
        stateReason: result.outcome === 'ready' ? undefined : cleanLine(result.reason),
        readySince,
        seenAt: at,
      };
    },
  };
}
