import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import type { DumpKind } from '../../src/domain/dump.ts';
import { type DumpAsk, type DumpTarget, isOffer, type NoOffer } from '../../src/domain/dump-way.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { createEcsExecWays } from '../../src/sources/dumps/ecs-exec/ecs-exec-ways.ts';
import { CONTAINER, type ExecSetupOptions, SIGNAL, startExec } from '../support/ecs-exec.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { containerOf, instanceOf } from '../support/store-entities.ts';

const askOf = (kind: DumpKind, more: Partial<DumpAsk> = {}): DumpAsk => ({
  kind,
  maxBytes: 10_000_000,
  timeoutMs: 30_000,
  ...more,
});

/** The only server of a region with the way to its dumps. */
async function startDumps(context: TestContext, options: ExecSetupOptions = {}) {
  const stage = await startExec(context, options);
  const { task, remote } = stage;
  const instance = {
    ...instanceOf(task, { context: 'seoul' }),
    ref: refOf('instance', 'seoul', `prod/${task}`),
    contextKind: 'ecs' as const,
    place: { kind: 'ecsCluster' as const, name: 'prod' },
    containers: [containerOf({ name: CONTAINER })],
  };
  const server: Server = {
    ...instance,
    ref: refOf('server', 'seoul', `prod/${task}`),
    name: 'lena-was-1',
    type: 'was',
    typeReason: 'the test',
    revision: {},
    health: { level: 'ok', reasons: [] },
    records: { instance: instance.ref },
  };
  const target: DumpTarget = { server, instance };
  const [way] = createEcsExecWays({ ecs: async () => remote, clock: systemClock });
  assert.ok(way !== undefined);
  const take = async (ask: DumpAsk, signal: AbortSignal = SIGNAL) => {
    const parts: Uint8Array[] = [];
    const taken = await way.take(target, ask, {
      write: async (bytes) => {
        parts.push(bytes);
      },
      report: () => undefined,
      signal,
    });
    return { ...taken, text: Buffer.concat(parts).toString('utf8') };
  };
  return { ...stage, way, target, instance, take };
}

function threadsOf(text: string) {
  const reader = new DumpReader({ name: 'the dump' });
  reader.write(Buffer.from(text));
  const content = reader.end();
  assert.ok(content.kind === 'threads', content.kind);
  return content.dumps;
}

test('offers what it would run, and says what such a dump lacks', async (context) => {
  const { way, target, task, simulator } = await startDumps(context);
  const offer = await way.offer(target, askOf('thread'), SIGNAL);
  assert.ok(isOffer(offer), JSON.stringify(offer));
  assert.equal(offer.through, `ECS exec in prod/${task.slice(0, 8)} (${CONTAINER})`);
  assert.deepEqual(offer.asks, ['jcmd PID Thread.print -l', 'jstack -l PID']);
  assert.ok(offer.notes?.some(({ en }) => /CloudWatch/.test(en)));
  assert.deepEqual(
    simulator.requests.map(({ path }) => path),
    ['/DescribeTasks'],
  );
  const heap = await way.offer(target, askOf('heap'), SIGNAL);
  assert.ok(!isOffer(heap));
  assert.match(heap.why.en, /through a terminal/);
});

test('says why there is no way in', async (context) => {
  const { way, target, instance, simulator, place } = await startDumps(context);
  const why = async (changed: Partial<DumpTarget> = {}): Promise<NoOffer> => {
    const answer = await way.offer({ ...target, ...changed }, askOf('thread'), SIGNAL);
    assert.ok(!isOffer(answer));
    return answer;
  };
  assert.match((await why({ instance: undefined })).why.en, /no ECS task known/);
  const web = await why({ server: { ...target.server, type: 'web' } });
  assert.match(web.why.en, /web runs no JVM/);
  const waiting = { ...instance, containers: [containerOf({ name: CONTAINER, state: 'waiting' })] };
  assert.match((await why({ instance: waiting })).why.en, /is waiting/);
  simulator.setExecAgent('prod', place.task, 'STOPPED');
  const stopped = await why();
  assert.match(stopped.why.en, /ExecuteCommandAgent is STOPPED/);
  assert.match(stopped.next?.en ?? '', /ssmmessages/);
  simulator.deny(['DescribeTasks']);
  const denied = await why();
  assert.match(denied.why.en, /ecs:DescribeTasks/);
});

