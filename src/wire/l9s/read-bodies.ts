import type { L9sEvent, L9sHead, L9sJvm, L9sLevel, L9sNode, L9sSession, L9sWeb } from './datagram.ts';
import type { FieldChecker, Fields } from './field-checker.ts';
import {
  readAmount,
  readCollector,
  readConnector,
  readCpu,
  readDataSource,
  readHeap,
  readMemory,
  readPause,
  readPool,
  readWorker,
} from './read-groups.ts';

const MESSAGE_LENGTH = 4_096;
const DETAILS = 64;
const LEVELS: readonly L9sLevel[] = ['INFO', 'WARNING', 'ERROR', 'CRITICAL'];

function readThreads(check: FieldChecker, value: unknown): L9sJvm['threads'] {
  const fields = check.fields(value, 'threads');
  return (
    fields && {
      live: check.amount(fields['live'], 'threads.live'),
      peak: check.amount(fields['peak'], 'threads.peak'),
      daemon: check.amount(fields['daemon'], 'threads.daemon'),
      blocked: check.amount(fields['blocked'], 'threads.blocked'),
      stuck: check.amount(fields['stuck'], 'threads.stuck'),
    }
  );
}
function readTransactions(check: FieldChecker, value: unknown): L9sJvm['tx'] {
  const fields = check.fields(value, 'tx');
  return (
    fields && {
      perSec: check.amount(fields['perSec'], 'tx.perSec'),
      avgMs: check.amount(fields['avgMs'], 'tx.avgMs'),
      p95Ms: check.amount(fields['p95Ms'], 'tx.p95Ms'),
      active: check.amount(fields['active'], 'tx.active'),
      errors: check.amount(fields['errors'], 'tx.errors'),
    }
  );
}
function readFiles(check: FieldChecker, value: unknown): L9sJvm['fds'] {
  const fields = check.fields(value, 'fds');
  return (
    fields && { open: check.amount(fields['open'], 'fds.open'), max: check.amount(fields['max'], 'fds.max') }
  );
}

/** The head is written out: spreading it here costs more than all the rest of a datagram. */
export function readJvm(check: FieldChecker, head: L9sHead, fields: Fields): L9sJvm {
  return {
    l9s: 1,
    type: 'jvm',
    id: head.id,
    serverType: head.serverType,
    serviceCluster: head.serviceCluster,
    revision: head.revision,
    at: head.at,
    seq: head.seq,
    upMs: head.upMs,
    heap: readHeap(check, fields['heap']),
    nonHeap: readMemory(check, fields['nonHeap'], 'nonHeap'),
    pools: check.list(fields['pools'], { name: 'pools', longest: 64 }, (item) => readPool(check, item)),
    gc: check.list(fields['gc'], { name: 'gc', longest: 32 }, (item) => readCollector(check, item)),
    pauses: check.list(fields['pauses'], { name: 'pauses', longest: 512 }, (item) => readPause(check, item)),
    threads: readThreads(check, fields['threads']),
    connectors: check.list(fields['connectors'], { name: 'connectors', longest: 256 }, (item) =>
      readConnector(check, item),
    ),
    dataSources: check.list(fields['dataSources'], { name: 'dataSources', longest: 256 }, (item) =>
      readDataSource(check, item),
    ),
    cpu: readCpu(check, fields['cpu']),
    tx: readTransactions(check, fields['tx']),
    classes: check.amount(fields['classes'], 'classes'),
    fds: readFiles(check, fields['fds']),
    sessions: check.amount(fields['sessions'], 'sessions'),
    stalledMs: check.amount(fields['stalledMs'], 'stalledMs'),
    unansweredMs: check.amount(fields['unansweredMs'], 'unansweredMs'),
  };
}

export function readWeb(check: FieldChecker, head: L9sHead, fields: Fields): L9sWeb {
  const threads = check.fields(fields['threads'], 'threads');
  return {
    ...head,
    type: 'web',
    threads: threads && {
      active: check.amount(threads['active'], 'threads.active'),
      idle: check.amount(threads['idle'], 'threads.idle'),
      max: check.amount(threads['max'], 'threads.max'),
    },
    cpu: readCpu(check, fields['cpu']),
    access: check.amount(fields['access'], 'access'),
    trafficBytes: check.amount(fields['trafficBytes'], 'trafficBytes'),
    workers: check.list(fields['workers'], { name: 'workers', longest: 256 }, (item) =>
      readWorker(check, item),
    ),
  };
}

export function readSession(check: FieldChecker, head: L9sHead, fields: Fields): L9sSession {
  const sessions = check.fields(fields['sessions'], 'sessions');
  const mirror = check.fields(fields['mirror'], 'mirror');
  const lost = check.fields(fields['lost'], 'lost');
  return {
    ...head,
    type: 'session',
    heap: readHeap(check, fields['heap']),
    sessions: sessions && {
      count: check.amount(sessions['count'], 'sessions.count'),
      max: check.amount(sessions['max'], 'sessions.max'),
      expired: check.amount(sessions['expired'], 'sessions.expired'),
    },
    mirror: mirror && {
      address: check.text(mirror['address'], 'mirror.address', 256),
      connected: check.flag(mirror['connected'], 'mirror.connected'),
    },
    lost: lost && {
      recv: check.amount(lost['recv'], 'lost.recv'),
      req: check.amount(lost['req'], 'lost.req'),
      resp: check.amount(lost['resp'], 'lost.resp'),
    },
  };
}

export function readNode(check: FieldChecker, head: L9sHead, fields: Fields): L9sNode {
  return {
    ...head,
    type: 'node',
    cpu: readCpu(check, fields['cpu']),
    memory: readAmount(check, fields['memory'], 'memory'),
    disk: readAmount(check, fields['disk'], 'disk'),
  };
}

/** Numbers, flags and texts of the detail; what is nested is left out. */
function readDetail(check: FieldChecker, value: unknown): L9sEvent['detail'] {
  const fields = check.fields(value, 'detail');
  if (fields === undefined) return undefined;
  const kept: [string, string | number | boolean][] = [];
  for (const [name, item] of Object.entries(fields)) {
    if (kept.length >= DETAILS) break;
    if (typeof item === 'number' || typeof item === 'boolean') kept.push([name.slice(0, 128), item]);
    if (typeof item === 'string') kept.push([name.slice(0, 128), item.slice(0, MESSAGE_LENGTH)]);
  }
  return Object.fromEntries(kept);
}

export function readEvent(check: FieldChecker, head: L9sHead, fields: Fields): L9sEvent {
  const wanted = check.requiredText(fields['level'], 'level', 16).toUpperCase();
  const level = LEVELS.find((name) => name === wanted);
  if (level === undefined) check.failure ??= 'level: not a level';
  return {
    ...head,
    type: 'event',
    event: check.requiredText(fields['event'], 'event', 64),
    level: level ?? 'INFO',
    message: check.text(fields['message'], 'message', MESSAGE_LENGTH) ?? '',
    detail: readDetail(check, fields['detail']),
  };
}
