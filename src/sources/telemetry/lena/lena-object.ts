import { cleanLine } from '../../../core/text.ts';
import type { ServerType } from '../../../domain/server-type.ts';
import type { LenaMap, LenaValue, ObjectPack } from '../../../wire/lena/pack.ts';
import { lenaServerType } from './lena-server-type.ts';
import { textOf } from './lena-values.ts';

/** What an object pack says of its server, taken out so that the pack itself need not be kept. */
export interface LenaObject {
  readonly hostName: string | undefined;
  readonly reportedAddress: string | undefined;
  readonly serverType: ServerType | undefined;
  readonly serviceCluster: string | undefined;
  readonly version: string | undefined;
}

const cleaned = (text: string | undefined, longest = 128): string | undefined =>
  text === undefined || text === '' ? undefined : cleanLine(text, longest);

export const objectOf = ({ tags, address, version }: ObjectPack): LenaObject => ({
  hostName: cleaned(textOf(tags.get('hostName'))),
  reportedAddress: cleaned(address),
  serverType: lenaServerType(textOf(tags.get('serverType'))?.slice(0, 128)),
  serviceCluster: cleaned(textOf(tags.get('containerGroupName'))),
  version: cleaned(version, 64),
});

/** Tags with a field of their own; the others are shown as they came. */
export const TAGS_WITH_FIELDS: ReadonlySet<string> = new Set(['containerGroupName', 'hostName']);

/** The tags, and what else an object says where it is not what it always is. */
export function objectCounters({ tags, user, isAlive, wakeup }: ObjectPack): LenaMap {
  const isUsual = user === '' && isAlive && wakeup === 0;
  if (isUsual) return tags;
  const counters = new Map<string, LenaValue>(tags);
  if (user !== '') counters.set('user', { type: 'text', value: user });
  if (!isAlive) counters.set('alive', { type: 'boolean', value: false });
  if (wakeup !== 0) counters.set('wakeup', { type: 'decimal', value: wakeup });
  return counters;
}
