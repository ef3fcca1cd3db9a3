import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Agent, fetch } from 'undici';
import { startFleet } from '../../fixtures/fleet/start-fleet.ts';
import { readCommand } from '../../fixtures/fleet/world/command.ts';
import type { Fleet } from '../../fixtures/fleet/world/fleet.ts';
import { USER } from '../../fixtures/fleet/world/kube-users.ts';
import { readTemplateLine } from '../../src/diagnosis/entrypoint-log.ts';
import { TLS_HANDSHAKE } from '../../src/wire/dump-channel/tls.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { decodeLenaGreeting } from '../../src/wire/lena/tcp/greeting.ts';
import { type OpenExec, openExec } from '../support/fleet-exec.ts';
import { HandClock, START_AT } from '../support/fleet-processes.ts';
import { waitFor } from '../support/fleet-wait.ts';

const processOf = (fleet: Fleet, workload: string) => {
  const found = fleet.processes
    .all()
    .find(({ process }) => `${process.context}/${process.workload ?? process.hostName}` === workload);
  assert.ok(found !== undefined, workload);
  return found.process;
};
const troublesOf = (fleet: Fleet, workload: string) =>
  (fleet.jvms.advance(processOf(fleet, workload).id)?.read().troubles ?? []).map(({ scenario }) => scenario);

test('while life happens some servers suffer, elsewhere nobody does until he is made to', async () => {
  const clock = new HandClock(START_AT);
  const lively = await startFleet({ size: 'small', seed: 1, clock });
  const calm = await startFleet({ size: 'small', seed: 1, script: false, clock });
  try {
    assert.deepEqual(troublesOf(lively, 'prod-eu/shop'), ['deadlock']);
    assert.deepEqual(troublesOf(lively, 'prod-eu/ledger'), ['lockDeadlock', 'busyLoop']);
    assert.deepEqual(troublesOf(lively, 'prod-eu/lena-was'), []);
    for (const { process } of calm.processes.all()) {
      assert.deepEqual(calm.jvms.advance(process.id)?.read().troubles ?? [], [], process.hostName);
    }
    const { hostName } = processOf(calm, 'prod-eu/lena-was');
    assert.equal(calm.setScenario('nobody', 'slowPage'), false);
    assert.equal(calm.setScenario(processOf(calm, 'prod-eu/static-docs').hostName, 'slowPage'), false);
    assert.equal(calm.setScenario(hostName, 'slowPage', 60_000), true);
    clock.turn(40_000);
    assert.deepEqual(troublesOf(calm, 'prod-eu/lena-was'), ['slowPage']);
    const busy = calm.jvms.advance(processOf(calm, 'prod-eu/lena-was').id)?.read().connectors[0]?.busy;
    assert.equal(busy, 200);
    clock.turn(30_000);
    assert.deepEqual(troublesOf(calm, 'prod-eu/lena-was'), []);
    assert.ok(calm.trigger('deadlock', 'prod-eu/lena-was'));
  } finally {
    await Promise.all([lively.close(), calm.close()]);
  }
});

test('commands make a server suffer and its connection lie', () => {
  const scenario = { type: 'scenario', on: 'was-1', scenario: 'lockConvoy', forMs: 1_000 };
  assert.deepEqual(readCommand(scenario), scenario);
  assert.equal(readCommand({ ...scenario, scenario: 'flood' }), undefined);
  const fault = { type: 'channelFault', on: 'was-1', fault: { kind: 'slow', pieceBytes: 10, pauseMs: 5 } };
  assert.deepEqual(readCommand(fault), fault);
  assert.equal(readCommand({ ...fault, fault: { kind: 'slow' } }), undefined);
});

