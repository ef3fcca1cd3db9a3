import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { DumpAnswers } from '../../src/agent/dump/dump-answers.ts';
import type { DumpMaker } from '../../src/agent/dump/dump-job.ts';
import { DumpLink } from '../../src/agent/dump/dump-link.ts';
import { systemClock } from '../../src/core/clock.ts';
import { agentKey } from '../../src/wire/dump-channel/agent-key.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { freeTcpPort } from '../support/dump-channel-stage.ts';
import { MASTER_KEY } from '../support/dump-peers.ts';
import { runProgram } from '../support/run-program.ts';

const TARGET = { proc: '/proc', pid: 1, innerPid: 1, startTicks: 1, refusesAttach: false };

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

/** A JVM nothing tells of but its agent, which began long before the port was there. */
async function startServer(t: TestContext, { hasDumps }: { readonly hasDumps: boolean }) {
  const port = await freeTcpPort();
  const name = (ending: string) => path.join(built.home, `${port}.${ending}`);
  writeFileSync(name('key'), MASTER_KEY, { mode: 0o600 });
  writeFileSync(
    name('yaml'),
    `telemetry: {listen: "127.0.0.1:${port}", tcp: true, agentKey: ${JSON.stringify(name('key'))}}\n`,
  );
  const datagrams = createSocket('udp4');
  let seq = 0;
  const sending = setInterval(() => {
    const jvm = {
      l9s: 1,
      type: 'jvm',
      id: 'vm/tc',
      serverType: 'tomcat',
      at: Date.now(),
      seq: ++seq,
      upMs: 9_000,
    };
    datagrams.send(JSON.stringify({ ...jvm, heap: { used: 1_000_000, max: 4_000_000 } }), port, '127.0.0.1');
  }, 1_500);
  datagrams.on('error', () => undefined);
  const maker: DumpMaker = async ({ write }) => {
    await write(Buffer.from('Full thread dump OpenJDK 64-Bit Server VM (17.0.1 mixed mode):\n'));
    return { how: 'attach threaddump', missing: [] };
  };
  const link = new DumpLink({
    to: { host: '127.0.0.1', port },
    identity: 'udp/vm',
    key: () => agentKey(MASTER_KEY, 'udp/vm'),
    program: '1',
    answers: new DumpAnswers({
      makers: { thread: maker, service: maker, histogram: maker, heap: maker },
      allowsHeap: false,
      say: () => undefined,
    }),
    servers: () => [{ id: 'vm/tc', target: TARGET, hasTomcat: false }],
    clock: systemClock,
    monotonic: () => performance.now(),
    random: () => 1,
    say: () => undefined,
  });
  const ended = new AbortController();
  const linked = hasDumps ? link.run(ended.signal) : Promise.resolve();
  t.after(async () => {
    clearInterval(sending);
    datagrams.close();
    ended.abort();
    await linked;
  });
  return (...args: readonly string[]) =>
    runProgram(built, [...args, '--config', name('yaml')], { XDG_STATE_HOME: name('state') }, 60_000);
}

describe('a command line beside no console', { concurrency: 2 }, () => {
  test('waits for a server it has not heard yet, and for its agent to dial in', async (t) => {
    const run = await startServer(t, { hasDumps: true });
    const { code, stdout, stderr } = await run('dump', 'thread', 'vm/tc', '--settle', '30s');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /_tdump\.txt\n$/);
    assert.match(stderr, /no target is named "vm\/tc"; listening on udp 127\.0\.0\.1:\d+ for \d+ s more/);
  });

  test('takes what a pattern means once it is heard', async (t) => {
    const run = await startServer(t, { hasDumps: true });
    const { code, stdout, stderr } = await run(
      'dump',
      'thread',
      'udp:vm/*',
      '--all-matching',
      '4',
      '--settle',
      '30s',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /_tdump\.txt\n$/);
  });

  test('says that nothing dialled in when the time is over', async (t) => {
    const run = await startServer(t, { hasDumps: false });
    const { code, stdout, stderr } = await run('dump', 'thread', 'vm/tc', '--settle', '4s');
    assert.deepEqual([code, stdout], [5, ''], stderr);
    assert.match(stderr, /nothing leads to vm\/tc yet; waiting for it to dial in, \d s at most/);
    assert.match(stderr, /NO_WAY_TO_DUMP/);
  });

  test('describes one it has not heard yet', async (t) => {
    const run = await startServer(t, { hasDumps: false });
    const { code, stdout, stderr } = await run('describe', 'servers', 'vm/tc');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /vm\/tc/);
  });

  test('tells a name nobody sends from a port that heard nothing, and a target’s own names at once', async (t) => {
    const run = await startServer(t, { hasDumps: false });
    const other = await run('dump', 'thread', 'vm/other', '--settle', '4s');
    assert.equal(other.code, 1, other.stderr);
    assert.match(other.stderr, /TARGET_UNKNOWN: no target is named "vm\/other"/);
    const port = await freeTcpPort();
    const silent = await runProgram(built, [
      'dump',
      'thread',
      'vm/tc',
      '--listen',
      `127.0.0.1:${port}`,
      '--settle',
      '2s',
    ]);
    assert.equal(silent.code, 3, silent.stderr);
    assert.match(silent.stderr, /TARGET_UNSEEN: .*heard nothing/);
  });
});
