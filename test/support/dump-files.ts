import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DumpContent } from '../../src/diagnosis/thread-dump/dump-content.ts';
import { DumpReader, type ReadDumpOptions } from '../../src/diagnosis/thread-dump/read-dump.ts';
import type { DumpThread, ThreadDump } from '../../src/domain/thread-dump.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/dumps');

/** Bytes of a file in `fixtures/dumps`. */
export const dumpFile = (name: string): Buffer => readFileSync(path.join(FOLDER, name));

/** Reads bytes or text whole, in chunks of so many bytes. */
export function readWhole(
  input: string | Uint8Array,
  options: ReadDumpOptions & { readonly chunkBytes?: number } = {},
): DumpContent {
  const { chunkBytes = 65_536, ...reading } = options;
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  const reader = new DumpReader(reading);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.write(bytes.subarray(at, at + chunkBytes));
  return reader.end();
}
/** The thread dumps of a file. */
export function readThreads(
  input: string | Uint8Array,
  options: ReadDumpOptions & { readonly chunkBytes?: number } = {},
): readonly ThreadDump[] {
  const content = readWhole(input, options);
  if (content.kind !== 'threads') throw new Error(`it was read as ${content.kind}`);
  return content.dumps;
}
/** The only one. */
export function readOne(input: string | Uint8Array, options: ReadDumpOptions = {}): ThreadDump {
  const [dump, ...more] = readThreads(input, options);
  if (dump === undefined || more.length > 0) throw new Error(`${more.length + 1} dumps`);
  return dump;
}
export function threadOf(dump: ThreadDump, name: string): DumpThread {
  const found = dump.threads.find((thread) => thread.name === name);
  if (found === undefined) throw new Error(`no thread ${name}`);
  return found;
}
/** State → number of threads; `-` for those without one. */
export function countStates(threads: readonly DumpThread[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state = '-' } of threads) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