describe('servers of the small fleet that dial in', () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ size: 'small', seed: 1, script: false, channel: { redialMs: 20 } });
  });
  after(() => fleet.close());

  /** First bytes of each connection and whence it came. */
  async function callers(context: TestContext) {
    const heard: { readonly from: string; bytes: Buffer }[] = [];
    const server = createServer((socket) => {
      const entry = { from: socket.remoteAddress ?? '', bytes: Buffer.alloc(0) };
      heard.push(entry);
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        entry.bytes = Buffer.concat([entry.bytes, bytes]);
      });
      context.after(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const address = server.address();
    return { heard, port: typeof address === 'object' && address !== null ? address.port : 0 };
  }

  test('do so only where they are told to, from their pods’ own addresses', async (context) => {
    const { heard, port } = await callers(context);
    fleet.sendTo('127.0.0.1', port);
    assert.equal(fleet.reverse.counts.connections, 0);
    fleet.sendTo('127.0.0.1', port, true);
    const { dialers } = fleet.reverse.counts;
    assert.ok(dialers >= 9, `${dialers}`);
    await waitFor('all of them', () => heard.filter(({ bytes }) => bytes.length >= 8).length >= dialers);
    const was = processOf(fleet, 'prod-eu/shop');
    assert.match(was.address, /^127\./);
    const own = heard.filter(({ from }) => from === was.address);
    assert.deepEqual(
      own.map(({ bytes }) => decodeLenaGreeting(bytes)),
      [objHashOf(`/${was.hostName}/${was.serverName}/`)],
    );
    const ledger = processOf(fleet, 'prod-eu/ledger');
    const agents = heard.filter(({ bytes }) => TLS_HANDSHAKE.every((byte, index) => bytes[index] === byte));
    assert.ok(agents.some(({ from }) => from === ledger.address));
    assert.equal(fleet.setChannelFault(ledger.hostName, { kind: 'halfOpen' }), true);
    assert.equal(fleet.setChannelFault('nobody', undefined), false);
    fleet.reverse.hangUp();
  });

  test('wrote into their start’s log which template came', async (context) => {
    const dispatchers: Agent[] = [];
    context.after(() => Promise.all(dispatchers.map((one) => one.destroy())));
    const started = async (contextName: string, workload: string) => {
      const kube = fleet.kube.get(contextName);
      assert.ok(kube !== undefined);
      const dispatcher = new Agent({ connect: { ca: kube.caPem } });
      dispatchers.push(dispatcher);
      const { namespace, hostName } = processOf(fleet, `${contextName}/${workload}`);
      const answer = await fetch(`${kube.url}/api/v1/namespaces/${namespace}/pods/${hostName}/log`, {
        headers: { authorization: `Bearer ${kube.credentials(USER).token}` },
        dispatcher,
      });
      const lines = (await answer.text()).split('\n');
      return lines.map(readTemplateLine).find((line) => line !== undefined);
    };
    // The environment names none: the Manager's default of that moment.
    assert.deepEqual(await started('prod-eu', 'lena-was'), {
      serviceCluster: 'shop-was',
      revision: '3',
      hasFailed: false,
    });
    assert.equal((await started('prod-eu', 'cart-embedded'))?.revision, '2');
    assert.deepEqual(await started('lab', 'lena-was'), { hasFailed: true });
  });

  test('are in the list of the session pair they are told of', async (context) => {
    const simulator = fleet.kube.get('prod-eu');
    assert.ok(simulator !== undefined);
    for (const pod of ['lena-session-0', 'lena-session-1']) {
      const command = ['/usr/local/lena/servers/sessionServer/console.sh', 'was_list'];
      const ran: OpenExec = await (
        await openExec(context, { simulator }, { pod, command, as: USER })
      ).ended();
      const hosts = [...ran.text(1).matchAll(/hostname=([^,}]+)/g)].map(([, host = '']) => host);
      const workloads = new Set(hosts.map((host) => host.split('-').slice(0, 2).join('-')));
      assert.deepEqual([...workloads].sort(byText), ['cart-embedded', 'lena-was']);
      assert.equal(hosts.length, 5);
    }
  });
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
