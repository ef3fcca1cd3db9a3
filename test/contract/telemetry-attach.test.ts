import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { createAttachSource } from '../../src/sources/telemetry/relay/attach-source.ts';
import { createPodTransport } from '../../src/sources/telemetry/relay/pod-transport.ts';
import type { RelayTransport } from '../../src/sources/telemetry/relay/relay-transport.ts';
import { createSocketTransport } from '../../src/sources/telemetry/relay/socket-transport.ts';
import { createSshTransport } from '../../src/sources/telemetry/relay/ssh-transport.ts';
import { clusterOf, startCollectorPod } from '../support/collector-pod.ts';
import { openRemote } from '../support/kube-remote.ts';
import { inMode } from '../support/modes.ts';
import {
  freePort,
  l9sDatagram,
  openSender,
  ownerHello,
  privateDirectory,
  RelaySink,
  startNeighbour,
} from '../support/relay-stage.ts';

/** A receiver on this host with one sender, and where it hands on. */
async function startOwner(context: TestContext) {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const owner = startNeighbour(context, port, { relay: { serveIn } });
  await owner.sink.untilState('live');
  const send = await openSender(context, port);
  send(l9sDatagram({ id: 'host1/was1', seq: 1, at: Date.now(), upMs: 60_000 }));
  await owner.sink.until(() => owner.sink.names().length === 1, 'the sender');
  return { owner, send, port, file: path.join(serveIn.path, `udp-${port}.sock`) };
}

interface AttachSettings {
  readonly silentMs?: number;
}
function attach(context: TestContext, transport: RelayTransport, settings: AttachSettings = {}) {
  const sink = new RelaySink();
  const abort = new AbortController();
  const source = createAttachSource({
    context: 'far',
    transport,
    clock: systemClock,
    random: () => 0,
    ...settings,
  });
  const run = source.run(sink, abort.signal);
  const stop = async () => {
    abort.abort();
    await run;
  };
  context.after(stop);
  const errorOf = () => {
    const status = sink.lastStatus;
    return status !== undefined && 'error' in status ? status.error : undefined;
  };
  return { sink, stop, errorOf };
}

/** A pod whose l9s finds what the variables say. */
async function startPod(
  context: TestContext,
  {
    env,
    as = 'admin',
    mode = 'normal',
  }: { readonly env: Record<string, string>; readonly as?: string; readonly mode?: Mode },
) {
  const simulator = await startCollectorPod(context, env);
  const remote = await openRemote(context, {
    server: simulator.url,
    cluster: clusterOf(simulator),
    user: { token: simulator.credentials(as).token },
    mode: inMode(mode),
  });
  const transport = createPodTransport({
    namespace: 'lena',
    pod: 'l9s-collector-0',
    container: undefined,
    openRemote: () => Promise.resolve(remote),
  });
  return { simulator, transport, remote };
}

for (const mode of ['normal', 'triage', 'readonly'] as const)
  test(`through pod exec the rows of a collector show, in mode ${mode} too`, async (context) => {
    const { owner, send, file } = await startOwner(context);
    const { transport } = await startPod(context, { env: { L9S_ATTACH_SOCKET: file }, mode });
    const far = attach(context, transport);
    await far.sink.untilState('live');
    const [sender] = far.sink.all('sender');
    const shown = (one: unknown) => JSON.parse(JSON.stringify(one));
    assert.deepEqual(
      shown({ ...sender, ref: undefined }),
      shown({ ...owner.sink.all('sender')[0], ref: undefined }),
    );
    assert.equal(sender?.ref.context, 'far');
    send(l9sDatagram({ id: 'host2/was2', seq: 1, at: Date.now(), upMs: 1 }));
    await far.sink.until(() => far.sink.names().length === 2, 'the newcomer');
    await far.sink.until(() => far.sink.lastFacts.target !== undefined, 'facts');
    assert.match(
      far.sink.lastFacts.target ?? '',
      /^udp 127\.0\.0\.1:\d+ via pod lena\/l9s-collector-0 \(console pid \d+\)$/,
    );
  });

