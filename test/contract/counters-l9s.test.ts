import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cellText } from '../../src/views/any-view.ts';
import { jvmView } from '../../src/views/jvm.view.ts';
import { serversView } from '../../src/views/servers.view.ts';
import { sessionsView } from '../../src/views/sessions.view.ts';
import { webView } from '../../src/views/web.view.ts';
import type { L9sDatagram } from '../../src/wire/l9s/datagram.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { heardServers, pageLines } from '../support/heard-servers.ts';
import { l9sHead } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;
const MIB = 1_048_576;
const GAP_MS = 2_000;

/** Sends two datagrams of one server, two seconds apart, and gives its row as a view shows it. */
async function heard(t: TestContext, view: typeof jvmView, bodies: readonly [L9sDatagram, L9sDatagram]) {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  const socket = await harness.socket();
  for (const [index, body] of bodies.entries()) {
    harness.clock.moveTo(START + index * GAP_MS);
    const datagram = { ...body, at: harness.clock.now(), seq: index, upMs: 60_000 + index * GAP_MS };
    await harness.send(socket, encodeL9sDatagram(datagram));
  }
  harness.flush();
  const { servers, context } = heardServers(harness);
  const [server] = servers;
  assert.ok(server !== undefined && servers.length === 1);
  const shownIn = [sessionsView, webView, jvmView].filter(({ only }) => only?.(server, context) ?? true);
  return {
    shownIn: shownIn.map(({ id }) => id),
    cell(id: string) {
      const column = view.columns.find((one) => one.id === id);
      assert.ok(column, id);
      return cellText(column, server, context);
    },
    page: pageLines(serversView.detail?.(server, context) ?? []),
    json: JSON.parse(JSON.stringify(serversView.json(server, context))),
  };
}

test('a session server: sessions, mirror, losses and heap in row, page and JSON', async (t) => {
  const body: L9sDatagram = {
    ...l9sHead({ id: 'session-0', serverType: 'session' }),
    type: 'session',
    heap: { used: 100 * MIB, committed: 200 * MIB, max: 400 * MIB },
    sessions: { count: 48_120, max: 2_000_000, expired: 77 },
    mirror: { address: '10.0.0.9:5180', connected: false },
    lost: { recv: 1, req: 2, resp: 3 },
  };
  const { cell, page, json, shownIn } = await heard(t, sessionsView, [body, body]);
  assert.deepEqual(shownIn, ['sessions', 'jvm']);
  assert.match(cell('heap'), /25%$/);
  assert.equal(cell('sessions'), '48 120/2 000 000');
  assert.equal(cell('expired'), '77');
  assert.equal(cell('mirror'), '✖ lost');
  assert.equal(cell('peer'), '10.0.0.9:5180');
  assert.equal(cell('lost'), '6');
  assert.equal(page.get('Sessions held'), '48 120 of 2 000 000 (2.4%)');
  assert.equal(page.get('Mirror'), '10.0.0.9:5180, not connected');
  assert.equal(page.get('Messages lost'), '1 received, 2 requests, 3 responses');
  assert.deepEqual(json.jvm.sessionStore, {
    sessions: 48_120,
    maxSessions: 2_000_000,
    expired: 77,
    mirrorAddress: '10.0.0.9:5180',
    isMirrorConnected: false,
    lost: { received: 1, requests: 2, responses: 3 },
  });
});

