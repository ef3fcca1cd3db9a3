import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { createHostsSimulator } from '../../fixtures/fleet/hosts/hosts-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { HostsSimulator } from '../../fixtures/fleet/simulator.ts';
import { waitFor } from '../support/fleet-wait.ts';

const SINCE = Date.UTC(2026, 10, 20, 9, 0, 0);
let processes: ProcessTable;
let hosts: HostsSimulator;
beforeEach(async () => {
  processes = new ProcessTable();
  hosts = createHostsSimulator({
    name: 'vms',
    processes,
    startMs: 20,
    stopMs: 20,
    hosts: [
      {
        name: 'was1',
        type: 'was',
        serverName: 'was01',
        node: 'vm-was-01',
        address: '10.20.0.11',
        port: 8180,
        health: '/health',
        environment: {},
        runningSince: SINCE,
      },
      { name: 'session1', type: 'session', serverName: 'session01', protocol: 'tcp', environment: {} },
      { name: 'web1', type: 'web', serverName: 'web01', environment: {}, isRunning: false },
    ],
  });
  await hosts.listen();
});
afterEach(() => hosts.close());

const page = (name: string, path = '/health'): Promise<number | string> => {
  const { address, port } = hosts.endpoint(name);
  return fetch(`http://${address}:${port}${path}`).then(
    (response) => response.status,
    () => 'refused',
  );
};
const isAccepted = async (name: string): Promise<boolean> => {
  const { address, port } = hosts.endpoint(name);
  const socket = connect(port, address);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

test('a running server has a health page, and a process with what its own records show', async () => {
  assert.equal(await page('was1'), 200);
  assert.equal(await page('was1', '/other'), 404);
  const found = processes.all().find(({ process }) => process.hostName === 'vm-was-01');
  assert.equal(found?.phase, 'ready');
  assert.equal(found.process.address, '10.20.0.11');
  assert.equal(found.process.port, 8180);
  assert.equal(found.process.startedAt, SINCE);
  assert.equal(found.process.isContainer, false);
  assert.equal(await page('web1'), 'refused');
});

test('goes down and comes back on the same port as another process', async () => {
  const { port } = hosts.endpoint('was1');
  const before = processes.all()[0]?.process.id;
  hosts.stop('was1');
  await waitFor('the port to close', async () => (await page('was1')) === 'refused');
  await waitFor('the process to end', () => processes.get(before ?? '') === undefined);
  hosts.start('was1');
  await waitFor('the page', async () => (await page('was1')) === 200);
  assert.equal(hosts.endpoint('was1').port, port);
  const now = processes.all().find(({ process }) => process.hostName === 'vm-was-01');
  assert.notEqual(now?.process.id, before);
  hosts.crash('vm-was-01');
  assert.equal(await page('was1'), 'refused');
});

test('is slow, not ready or faulty when told', async () => {
  hosts.setReady('was1', false);
  assert.equal(await page('was1'), 503);
  hosts.setReady('was1', true);
  hosts.setDelay('was1', 120);
  const startedAt = performance.now();
  assert.equal(await page('was1'), 200);
  assert.ok(performance.now() - startedAt >= 100);
  hosts.setFault({ kind: 'status', status: 500 });
  assert.equal(await page('was1'), 500);
  hosts.setFault(undefined);
  hosts.setDelay('was1', undefined);
  assert.equal(await page('was1'), 200);
});

test('a server of another protocol accepts and says nothing', async () => {
  await waitFor('the port', () => isAccepted('session1'));
  hosts.crash('session1');
  assert.equal(await isAccepted('session1'), false);
});
