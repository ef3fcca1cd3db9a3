import * as z from 'zod';
import { cleanLine } from '../../core/text.ts';
import { DUMP_KINDS, type DumpPeer } from '../../domain/dump.ts';
import { refOf } from '../../domain/ref.ts';
import type { Text, Words } from '../../domain/text.ts';
import { lineSchema } from '../line-schema.ts';
import { ChannelFrames } from './frames.ts';
import { type ChannelWhat, MAX_FRAME_BYTES } from './messages.ts';

/** Version of what two l9s of one user say to each other about the peers of the one that owns the port. */
export const ASK_VERSION = 1;
/** Peers in one frame, and their bytes. */
const PEERS_A_FRAME = 100;
const PEERS_BYTES = 65_536;
const DROPS_A_FRAME = 200;
const CHANNEL_WAYS = ['lena-channel', 'agent-channel'] as const;
export type ChannelWayId = (typeof CHANNEL_WAYS)[number];

/** One dump to be taken from one peer, or a word of how a server is. */
export interface DumpOrder {
  readonly way: ChannelWayId;
  /** Id of its row. */
  readonly peer: string;
  readonly server: {
    readonly context: string;
    readonly name: string;
    /** As an agent said it in its hello. */
    readonly id?: string | undefined;
  };
  readonly kind: ChannelWhat;
  readonly isLive: boolean;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** user@host of whoever asks. */
  readonly by: string;
}
/** To the owner of the port; what is asked for is the first and only message of a connection. */
export type ToOwner =
  /** Which peers there are; with `isWatch` also what changes, until the connection ends. */
  | { readonly type: 'look'; readonly version: number; readonly isWatch: boolean }
  /** Closing the connection gives it up. */
  | { readonly type: 'take'; readonly version: number; readonly order: DumpOrder };
export type FromOwner =
  | { readonly type: 'peers'; readonly put: readonly DumpPeer[]; readonly drop: readonly string[] }
  /** All there are were told. */
  | { readonly type: 'ready'; readonly listen: string; readonly pid: number }
  | { readonly type: 'progress'; readonly detail: Words }
  /** The next frame is that many bytes of the dump. */
  | { readonly type: 'chunk'; readonly id: number; readonly bytes: number }
  | {
      readonly type: 'done';
      readonly how: string;
      readonly missing: readonly Text[];
      readonly sha256?: string | undefined;
    }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly hint: string };

const text = z.object({ en: lineSchema(500), ko: lineSchema(500) });
const kind = z.enum(DUMP_KINDS);
/** Refused rather than cleaned: it names a peer or a server. */
const name = z
  .string()
  .min(1)
  .max(512)
  .refine((written) => cleanLine(written) === written);

const orderSchema = z.object({
  way: z.enum(CHANNEL_WAYS),
  peer: name,
  server: z.object({ context: lineSchema(256), name: lineSchema(256), id: name.optional() }),
  kind: z.enum([...DUMP_KINDS, 'status']),
  isLive: z.boolean(),
  maxBytes: z.int().min(1),
  timeoutMs: z.int().min(1).max(86_400_000),
  by: lineSchema(256),
});
const toOwner = z.discriminatedUnion('type', [
  z.object({ type: z.literal('look'), version: z.int(), isWatch: z.boolean() }),
  z.object({ type: z.literal('take'), version: z.int(), order: orderSchema }),
]);
const peerSchema = z
  .object({
    id: name,
    protocol: z.enum(['lena', 'l9s']),
    address: lineSchema(64),
    port: z.int().min(0).max(65_535),
    connectedAt: z.number(),
    identity: lineSchema(256).optional(),
    objHash: z.int().optional(),
    serverIds: z.array(name).max(256),
    can: z.array(kind).max(16),
    refused: text.optional(),
  })
  .transform(({ id, ...fields }): DumpPeer => ({ ref: refOf('peer', 'udp', id), ...fields }));
const fromOwner = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('peers'),
    put: z.array(peerSchema).max(PEERS_A_FRAME),
    drop: z.array(name).max(DROPS_A_FRAME),
  }),
  z.object({ type: z.literal('ready'), listen: lineSchema(128), pid: z.int().min(0) }),
  z.object({ type: z.literal('progress'), detail: z.union([lineSchema(500), text]) }),
  z.object({ type: z.literal('chunk'), id: z.int(), bytes: z.int().min(1).max(MAX_FRAME_BYTES) }),
  z.object({
    type: z.literal('done'),
    how: lineSchema(200),
    missing: z.array(text).max(32),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  z.object({
    type: z.literal('error'),
    code: lineSchema(64),
    message: lineSchema(1_000),
    hint: lineSchema(500),
  }),
]);

/** The owner's side. */
export const framesToOwner = (): ChannelFrames<ToOwner> =>
  new ChannelFrames<ToOwner>(
    (value) => toOwner.safeParse(value).data,
    () => undefined,
  );
/** The side that asks. */
export const framesFromOwner = (): ChannelFrames<FromOwner> =>
  new ChannelFrames<FromOwner>(
    (value) => fromOwner.safeParse(value).data,
    (message) => (message.type === 'chunk' ? { id: message.id, bytes: message.bytes } : undefined),
  );

/** Peers as frames tell them: their context is the reader's. Each well below what a frame may have. */
export function peersMessages(put: readonly DumpPeer[], drop: readonly string[]): readonly PeersMessage[] {
  const messages: PeersMessage[] = [];
  let some: PeerRecord[] = [];
  let bytes = 0;
  for (const { ref, ...fields } of put) {
    const record = { id: ref.id, ...fields };
    const size = Buffer.byteLength(JSON.stringify(record));
    if (some.length >= PEERS_A_FRAME || (some.length > 0 && bytes + size > PEERS_BYTES)) {
      messages.push({ type: 'peers', put: some, drop: [] });
      some = [];
      bytes = 0;
    }
    some.push(record);
    bytes += size;
  }
  messages.push({ type: 'peers', put: some, drop: [] });
  for (let at = 0; at < drop.length; at += DROPS_A_FRAME) {
    messages.unshift({ type: 'peers', put: [], drop: drop.slice(at, at + DROPS_A_FRAME) });
  }
  return messages;
}
type PeerRecord = Omit<DumpPeer, 'ref'> & { readonly id: string };
export interface PeersMessage {
  readonly type: 'peers';
  readonly put: readonly PeerRecord[];
  readonly drop: readonly string[];
}
