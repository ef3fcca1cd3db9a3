import * as z from 'zod';
import { cleanLine } from '../../core/text.ts';
import { DUMP_KINDS } from '../../domain/dump.ts';
import { lineSchema } from '../line-schema.ts';
import { type FromAgent, MAX_FRAME_BYTES, type ToAgent } from './messages.ts';

const MAX_SERVERS = 256;
const MAX_MISSING = 32;
/** As in the datagrams of `l9s/1`. */
const MAX_SERVER_ID = 128;
/** A day: an agent takes no longer one. */
export const MAX_DEADLINE_MS = 86_400_000;

const requestId = z.int().min(1).max(0x7fff_ffff);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Not cleaned but refused: an id that is changed names another server. */
const serverId = z
  .string()
  .min(1)
  .max(MAX_SERVER_ID)
  .refine((text) => cleanLine(text) === text);
const kind = z.enum(DUMP_KINDS);

const helloSchema = z.object({
  type: z.literal('hello'),
  version: z.int().min(1),
  program: lineSchema(64),
  servers: z.array(z.object({ id: serverId, can: z.array(kind).max(16) })).max(MAX_SERVERS),
});
const fromAgent = z.discriminatedUnion('type', [
  helloSchema,
  z.object({
    type: z.literal('progress'),
    id: requestId,
    doneBytes: count,
    sizeBytes: count.optional(),
  }),
  z.object({
    type: z.literal('chunk'),
    id: requestId,
    bytes: z.int().min(1).max(MAX_FRAME_BYTES),
  }),
  z.object({
    type: z.literal('done'),
    id: requestId,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: count,
    how: lineSchema(200),
    missing: z.array(lineSchema(100)).max(MAX_MISSING),
  }),
  z.object({
    type: z.literal('error'),
    id: requestId.optional(),
    code: lineSchema(32),
    message: lineSchema(500),
  }),
]);
const toAgent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('request'),
    id: requestId,
    server: serverId,
    what: z.enum([...DUMP_KINDS, 'status']),
    options: z.object({ isLive: z.boolean().optional(), maxBytes: z.int().min(1) }),
    deadlineMs: z.int().min(1).max(MAX_DEADLINE_MS),
  }),
  z.object({ type: z.literal('cancel'), id: requestId }),
]);

/** A message of an agent; `undefined` for what is none. Its texts are cleaned. */
export const decodeFromAgent = (value: unknown): FromAgent | undefined => fromAgent.safeParse(value).data;
/** A message of the receiver; `undefined` for what is none. */
export const decodeToAgent = (value: unknown): ToAgent | undefined => toAgent.safeParse(value).data;
