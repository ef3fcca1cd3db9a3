import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { copyStream } from '../../src/sources/telemetry/relay/copy-stream.ts';
import { decodeRelayLine } from '../../src/wire/relay/decode.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { clusterOf, startCollectorPod } from '../support/collector-pod.ts';
import { JVM_NAMES, runtimeDirectory, sendJvms, startCollector } from '../support/collector-program.ts';
import { kubeconfigText } from '../support/kube-source-api.ts';
import { freePort, startNeighbour } from '../support/relay-stage.ts';
import { type Finished, runProgram } from '../support/run-program.ts';
import { until } from '../support/telemetry-harness.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const contextsOf = (finished: Finished) => JSON.parse(finished.stdout).sources;

test('a console over attach --stdio shows the rows of one beside the collector', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const port = await freePort();
  await startCollector(context, built, { port, directory });
  await sendJvms(context, port);
  // An ssh that goes nowhere: the command of the other machine runs here, through the real program.
  const bin = path.join(base, 'bin');
  mkdirSync(bin);
  const attach = `exec env XDG_RUNTIME_DIR=${base} ${process.execPath} ${built.program} attach --stdio --listen 127.0.0.1:${port}`;
  writeFileSync(path.join(bin, 'ssh'), `#!/bin/sh\n${attach}\n`, { mode: 0o755 });
  const config = path.join(base, 'far.yaml');
  writeFileSync(config, 'telemetry: {attach: [{name: far, ssh: bastion}]}\n');
  const environment = { XDG_RUNTIME_DIR: base, PATH: `${bin}:${built.environment['PATH']}` };
  const beside = ['get', 'servers', '-o', 'json', '--listen', `127.0.0.1:${port}`, '--settle', '3s'];
  const read = ['get', 'servers', '-o', 'json', '--config', config, '--settle', '10s'];
  const [near, far] = await Promise.all([
    runProgram(built, beside, environment),
    runProgram(built, read, environment),
  ]);
  assert.deepEqual([near.code, far.code], [0, 0], near.stderr + far.stderr);
  const stable = (finished: Finished) =>
    JSON.parse(finished.stdout)
      .servers.map((row: Record<string, unknown>) => {
        const { name, type, host, startedAt, state, restarts } = row;
        return { name, type, host, startedAt, state, restarts };
      })
      .sort((a: { readonly name: string }, b: { readonly name: string }) => a.name.localeCompare(b.name));
  assert.equal(stable(far).length, JVM_NAMES.length);
  assert.deepEqual(stable(far), stable(near));
  assert.equal(contextsOf(far)[0].name, 'far');
  // A child with the user's own credentials runs in normal mode only.
  const refused = await runProgram(built, ['--readonly', ...read], environment);
  assert.match(refused.stderr, /MODE_REFUSED: ssh bastion: not run in mode readonly \(set by --readonly\)/);
});

test('telemetry.attach reads a collector’s pod through the context it is in, in readonly too', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const port = await freePort();
  await startCollector(context, built, { port, directory });
  await sendJvms(context, port);
  const socket = path.join(directory, `udp-${port}.sock`);
  const simulator = await startCollectorPod(context, { L9S_ATTACH_SOCKET: socket });
  const user = { token: simulator.credentials('admin').token };
  const kubeconfig = path.join(base, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText({ server: simulator.url, cluster: clusterOf(simulator), user }));
  const config = path.join(base, 'far.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      contexts: [{ name: 'prod', kube: { kubeconfig, context: 'main' } }],
      telemetry: {
        attach: [{ name: 'far', kube: { context: 'prod', namespace: 'lena', pod: 'l9s-collector-0' } }],
      },
    }),
  );
  const read = ['--readonly', 'get', 'servers', '-o', 'json', '--config', config, '--settle', '15s'];
  const far = await runProgram(built, read, { XDG_RUNTIME_DIR: base });
  assert.equal(far.code, 0, far.stderr);
  const rows: readonly { readonly name: string; readonly context: string }[] = JSON.parse(far.stdout).servers;
  const names = rows.filter(({ context: of }) => of === 'far').map(({ name }) => name);
  assert.deepEqual(new Set(names), new Set(JVM_NAMES));
});

/** Ten seconds of it pass in one. */
const quickClock: Clock = {
  now: () => Date.now() * 10,
  after: (delayMs, task) => systemClock.after(delayMs / 10, task),
};

