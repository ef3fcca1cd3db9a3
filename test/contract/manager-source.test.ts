import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ManagerSimulatorOptions } from '../../fixtures/fleet/manager/manager-simulator.ts';
import type { ManagerEndpoint } from '../../fixtures/fleet/simulator.ts';
import type { Source } from '../../src/domain/ports.ts';
import type { ManagerSourceOptions } from '../../src/sources/manager/manager-source.ts';
import { managerSource, startManager, wasProcess } from '../support/sources-manager.ts';
import { listenTiny } from '../support/sources-server.ts';
import { startSource } from '../support/sources-sink.ts';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** Runs a source until the test, or at last the file, ends. */
function follow(source: Source) {
  const run = startSource(source);
  closers.push(() => run.stop());
  return run;
}

async function start(
  simulated: Partial<ManagerSimulatorOptions> = {},
  options: Partial<ManagerSourceOptions> & { readonly wrongKey?: string } = {},
) {
  const manager = await startManager(simulated);
  closers.push(() => manager.simulator.close());
  const { wrongKey, ...rest } = options;
  const source = managerSource(
    { urls: [manager.simulator.url], key: wrongKey ?? manager.simulator.key },
    rest,
  );
  const run = follow(source);
  return { ...manager, ...run, source };
}
type Started = Awaited<ReturnType<typeof start>>;
const idsOf = ({ sink }: Pick<Started, 'sink'>) =>
  sink
    .all('registration')
    .map(({ ref }) => ref.id)
    .toSorted((a, b) => a.localeCompare(b));
const untilAll = (run: Started) => run.sink.until(() => idsOf(run).length === 3, 'three registrations');

test('lists registrations, versions, licences, meters, events and the default revision', async () => {
  const run = await start();
  await run.sink.untilState('live');
  await untilAll(run);
  assert.deepEqual(idsOf(run), ['container/was-1', 'container/was-2', 'system1/node1/vmwas']);
  const one = run.sink.all('registration').find(({ serverId }) => serverId === 'was-1');
  assert.equal(one?.hostName, 'was-1');
  assert.equal(one.address, '10.1.2.3');
  assert.equal(one.port, 8180);
  assert.equal(one.type, 'was');
  await run.sink.until(() => run.sink.all('templateDefault').length === 1, 'a default revision');
  assert.equal(run.sink.all('templateDefault')[0]?.revision, '2');
  await run.sink.until(
    () => run.sink.all('registration').some(({ jvm }) => jvm?.connectors !== undefined),
    'meters of the Manager',
  );
  const jvm = run.sink.all('registration').find(({ jvm: sample }) => sample !== undefined)?.jvm;
  assert.equal(jvm?.source, 'manager');
  assert.deepEqual(jvm.connectors, [{ name: 'threads', busy: 3, max: 200 }]);
  assert.equal(jvm.heap, undefined, 'units of heapUsed are not documented');
  await run.sink.until(() => (run.sink.all('managerRead')[0]?.count ?? 0) >= 2, 'two good reads');
  const [read] = run.sink.all('managerRead');
  assert.deepEqual(
    read?.covers.toSorted((a, b) => a.localeCompare(b)),
    ['embedded', 'session', 'was', 'web'],
  );
  assert.equal(read.recentAt.length, 2);
  assert.ok((read.recentAt[0] ?? 0) >= (read.recentAt[1] ?? 0));
  assert.equal(read.licence?.total, 10);
  assert.match(read.version ?? '', /^1\.3\.2\.10/);
  await run.sink.until(() => run.sink.all('event').length > 0, 'events');
  assert.equal(run.sink.lastFacts.capabilities?.['meters']?.state, 'found');
  assert.ok((await run.stop()) < 1_000);
});

test('sees a server register and a forgotten one go', async () => {
  const run = await start();
  await untilAll(run);
  run.simulator.forget('was-1');
  await run.sink.until(() => !idsOf(run).includes('container/was-1'), 'one gone');
  run.processes.start(wasProcess('was-9'));
  run.processes.setPhase('was-9', 'ready');
  await run.sink.until(() => idsOf(run).includes('container/was-9'), 'a new one');
});

test('the key leaves as it was given and shows nowhere', async () => {
  const key = 'a%2Bb%3D%2F';
  const seen: string[] = [];
  const server = await listenTiny((request, response) => {
    seen.push(request.url ?? '');
    response.writeHead(request.url?.includes('managerInfo') ? 200 : 500, {
      'content-type': 'application/json',
    });
    response.end('{"version":"1","error":"boom key=a%2Bb%3D%2F"}');
  });
  closers.push(() => server.close());
  const run = follow(managerSource({ urls: [server.url], key }));
  await run.sink.until(() => run.sink.errorCode === 'REMOTE_ERROR', 'an error');
  assert.ok(seen.some((url) => url.endsWith(`key=${key}`)));
  assert.ok(seen.filter((url) => url.includes('managerInfo')).every((url) => !url.includes('key')));
  assert.ok(!JSON.stringify([run.sink.statuses, run.sink.lastFacts]).includes(key));
  await run.stop();
});

