import type { DumpTarget } from './dump-way.ts';
import type { Entities } from './entities.ts';
import type { Kind } from './kind.ts';
import type { Facts } from './plan.ts';
import type { Ref } from './ref.ts';
import type { Server } from './server.ts';

interface Rows {
  get<K extends Kind>(ref: Ref<K>): Entities[K] | undefined;
}

/**
 * A row with what the ways need to reach it. Who sends its datagrams is handed on to them unread: a way binds by the
 * address that dials in.
 */
export function dumpTargetOf(server: Server, rows: Rows): DumpTarget {
  const { instance, sender } = server.records;
  return {
    server,
    instance: instance === undefined ? undefined : rows.get(instance),
    sender: sender === undefined ? undefined : rows.get(sender),
  };
}

/** How the JVM was when last heard of; written beside the dump, never decided by. */
export function figuresOf(server: Server | undefined): Facts {
  const jvm = server?.jvm;
  if (jvm === undefined) return {};
  const known: Readonly<Record<string, number | undefined>> = {
    heapUsedBytes: jvm.heap?.usedBytes,
    heapMaxBytes: jvm.heap?.maxBytes,
    gcTimePercent: jvm.gcTimePercent,
    threads: jvm.threads?.live,
    blockedThreads: jvm.threads?.blocked,
    activeRequests: jvm.active?.total,
    cpu: jvm.cpu?.process,
  };
  const told = Object.entries(known).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return told.length === 0 ? {} : { ...Object.fromEntries(told), heardAt: jvm.at };
}
