import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from '../../src/diagnosis/doctor.ts';
import { readReceiver } from '../../src/diagnosis/receiver-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { ContextView } from '../../src/domain/source-status.ts';
import { contextsView } from '../../src/views/contexts.view.ts';
import { serversView } from '../../src/views/servers.view.ts';
import { heardServers, pageLines } from '../support/heard-servers.ts';
import { l9sDatagram, lenaCounters, lenaDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;
const DAY_MS = 86_400_000;

test('what a receiver refuses, and whose clock is off, is told with name and reason', async (t) => {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  const [was, boot, odd] = [await harness.socket(), await harness.socket(), await harness.socket()];
  await harness.send(was, lenaDatagram(lenaCounters()));
  await harness.send(was, lenaDatagram(lenaCounters()).subarray(0, 20));
  await harness.send(was, 'JAVA');
  await harness.send(boot, l9sDatagram({ id: 'boot-1', at: START + DAY_MS, seq: 1 }));
  await harness.send(boot, '{"l9s": 1, "type": "jvm"}');
  await harness.send(odd, 'hello world');
  await harness.send(odd, '');
  harness.flush();
  const counts = await harness.counts();
  assert.equal(counts['rejected'], 3);
  assert.equal(counts['unknownForm'], 2);

  assert.deepEqual(readReceiver(harness.facts).others, [], 'every count it gives has words');

  const { servers, context } = heardServers(harness);
  const view: ContextView = {
    ref: refOf('context', 'udp', 'udp'),
    name: 'udp',
    kind: 'udp',
    isProtected: false,
    status: { state: 'live', lastGoodAt: START },
    facts: harness.facts,
    servers: servers.length,
  };
  const checks = checksOf(view, harness.clock.now(), harness.senders.values());
  const detailOf = (name: string) => checks.find(({ check }) => check === name)?.detail ?? '';
  assert.match(detailOf('rejected'), /^3 datagrams; .*lena: .*; sent by vm\/tomcat1 \(2\), boot-1 \(1\)$/);
  assert.match(detailOf('sender clocks'), /^boot-1 24 h ahead$/);
  assert.equal(checks.find(({ check }) => check === 'receive buffer')?.context, 'udp');

  const page = pageLines(contextsView.detail?.(view, context) ?? []);
  assert.match(page.get('Rejected') ?? '', /^3: /);
  assert.match(page.get('Of a form not known here') ?? '', /^2/);
  assert.equal(page.get('of them'), 'vm/tomcat1 (2), boot-1 (1)');
  assert.match(page.get('Clocks off') ?? '', /^boot-1 24 h ahead of ours/);

  const [tomcat] = servers.filter(({ name }) => name === 'vm/tomcat1');
  assert.ok(tomcat);
  const own = pageLines(serversView.detail?.(tomcat, context) ?? []);
  assert.match(own.get('Rejected') ?? '', /^2: lena: cut \(2\)$/);
  const heartbeat: unknown = serversView.json(tomcat, context)['heartbeat'];
  assert.match(JSON.stringify(heartbeat), /"rejected":2,"rejectReasons":\[\{"reason":"lena: /);
});
