import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { describeThrown, systemCode } from '../core/app-error.ts';
import { readPrivateFile } from '../core/private-file.ts';
import { appError } from '../domain/errors.ts';
import { agentKey, derivedKeyText, MASTER_KEY_BYTES, masterKeyOf } from '../wire/dump-channel/agent-key.ts';

/** Throws INPUT_INVALID where the file is there already or cannot be written. */
export function writeMasterKey(file: string): void {
  writeSecret(file, randomBytes(MASTER_KEY_BYTES));
}

export interface DerivedKeyOrder {
  /** `context/workload` */
  readonly identity: string;
  readonly master: string;
  readonly out: string;
}
/** Throws KEY_FILE_INVALID or INPUT_INVALID; no message holds a key. */
export function writeDerivedKey({ identity, master, out }: DerivedKeyOrder): void {
  const key = agentKey(masterKeyOf(readPrivateFile(master)), identity);
  writeSecret(out, Buffer.from(derivedKeyText(key), 'latin1'));
}

/** A new file of this user alone: another's key is never written over. */
function writeSecret(file: string, bytes: Uint8Array): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, bytes);
    fsyncSync(descriptor);
  } catch (thrown) {
    // Half a key is none.
    if (descriptor !== undefined) rmSync(file, { force: true });
    if (systemCode(thrown) === 'EEXIST')
      throw appError('INPUT_INVALID', `${file} is there already`, {
        hint: 'Give another name, or remove it if nobody uses that key any more.',
      });
    throw appError(
      'INPUT_INVALID',
      `${file} cannot be written: ${systemCode(thrown) ?? describeThrown(thrown)}`,
      {
        cause: thrown,
        hint: 'Give a file in a folder you may write to.',
      },
    );
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
