import { inflateRawSync } from 'node:zlib';
import { isServerType } from '../../domain/server-type.ts';
import type { L9sDatagram, L9sHead } from './datagram.ts';
import { FieldChecker, type Fields } from './field-checker.ts';
import { readEvent, readJvm, readNode, readSession, readWeb } from './read-bodies.ts';

export interface L9sReject {
  readonly kind: 'reject';
  readonly reason: string;
}
export interface L9sDecoded {
  readonly kind: 'datagram';
  readonly value: L9sDatagram;
}

/** The byte before raw-deflated JSON. */
export const DEFLATED = 0x01;
export const MAX_DATAGRAM_BYTES = 8_192;
export const MAX_INFLATED_BYTES = 65_536;
const BRACE = 0x7b;

const reject = (reason: string): L9sReject => ({ kind: 'reject', reason });

/** True for the first byte of an `l9s/1` datagram. */
export const isL9sDatagram = (bytes: Uint8Array): boolean => bytes[0] === BRACE || bytes[0] === DEFLATED;

function textOf(bytes: Uint8Array): string | L9sReject {
  if (bytes.length > MAX_DATAGRAM_BYTES) return reject('larger than 8 KiB');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== DEFLATED) return buffer.toString('utf8');
  try {
    return inflateRawSync(buffer.subarray(1), { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8');
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    return reject(isTooLarge ? 'larger than 64 KiB inflated' : 'does not inflate');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readHead(check: FieldChecker, fields: Fields): L9sHead {
  const id = check.requiredText(fields['id'], 'id', 128);
  const wanted = check.requiredText(fields['serverType'], 'serverType', 32);
  const serverType = isServerType(wanted) ? wanted : undefined;
  if (serverType === undefined) check.failure ??= 'serverType: not a server type';
  return {
    l9s: 1,
    id,
    serverType: serverType ?? 'jvm',
    serviceCluster: check.text(fields['serviceCluster'], 'serviceCluster', 128),
    revision: check.text(fields['revision'], 'revision', 128),
    at: check.requiredInteger(fields['at'], 'at'),
    seq: check.requiredInteger(fields['seq'], 'seq'),
    upMs: check.requiredInteger(fields['upMs'], 'upMs'),
  };
}

function readDatagram(check: FieldChecker, fields: Fields): L9sDatagram | undefined {
  const head = readHead(check, fields);
  switch (fields['type']) {
    case 'jvm':
      return readJvm(check, head, fields);
    case 'web':
      return readWeb(check, head, fields);
    case 'session':
      return readSession(check, head, fields);
    case 'node':
      return readNode(check, head, fields);
    case 'event':
      return readEvent(check, head, fields);
    case 'bye':
      return { ...head, type: 'bye' };
    default:
      check.failure ??= 'type: not a type of datagram';
      return undefined;
  }
}

/** Decodes one datagram, plain or deflated; what does not fit gives a reason, never an exception. */
export function decodeL9sDatagram(bytes: Uint8Array): L9sDecoded | L9sReject {
  const text = textOf(bytes);
  if (typeof text !== 'string') return text;
  const check = new FieldChecker();
  const fields = check.fields(parse(text), 'datagram');
  if (fields === undefined) return reject('no JSON object');
  if (fields['l9s'] !== 1) return reject('not version 1');
  const value = readDatagram(check, fields);
  if (check.failure !== undefined || value === undefined) return reject(check.failure ?? 'not a datagram');
  return { kind: 'datagram', value };
}
