import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import { stepTitle } from '../../src/domain/plan.ts';
import { createHostsSource } from '../../src/sources/hosts/hosts-source.ts';
import { createManagerRemote } from '../../src/sources/manager/manager-remote.ts';
import { NORMAL } from '../support/acting.ts';
import { type Acting, type ActingOnOptions, startActingOn } from '../support/acting-on.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { inMode } from '../support/modes.ts';
import { managerSource, startManager, wasProcess } from '../support/sources-manager.ts';

const code = (wanted: string, words?: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof AppError);
  assert.equal(thrown.code, wanted, thrown.message);
  if (words !== undefined) assert.match(thrown.message, words);
  return true;
};

type Started = Awaited<ReturnType<typeof startManager>>;

/** A WAS of a machine whose node agent moves its process. */
function addMachine(
  { simulator, processes }: Started,
  machine: {
    readonly id: string;
    readonly node: string;
    readonly address: string;
    readonly isStarted: boolean;
  },
): void {
  const { id, node, address, isStarted } = machine;
  const start = () => {
    processes.start({ ...wasProcess(id), hostName: node, serverName: id, isContainer: false });
    processes.setPhase(id, 'ready');
  };
  const stop = () => processes.stop(id);
  if (isStarted) start();
  simulator.addVmServer({
    serverId: id,
    type: 'was',
    node,
    system: '본사 IDC',
    address,
    port: 8_180,
    isStarted,
    machine: { start, stop, kill: stop },
  });
}

/** A server of a hosts entry once the Manager's record of it is joined. */
const hostEntry = (acting: Acting) =>
  waitFor('the host is joined', () =>
    [...acting.lookup.all('server')].find(
      ({ name, manager }) => name === 'entry' && manager?.registered === true,
    ),
  );

async function actOnManager(context: TestContext, { mode = 'normal', ...gate }: ActingOnOptions = {}) {
  const started = await startManager();
  const { simulator } = started;
  context.after(() => simulator.close());
  addMachine(started, { id: 'was01', node: 'vm-1', address: '10.9.9.1', isStarted: true });
  addMachine(started, { id: 'was02', node: 'vm-2', address: '10.9.9.2', isStarted: false });
  addMachine(started, { id: 'was03', node: 'vm-3', address: '10.9.9.3', isStarted: true });
  const source = managerSource({ urls: [simulator.url], key: simulator.key }, { mode: inMode(mode) });
  const remote = () =>
    createManagerRemote({
      context: 'mgr',
      urls: [simulator.url],
      key: async () => new Secret(simulator.key),
      clock: systemClock,
      mode: inMode(mode),
    });
  const hosts = createHostsSource({
    context: 'vm',
    servers: [
      { name: 'vm-1', address: '127.0.0.1', type: 'was', port: 1 },
      // Joined by its address, probed on loopback.
      { name: 'entry', address: '10.9.9.3', type: 'was', port: 8_180, health: 'http://127.0.0.1:1/' },
    ],
    clock: systemClock,
    random: () => 0.5,
  });
  const acting = startActingOn(
    context,
    [
      { name: 'mgr', kind: 'manager', source, remote },
      { name: 'vm', kind: 'hosts', source: hosts },
    ],
    { mode, ...gate },
  );
  const posts = () =>
    simulator.requests
      .filter(({ method }) => method !== 'GET')
      .map(
        ({ method, path, status }) =>
          `${method} ${decodeURIComponent(path).replace(/^.*\/rest|\?.*$/g, '')} ${status}`,
      );
  const isRunning = (id: string) => started.processes.get(id) !== undefined;
  return { ...started, acting, posts, isRunning };
}
const ACTION_OF = (id: string) => `POST /was/servers/${id}/nodes/vm-1/systems/본사 IDC/action 200`;

test('stops a server of a machine, its name typed, and starts it again', async (context) => {
  const { acting, posts, isRunning } = await actOnManager(context);
  const { ref } = await acting.server('was01', 'ready');
  const prepared = await acting.prepare('stop', [ref]);
  assert.ok(prepared.verdict.state === 'allowed' && prepared.verdict.confirm === 'type-name');
  await assert.rejects(acting.run(prepared, { typedName: 'was02' }), code('CONSENT_MISSING'));
  assert.deepEqual(posts(), []);
  const job = await acting.act('stop', [ref]);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.equal(isRunning('was01'), false);
  await acting.server('was01', 'stopped');
  assert.equal((await acting.act('start', [ref])).state, 'done');
  assert.equal(isRunning('was01'), true);
  assert.deepEqual(posts(), [ACTION_OF('was01'), ACTION_OF('was01')]);
});

test('restarts by stopping, waiting for Stopped, starting and waiting for Started', async (context) => {
  const { acting, posts, isRunning } = await actOnManager(context);
  const { ref } = await acting.server('was01', 'ready');
  const prepared = await acting.prepare('restart', [ref]);
  assert.deepEqual(
    prepared.plan.targets[0]?.steps.map((step) =>
      step.type === 'call'
        ? JSON.stringify(step.call.request.system === 'manager' && step.call.request.body)
        : stepTitle(step).en,
    ),
    ['{"action":"stop"}', 'wait until was01 is Stopped', '{"action":"start"}', 'wait until was01 is Started'],
  );
  assert.ok(prepared.plan.warnings.some((warning) => warning.code === 'sessions-unknown'));
  assert.equal((await acting.run(prepared)).state, 'done');
  assert.deepEqual(posts(), [ACTION_OF('was01'), ACTION_OF('was01')]);
  assert.ok(isRunning('was01'));
});