test('what keeps a pod from being attached to is told as it is', async (context) => {
  const { file } = await startOwner(context);
  const cases: readonly (readonly [Record<string, string>, string, string, RegExp])[] = [
    [{}, 'admin', 'ATTACH_FAILED', /exit code 1: l9s: ATTACH_FAILED: nobody hands on datagrams here/],
    [{ L9S_ATTACH_OUTPUT: 'Welcome to the jungle\n' }, 'admin', 'ATTACH_FAILED', /exit code 1/],
    [
      { L9S_ATTACH_OUTPUT: '{"l9sRelay":9,"type":"hello"}\n' },
      'admin',
      'ATTACH_VERSION',
      /speaks version 9 of the stream, this one version 1/,
    ],
    [{ L9S_ATTACH_OUTPUT: 'x'.repeat(70_000) }, 'admin', 'ATTACH_FAILED', /no stream of l9s/],
    [{ L9S_ATTACH_OUTPUT: '', L9S_ATTACH_EXIT: '2' }, 'admin', 'ATTACH_FAILED', /does not attach/],
    [{ L9S_ATTACH_SOCKET: file }, 'viewer', 'PERMISSION_DENIED', /pods\/exec/],
  ];
  for (const [env, as, code, message] of cases) {
    const { transport } = await startPod(context, { env, as });
    const far = attach(context, transport);
    await far.sink.until(() => far.errorOf() !== undefined, message.source);
    assert.equal(far.errorOf()?.code, code);
    assert.match(far.errorOf()?.message ?? '', message);
    assert.equal(far.sink.lastStatus?.state, code === 'PERMISSION_DENIED' ? 'denied' : 'failed');
    await far.stop();
  }
});

test('a container without l9s and a pod that is not there are told apart', async (context) => {
  const { simulator, transport, remote } = await startPod(context, { env: {} });
  simulator.setExecFault({ namespace: 'lena', name: 'l9s-collector-0' }, { kind: 'noShell' });
  const missing = attach(context, transport);
  await missing.sink.until(() => missing.errorOf() !== undefined, 'no l9s');
  assert.match(
    missing.errorOf()?.message ?? '',
    /pod lena\/l9s-collector-0: l9s is not there: .*executable file not found/,
  );
  const gone = attach(
    context,
    createPodTransport({
      namespace: 'lena',
      pod: 'gone',
      container: undefined,
      openRemote: async () => remote,
    }),
  );
  await gone.sink.until(() => gone.errorOf() !== undefined, 'no pod');
  assert.equal(gone.errorOf()?.code, 'NOT_FOUND');
});

test('rows stay while the stream is away, and it comes back', async (context) => {
  const { owner, send, file } = await startOwner(context);
  const { transport, simulator } = await startPod(context, { env: { L9S_ATTACH_SOCKET: file } });
  const far = attach(context, transport);
  await far.sink.untilState('live');
  simulator.setExecFault({ namespace: 'lena', name: 'l9s-collector-0' }, { kind: 'noShell' });
  await owner.stop();
  await far.sink.untilState('stale');
  assert.equal(far.sink.names().length, 1);
  await far.sink.untilState('failed');
  assert.equal(far.sink.names().length, 1);
  const serveIn = { path: path.dirname(file), kind: 'own' } as const;
  const again = startNeighbour(context, Number(/udp-(\d+)/.exec(file)?.[1]), { relay: { serveIn } });
  await again.sink.untilState('live');
  send(l9sDatagram({ id: 'host2/was2', seq: 1, at: Date.now(), upMs: 1 }));
  simulator.setExecFault({ namespace: 'lena', name: 'l9s-collector-0' }, undefined);
  await far.sink.untilState('live');
  await far.sink.until(() => far.sink.names().length === 2, 'both');
});

