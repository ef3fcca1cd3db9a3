import { createHmac } from 'node:crypto';
import type { PrivateFile } from '../../core/private-file.ts';
import { appError } from '../../domain/errors.ts';

/** Least bytes of a master key. */
export const MASTER_KEY_BYTES = 32;
/** OpenSSL takes identities of at most that many bytes. */
const MAX_IDENTITY_BYTES = 128;
/** A context, a slash and a workload, which may have slashes of its own; printable ASCII without blanks. */
const IDENTITY = /^[!-.0-~]+\/[!-~]+$/;
const DERIVED = /^[0-9a-f]{64}$/i;

/** Who an agent is: a context and a workload of it. */
export interface AgentIdentity {
  readonly context: string;
  /** `namespace/name` in Kubernetes, the service's name in ECS, else a host's name. */
  readonly workload: string;
}
export const identityText = ({ context, workload }: AgentIdentity): string => `${context}/${workload}`;

/** `undefined` for what cannot be an identity. */
export function parseIdentity(written: string): AgentIdentity | undefined {
  if (!IDENTITY.test(written) || written.length > MAX_IDENTITY_BYTES) return undefined;
  const end = written.indexOf('/');
  return { context: written.slice(0, end), workload: written.slice(end + 1) };
}

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
