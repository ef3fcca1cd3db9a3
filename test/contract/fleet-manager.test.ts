import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { createManagerSimulator } from '../../fixtures/fleet/manager/manager-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import type { ManagerSimulator } from '../../fixtures/fleet/simulator.ts';
import { fleetProcess, HandClock } from '../support/fleet-processes.ts';
import { waitFor } from '../support/fleet-wait.ts';

const KEY = 'EXAMPLE%2BKEY%3D%3D';
const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
let clock: HandClock;
let processes: ProcessTable;
let manager: ManagerSimulator;

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
    licences: [{ serverType: 'was', total: 10, startsAt: NOW - 86_400_000, endsAt: NOW + 30 * 86_400_000 }],
    meterOf: ({ type }) => (type === 'was' ? { heapUsed: 512, heapMax: 1_024 } : undefined),
  });
  await manager.listen();
});
afterEach(() => manager.close());

const get = (path: string, key: string | undefined = KEY, method = 'GET'): Promise<Response> =>
  fetch(`${manager.url}${path}${path.includes('?') ? '&' : '?'}${key === undefined ? '' : `key=${key}`}`, {
    method,
  });
async function read(path: string): Promise<unknown> {
  const response = await get(`/lena/rest${path}`);
  assert.equal(response.status, 200, path);
  return response.json();
}
const start = (own: Parameters<typeof fleetProcess>[0]): void => {
  const process = fleetProcess({ startedAt: clock.now(), ...own });
  processes.start(process);
  processes.setPhase(process.id, 'ready');
};
const listed = async (type = 'was'): Promise<unknown> => read(`/${type}/container/servers`);

test('answers its login page, and tells who it is without a key', async () => {
  const login = await fetch(`${manager.url}/lena`);
  assert.equal(login.status, 200);
  assert.match(login.headers.get('content-type') ?? '', /text\/html/);
  const info = await fetch(`${manager.url}/lena/rest/public/managerInfo`);
  assert.deepEqual(await info.json(), {
    version: '1.3.2.10',
    patchVersion: '1.3.2.10.0',
    status: 'Started',
    haMode: 'SINGLE',
  });
});

test('compares the key as it stands in the URL', async () => {
  assert.equal((await get('/lena/rest/systems')).status, 200);
  const twice = await get('/lena/rest/systems', encodeURIComponent(KEY));
  assert.equal(twice.status, 403);
  assert.deepEqual(await twice.json(), { error: 'The key is not valid', code: 403 });
  assert.equal((await fetch(`${manager.url}/lena/rest/systems`)).status, 401);
  assert.equal(
    manager.requests.some(({ path }) => path.includes(KEY)),
    false,
  );
});

test('refuses wrong paths and methods as Tomcat does, and missing parameters as the interface does', async () => {
  const unknown = await get('/lena/rest/none');
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /HTTP Status 404 – Not Found/);
  assert.equal((await get('/rest/systems')).status, 404);
  const wrong = await get('/lena/rest/systems', KEY, 'DELETE');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get('allow'), 'GET');
  const bare = await get('/lena/rest/notification');
  assert.equal(bare.status, 400);
  assert.equal(
    (await get('/lena/rest/analysis/event?eventType=oom&startDate=20261301&endDate=20261121')).status,
    400,
  );
  const action = '/lena/rest/was/servers/was01/nodes/n/systems/s/action';
  assert.equal((await get(action, KEY, 'POST')).status, 400);
  assert.equal((await get(action)).status, 405);
});

test('registers containers by its scheduler and lets them go after their end', async () => {
  start({ id: 'a', hostName: 'was-a' });
  start({ id: 'b', hostName: 'other', context: 'elsewhere' });
  start({ id: 'c', hostName: 'plain', type: 'tomcat' });
  assert.deepEqual(await listed(), { containerList: [] });
  clock.turn(15_000);
  assert.deepEqual(await listed(), {
    containerList: [
      { serverId: 'was-a', serverName: 'lena-was-7c9d-abcde', containerIp: '10.244.1.7', httpPort: 8180 },
    ],
  });
  assert.deepEqual(await listed('web'), { containerList: [] });
  processes.stop('a');
  clock.turn(29_000);
  assert.match(JSON.stringify(await listed()), /was-a/);
  clock.turn(2_000);
  assert.deepEqual(await listed(), { containerList: [] });
});

test('a forgotten container does not come back by itself, a new one of its name does', async () => {
  start({ id: 'a', hostName: 'was-a' });
  clock.turn(15_000);
  manager.forget('was-a');
  processes.setPhase('a', 'starting');
  processes.setPhase('a', 'ready');
  clock.turn(60_000);
  assert.deepEqual(await listed(), { containerList: [] });
  processes.stop('a');
  start({ id: 'a2', hostName: 'was-a' });
  clock.turn(15_000);
  assert.match(JSON.stringify(await listed()), /was-a/);
});

test('a Manager that is down registers nothing, and catches up on the same port', async () => {
  const { url } = manager;
  manager.setFault({ kind: 'refuse' });
  start({ id: 'a', hostName: 'was-a' });
  clock.turn(15_000);
  await assert.rejects(fetch(`${url}/lena`));
  manager.setFault(undefined);
  const before = await waitFor('the listener', () => listed().catch(() => undefined));
  assert.deepEqual(before, { containerList: [] });
  clock.turn(15_000);
  assert.match(JSON.stringify(await listed()), /was-a/);
});

