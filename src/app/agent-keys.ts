import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { checkIdentity, derivedKeyFile, newMasterKey } from '../agent/dump/agent-keys.ts';
import { describeThrown, systemCode } from '../core/app-error.ts';
import { appError } from '../domain/errors.ts';

/** Throws INPUT_INVALID where the file is there already or cannot be written. */
export function writeMasterKey(file: string): void {
  writeSecret(file, newMasterKey());
}

export interface DerivedKeyOrder {
  /** `context/workload` */
  readonly identity: string;
  readonly master: string;
  readonly out: string;
}
/** Throws USAGE, KEY_FILE_INVALID or INPUT_INVALID; no message holds a key. */
export function writeDerivedKey({ identity, master, out }: DerivedKeyOrder): void {
  writeSecret(out, derivedKeyFile(master, checkIdentity(identity, 'agent-key derive')));
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
