import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import type { ProbeReading } from '../../src/domain/probe-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { text } from '../../src/domain/text.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { selectRows } from '../../src/store/rows.ts';
import { jvmView } from '../../src/views/jvm.view.ts';
import { isOldSample } from '../../src/views/jvm-reading.ts';
import { serversView } from '../../src/views/servers.view.ts';
import { pageLines } from '../support/heard-servers.ts';
import {
  contextOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  MINUTE_MS,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const SETTINGS = { language: 'en', isUtc: true, levels: { middle: 0.6, high: 0.8 } } as const;

/** A WAS pod that sends `jvm`. */
const sending = (name: string, address: string, jvm: Partial<JvmSample>) => [
  putOf('instance', instanceOf(name, { addresses: [address] })),
  putOf('sender', senderOf(name, { sourceAddress: address, jvm: jvmSampleOf(jvm) })),
];
const heapOf = (percent: number) => ({
  heap: { usedBytes: percent * MIB, maxBytes: 100 * MIB, afterGcBytes: 30 * MIB },
});
const failedProbe = (name: string): ProbeReading => ({
  ref: refOf('probe', 'prod', `shop/${name}`),
  heartbeat: { at: NOW, perMinute: 0, rejected: 0, intervalMs: 2_000 },
  failure: {
    code: 'PERF_DATA_MISSING',
    message: 'no hsperfdata file in lena',
    hint: 'Start it with -XX:+UsePerfData.',
  },
});

function fleet() {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')]));
  store.apply([
    ...sending('calm', '10.42.0.11', { ...heapOf(40), fullGcs: 2, lastFullGc: { at: NOW - 5 * MINUTE_MS } }),
    ...sending('hot', '10.42.0.12', {
      ...heapOf(95),
      active: { total: 9, under3s: 6, under8s: 1, over8s: 2 },
      gcTimePercent: 30,
    }),
    putOf('instance', instanceOf('mute', { addresses: ['10.42.0.13'] })),
    putOf('instance', instanceOf('stopped', { addresses: ['10.42.0.14'], state: 'stopped' })),
    putOf('instance', instanceOf('distroless', { addresses: ['10.42.0.15'] })),
    putOf('probe', failedProbe('distroless')),
  ]);
  const context = createViewContext(store, NOW, SETTINGS);
  const table = store.state.getState().tables.server;
  const select = (filter: string, sort = { column: 'heap', isDescending: true }) =>
    selectRows({ table, view: jvmView, context, sort, filter });
  const rowOf = (name: string): Server => {
    const row = select('').rows.find((server) => server.name === name);
    assert.ok(row, name);
    return row;
  };
  const cell = (name: string, id: string, at = context) => {
    const column = jvmView.columns.find((one) => one.id === id);
    assert.ok(column, id);
    const row = rowOf(name);
    return column.text?.(row, at) ?? String(column.value(row, at));
  };
  return { context, select, rowOf, cell };
}

test('JVMs nobody hears stand below those that send, and say why in the place of the heap', () => {
  const { select, cell, context } = fleet();
  for (const isDescending of [true, false]) {
    const names = select('', { column: 'heap', isDescending }).rows.map(({ name }) => name);
    assert.deepEqual(new Set(names.slice(0, 2)), new Set(['hot', 'calm']));
  }
  assert.match(cell('hot', 'heap'), /95%$/);
  assert.equal(cell('mute', 'heap'), 'no datagrams');
  assert.equal(cell('stopped', 'heap'), 'stopped');
  assert.equal(cell('distroless', 'heap'), 'probe failed');
  assert.equal(cell('mute', 'heap', { ...context, language: 'ko' }), '수신 없음');
});

test('who fell silent, speaks of nothing or is being read says that instead', () => {
  const { rowOf, context } = fleet();
  const heapColumn = jvmView.columns.find(({ id }) => id === 'heap');
  const shown = (server: Server) => heapColumn?.text?.({ ...server, jvm: undefined }, context);
  const heard = (at: number) => ({
    ...rowOf('hot'),
    heartbeat: { at, perMinute: 0, rejected: 0, intervalMs: 2_000 },
  });
  assert.equal(shown(heard(NOW - 20 * MINUTE_MS)), 'silent 20m');
  assert.equal(shown(heard(NOW - 1_000)), 'no figures');
  const related = {
    ...context.related,
    get: () => ({ ...failedProbe('mute'), failure: undefined }) as never,
  };
  assert.equal(heapColumn?.text?.(rowOf('mute'), { ...context, related }), 'reading…');
});

test('the line below says how to hear a JVM, and what its probe ran into', () => {
  const { rowOf, context } = fleet();
  const noteOf = (name: string) => jvmView.note?.(rowOf(name), context)?.text ?? '';
  assert.match(noteOf('mute'), /^No datagram of it was ever heard → l9s doctor --server mute prints/);
  assert.match(noteOf('distroless'), /^PERF_DATA_MISSING: no hsperfdata file in lena → Start it with/);
});

test('JSON says how a JVM was read and why it could not be', () => {
  const { rowOf, context } = fleet();
  assert.deepEqual(jvmView.json(rowOf('distroless'), context)['probe'], {
    intervalMs: 2_000,
    failure: {
      code: 'PERF_DATA_MISSING',
      message: 'no hsperfdata file in lena',
      hint: 'Start it with -XX:+UsePerfData.',
    },
  });
  assert.equal(jvmView.json(rowOf('mute'), context)['probe'], undefined);
});

test('the page says how a JVM was read and why it could not be, in both languages', () => {
  const { rowOf, context } = fleet();
  const page = (name: string, language: 'en' | 'ko', jvm?: JvmSample) =>
    pageLines(jvmView.detail?.({ ...rowOf(name), jvm }, { ...context, language }) ?? []);
  const before = jvmSampleOf({ source: 'probe', at: NOW - 40_000 });
  const read = page('distroless', 'en', before);
  assert.equal(read.get('Error'), 'PERF_DATA_MISSING: no hsperfdata file in lena');
  assert.equal(read.get('Pause between'), '2 s');
  assert.equal(read.get('Last read'), 'n/a', 'of the reading, not of the row');
  assert.match(page('distroless', 'ko', before).get('오류') ?? '', /^PERF_DATA_MISSING/);
  assert.equal(page('distroless', 'en').get('Error'), undefined, 'said once, where the figures would be');
  assert.match(page('distroless', 'en').get('JVM') ?? '', /PERF_DATA_MISSING/);
  assert.equal(page('mute', 'en', before).get('Error'), undefined);
});

test('filters of operators: full collections lately, requests over 8 s, collection share', () => {
  const { select } = fleet();
  const names = (filter: string) => {
    const { rows, filterError } = select(filter);
    assert.equal(filterError, undefined, filter);
    return rows.map(({ name }) => name);
  };
  assert.deepEqual(names('heap>80%'), ['hot']);
  assert.deepEqual(names('fullgc<10m'), ['calm']);
  assert.deepEqual(names('fullgc<2m'), []);
  assert.deepEqual(names('fullgcs>1'), ['calm']);
  assert.deepEqual(names('gc>10'), ['hot']);
  assert.deepEqual(names('over8s>0'), ['hot']);
  assert.deepEqual(names('source=n/a').sort(), ['distroless', 'mute', 'stopped']);
  for (const favourite of jvmView.favourites ?? []) names(favourite);
});

test('a figure that is a reason of the health has its tone; overdue ones look old', () => {
  const { rowOf, cell, context } = fleet();
  const gc = jvmView.columns.find(({ id }) => id === 'gc');
  const hot = rowOf('hot');
  const withReason = (level: 'warn' | 'error'): Server => ({
    ...hot,
    health: { level, reasons: [{ code: 'gc-overhead', level, text: text('', ''), next: text('', '') }] },
  });
  assert.equal(gc?.tone?.(withReason('error'), context), 'bad');
  assert.equal(gc?.tone?.(withReason('warn'), context), 'warn');
  assert.equal(gc?.tone?.({ ...hot, health: { level: 'ok', reasons: [] } }, context), 'normal');
  assert.equal(cell('hot', 'active'), '6/1/2');
  const later = { ...context, now: NOW + 45_000 };
  for (const id of ['heap', 'aftergc', 'gc', 'busy', 'active', 'tps', 'meanms', 'pools'])
    assert.match(cell('hot', id, later), /~/, id);
  assert.match(cell('calm', 'fullgc', later), /^~5m$/);
});

test('figures are as old as they are: neither other datagrams nor a probe’s slower rhythm change that', () => {
  const { rowOf } = fleet();
  const hot = rowOf('hot');
  const heard = (jvm: JvmSample): Server => ({
    ...hot,
    jvm,
    heartbeat: { at: NOW, perMinute: 30, rejected: 0, intervalMs: 2_000 },
  });
  assert.equal(isOldSample(heard(jvmSampleOf({ at: NOW - 5_000 })), NOW), false);
  assert.equal(
    isOldSample(heard(jvmSampleOf({ at: NOW - 7_000 })), NOW),
    true,
    'it speaks, but not of its JVM',
  );
  assert.equal(isOldSample(heard(jvmSampleOf({ source: 'probe', at: NOW - 20_000 })), NOW), false);
  assert.equal(isOldSample(heard(jvmSampleOf({ source: 'probe', at: NOW - 61_000 })), NOW), true);
});

test('a web server is no JVM, whatever it sends', () => {
  const { rowOf, context } = fleet();
  const web: Server = {
    ...rowOf('hot'),
    type: 'web',
    jvm: { source: 'l9s', at: NOW, web: { activeThreads: 3 } },
  };
  assert.equal(jvmView.only?.(web, context), false);
  assert.equal(jvmView.only?.({ ...web, type: 'unknown', jvm: jvmSampleOf() }, context), true);
});

test('everything of a sample reaches JSON, with the unit in its name', () => {
  const { rowOf, context } = fleet();
  const jvm: Required<JvmSample> = {
    source: 'l9s',
    at: NOW,
    heap: { usedBytes: 1, committedBytes: 2, maxBytes: 3, afterGcBytes: 4 },
    nonHeap: { usedBytes: 5 },
    gcPerMinute: 6,
    gcTimePercent: 7,
    gcInterval: { coveredMs: 2_000, count: 1, timeMs: 12 },
    collectors: [{ name: 'G1 Young Generation', count: 8, timeMs: undefined }],
    pauses: { count: 3, p50Ms: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 },
    memoryPools: [{ name: 'G1 Old Gen', usedBytes: 9 }],
    fullGcs: 10,
    lastFullGc: { at: NOW, beforeBytes: 11, afterBytes: 12, maxBytes: 13, cause: 'System.gc()' },
    tps: 13,
    meanMs: 14,
    p95Ms: 15,
    errorPercent: 16,
    active: { total: 3, under3s: 1, under8s: 1, over8s: 1 },
    connectors: [{ name: 'http', busy: 1, max: undefined }],
    dataSources: [{ name: 'jdbc', active: 1, idle: 2, max: 3 }],
    threads: { live: 17 },
    cpu: { process: 0.5 },
    sessions: 18,
    classes: 19,
    fds: { open: 20, max: 21 },
    stalledMs: 0,
    unansweredMs: 24,
    web: { activeThreads: 22, workers: [{ name: 'was-0', state: 'OK', active: undefined }] },
    sessionStore: { sessions: 23, lost: { requests: 1 } },
    startedAt: NOW - MINUTE_MS,
  };
  const json: Record<string, unknown> = serversView.json({ ...rowOf('hot'), jvm }, context);
  const written = JSON.parse(JSON.stringify(json['jvm']));
  assert.deepEqual(new Set(Object.keys(written)), new Set(Object.keys(jvm)), 'no field is left out');
  assert.deepEqual(written, {
    ...JSON.parse(JSON.stringify(jvm)),
    lastFullGc: {
      at: '2026-01-15T05:00:00.000Z',
      beforeBytes: 11,
      afterBytes: 12,
      maxBytes: 13,
      cause: 'System.gc()',
    },
    at: '2026-01-15T05:00:00.000Z',
    startedAt: '2026-01-15T04:59:00.000Z',
  });
});
