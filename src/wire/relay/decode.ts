import * as z from 'zod';
import { isRecord, listOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import { maskWords } from '../../domain/secret-name.ts';
import { type HistoryBlock, SERIES_NAMES, SERIES_STEPS } from '../../domain/series.ts';
import { lineSchema } from '../line-schema.ts';
import {
  type EventRecord,
  type HistoryRecord,
  RELAY_VERSION,
  type RelayFrame,
  type SenderPatch,
  type SenderRecord,
} from './frames.ts';
import { fullGcSchema, idSchema, patchSchema, senderSchema } from './sender-schema.ts';

/** What one line was. */
export type RelayLine =
  | {
      readonly kind: 'frame';
      readonly frame: RelayFrame;
      /** Items of it that were left out. */
      readonly bad: number;
    }
  /** A hello of another version of the stream. */
  | { readonly kind: 'version'; readonly version: number }
  /** A frame of a type that is not known here: a newer owner's. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'bad'; readonly reason: string };

const MAX_ITEMS = 2_048;
const MAX_FULL_GCS = 64;
const MAX_NOTES = 32;
const MAX_COUNTS = 128;

const helloSchema = z.object({
  program: lineSchema(64),
  instance: lineSchema(64),
  inherits: lineSchema(64).optional(),
  role: z.enum(['console', 'collector', 'reader']),
  pid: z.int().min(0),
  listen: lineSchema(128),
  isWaiting: z.boolean(),
  at: z.number(),
});
const factsSchema = z.object({
  at: z.number(),
  isWaiting: z.boolean(),
  lastGoodAt: z.number().optional(),
  perMinute: z.number().optional(),
  counts: z.record(z.string(), z.number()),
  notes: z.array(lineSchema(512)),
});
const eventSchema = z.object({
  id: idSchema,
  at: z.number(),
  level: z.enum(['info', 'warning', 'error', 'critical']),
  type: lineSchema(64),
  message: z.string().transform((text) => maskWords(cleanLine(text, 1_024))),
  count: z.number().optional(),
  target: idSchema.optional(),
  targetName: lineSchema(256),
});
const blockSchema = z.object({
  resolution: z.enum(['fine', 'coarse']),
  fromAt: z.int().min(0),
  values: z.base64(),
});
const historySchema = z.object({
  id: idSchema,
  blocks: z.array(blockSchema).max(16),
  fullGcs: z.array(fullGcSchema).max(MAX_FULL_GCS),
});
const beatSchema = z.object({ at: z.number() });
const byeSchema = z.object({ reason: z.enum(['leaving', 'yielded', 'slow', 'full']) });

interface Taken<T> {
  readonly items: readonly T[];
  readonly bad: number;
}
/** Each item on its own: one that does not fit costs nothing but itself. */
function take<T>(list: unknown, read: (item: unknown) => T | undefined): Taken<T> {
  const items: T[] = [];
  const given = listOf(list);
  for (const item of given.slice(0, MAX_ITEMS)) {
    const value = read(item);
    if (value !== undefined) items.push(value);
  }
  return { items, bad: given.length - items.length };
}
const readWith =
  <T>(schema: z.ZodType<T>) =>
  (item: unknown): T | undefined =>
    schema.safeParse(item).data;

const readSender: (item: unknown) => SenderRecord | undefined = readWith(senderSchema);
const readPatch: (item: unknown) => SenderPatch | undefined = readWith(patchSchema);
const readEvent: (item: unknown) => EventRecord | undefined = readWith(eventSchema);
const readId = readWith(idSchema);

function readHistory(item: unknown): HistoryRecord | undefined {
  const parsed = historySchema.safeParse(item).data;
  if (parsed === undefined) return undefined;
  const blocks: HistoryBlock[] = [];
  for (const { resolution, fromAt, values } of parsed.blocks) {
    const block = readBlock(resolution, fromAt, values);
    if (block === undefined) return undefined;
    blocks.push(block);
  }
  return { id: parsed.id, blocks, fullGcs: parsed.fullGcs };
}

function readBlock(
  resolution: HistoryBlock['resolution'],
  fromAt: number,
  base64: string,
): HistoryBlock | undefined {
  const { stepMs, spanMs } = SERIES_STEPS[resolution];
  const bytes = Buffer.from(base64, 'base64');
  const stepBytes = SERIES_NAMES.length * Float32Array.BYTES_PER_ELEMENT;
  const steps = bytes.length / stepBytes;
  if (!Number.isInteger(steps) || steps > spanMs / stepMs + 1 || fromAt % stepMs !== 0) return undefined;
  const values = new Float32Array(steps * SERIES_NAMES.length);
  for (let i = 0; i < values.length; i++) {
    const value = bytes.readFloatLE(i * Float32Array.BYTES_PER_ELEMENT);
    values[i] = Number.isFinite(value) ? value : Number.NaN;
  }
  return { resolution, fromAt, values };
}

const bad = (reason: string): RelayLine => ({ kind: 'bad', reason });
const whole = (frame: RelayFrame | undefined, type: string): RelayLine =>
  frame === undefined ? bad(`${type}: not as it should be`) : { kind: 'frame', frame, bad: 0 };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line of a stream; never throws. */
export function decodeRelayLine(text: string): RelayLine {
  const value = parse(text);
  if (!isRecord(value)) return bad('no JSON object');
  const { type } = value;
  switch (type) {
    case 'hello': {
      const version = value['l9sRelay'];
      if (typeof version !== 'number') return bad('hello: no version');
      if (version !== RELAY_VERSION) return { kind: 'version', version };
      const hello = helloSchema.safeParse(value).data;
      return whole(hello && { type, ...hello }, type);
    }
    case 'facts': {
      const facts = factsSchema.safeParse(value).data;
      if (facts === undefined) return bad('facts: not as they should be');
      const counts = Object.entries(facts.counts).slice(0, MAX_COUNTS);
      const cleaned = Object.fromEntries(counts.map(([name, count]) => [cleanLine(name, 96), count]));
      const notes = facts.notes.slice(0, MAX_NOTES);
      return { kind: 'frame', frame: { type, ...facts, counts: cleaned, notes }, bad: 0 };
    }
    case 'senders': {
      const { items, bad: left } = take(value['senders'], readSender);
      return { kind: 'frame', frame: { type, senders: items }, bad: left };
    }
    case 'patches': {
      const { items, bad: left } = take(value['patches'], readPatch);
      return { kind: 'frame', frame: { type, patches: items }, bad: left };
    }
    case 'drops': {
      const { items, bad: left } = take(value['ids'], readId);
      return { kind: 'frame', frame: { type, ids: items }, bad: left };
    }
    case 'history': {
      const { items, bad: left } = take(value['history'], readHistory);
      return { kind: 'frame', frame: { type, history: items }, bad: left };
    }
    case 'events': {
      const { items, bad: left } = take(value['events'], readEvent);
      return { kind: 'frame', frame: { type, events: items }, bad: left };
    }
    case 'ready':
      return { kind: 'frame', frame: { type }, bad: 0 };
    case 'beat': {
      const beat = beatSchema.safeParse(value).data;
      return whole(beat && { type, ...beat }, type);
    }
    case 'bye': {
      const bye = byeSchema.safeParse(value).data;
      return whole(bye && { type, ...bye }, type);
    }
    default:
      return typeof type === 'string' ? { kind: 'unknown' } : bad('no type');
  }
}
