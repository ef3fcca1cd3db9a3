import { randomBytes } from 'node:crypto';
import { readPrivateFile } from '../../core/private-file.ts';
import { appError } from '../../domain/errors.ts';
import {
  agentKey,
  derivedKeyOf,
  derivedKeyText,
  isAgentIdentity,
  MASTER_KEY_BYTES,
  masterKeyOf,
} from '../../wire/dump-channel/agent-key.ts';

/** File of the key derived for an identity, or of the master key it is derived from. */
export type AgentKeyFile = { readonly derived: string } | { readonly master: string };

/** Throws USAGE for what is no `context/workload`. */
export function checkIdentity(written: string | undefined, origin: string): string {
  if (written !== undefined && isAgentIdentity(written)) return written;
  throw appError('USAGE', `${origin}: give CONTEXT/WORKLOAD`, {
    hint: 'Without blanks, at most 128 bytes, e.g. prod/shop/was or udp/host1.',
  });
}
/** Throws KEY_FILE_INVALID. */
export const readAgentKey = (file: AgentKeyFile, identity: string): Uint8Array =>
  'derived' in file
    ? derivedKeyOf(readPrivateFile(file.derived))
    : agentKey(masterKeyOf(readPrivateFile(file.master)), identity);

export const newMasterKey = (): Uint8Array => randomBytes(MASTER_KEY_BYTES);
/** What stands in the file of a derived key. Throws KEY_FILE_INVALID. */
export const derivedKeyFile = (master: string, identity: string): Uint8Array =>
  Buffer.from(derivedKeyText(readAgentKey({ master }, identity)), 'latin1');