test('a wrong key is denied with KEY_REFUSED; so is none', async () => {
  const wrong = await start({}, { wrongKey: 'nonsense' });
  await wrong.sink.untilState('denied');
  assert.equal(wrong.sink.errorCode, 'KEY_REFUSED');
  assert.equal(wrong.sink.lastFacts.capabilities?.['managerInfo']?.state, 'found');
  assert.equal(wrong.sink.lastFacts.capabilities?.['template']?.state, 'denied');
  assert.ok(!JSON.stringify(wrong.sink.statuses).includes('nonsense'));
  const none = await start({}, { key: async () => undefined });
  await none.sink.untilState('denied');
  assert.equal(none.sink.errorCode, 'KEY_REFUSED');
});

test('finds the interface at the root', async () => {
  const run = await start({ basePath: '' });
  await untilAll(run);
  await run.sink.untilState('live');
});

test('another base path must be given, and then is used', async () => {
  const lost = await start({ basePath: '/console' });
  await lost.sink.untilState('failed');
  assert.equal(lost.sink.errorCode, 'BASE_PATH_UNKNOWN');
  const found = await start({ basePath: '/console' }, { basePath: '/console' });
  await untilAll(found);
});

const endpoints = (...names: ManagerEndpoint[]): ReadonlySet<ManagerEndpoint> => new Set(names);

test('an absent call never breaks another', async () => {
  const run = await start();
  run.simulator.setEndpoints(endpoints('managerInfo', 'containers'));
  await run.sink.until(() => idsOf(run).length === 2, 'the containers only');
  await run.sink.until(
    () => run.sink.lastFacts.capabilities?.['meters']?.state === 'absent',
    'absent meters',
  );
  const states = Object.entries(run.sink.lastFacts.capabilities ?? {}).map(
    ([name, { state }]) => `${name} ${state}`,
  );
  for (const wanted of [
    'managerInfo found',
    'containers was found',
    'servers was absent',
    'licences absent',
  ]) {
    assert.ok(states.includes(wanted), `${wanted} in ${states.join(', ')}`);
  }
  await run.sink.untilState('live');
  assert.ok((run.sink.all('managerRead')[0]?.count ?? 0) > 0);
});

test('works without managerInfo, and with templates alone', async () => {
  const manager = await startManager();
  closers.push(() => manager.simulator.close());
  manager.simulator.setEndpoints(endpoints('containers', 'template'));
  const run = follow(managerSource({ urls: [manager.simulator.url], key: manager.simulator.key }));
  await run.sink.until(() => run.sink.all('registration').length === 2, 'containers');
  await run.stop();
  manager.simulator.setEndpoints(endpoints('template'));
  const bare = follow(managerSource({ urls: [manager.simulator.url], key: manager.simulator.key }));
  await bare.sink.until(() => bare.sink.all('templateDefault')[0]?.revision === '2', 'a default revision');
  assert.deepEqual(bare.sink.all('managerRead'), []);
  await bare.stop();
});

for (const [name, fault, code] of [
  ['a refused connection', { kind: 'refuse' }, /REFUSED|CONNECTION_LOST/],
  ['a reset', { kind: 'reset' }, /CONNECTION_LOST/],
  ['a hang', { kind: 'hang' }, /TIMEOUT/],
  ['a 500', { kind: 'status', status: 500 }, /REMOTE_ERROR/],
  ['a 429', { kind: 'status', status: 429 }, /THROTTLED/],
  ['a login page', { kind: 'html', status: 200 }, /UNEXPECTED_ANSWER/],
  ['a proxy page', { kind: 'html', status: 502 }, /REMOTE_ERROR/],
  ['garbage', { kind: 'garbage' }, /UNEXPECTED_ANSWER/],
] as const) {
  test(`after ${name} it is stale, then failed, keeps its rows, and comes back`, async () => {
    // Only what never answers is worth a short time: under load another answer may take its while.
    const run = await start({}, { timeoutMs: fault.kind === 'hang' ? 300 : 5_000 });
    await untilAll(run);
    const count = run.sink.all('managerRead')[0]?.count ?? 0;
    run.simulator.setFault(fault);
    const isStale = () => run.sink.lastStatus?.state === 'stale' && run.sink.errorCode !== undefined;
    await run.sink.until(isStale, 'stale with its reason');
    assert.match(run.sink.errorCode ?? '', code);
    await run.sink.untilState('failed');
    assert.match(run.sink.errorCode ?? '', code);
    assert.equal(idsOf(run).length, 3);
    run.simulator.setFault(undefined);
    await run.sink.untilState('live');
    await run.sink.until(() => (run.sink.all('managerRead')[0]?.count ?? 0) > count, 'a new good read');
    assert.equal(idsOf(run).length, 3);
    assert.ok((await run.stop()) < 1_000);
  });
}

