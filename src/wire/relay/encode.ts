import type { OpsEvent } from '../../domain/event.ts';
import type { Sender } from '../../domain/sender.ts';
import type { HistoryBlock, SenderHistory } from '../../domain/series.ts';
import {
  type EventRecord,
  RELAY_VERSION,
  type RelayFrame,
  type RelayHello,
  type SenderField,
  type SenderPatch,
  type SenderRecord,
} from './frames.ts';

type PlainFrame = Extract<RelayFrame, { readonly type: 'facts' | 'ready' | 'beat' | 'bye' }>;

export const encodeHello = (hello: RelayHello): string =>
  `${JSON.stringify({ l9sRelay: RELAY_VERSION, ...hello })}\n`;

export const encodeFrame = (frame: PlainFrame): string => `${JSON.stringify(frame)}\n`;

/** Name of the list in each frame that has one. */
const LISTS = {
  senders: 'senders',
  patches: 'patches',
  drops: 'ids',
  history: 'history',
  events: 'events',
} as const satisfies Partial<Record<RelayFrame['type'], string>>;
export type ListFrame = keyof typeof LISTS;

/** One item of a list, as JSON. */
export interface RelayItem {
  readonly id: string;
  readonly text: string;
}
const LINE_CHARACTERS = 65_536;

/** Lines of one type of frame, each well below what a line may have. */
export function* encodeList(type: ListFrame, items: Iterable<RelayItem>) {
  let texts: string[] = [];
  let ids: string[] = [];
  let characters = 0;
  const line = () => {
    const made = { text: `{"type":"${type}","${LISTS[type]}":[${texts.join(',')}]}\n`, ids };
    texts = [];
    ids = [];
    characters = 0;
    return made;
  };
  for (const { id, text } of items) {
    texts.push(text);
    ids.push(id);
    characters += text.length;
    if (characters >= LINE_CHARACTERS) yield line();
  }
  if (texts.length > 0) yield line();
}

const itemOf = (id: string, record: object | string): RelayItem => ({ id, text: JSON.stringify(record) });

export const senderItem = (sender: Sender): RelayItem => itemOf(sender.ref.id, recordOfSender(sender));
export const patchItem = (patch: SenderPatch): RelayItem => itemOf(patch.id, patch);
export const dropItem = (id: string): RelayItem => itemOf(id, id);
export const eventItem = (event: OpsEvent): RelayItem => itemOf(event.ref.id, recordOfEvent(event));
/** Values as base64 of little-endian float32: a tenth of their text, and NaN has no text in JSON. */
export const historyItem = ({ sender: { id }, blocks, fullGcs }: SenderHistory): RelayItem =>
  itemOf(id, { id, blocks: blocks.map(blockText), fullGcs });

const blockText = ({ resolution, fromAt, values }: HistoryBlock) => ({
  resolution,
  fromAt,
  values: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
});

function recordOfSender({ ref, ...fields }: Sender): SenderRecord {
  return { id: ref.id, ...fields };
}

function recordOfEvent(event: OpsEvent): EventRecord {
  const { ref, target, at, level, type, message, count, targetName } = event;
  const about = target?.kind === 'sender' ? target.id : undefined;
  return { id: ref.id, at, level, type, message, count, target: about, targetName };
}

/** What a reader that knows `before` must be told to know `after`; unchanged parts are the same objects as a rule. */
export function patchOf(before: Sender, after: Sender): SenderPatch | undefined {
  const set: Record<string, unknown> = {};
  const gone: SenderField[] = [];
  let isChanged = false;
  for (const name of fieldsOf(before, after)) {
    const was = before[name];
    const is = after[name];
    if (was === is) continue;
    if (is === undefined) gone.push(name);
    else if (typeof is === 'object' && JSON.stringify(was) === JSON.stringify(is)) continue;
    else set[name] = is;
    isChanged = true;
  }
  return isChanged ? { id: after.ref.id, set, gone } : undefined;
}

const isSenderField = (name: string): name is SenderField => name !== 'ref';

function fieldsOf(before: Sender, after: Sender): readonly SenderField[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter(isSenderField);
}
