import { appError } from '../../domain/errors.ts';
import { type Ref, refKey } from '../../domain/ref.ts';
import type { DumpTools } from '../tools.ts';

/** What is being taken now, of all jobs of this process. */
const taking = new WeakMap<DumpTools['folder'], Set<string>>();

interface Hold {
  readonly server: Ref<'server'>;
  readonly name: string;
  /** One of these at a time for a server, e.g. `thread dump`. */
  readonly what: string;
}

/** Runs `work` unless one of its kind runs for the server: DUMP_BUSY then. */
export async function holding<T>(
  { folder }: DumpTools,
  { server, name, what }: Hold,
  work: () => Promise<T>,
): Promise<T> {
  const held = taking.get(folder) ?? new Set();
  taking.set(folder, held);
  const key = `${refKey(server)}\n${what}`;
  if (held.has(key)) throw appError('DUMP_BUSY', `a ${what} of ${name} is being taken already`);
  held.add(key);
  try {
    return await work();
  } finally {
    held.delete(key);
  }
}
