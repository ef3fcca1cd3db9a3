import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { EcsSimulator } from '../../fixtures/fleet/simulator.ts';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createEcsRemote } from '../../src/sources/ecs/ecs-remote.ts';
import { SIGNAL, startExec } from '../support/ecs-exec.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { createTunnelProxy } from '../support/kube-source-tls.ts';
import { inMode } from '../support/modes.ts';
import { listenTiny } from '../support/sources-server.ts';
import { startTls } from '../support/sources-tls.ts';

const LIST_TMP = ['ls', '-1', '/tmp'];
/** Some hundred messages, none like another. */
const LONG = Array.from({ length: 20_000 }, (_, number) => `line ${number}`).join('\n');
const rejectsWith = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} | ${error.hint}`, words);
  return true;
};

test('runs a command on a terminal of the task and gives its lines back as it wrote them', async (context) => {
  const { run, simulator } = await startExec(context);
  const { output, outputBytes, hasEnded, exitCode } = await run(['cat', '/proc/87/status']);
  assert.match(output, /^Name:\tjava\n(?:.*\n)*Pid:\t87\n/);
  assert.equal(outputBytes.length, Buffer.byteLength(output));
  assert.equal(output.includes('\r'), false);
  assert.equal(hasEnded, true);
  assert.equal(exitCode, undefined);
  assert.deepEqual(simulator.execViolations, []);
});

for (const kind of ['noHandshake', 'shuffled'] as const) {
  test(`loses nothing of a long output where its messages are ${kind}`, async (context) => {
    const { run, fault, simulator } = await startExec(context, { in: 'normal', variables: { LONG } });
    fault({ kind });
    const { output, hasEnded } = await run(['printenv', 'LONG']);
    assert.equal(output, `${LONG}\n`);
    assert.equal(hasEnded, true);
    assert.deepEqual(simulator.execViolations, []);
  });
}

test('begins with the size of its terminal where nobody says anything before', async (context) => {
  const { run, fault, simulator } = await startExec(context);
  fault({ kind: 'waitsForSize' });
  assert.equal((await run(LIST_TMP)).hasEnded, true);
  assert.deepEqual(simulator.execViolations, []);
});

test('hands a stream over in its order, no faster than it is taken', async (context) => {
  const { remote, place, simulator } = await startExec(context, { in: 'normal', variables: { LONG } });
  const taken: string[] = [];
  let running = 0;
  const end = await remote.stream(
    { ...place, argv: ['printenv', 'LONG'] },
    async (bytes) => {
      assert.equal(++running, 1);
      await new Promise(setImmediate);
      taken.push(Buffer.from(bytes).toString('utf8'));
      running--;
    },
    SIGNAL,
  );
  assert.equal(taken.join(''), `${LONG}\n`);
  assert.deepEqual(end, { exitCode: undefined, hasEnded: true });
  assert.deepEqual(simulator.execViolations, []);
});

test('what the taker of a stream rejects with ends the command', async (context) => {
  const { remote, place, simulator } = await startExec(context, { in: 'normal', variables: { LONG } });
  const full = new Error('disk full');
  const streaming = remote.stream(
    { ...place, argv: ['printenv', 'LONG'] },
    async () => {
      throw full;
    },
    SIGNAL,
  );
  await assert.rejects(streaming, /disk full/);
  await waitFor('the channel to be closed', () => simulator.execSessions === 0);
});

test('says that a tool is not there, and cuts what is more than was asked for', async (context) => {
  const { run, fault, simulator } = await startExec(context, { in: 'normal', variables: { LONG } });
  const cut = await run(['printenv', 'LONG'], { maxBytes: 1_000 });
  assert.equal(cut.outputBytes.length, 1_000);
  assert.equal(cut.hasEnded, false);
  await waitFor('the channel to be closed', () => simulator.execSessions === 0);
  fault({ kind: 'noShell' });
  const missing = await run(LIST_TMP);
  assert.match(missing.notStarted ?? '', /Unable to start command: .*"ls": executable file not found/);
  assert.equal(missing.hasEnded, false);
  assert.deepEqual(simulator.execViolations, []);
});

test('an abort interrupts the command and closes its channel', async (context) => {
  const { run, simulator } = await startExec(context, { in: 'normal' });
  const ending = new AbortController();
  const running = run(['sleep', '600'], { signal: ending.signal });
  await waitFor('the command to run', () => simulator.execSessions === 1);
  ending.abort(new Error('the operator left'));
  await assert.rejects(running, /the operator left/);
  await waitFor('the channel to be closed', () => simulator.execSessions === 0);
  assert.deepEqual(simulator.execViolations, []);
});

test('a task that ends takes its command along, and nobody says that that ended', async (context) => {
  const { remote, place, simulator } = await startExec(context);
  const spoken = Promise.withResolvers<void>();
  const running = remote.stream(
    { ...place, argv: ['jstat', '-gc', '87', '2000', '30'] },
    () => spoken.resolve(),
    SIGNAL,
  );
  await spoken.promise;
  simulator.stopTask('prod', place.task, 'the test');
  assert.deepEqual(await running, { exitCode: undefined, hasEnded: false });
});

test('after its time is over gives what came, without saying that it ended', async (context) => {
  const { run, fault } = await startExec(context);
  fault({ kind: 'hang' });
  const { output, hasEnded } = await run(LIST_TMP, { timeoutMs: 700 });
  assert.equal(output, '');
  assert.equal(hasEnded, false);
  fault({ kind: 'mute' });
  await assert.rejects(run(LIST_TMP, { timeoutMs: 700 }), rejectsWith('TIMEOUT', /exec ls in prod\//));
});

test('a connection that is cut gives what came, without saying that it ended', async (context) => {
  const { run, fault } = await startExec(context, { in: 'normal', variables: { LONG } });
  fault({ kind: 'cut', afterBytes: 5_000 });
  const { output, hasEnded } = await run(['printenv', 'LONG']);
  assert.ok(output.length > 3_000 && output.length <= 5_000, String(output.length));
  assert.ok(LONG.startsWith(output));
  assert.equal(hasEnded, false);
});

test('says what lies, what is encrypted and what cannot begin', async (context) => {
  const { run, fault } = await startExec(context);
  fault({ kind: 'lying', about: 'hash' });
  await assert.rejects(run(LIST_TMP), rejectsWith('UNEXPECTED_ANSWER', /cannot be read: .*another hash/));
  fault({ kind: 'lying', about: 'length' });
  await assert.rejects(run(LIST_TMP), rejectsWith('UNEXPECTED_ANSWER', /cannot be read: .*1000000/));
  fault({ kind: 'kms' });
  await assert.rejects(run(LIST_TMP), rejectsWith('NO_TOOL', /KMS.*session-manager-plugin/));
  fault({ kind: 'broken', words: 'Plugin with name InteractiveCommands not found.\u001b[2J' });
  await assert.rejects(run(LIST_TMP), rejectsWith('REMOTE_ERROR', /InteractiveCommands not found\.␛\[2J/));
  fault({ kind: 'badToken' });
  await assert.rejects(run(LIST_TMP), rejectsWith('CONNECTION_LOST', /closed before it began \(1008/));
});

test('says exactly what a task lacks', async (context) => {
  const { run, remote, place, simulator, fault } = await startExec(context);
  assert.equal(await remote.execObstacle(place, SIGNAL), undefined);
  const why = async (changed: Partial<typeof place> = {}) =>
    (await remote.execObstacle({ ...place, ...changed }, SIGNAL))?.why.en;
  assert.equal(await why({ container: 'none' }), 'the task has no container none (lena-was)');
  assert.match((await why({ task: '0'.repeat(32) })) ?? '', /not there any more/);
  simulator.setExecAgent('prod', place.task, 'STOPPED', 'CannotStartAgent \u0007');
  assert.equal(await why(), 'the container’s ExecuteCommandAgent is STOPPED (CannotStartAgent ␇)');
  await assert.rejects(
    run(LIST_TMP),
    rejectsWith('ACTION_IMPOSSIBLE', /ExecuteCommandAgent is STOPPED.*ssmmessages:/),
  );
  simulator.setExecAgent('prod', place.task, 'RUNNING');
  fault({ kind: 'unconnected' });
  await assert.rejects(run(LIST_TMP), rejectsWith('ACTION_IMPOSSIBLE', /internal error.*ssmmessages:/));
  simulator.deny(['ExecuteCommand']);
  await assert.rejects(run(LIST_TMP), rejectsWith('PERMISSION_DENIED', /ecs:ExecuteCommand/));
});

test('says how to allow commands in a task that was started without', async (context) => {
  const { run, remote, place } = await startExec(context, { enableExecuteCommand: false });
  const obstacle = await remote.execObstacle(place, SIGNAL);
  assert.equal(obstacle?.why.en, 'the task was started without enableExecuteCommand');
  assert.match(obstacle?.next?.en ?? '', /new deployment/);
  await assert.rejects(
    run(LIST_TMP),
    rejectsWith(
      'ACTION_IMPOSSIBLE',
      /not enabled when the task was run.*without enableExecuteCommand.*new deployment/,
    ),
  );
});

test('sends no word that could be read in another way', async (context) => {
  const { run, simulator } = await startExec(context, { in: 'normal' });
  for (const argv of [
    ['sh', '-c', 'kill 1'],
    ['ls', '/tmp;reboot'],
    ['ls', '"x"'],
    ['ls', ''],
    ['', 'ls'],
    [],
    ['-c', 'ls'],
    ['ls', '$HOME'],
    ['ls', '#x'],
    ['ls', 'ä'],
  ]) {
    await assert.rejects(run(argv), rejectsWith('ACTION_IMPOSSIBLE', /cannot be one word/), argv.join(' '));
  }
  assert.equal(
    simulator.requests.some(({ path }) => path.startsWith('/ExecuteCommand')),
    false,
  );
});

test('in triage only the list runs, in readonly nothing', async (context) => {
  const triage = await startExec(context, { in: 'triage' });
  assert.equal((await triage.run(LIST_TMP)).hasEnded, true);
  for (const argv of [
    ['printenv', 'PATH'],
    ['ls', '/tmp'],
    ['cat', '/proc/1/environ'],
    ['jcmd', '1', 'VM.exit'],
  ]) {
    await assert.rejects(triage.run(argv), rejectsWith('TRANSPORT_LOCKED', /mode triage/), argv.join(' '));
  }
  const asked = triage.simulator.requests.filter(({ path }) => path.startsWith('/ExecuteCommand'));
  assert.equal(asked.length, 1);
  const readonly = await startExec(context, { in: 'readonly' });
  await assert.rejects(readonly.run(LIST_TMP), rejectsWith('TRANSPORT_LOCKED', /mode readonly/));
  await assert.rejects(
    readonly.run(['l9s', 'attach', '--stdio']),
    rejectsWith('TRANSPORT_LOCKED', /mode readonly/),
  );
  assert.equal(readonly.simulator.requests.length, 0);
});

/** TLS in front of a plain address of loopback. */
async function tlsBefore(context: TestContext, plain: string) {
  const front = await startTls(Number(new URL(plain).port));
  context.after(() => front.close());
  return front;
}

test('opens the channel over TLS, trusting whom the API is to be trusted by', async (context) => {
  let caFile = '';
  const reach = async (simulator: EcsSimulator) => {
    const front = await tlsBefore(context, simulator.execEndpoint);
    simulator.execEndpoint = front.url.replace('https:', 'wss:');
    caFile = front.caFile;
    return {};
  };
  const untrusting = await startExec(context, { reach });
  await assert.rejects(untrusting.run(LIST_TMP), rejectsWith('TLS_UNTRUSTED', /exec ls in/));
  const trusting = await startExec(context, {
    reach: async (simulator) => ({ ...(await reach(simulator)), environment: { AWS_CA_BUNDLE: caFile } }),
  });
  assert.equal((await trusting.run(LIST_TMP)).hasEnded, true);
});

test('takes no channel without TLS from an API that has it', async (context) => {
  const { run, simulator } = await startExec(context, {
    async reach({ endpoint }) {
      const front = await tlsBefore(context, endpoint);
      return { endpoint: front.url, environment: { AWS_CA_BUNDLE: front.caFile } };
    },
  });
  await assert.rejects(run(LIST_TMP), rejectsWith('UNEXPECTED_ANSWER', /no wss:\/\/ URL/));
  assert.equal(simulator.execSessions, 0);
});

test('an API that does not answer is given up when the time is over', async (context) => {
  const { run, simulator } = await startExec(context);
  simulator.setFault({ kind: 'hang' });
  await assert.rejects(run(LIST_TMP, { timeoutMs: 400 }), rejectsWith('TIMEOUT', /exec ls in prod/));
  const ending = new AbortController();
  const running = run(LIST_TMP, { signal: ending.signal });
  ending.abort(new Error('the operator left'));
  await assert.rejects(running, /the operator left/);
});

test('a channel nobody answers is given up when the time is over', async (context) => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const sockets = new Set<Socket>();
  silent.on('connection', (socket) => sockets.add(socket));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { run, simulator } = await startExec(context);
  const address = silent.address();
  assert.ok(typeof address === 'object' && address !== null);
  simulator.execEndpoint = `ws://127.0.0.1:${address.port}`;
  await assert.rejects(run(LIST_TMP, { timeoutMs: 600 }), rejectsWith('TIMEOUT', /exec ls in prod/));
});