for (const status of [401, 403]) {
  test(`a ${status} to everything is denied`, async () => {
    const run = await start();
    await untilAll(run);
    run.simulator.setFault({ kind: 'status', status });
    await run.sink.untilState('denied');
    assert.match(run.sink.errorCode ?? '', /KEY_REFUSED|UNAUTHORIZED|FORBIDDEN/);
    assert.equal(idsOf(run).length, 3);
  });
}

test('the key never follows a redirect', async () => {
  const other = await listenTiny((_request, response) => response.end('{}'));
  closers.push(() => other.close());
  const manager = await startManager();
  closers.push(() => manager.simulator.close());
  manager.simulator.setFault({ kind: 'redirect', location: `${other.url}/lena/rest?token=abc` });
  const run = follow(managerSource({ urls: [manager.simulator.url], key: manager.simulator.key }));
  await run.sink.untilState('failed');
  assert.equal(run.sink.errorCode, 'REDIRECTED');
  assert.deepEqual(other.requests, []);
  assert.ok(!JSON.stringify(run.sink.statuses).includes('abc'));
  assert.ok((await run.stop()) < 1_000);
});

test('stops within a second while requests hang', async () => {
  const run = await start({}, { timeoutMs: 10_000 });
  await untilAll(run);
  run.simulator.setFault({ kind: 'hang' });
  run.source.refresh?.();
  assert.ok((await run.stop()) < 1_000);
});

test('of two Managers it reads the active one, and changes over with it', async () => {
  const first = await startManager({ haMode: 'STANDBY' });
  const second = await startManager({ haMode: 'ACTIVE', key: first.simulator.key });
  closers.push(
    () => first.simulator.close(),
    () => second.simulator.close(),
  );
  const run = startSource(
    managerSource({ urls: [first.simulator.url, second.simulator.url], key: first.simulator.key }),
  );
  await run.sink.until(
    () => run.sink.lastFacts.target?.startsWith(second.simulator.url) ?? false,
    'the active one',
  );
  first.simulator.setHaMode('ACTIVE');
  second.simulator.setHaMode('STANDBY');
  await run.sink.until(
    () => run.sink.lastFacts.target?.startsWith(first.simulator.url) ?? false,
    'the change',
  );
  first.simulator.setFault({ kind: 'refuse' });
  await run.sink.until(
    () => run.sink.lastFacts.target?.startsWith(second.simulator.url) ?? false,
    'what is left',
  );
  await run.stop();
});

test('polls slowly until somebody looks', async () => {
  const watched: { now: boolean } = { now: false };
  const run = await start(
    {},
    {
      isLookedAt: () => watched.now,
      pauses: { lookedAtMs: 30, otherwiseMs: 60_000, templateMs: 60_000, templateOtherwiseMs: 60_000 },
    },
  );
  await run.sink.until(() => (run.sink.all('managerRead')[0]?.count ?? 0) === 1, 'the first read');
  watched.now = true;
  await run.sink.until(() => (run.sink.all('managerRead')[0]?.count ?? 0) >= 3, 'quick reads');
  assert.ok((await run.stop()) < 1_000);
});

test('a bad record is dropped and counted, names are cleaned, and nobody is called missing for it', async () => {
  const list = {
    containerList: [
      { serverId: 'was-\u001b[31m1', containerIp: '10.0.0.1', httpPort: '8180', extra: { deep: [1] } },
      { serverName: 'no id' },
      'garbage',
    ],
  };
  const server = await listenTiny((request, response) => {
    const url = request.url ?? '';
    const body = url.includes('managerInfo')
      ? { version: '9' }
      : url.includes('/was/container/servers')
        ? list
        : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'not here', code: 404 }));
  });
  closers.push(() => server.close());
  const run = follow(managerSource({ urls: [server.url], key: 'k' }));
  await run.sink.until(() => run.sink.lastFacts.counts?.['droppedRecords'] === 2, 'two dropped');
  assert.equal(run.sink.all('registration').length, 1);
  assert.equal(run.sink.all('registration')[0]?.port, 8180);
  assert.ok(!JSON.stringify(run.sink.all('registration')).includes('\\u001b'));
  assert.deepEqual(run.sink.all('managerRead')[0]?.covers, []);
  await run.stop();
});
