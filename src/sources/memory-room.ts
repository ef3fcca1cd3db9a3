import type { ContainerCommands } from './container-commands.ts';

const MAX_BYTES = 256;
/** Version 1 writes the highest multiple of a page where there is no limit. */
const NO_LIMIT_BYTES = 2 ** 60;
/** Limit and use of the container: cgroup version 2, then 1. */
const FILES = [
  { limit: '/sys/fs/cgroup/memory.max', used: '/sys/fs/cgroup/memory.current' },
  {
    limit: '/sys/fs/cgroup/memory/memory.limit_in_bytes',
    used: '/sys/fs/cgroup/memory/memory.usage_in_bytes',
  },
] as const;

/** Bytes free below the container's memory limit, or why that cannot be told. */
export type MemoryRoom =
  | { readonly kind: 'room'; readonly bytes: number }
  | { readonly kind: 'unknown'; readonly why: string };

export async function readMemoryRoom(commands: ContainerCommands, signal: AbortSignal): Promise<MemoryRoom> {
  for (const { limit, used } of FILES) {
    const limitText = await textOf(commands, limit, signal);
    if (limitText === undefined) continue;
    const limitBytes = bytesOf(limitText);
    if (limitText === 'max' || (limitBytes ?? 0) >= NO_LIMIT_BYTES)
      return { kind: 'unknown', why: 'the container has no memory limit to stay below' };
    const usedBytes = bytesOf((await textOf(commands, used, signal)) ?? '');
    if (limitBytes === undefined || usedBytes === undefined)
      return { kind: 'unknown', why: 'what the container uses of its memory limit cannot be read' };
    return { kind: 'room', bytes: Math.max(0, limitBytes - usedBytes) };
  }
  return { kind: 'unknown', why: 'the container’s memory limit cannot be read' };
}

async function textOf(
  commands: ContainerCommands,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const said = await commands.read(path, MAX_BYTES, signal);
  return said.kind === 'said' ? Buffer.from(said.bytes).toString('utf8').trim() : undefined;
}

const bytesOf = (text: string): number | undefined => (/^\d{1,20}$/.test(text) ? Number(text) : undefined);
