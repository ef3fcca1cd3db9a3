import { createHash, randomUUID } from 'node:crypto';

/** What a message of a session's data channel is; whatever else comes is passed over. */
export type AgentMessageType = 'input_stream_data' | 'output_stream_data' | 'acknowledge' | 'channel_closed';

/** What a payload is. Input and output of the command are both `output`. */
export const PAYLOAD = {
  output: 1,
  size: 3,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  encryptionChallenge: 8,
  flag: 10,
  /** Only of commands without a terminal. */
  stderr: 11,
  exitCode: 12,
} as const;

/** One message of a data channel, as the session agent and its clients exchange them. */
export interface AgentMessage {
  readonly type: string;
  readonly sequence: number;
  /** Hyphenated, lower case. */
  readonly id: string;
  readonly payloadType: number;
  readonly payload: Buffer;
}
export interface NewAgentMessage {
  readonly type: AgentMessageType;
  readonly sequence: number;
  /** Bit 0: first of its stream; bit 1: last. */
  readonly flags: number;
  /** Epoch ms. */
  readonly at: number;
  readonly payloadType: number;
  readonly payload: Buffer;
}

/**
 * Big-endian: header length (4), type (32, padded), schema version (4), created (8), sequence (8), flags (8), id (16),
 * SHA-256 of the payload (32), payload type (4), then the payload's length (4) and the payload.
 */
const AT = {
  headerLength: 0,
  type: 4,
  version: 36,
  created: 40,
  sequence: 48,
  flags: 56,
  id: 64,
  digest: 80,
  payloadType: 112,
  payloadLength: 116,
  payload: 120,
} as const;
const TYPE_BYTES = AT.version - AT.type;

export function encodeAgentMessage(message: NewAgentMessage): Buffer {
  const { type, sequence, flags, at, payloadType, payload } = message;
  const bytes = Buffer.alloc(AT.payload + payload.length);
  bytes.writeUInt32BE(AT.payloadLength, AT.headerLength);
  bytes.write(type.padEnd(TYPE_BYTES, ' '), AT.type, 'latin1');
  bytes.writeUInt32BE(1, AT.version);
  bytes.writeBigUInt64BE(BigInt(at), AT.created);
  bytes.writeBigInt64BE(BigInt(sequence), AT.sequence);
  bytes.writeBigUInt64BE(BigInt(flags), AT.flags);
  idBytes(randomUUID()).copy(bytes, AT.id);
  createHash('sha256').update(payload).digest().copy(bytes, AT.digest);
  bytes.writeUInt32BE(payloadType, AT.payloadType);
  bytes.writeUInt32BE(payload.length, AT.payloadLength);
  payload.copy(bytes, AT.payload);
  return bytes;
}

/** The message in bytes of whatever origin, or why it is none. Never throws. */
export function decodeAgentMessage(bytes: Buffer): AgentMessage | string {
  if (bytes.length < AT.payload) return `${bytes.length} bytes are no message`;
  const headerLength = bytes.readUInt32BE(AT.headerLength);
  const from = headerLength + 4;
  // A longer header may come one day; its end is where it says.
  if (headerLength < AT.payloadLength || from > bytes.length) return `a header of ${headerLength} bytes`;
  const payload = bytes.subarray(from);
  const said = bytes.readUInt32BE(headerLength);
  if (said !== payload.length) return `${payload.length} bytes where ${said} were said`;
  const digest = createHash('sha256').update(payload).digest();
  if (said > 0 && !digest.equals(bytes.subarray(AT.digest, AT.payloadType)))
    return 'the payload has another hash than was said';
  const sequence = bytes.readBigInt64BE(AT.sequence);
  if (sequence < 0n || sequence > BigInt(Number.MAX_SAFE_INTEGER)) return `number ${sequence}`;
  return {
    type: bytes
      .subarray(AT.type, AT.version)
      .toString('latin1')
      .replace(/^[\0 ]+|[\0 ]+$/g, ''),
    sequence: Number(sequence),
    id: idText(bytes.subarray(AT.id, AT.digest)),
    payloadType: bytes.readUInt32BE(AT.payloadType),
    payload,
  };
}

/** A UUID with its second half first, as Java's two longs are written here. */
function idBytes(id: string): Buffer {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  return Buffer.concat([bytes.subarray(8), bytes.subarray(0, 8)]);
}
function idText(bytes: Buffer): string {
  const hex = Buffer.concat([bytes.subarray(8), bytes.subarray(0, 8)]).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
