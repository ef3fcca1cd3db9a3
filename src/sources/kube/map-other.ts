import { type Json, lineOf, listOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { EventLevel, OpsEvent } from '../../domain/event.ts';
import { type Ref, refOf } from '../../domain/ref.ts';
import type { ServiceAddress } from '../../domain/service-address.ts';
import { type MapContext, ownerOf } from './map-pod.ts';
import { maskMessage } from './mask.ts';

/** A Service of the API. */
export function mapService(object: unknown, { context, intern }: MapContext): ServiceAddress | undefined {
  const service = recordOf(object);
  const metadata = recordOf(service['metadata']);
  const name = lineOf(metadata['name'], 260);
  const namespace = intern.line(metadata['namespace']);
  if (name === undefined || namespace === undefined) return undefined;
  const ports = listOf(recordOf(service['spec'])['ports'])
    .map((entry) => numberOf(recordOf(entry)['port']))
    .filter((port) => port !== undefined);
  return {
    ref: refOf('serviceAddress', context, `${namespace}/${name}`),
    namespace,
    name,
    ports: intern.list(ports),
  };
}

const ERROR_REASON =
  /^(OOMKilling|SystemOOM|BackOff|Failed|FailedCreate|FailedMount|FailedScheduling|Evicted|NodeNotReady|ProgressDeadlineExceeded)$/;

function levelOf(type: unknown, reason: string): EventLevel {
  if (type === 'Normal') return 'info';
  if (/OOM/.test(reason)) return 'critical';
  return ERROR_REASON.test(reason) ? 'error' : 'warning';
}

function targetOf(
  kind: string | undefined,
  namespace: string,
  name: string,
  context: string,
): Ref | undefined {
  switch (kind) {
    case 'Pod':
      return refOf('instance', context, `${namespace}/${name}`);
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return refOf('workload', context, `${namespace}/${kind}/${name}`);
    default:
      return undefined;
  }
}

/** An Event of core/v1, whichever of its three clocks it was written with. */
export function mapEvent(object: unknown, { context, intern, now }: MapContext): OpsEvent | undefined {
  const event = recordOf(object);
  const metadata = recordOf(event['metadata']);
  const name = lineOf(metadata['name'], 300);
  const namespace = intern.line(metadata['namespace']);
  if (name === undefined || namespace === undefined) return undefined;
  const involved = recordOf(event['involvedObject']);
  const series = recordOf(event['series']);
  const kind = lineOf(involved['kind'], 100);
  const targetName = lineOf(involved['name'], 260) ?? name;
  const targetNamespace = lineOf(involved['namespace'], 260) ?? namespace;
  const type = intern.line(event['reason']) ?? 'Unknown';
  return {
    ref: refOf('event', context, `${namespace}/${name}`),
    at:
      timeOf(series['lastObservedTime']) ??
      timeOf(event['lastTimestamp']) ??
      timeOf(event['eventTime']) ??
      timeOf(metadata['creationTimestamp']) ??
      now(),
    level: levelOf(event['type'], type),
    type,
    message: maskMessage(stringOf(event['message']) ?? '', 1_024),
    count: numberOf(series['count']) ?? numberOf(event['count']),
    target: targetOf(kind, targetNamespace, targetName, context),
    targetName: `${targetNamespace}/${kind === 'Pod' || kind === undefined ? '' : `${kind}/`}${targetName}`,
  };
}

/** What a ReplicaSet or ControllerRevision says of its owner. */
export interface OwnedRecord {
  readonly key: string;
  readonly name: string;
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  /** ControllerRevision only. */
  readonly revision: number | undefined;
}
export function mapOwned(object: unknown, { intern }: MapContext): OwnedRecord | undefined {
  const record: Json = recordOf(object);
  const metadata = recordOf(record['metadata']);
  const name = stringOf(metadata['name']);
  const namespace = intern.line(metadata['namespace']);
  if (name === undefined || namespace === undefined) return undefined;
  const clean = cleanLine(name, 260);
  return {
    key: `${namespace}/${clean}`,
    name: clean,
    owner: ownerOf(metadata),
    revision: numberOf(record['revision']),
  };
}
