import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createHostsSimulator } from '../../fixtures/fleet/hosts/hosts-simulator.ts';
import { createManagerSimulator } from '../../fixtures/fleet/manager/manager-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { HostsSimulator, ManagerSimulator } from '../../fixtures/fleet/simulator.ts';
import { fleetProcess, HandClock } from '../support/fleet-processes.ts';
import { waitFor } from '../support/fleet-wait.ts';

const KEY = 'EXAMPLE%2BKEY%3D%3D';
const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
const SYSTEM = encodeURIComponent('본사-IDC');
const WAS01 = `was/servers/was01/nodes/vm-1/systems/${SYSTEM}`;
const STARTED = { status: 200, body: { actionResult: 'Y' } };
const REFUSED = { status: 200, body: { actionResult: 'N' } };

let clock: HandClock;
let processes: ProcessTable;
let manager: ManagerSimulator;
let hosts: HostsSimulator;

beforeEach(async () => {
  clock = new HandClock(NOW);
  processes = new ProcessTable();
  manager = createManagerSimulator({
    name: 'mgr',
    processes,
    clock,
    random: () => 0.5,
    serves: ['prod-eu', 'vms'],
    key: KEY,
    meterOf: () => ({ heapUsed: 512, heapMax: 1_024 }),
  });
  hosts = createHostsSimulator({
    name: 'vms',
    processes,
    clock,
    hosts: [
      {
        name: 'was-entry',
        node: 'vm-1',
        type: 'was',
        serverName: 'was01',
        environment: { LENA_JVM_HEAP_SIZE: '2048m' },
        runningSince: NOW - 86_400_000,
      },
    ],
  });
  await hosts.listen();
  await manager.listen();
  manager.addVmServer({
    serverId: 'was01',
    type: 'was',
    node: 'vm-1',
    system: '본사-IDC',
    ...hosts.endpoint('was-entry'),
    isStarted: true,
    serviceCluster: 'shop-was',
    machine: {
      start: (environment) => hosts.start('was-entry', environment),
      stop: () => hosts.stop('was-entry'),
      kill: () => hosts.crash('was-entry'),
    },
  });
});
afterEach(async () => {
  await manager.close();
  await hosts.close();
});

async function post(path: string, body: unknown, key = KEY, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${manager.url}/lena/rest/${path}/action?key=${key}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer };
}
async function read(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${manager.url}/lena/rest/${path}${path.includes('?') ? '&' : '?'}key=${KEY}`);
  return { status: response.status, text: await response.text() };
}
const status = async (): Promise<string | undefined> =>
  /"status":"([^"]+)"/.exec((await read('was/servers')).text)?.[1];
const probe = (): Promise<number | undefined> => {
  const { address, port } = hosts.endpoint('was-entry');
  return fetch(`http://${address}:${port}/`).then(
    (response) => response.status,
    () => undefined,
  );
};
const running = () => processes.all().map(({ process }) => process);

test('stops a server of a machine: its process ends, its port closes, its meter vanishes', async () => {
  assert.equal(await status(), 'Started');
  assert.equal((await read(`meters/${WAS01}`)).status, 200);
  assert.deepEqual(await post(WAS01, { action: 'stop' }), STARTED);
  assert.equal(await status(), 'Not working');
  clock.turn(2_000);
  assert.equal(await status(), 'Stopped');
  assert.equal((await read(`meters/${WAS01}`)).status, 404);
  assert.deepEqual(running(), []);
  await waitFor('the port to close', async () => (await probe()) === undefined);
  assert.match((await read('notification?interval=60')).text, /Server was01 of node vm-1 is stopped/);
});

test('starts it again as a new process with the default revision of its service cluster', async () => {
  manager.setServiceCluster({ name: 'shop-was', revisions: ['2', '10', '9'], default: '9' });
  const [before] = running();
  await post(WAS01, { action: 'stop' });
  clock.turn(2_000);
  assert.deepEqual(await post(WAS01, { action: 'start', force: false }), STARTED);
  assert.equal(await status(), 'Not working');
  clock.turn(4_000);
  assert.equal(await status(), 'Started');
  const [after] = running();
  assert.notEqual(after?.id, before?.id);
  assert.deepEqual(after?.environment, {
    LENA_JVM_HEAP_SIZE: '2048m',
    LENA_CONFIG_TEMPLATE_ID: 'shop-was:9',
  });
  await waitFor('the port to open', async () => (await probe()) === 200);
  assert.match((await read('notification?interval=60')).text, /is started.*is stopped/);
});