test('the channel goes through the proxy of the environment', async (context) => {
  const proxy = await createTunnelProxy();
  context.after(() => proxy.close());
  const { run, simulator } = await startExec(context, {
    reach: async ({ endpoint }) => ({
      environment: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: new URL(endpoint).host },
    }),
  });
  assert.equal((await run(LIST_TMP)).hasEnded, true);
  assert.deepEqual(proxy.tunnels, [new URL(simulator.execEndpoint).host]);
});

/** An ECS that gives whatever session it is told to. */
async function giving(context: TestContext, session: unknown) {
  const ecs = await listenTiny((request, response) => {
    request.resume();
    request.on('end', () => response.end(JSON.stringify({ session })));
  });
  context.after(() => ecs.close());
  const remote = await createEcsRemote({
    context: 'seoul',
    region: 'ap-northeast-2',
    endpoint: ecs.url,
    clock: systemClock,
    random: () => 0.5,
    environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
    mode: inMode('triage'),
  });
  context.after(() => remote.close());
  return remote.exec(
    { cluster: 'c', task: 't', container: 'c', argv: LIST_TMP, timeoutMs: 5_000, maxBytes: 100 },
    SIGNAL,
  );
}

test('a session without a usable address is no session, and its token is never shown', async (context) => {
  const token = 'AAEAAtokenthatopensashell';
  const url = 'wss://ssm.example.test/v1';
  for (const session of [
    undefined,
    {},
    'x',
    { streamUrl: url },
    { tokenValue: token },
    { streamUrl: 'nowhere', tokenValue: token },
    { streamUrl: `https://ssm.example.test/?token=${token}`, tokenValue: token },
    { streamUrl: `wss://user:${token}@ssm.example.test/`, tokenValue: token },
  ]) {
    await assert.rejects(giving(context, session), (error: unknown) => {
      rejectsWith('UNEXPECTED_ANSWER', /exec ls in c\/t \(c\): /)(error);
      assert.equal(JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(token), false);
      return true;
    });
  }
});