test('the stream goes from one owner to the next, and ends when none comes', async (context) => {
  const { directory } = runtimeDirectory(context);
  const port = await freePort();
  const serveIn = { path: directory, kind: 'own' } as const;
  const first = startNeighbour(context, port, { relay: { serveIn } });
  await first.sink.untilState('live');
  const second = startNeighbour(context, port, { relay: { serveIn } });
  await second.sink.untilState('live');
  const out = new PassThrough();
  let text = '';
  out.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const copying = copyStream(
    {
      file: undefined,
      lookIn: [serveIn],
      uid: process.getuid?.(),
      port,
      isPortGiven: false,
      program: 'test',
      pid: process.pid,
      out,
      clock: quickClock,
    },
    AbortSignal.timeout(30_000),
  );
  const owners = () => text.split('\n').filter((line) => line.includes('"type":"ready"')).length;
  await until(() => owners() === 1, 'the first owner');
  await first.stop();
  await until(() => owners() === 2, 'the second owner');
  const ended = assert.rejects(copying, {
    code: 'ATTACH_FAILED',
    message: /the owner left and none came in 10 s/,
  });
  await second.stop();
  await ended;
  const kinds = text.split('\n').map((line) => (line === '' ? 'empty' : decodeRelayLine(line).kind));
  assert.deepEqual(new Set(kinds), new Set(['frame', 'empty']));
});

test('the only port served is taken, but of several only the one that is named', async (context) => {
  const { directory } = runtimeDirectory(context);
  const serveIn = { path: directory, kind: 'own' } as const;
  const [port, other, unserved] = [await freePort(), await freePort(), await freePort()];
  const copyOf = (wanted: number, isPortGiven: boolean) => {
    const out = new PassThrough();
    const end = new AbortController();
    context.after(() => end.abort());
    const options = {
      file: undefined,
      lookIn: [serveIn],
      uid: process.getuid?.(),
      port: wanted,
      isPortGiven,
      program: 'test',
      pid: process.pid,
      out,
      clock: systemClock,
    };
    const hello = once(out.setEncoding('utf8'), 'data', { signal: AbortSignal.timeout(10_000) });
    return { hello, done: copyStream(options, end.signal), end };
  };
  const first = startNeighbour(context, port, { relay: { serveIn } });
  await first.sink.untilState('live');
  await until(() => existsSync(path.join(directory, `udp-${port}.sock`)), 'its socket');
  const alone = copyOf(unserved, false);
  assert.match(`${await alone.hello}`, new RegExp(`127\\.0\\.0\\.1:${port}`));
  alone.end.abort();
  await alone.done;
  await assert.rejects(copyOf(unserved, true).done, {
    code: 'ATTACH_FAILED',
    message: new RegExp(`nobody hands on datagrams of port ${unserved} here`),
  });
  const second = startNeighbour(context, other, { relay: { serveIn } });
  await second.sink.untilState('live');
  await until(() => existsSync(path.join(directory, `udp-${other}.sock`)), 'its socket');
  const ports = [port, other].toSorted((a, b) => a - b).join(', ');
  await assert.rejects(copyOf(unserved, false).done, {
    code: 'ATTACH_FAILED',
    message: new RegExp(`of several others: ${ports}`),
  });
  const named = copyOf(other, true);
  assert.match(`${await named.hello}`, new RegExp(`127\\.0\\.0\\.1:${other}`));
  named.end.abort();
  await named.done;
});

test('a demo hands its simulated servers on to nobody', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const child = spawn(process.execPath, [built.program, 'get', 'servers', '--demo', '-w', '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...built.environment, XDG_RUNTIME_DIR: base },
  });
  context.after(() => child.kill('SIGKILL'));
  // Its sources have answered by then, its receiver among them.
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  assert.deepEqual(readdirSync(directory), []);
});

test('attach --stdio ends when nobody reads it any more', async (context) => {
  const { base, directory } = runtimeDirectory(context);
  const port = await freePort();
  await startCollector(context, built, { port, directory });
  const child = spawn(process.execPath, [built.program, 'attach', '--stdio', '--listen', `${port}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...built.environment, XDG_RUNTIME_DIR: base },
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
  assert.equal(code, 141);
});

test('with nobody to copy from, attach --stdio says where it looked', async (context) => {
  const { base } = runtimeDirectory(context);
  const { code, stderr, stdout } = await runProgram(built, ['attach', '--stdio'], { XDG_RUNTIME_DIR: base });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /ATTACH_FAILED: nobody hands on datagrams here \(\/run\/l9s and .*\/l9s\)/);
  const named = await runProgram(built, ['attach', '--stdio', '--socket', path.join(base, 'none.sock')]);
  assert.equal(named.code, 1);
  assert.match(named.stderr, /nobody hands on datagrams at .*none\.sock/);
});