test('answers N to a server that is in that state already, and to one whose node agent is silent', async () => {
  assert.deepEqual(await post(WAS01, { action: 'start' }), REFUSED);
  await post(WAS01, { action: 'stop' });
  assert.deepEqual(await post(WAS01, { action: 'stop' }), REFUSED);
  assert.deepEqual(await post(WAS01, { action: 'start' }), REFUSED);
  clock.turn(2_000);
  assert.deepEqual(await post(WAS01, { action: 'stop' }), REFUSED);
  manager.addVmServer({
    serverId: 'web01',
    type: 'web',
    node: 'vm-2',
    system: 's',
    address: '10.20.0.12',
    port: 7180,
    isStarted: false,
  });
  assert.deepEqual(await post('web/servers/web01/nodes/vm-2/systems/s', { action: 'start' }), REFUSED);
});

test('force ends at once, also what does not stop', async () => {
  await post(WAS01, { action: 'stop' });
  assert.deepEqual(await post(WAS01, { action: 'stop', force: true }), STARTED);
  assert.equal(await status(), 'Stopped');
  assert.deepEqual(running(), []);
});

test('writes every try into the audit, without the key', async () => {
  await post(WAS01, { action: 'stop' });
  await post(WAS01, { action: 'stop' });
  const { text } = await read('admin/actionTraceLogList/20261121');
  assert.deepEqual(
    [...text.matchAll(/"status":"(\w+)"/g)].map(([, result]) => result),
    ['FAIL', 'SUCCESS'],
  );
  assert.match(text, /"action":"Stop server","method":"POST"/);
  assert.ok(text.includes(JSON.stringify(JSON.stringify({ action: 'stop', force: false }))));
  assert.match(text, /was01\/nodes\/vm-1/);
  assert.doesNotMatch(text, /EXAMPLE/);
});

test('refuses without the key, the right or the active role, and changes nothing then', async () => {
  const refusedWith = async (code: number, key = KEY) => {
    const answer = await post(WAS01, { action: 'stop' }, key);
    assert.equal(answer.status, code);
    assert.match(JSON.stringify(answer.body), new RegExp(`^{"error":".+","code":${code}}$`));
  };
  await refusedWith(401, '');
  await refusedWith(403, 'wrong');
  manager.setPermissions(['READ']);
  await refusedWith(403);
  assert.equal((await read('was/servers')).status, 200);
  manager.setPermissions(['EXECUTE']);
  assert.equal((await read('was/servers')).status, 403);
  manager.setPermissions(['READ', 'EXECUTE']);
  manager.setHaMode('STANDBY');
  await refusedWith(409);
  assert.equal(await status(), 'Started');
  manager.setHaMode('ACTIVE');
  assert.deepEqual(await post(WAS01, { action: 'stop' }), STARTED);
});

test('refuses what it does not know and what it does not understand', async () => {
  const code = async (...call: Parameters<typeof post>) => (await post(...call)).status;
  const stop = { action: 'stop' };
  assert.equal(await code('was/servers/was02/nodes/vm-1/systems/x', stop), 404);
  assert.equal(await code(`web/servers/was01/nodes/vm-1/systems/${SYSTEM}`, stop), 404);
  assert.equal(await code(`was/servers/was01/nodes/vm-2/systems/${SYSTEM}`, stop), 404);
  assert.equal(await code(WAS01, { action: 'restart' }), 400);
  assert.equal(await code(WAS01, { action: 'stop', force: 'yes' }), 400);
  assert.equal(await code(WAS01, { action: 'stop', wait: true }), 400);
  assert.equal(await code(WAS01, ['stop']), 400);
  assert.equal(await code(WAS01, '{"action":'), 400);
  assert.equal(await code(WAS01, 'action=stop', KEY, { 'content-type': 'text/plain' }), 400);
  assert.equal(await status(), 'Started');
});

test('a container is not acted on: it belongs to its orchestrator', async () => {
  const process = fleetProcess({ id: 'c', hostName: 'was-a', startedAt: NOW });
  processes.start(process);
  processes.setPhase('c', 'ready');
  clock.turn(15_000);
  assert.match((await read('was/container/servers')).text, /was-a/);
  assert.equal((await post('was/servers/was-a/nodes/was-a/systems/prod-eu', { action: 'stop' })).status, 404);
  assert.equal(processes.get('c')?.phase, 'ready');
});

test('an answer can be lost although the server was stopped', async () => {
  manager.loseAnswers(1);
  await assert.rejects(post(WAS01, { action: 'stop' }));
  clock.turn(2_000);
  assert.equal(await status(), 'Stopped');
  assert.deepEqual(await post(WAS01, { action: 'start' }), STARTED);
});

test('a version may lack the action although it lists servers', async () => {
  manager.setEndpoints(new Set(['servers']));
  const response = await fetch(`${manager.url}/lena/rest/${WAS01}/action?key=${KEY}`, { method: 'POST' });
  assert.equal(response.status, 404);
  assert.match(await response.text(), /HTTP Status 404/);
  assert.equal(await status(), 'Started');
});