test('refuses what is so already, without a request', async (context) => {
  const { acting, posts } = await actOnManager(context);
  const up = (await acting.server('was01', 'ready')).ref;
  const down = (await acting.server('was02', 'stopped')).ref;
  await assert.rejects(acting.prepare('start', [up]), code('ACTION_IMPOSSIBLE', /lists was01 as Started/));
  await assert.rejects(acting.prepare('stop', [down]), code('ACTION_IMPOSSIBLE', /lists was02 as Stopped/));
  await assert.rejects(acting.prepare('restart', [down]), code('ACTION_IMPOSSIBLE'));
  assert.deepEqual(posts(), []);
});

test('two operators: the second stop is answered N and told as not done', async (context) => {
  const { acting, processes } = await actOnManager(context);
  const { ref } = await acting.server('was01', 'ready');
  const second = await acting.prepare('stop', [ref]);
  assert.equal((await acting.act('stop', [ref])).state, 'done');
  const job = await acting.run(second);
  assert.equal(job.state, 'failed');
  assert.equal(job.targets[0]?.error?.code, 'ACTION_IMPOSSIBLE');
  assert.equal(processes.get('was01'), undefined);
});

test('containers and what no Manager has registered take neither start nor stop', async (context) => {
  const { acting } = await actOnManager(context);
  const container = await acting.server('was-1');
  const host = await acting.server('vm-1');
  for (const id of ['start', 'stop']) {
    const action = acting.action(id);
    assert.match(acting.executor.disabledReason(action, container.ref)?.en ?? '', /container/);
    assert.notEqual(acting.executor.disabledReason(action, host.ref), undefined);
  }
});

test('a host is acted on through the Manager that has it registered', async (context) => {
  const { acting, posts, isRunning } = await actOnManager(context);
  const { ref } = await hostEntry(acting);
  assert.equal(ref.context, 'vm');
  const prepared = await acting.prepare('stop', [ref]);
  assert.equal(prepared.plan.targets[0]?.context, 'mgr');
  assert.equal((await acting.run(prepared)).state, 'done');
  assert.deepEqual(posts(), ['POST /was/servers/was03/nodes/vm-3/systems/본사 IDC/action 200']);
  assert.equal(isRunning('was03'), false);
});

for (const strict of ['vm', 'mgr']) {
  test(`a host acted on through a Manager is under what ${strict} is under`, async (context) => {
    const isStrict = (name: string) => name === strict;
    const locked = await actOnManager(context, {
      modeOf: (name) => ({ mode: isStrict(name) ? 'readonly' : 'normal', origin: 'config.yaml' }),
    });
    const { ref } = await hostEntry(locked.acting);
    const { executor, action } = locked.acting;
    assert.match(
      executor.disabledReason(action('stop'), ref)?.en ?? '',
      new RegExp(`READ-ONLY mode in ${strict}`),
    );
    await assert.rejects(locked.acting.prepare('stop', [ref]), code('MODE_REFUSED'));

    const guarded = await actOnManager(context, { isProtected: isStrict });
    const { verdict } = await guarded.acting.prepare('restart', [(await hostEntry(guarded.acting)).ref]);
    assert.ok(verdict.state === 'allowed' && verdict.confirm === 'type-name');
    assert.match(JSON.stringify(verdict.because), new RegExp(`context ${strict} is protected`));

    const rules = [
      { contexts: [strict], actions: ['restart'], confirm: 'deny', origin: 'policy.yaml' },
    ] as const;
    const ruled = await actOnManager(context, { policy: { ...NORMAL, rules } });
    const entry = await hostEntry(ruled.acting);
    await assert.rejects(ruled.acting.prepare('restart', [entry.ref]), code('POLICY_REFUSED'));
    assert.deepEqual([...locked.posts(), ...guarded.posts(), ...ruled.posts()], []);
  });
}

test('a role that may not act is told as such', async (context) => {
  const { acting, simulator, isRunning } = await actOnManager(context);
  const { ref } = await acting.server('was01', 'ready');
  simulator.setPermissions(['READ']);
  const job = await acting.act('stop', [ref]);
  assert.equal(job.targets[0]?.error?.code, 'PERMISSION_DENIED');
  assert.ok(isRunning('was01'));
  assert.ok(!JSON.stringify([job, acting.executor.jobs()]).includes(simulator.key));
});

test('an answer that is lost is an unknown outcome, and nothing more is sent', async (context) => {
  const { acting, simulator, posts } = await actOnManager(context);
  const { ref } = await acting.server('was01', 'ready');
  simulator.loseAnswers(1);
  const job = await acting.act('restart', [ref]);
  assert.equal(job.state, 'unknown');
  assert.equal(posts().length, 1);
});

for (const mode of ['readonly', 'triage'] as const) {
  test(`in ${mode} nothing is posted`, async (context) => {
    const { acting, posts } = await actOnManager(context, { mode });
    const { ref } = await acting.server('was01', 'ready');
    for (const id of ['start', 'stop', 'restart'])
      await assert.rejects(acting.prepare(id, [ref]), code('MODE_REFUSED'));
    assert.deepEqual(posts(), []);
  });
}