/** A transport that gives what the test writes. */
function scripted(lines: readonly string[]): RelayTransport {
  return {
    place: 'elsewhere',
    isRemote: true,
    open: (onBytes, signal) =>
      new Promise((resolve) => {
        for (const line of lines) onBytes(Buffer.from(line));
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}
const helloAt = (at: number) =>
  `${JSON.stringify({ l9sRelay: 1, ...ownerHello({ role: 'collector', at }) })}\n`;

test('the clock of another machine is told, and its instants are shown by ours', async (context) => {
  const offsetMs = 3_600_000;
  const now = Date.now();
  const sender = {
    id: 'a',
    codec: 'l9s',
    name: 'a',
    sourceAddress: '10.0.0.1',
    sourcePort: 1,
    restarts: 0,
    heartbeat: { at: now + offsetMs, perMinute: 1, rejected: 0, intervalMs: 2_000, clockSkewMs: -offsetMs },
    counters: {},
  };
  const far = attach(
    context,
    scripted([
      helloAt(now + offsetMs),
      `${JSON.stringify({ type: 'facts', at: now + offsetMs, isWaiting: false, lastGoodAt: now + offsetMs, counts: {}, notes: [] })}\n`,
      `${JSON.stringify({ type: 'senders', senders: [sender] })}\n`,
      '{"type":"ready"}\n',
    ]),
  );
  await far.sink.untilState('live');
  const [shown] = far.sink.all('sender');
  assert.ok(Math.abs((shown?.heartbeat.at ?? 0) - now) < 5_000);
  assert.ok(Math.abs(shown?.heartbeat.clockSkewMs ?? offsetMs) < 5_000);
  assert.ok(Math.abs((far.sink.lastFacts.clockSkewMs ?? 0) - offsetMs) < 5_000);
  assert.match(far.sink.lastFacts.notes?.join() ?? '', /its clock is 3\d\d\d s ahead/);
});

test('garbage within a stream is counted and skipped, and what comes after it is shown', async (context) => {
  const far = attach(
    context,
    scripted([
      'motd: welcome\n',
      helloAt(Date.now()),
      '\u0000\u0001\u0002\n{"type":"senders","senders":[{"id":"x"}]}\n',
      '{"type":"patches","patches":[{"id":"nobody","set":{"restarts":1},"gone":[]}]}\n',
      '{"type":"ready"}\n',
      `${JSON.stringify({ type: 'facts', at: 1, isWaiting: false, counts: {}, notes: [] })}\n`,
    ]),
  );
  await far.sink.untilState('live');
  await far.sink.until(() => far.sink.lastFacts.counts !== undefined, 'facts');
  assert.equal(far.sink.lastFacts.counts?.['badFrames'], 3);
});

test('a stream that falls silent is opened anew', async (context) => {
  const far = attach(context, scripted([helloAt(Date.now()), '{"type":"ready"}\n']), { silentMs: 500 });
  await far.sink.untilState('live');
  await far.sink.untilState('stale');
  assert.match(far.errorOf()?.message ?? '', /nothing came for/);
  await far.sink.untilState('live');
});

test('a socket that is named is read; what is wrong with it is told', async (context) => {
  const { file } = await startOwner(context);
  const transportOf = (path_: string) =>
    createSocketTransport({ path: path_, program: 'test', pid: 1, clock: systemClock });
  const far = attach(context, transportOf(file));
  await far.sink.untilState('live');
  assert.deepEqual(far.sink.names(), ['host1/was1']);
  const base = privateDirectory(context);
  const open = path.join(base, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  writeFileSync(path.join(base, 'plain'), '');
  const cases = [
    [path.join(base, 'nosuch.sock'), 'ATTACH_FAILED', /it is not there/],
    [path.join(open, 'a.sock'), 'SOCKET_UNSAFE', /written to by everybody/],
    [path.join(base, 'plain'), 'SOCKET_UNSAFE', /is no socket/],
    [path.join(base, 'x'.repeat(120)), 'SOCKET_UNSAFE', /too long/],
  ] as const;
  for (const [given, code, message] of cases) {
    const one = attach(context, transportOf(given));
    await one.sink.until(() => one.errorOf() !== undefined, message.source);
    assert.deepEqual([one.errorOf()?.code, message.test(one.errorOf()?.message ?? '')], [code, true]);
    await one.stop();
  }
});

/** A program in the place of ssh, in a directory of the test's. */
function fakeSsh(context: TestContext, script: string): string {
  const file = path.join(privateDirectory(context), 'ssh');
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test('ssh is run without a terminal or a question, and what it says is told', async (context) => {
  const log = path.join(privateDirectory(context), 'arguments');
  const hello = helloAt(Date.now()).trim();
  const command = fakeSsh(
    context,
    `echo "$@" > ${log}; echo '${hello}'; echo '{"type":"ready"}'; exec sleep 60`,
  );
  const far = attach(context, createSshTransport({ host: 'ops@bastion', environment: process.env, command }));
  await far.sink.untilState('live');
  assert.match(readFileSync(log, 'utf8'), /^-T -o BatchMode=yes .*-- ops@bastion l9s attach --stdio\n$/);
  const startedAt = performance.now();
  await far.stop();
  // Killed, not waited for: it would have slept for a minute.
  assert.ok(performance.now() - startedAt < 30_000);

  const cases = [
    [
      'echo "ops@bastion: Permission denied (publickey)." >&2; exit 255',
      'ops@bastion',
      'ATTACH_FAILED',
      /Permission denied/,
    ],
    [
      'echo "sh: l9s: not found" >&2; exit 127',
      'ops@bastion',
      'ATTACH_FAILED',
      /l9s is not there: sh: l9s: not found/,
    ],
    ['exit 0', '-oProxyCommand=touch /tmp/x', 'CONFIG_INVALID', /no host for ssh/],
  ] as const;
  for (const [script, host, code, message] of cases) {
    const one = attach(
      context,
      createSshTransport({ host, environment: process.env, command: fakeSsh(context, script) }),
    );
    await one.sink.until(() => one.errorOf() !== undefined, message.source);
    assert.equal(one.errorOf()?.code, code);
    assert.match(one.errorOf()?.message ?? '', message);
    await one.stop();
  }
  const none = attach(
    context,
    createSshTransport({ host: 'bastion', environment: process.env, command: '/nosuch/ssh' }),
  );
  await none.sink.until(() => none.errorOf() !== undefined, 'no ssh');
  assert.match(none.errorOf()?.message ?? '', /there is no ssh/);
});