test('lists servers of machines with the status of their processes', async () => {
  const vm = { serverId: 'was01', type: 'was', node: 'vm-1', system: '본사-IDC', port: 8180 } as const;
  manager.addVmServer({ ...vm, address: '10.20.0.11', isStarted: true });
  start({ id: 'v', context: 'vms', hostName: 'vm-1', serverName: 'was01', isContainer: false });
  const server = {
    serverId: 'was01',
    serverName: 'was01',
    nodeName: 'vm-1',
    systemName: '본사-IDC',
    ip: '10.20.0.11',
    httpPort: 8180,
  };
  assert.deepEqual(await read('/was/servers'), { serverList: [{ ...server, status: 'Started' }] });
  assert.deepEqual(await read('/session/servers'), { serverList: [] });
  assert.deepEqual(await read('/systems'), { systemList: [{ systemName: '본사-IDC' }] });
  const meter = `/was/servers/was01/nodes/vm-1/systems/${encodeURIComponent('본사-IDC')}`;
  assert.deepEqual(await read(`/meters${meter}`), { heapUsed: 512, heapMax: 1_024 });
  assert.equal((await get(`/lena/meters${meter}`)).status, 200);
  processes.stop('v');
  assert.deepEqual(await read('/was/servers'), { serverList: [{ ...server, status: 'Stopped' }] });
  assert.equal((await get(`/lena/rest/meters${meter}`)).status, 404);
});

test('gives templates as zips whose files differ between revisions, and failures as pages', async () => {
  manager.setServiceCluster({ name: 'shop-was', revisions: ['9', '10', '2'] });
  const download = async (id: string): Promise<ReadonlyMap<string, string>> => {
    const response = await get(`/lena/rest/template/download/container/${id}`);
    assert.equal(response.headers.get('content-type'), 'application/zip');
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    return new Map(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
  };
  const latest = await download('shop-was');
  assert.equal(latest.get('lena-template.ver'), 'shop-was:10\n');
  const old = await download('shop-was%3A2');
  assert.match(latest.get('bin/setenv.sh') ?? '', /JAVA_OPTS/);
  assert.match(latest.get('conf/datasource.xml') ?? '', /jdbc\/shop-was/);
  assert.notEqual(latest.get('conf/server.xml'), old.get('conf/server.xml'));
  assert.ok(old.has('conf/rewrite.config') && !latest.has('conf/rewrite.config'));
  manager.setServiceCluster({ name: 'shop-was', revisions: ['2', '9'], default: '2' });
  assert.equal((await download('shop-was')).get('lena-template.ver'), 'shop-was:2\n');
  for (const [id, key] of [
    ['none', KEY],
    ['shop-was:77', KEY],
    ['shop-was', 'wrong'],
  ] as const) {
    const failed = await get(`/lena/rest/template/download/container/${id}`, key);
    assert.match(failed.headers.get('content-type') ?? '', /text\/html/);
  }
  const today = await read('/admin/actionTraceLogList/20261121');
  assert.match(JSON.stringify(today), /Download template/);
  assert.deepEqual(await read('/admin/actionTraceLogList?startDate=20261121&endDate=20261121'), today);
});

test('tells what happened, and how many licences are in use', async () => {
  start({ id: 'a', hostName: 'was-a' });
  clock.turn(15_000);
  manager.report({ type: 'oom', level: 'CRITICAL', serverId: 'was-a', message: 'Java heap space' });
  const events = await read('/analysis/event?eventType=oom&startDate=20261121&endDate=20261121');
  assert.match(JSON.stringify(events), /"eventType":"oom".*Java heap space/);
  assert.match(JSON.stringify(await read('/analysis/event/2')), /Java heap space/);
  const recent = await read('/notification?interval=60');
  assert.match(JSON.stringify(recent), /Java heap space.*is registered/);
  assert.deepEqual(await read(`/notification?dateTime=${clock.now() + 1}&limit=5`), { notificationList: [] });
  assert.deepEqual(await read('/licenses'), {
    licenseList: [{ serverType: 'was', total: 10, used: 1, startDate: '20261120', endDate: '20261221' }],
  });
});

test('an older version lacks endpoints; another has no base path and is the standby', async () => {
  manager.setEndpoints(new Set(['managerInfo', 'containers']));
  assert.equal((await get('/lena/rest/was/servers')).status, 404);
  assert.match(await (await get('/lena/rest/licenses')).text(), /Apache Tomcat/);
  assert.deepEqual(await listed(), { containerList: [] });
  const other = createManagerSimulator({
    name: 'b',
    processes,
    clock,
    serves: [],
    basePath: '',
    haMode: 'STANDBY',
  });
  await other.listen();
  try {
    const info: unknown = await (await fetch(`${other.url}/rest/public/managerInfo`)).json();
    assert.match(JSON.stringify(info), /"haMode":"STANDBY"/);
    assert.equal((await fetch(`${other.url}/`)).status, 200);
    assert.equal((await fetch(`${other.url}/rest/nodes?key=${other.key}`)).status, 200);
  } finally {
    await other.close();
  }
});

test('obeys its faults', async () => {
  manager.setFault({ kind: 'html', status: 200 });
  assert.match(await (await get('/lena/rest/systems')).text(), /Sign in/);
  manager.setFault({ kind: 'redirect', location: 'http://127.0.0.1:1/' });
  const redirect = await fetch(`${manager.url}/lena/rest/systems?key=${KEY}`, { redirect: 'manual' });
  assert.equal(redirect.status, 302);
  manager.setFault({ kind: 'hang' });
  await assert.rejects(fetch(`${manager.url}/lena`, { signal: AbortSignal.timeout(50) }), {
    name: 'TimeoutError',
  });
  manager.setFault({ kind: 'reset' });
  await assert.rejects(fetch(`${manager.url}/lena`));
});
