import { createHmac } from 'node:crypto';
import type { PrivateFile } from '../../core/private-file.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';

/** Least bytes of a master key. */
export const MASTER_KEY_BYTES = 32;
/** OpenSSL takes identities of at most that many bytes. */
const MAX_IDENTITY_BYTES = 128;
const DERIVED = /^[0-9a-f]{64}$/i;

/**
 * True for what an agent may call itself: `context/workload`, without blanks and controls, 128 bytes at most. Both may
 * have slashes of their own (`prod/shop/was`), so it is compared as a whole and never taken apart.
 */
export const isAgentIdentity = (text: string): boolean =>
  /^[^/\s][^\s]*\/[^\s]*[^/\s]$/u.test(text) &&
  cleanLine(text) === text &&
  Buffer.byteLength(text) <= MAX_IDENTITY_BYTES;

/** The 32 bytes an agent of that identity and the receiver share. */
export const agentKey = (master: Uint8Array, identity: string): Uint8Array =>
  createHmac('sha256', master).update(identity, 'utf8').digest();

/** The master key of a file: all its bytes. Throws KEY_FILE_INVALID, which says nothing of its content. */
export function masterKeyOf(file: PrivateFile): Uint8Array {
  const bytes = bytesOf(file);
  if (bytes.length < MASTER_KEY_BYTES) {
    throw invalid(file.path, `holds ${bytes.length} bytes, fewer than ${MASTER_KEY_BYTES}`);
  }
  return bytes;
}

/** A derived key's file: 64 hexadecimal digits on one line. Throws KEY_FILE_INVALID. */
export function derivedKeyOf(file: PrivateFile): Uint8Array {
  const text = Buffer.from(bytesOf(file)).toString('latin1').trim();
  if (!DERIVED.test(text)) throw invalid(file.path, 'does not hold 64 hexadecimal digits');
  return Buffer.from(text, 'hex');
}

/** How a derived key stands in its file. */
export const derivedKeyText = (key: Uint8Array): string => `${Buffer.from(key).toString('hex')}\n`;

function bytesOf(file: PrivateFile): Uint8Array {
  if ('bytes' in file) return file.bytes;
  throw invalid(file.path, file.problem);
}

const invalid = (path: string, why: string) => appError('KEY_FILE_INVALID', `${path} ${why}`);