test('a web server: threads, rates and back ends in row, page and JSON', async (t) => {
  const bodyOf = (access: number, trafficBytes: number): L9sDatagram => ({
    ...l9sHead({ id: 'web-0', serverType: 'web' }),
    type: 'web',
    threads: { active: 90, idle: 10, max: 100 },
    cpu: { process: 0.25, system: 0.5 },
    access,
    trafficBytes,
    workers: [
      { name: 'was-1', state: 'OK', active: 40, idle: 5, max: 50, errors: 0 },
      { name: 'was-2', state: 'ERR/REC', active: 0, idle: 0, max: 50, errors: 9 },
    ],
  });
  const { cell, page, json, shownIn } = await heard(t, webView, [bodyOf(1_000, 0), bodyOf(1_050, 4 * MIB)]);
  assert.deepEqual(shownIn, ['web'], 'it is no JVM');
  assert.match(cell('threads'), /90\/100$/);
  assert.equal(cell('busy'), '90%');
  assert.equal(cell('idle'), '10');
  assert.equal(cell('rps'), '25');
  assert.equal(cell('traffic'), '2 MiB');
  assert.equal(cell('workers'), '1/2');
  assert.equal(cell('down'), '1');
  assert.equal(cell('cpu'), '25%');
  assert.equal(page.get('Threads'), '90 active of 100 (90%), 10 idle');
  assert.equal(page.get('Requests'), '25 requests/s; 1 050 since its start');
  assert.equal(page.get('Traffic'), '2 MiB/s; 4 MiB since its start');
  assert.equal(page.get('Back ends down'), '1/2');
  assert.equal(page.get('state of was-2'), 'ERR/REC');
  assert.equal(page.get('errors of was-2'), '9');
  assert.equal(json.jvm.web.requestsPerSecond, 25);
  assert.equal(json.jvm.web.workers.length, 2);
  assert.deepEqual(json.jvm.web.workers[1], {
    name: 'was-2',
    state: 'ERR/REC',
    active: 0,
    idle: 0,
    max: 50,
    errors: 9,
  });
});

test('a JVM of another kind: pools, collectors, pauses, threads, descriptors and classes reach JSON and columns', async (t) => {
  const bodyOf = (count: number): L9sDatagram => ({
    ...l9sHead(),
    type: 'jvm',
    heap: { used: 100 * MIB, committed: 200 * MIB, max: 400 * MIB },
    nonHeap: { used: 50 * MIB },
    pools: [{ name: 'G1 Old Gen', used: 60 * MIB, max: 400 * MIB }],
    gc: [{ name: 'G1 Young Generation', count, timeMs: count * 10 }],
    pauses: [{ name: 'G1 Young Generation', cause: 'G1 Evacuation Pause', at: START, pauseMs: 12 }],
    threads: { live: 55, peak: 60, daemon: 40, blocked: 1, stuck: 0 },
    cpu: { process: 0.3, system: 0.6 },
    tx: { perSec: 8, avgMs: 20, p95Ms: 45, active: 2, errors: 3 },
    classes: 9_000,
    fds: { open: 120, max: 1_024 },
    sessions: 5,
  });
  const { cell, page, json } = await heard(t, jvmView, [bodyOf(3), bodyOf(4)]);
  assert.equal(cell('threads'), '55');
  assert.equal(cell('classes'), '9 000');
  assert.equal(cell('fds'), '120/1024');
  assert.equal(cell('p95ms'), '45');
  assert.equal(cell('pausep99'), '12');
  assert.equal(cell('nonheap'), '50 MiB');
  assert.equal(page.get('tx.errors'), '3 requests — that failed');
  assert.deepEqual(json.counters['tx.errors'], { value: 3, unit: 'requests' });
  assert.deepEqual(json.jvm.memoryPools, [{ name: 'G1 Old Gen', usedBytes: 60 * MIB, maxBytes: 400 * MIB }]);
  assert.deepEqual(json.jvm.collectors, [{ name: 'G1 Young Generation', count: 4, timeMs: 40 }]);
  assert.deepEqual(json.jvm.gcInterval, { coveredMs: GAP_MS, count: 1, timeMs: 10 });
  assert.deepEqual(json.jvm.fds, { open: 120, max: 1_024 });
  assert.equal(json.heartbeat.codec, 'l9s');
  assert.equal(json.heartbeat.intervalMs, GAP_MS);
});
