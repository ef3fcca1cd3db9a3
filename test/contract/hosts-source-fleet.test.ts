import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createHostsSimulator } from '../../fixtures/fleet/hosts/hosts-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createHostsSource } from '../../src/sources/hosts/hosts-source.ts';
import { startSource } from '../support/sources-sink.ts';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

async function start() {
  const simulator = createHostsSimulator({
    name: 'vms',
    processes: new ProcessTable(),
    startMs: 10,
    stopMs: 10,
    hosts: [
      { name: 'was1', type: 'was', serverName: 'tomcat1', environment: {} },
      { name: 'session1', type: 'session', serverName: 'session1', environment: {}, protocol: 'tcp' },
    ],
  });
  await simulator.listen();
  closers.push(() => simulator.close());
  const { address, port } = simulator.endpoint('was1');
  const session = simulator.endpoint('session1');
  const source = createHostsSource({
    context: 'vms',
    servers: [
      { name: 'was1', address, type: 'was', port, health: '/' },
      { name: 'session1', address, type: 'session', port: session.port },
    ],
    clock: systemClock,
    random: Math.random,
    intervalMs: 80,
    timeoutMs: 300,
  });
  const run = startSource(source);
  closers.push(() => run.stop());
  const stateOf = (name: string) =>
    run.sink.all('instance').find((instance) => instance.name === name)?.state;
  const until = (name: string, state: string) =>
    run.sink.until(() => stateOf(name) === state, `${name} ${state}`);
  await until('was1', 'ready');
  await until('session1', 'ready');
  return { simulator, run, until };
}

test('follows a crash, a start and a health page that says 503', async () => {
  const { simulator, run, until } = await start();
  simulator.crash('was1');
  await until('was1', 'failed');
  simulator.start('was1');
  await until('was1', 'ready');
  simulator.setReady('was1', false);
  await until('was1', 'notReady');
  simulator.crash('session1');
  await until('session1', 'failed');
  assert.equal(run.sink.lastStatus?.state, 'live');
  assert.ok((await run.stop()) < 1_000);
});

for (const [name, fault, state] of [
  ['a refused connection', { kind: 'refuse' }, 'failed'],
  ['a reset', { kind: 'reset' }, 'failed'],
  ['a hang', { kind: 'hang' }, 'failed'],
  ['a 429', { kind: 'status', status: 429 }, 'notReady'],
  ['a proxy page', { kind: 'html', status: 502 }, 'notReady'],
  ['a slow answer', { kind: 'slow', delayMs: 50 }, 'ready'],
] as const) {
  test(`after ${name} the host is ${state} and comes back`, async () => {
    const { simulator, run, until } = await start();
    simulator.setFault(fault);
    await until('was1', state);
    simulator.setFault(undefined);
    await until('was1', 'ready');
    assert.ok((await run.stop()) < 1_000);
  });
}