test('takes a thread dump, whole and as the JVM wrote it', async (context) => {
  const { take, simulator } = await startDumps(context, { in: 'triage' });
  const { how, text, missing } = await take(askOf('thread'));
  assert.equal(how, 'jcmd 87 Thread.print -l');
  assert.deepEqual(missing, []);
  assert.equal(text.includes('\r'), false);
  const [dump] = threadsOf(text);
  assert.ok((dump?.threads.length ?? 0) > 30, String(dump?.threads.length));
  assert.match(text, /^"main" #1 .*\n {3}java\.lang\.Thread\.State: /m);
  assert.match(text, /^JNI global references: \d+$/m);
  assert.deepEqual(simulator.execViolations, []);
  await waitFor('every channel to be closed', () => simulator.execSessions === 0);
});

test('takes the requests in flight and the classes', async (context) => {
  const { take } = await startDumps(context, { in: 'triage' });
  const service = await take(askOf('service'));
  assert.match(service.how, /Thread\.print/);
  assert.ok(service.missing.length > 0);
  assert.ok(service.text.length > 0);
  const histogram = await take(askOf('histogram'));
  assert.equal(histogram.how, 'jcmd 87 GC.class_histogram -all');
  assert.match(histogram.text, /^\s+1:\s+\d+\s+\d+\s+\S+/m);
  assert.match(histogram.text, /^Total\s+\d+\s+\d+/m);
});

const failsWith = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} | ${error.hint}`, words);
  return true;
};

test('says what a container lacks', async (context) => {
  const { take, fault } = await startDumps(context, { in: 'triage' });
  fault({ kind: 'noShell' });
  await assert.rejects(take(askOf('thread')), failsWith('NO_TOOL', /`(ls|cat)`/));
  fault({ kind: 'unconnected' });
  await assert.rejects(take(askOf('thread')), failsWith('ACTION_IMPOSSIBLE', /ssmmessages/));
});

test('keeps nothing of a dump whose connection is cut', async (context) => {
  const { take, fault, simulator } = await startDumps(context, { in: 'triage' });
  fault({ kind: 'cut', afterBytes: 9_000 });
  await assert.rejects(take(askOf('thread')), failsWith('DUMP_FAILED', /nothing of it was kept/));
  fault(undefined);
  await assert.rejects(take(askOf('thread', { maxBytes: 2_000 })), failsWith('DUMP_TOO_LARGE', /2000/));
  await waitFor('every channel to be closed', () => simulator.execSessions === 0);
});

test('in readonly nothing runs', async (context) => {
  const { take, simulator } = await startDumps(context, { in: 'readonly' });
  await assert.rejects(take(askOf('thread')), failsWith('TRANSPORT_LOCKED', /mode readonly/));
  assert.equal(
    simulator.requests.some(({ path }) => path.startsWith('/ExecuteCommand')),
    false,
  );
});

test('lists and fetches the text dumps a LENA server wrote itself', async (context) => {
  const { way, target, instance, processes } = await startDumps(context, { in: 'triage' });
  const [server] = processes.all();
  const hostNames = [server?.process.hostName ?? ''];
  const named = { ...target, instance: { ...instance, hostNames } };
  const files = await way.list?.(named, SIGNAL);
  const text = files?.find(({ kind }) => kind === 'thread');
  assert.ok(text !== undefined, JSON.stringify(files));
  const parts: Uint8Array[] = [];
  const taken = await way.fetch?.(named, text, {
    write: async (bytes) => {
      parts.push(bytes);
    },
    report: () => undefined,
    signal: SIGNAL,
  });
  assert.equal(taken?.how, `cat ${text.path}`);
  assert.equal(Buffer.concat(parts).length, text.sizeBytes);
  assert.ok(threadsOf(Buffer.concat(parts).toString('utf8')).length > 0);
});
