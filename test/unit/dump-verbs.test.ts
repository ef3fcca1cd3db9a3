import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import { text } from '../../src/domain/text.ts';
import { readAll } from '../support/audit.ts';
import { closedWay, fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { bytesOf } from '../support/dumps.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { dropOf, instanceOf, putOf } from '../support/store-entities.ts';

const SIGNAL = new AbortController().signal;
const codesOf = (warnings: readonly { readonly code: string }[]) => warnings.map(({ code }) => code);

test('a plan shows the best way with its asks, and the others with what would open them', async (t) => {
  const lena = closedWay('lena-channel', 'nobody dials in from there', 'set telemetry.tcp');
  const exec = fakeWay('pod-exec', {
    offer: async () => ({
      way: 'pod-exec',
      through: 'pod exec in shop/was-1 (lena)',
      asks: ['jcmd 1 Thread.print -l', 'jstack -l 1'],
      isAuthenticated: true,
      missing: [text('no txid', 'txid 없음')],
      notes: [text('a line in its log', '로그 한 줄')],
    }),
  });
  const ecs = fakeWay('ecs-exec');
  const stage = startDumpStage(t, { ways: [lena, exec, ecs] });
  const { plan, verdict } = await stage.prepare('dump-thread', ['was-1']);
  assert.deepEqual([plan.effect, verdict.state === 'allowed' && verdict.confirm], ['diagnose', 'none']);
  const [target] = plan.targets;
  assert.deepEqual([target?.kind, target?.namespace, target?.name], ['Pod', 'shop', 'was-1']);
  const [step] = target?.steps ?? [];
  assert.deepEqual(step?.type === 'take' && step.request, {
    context: 'prod',
    title: text('take a thread dump of was-1', 'was-1 스레드 덤프 받기'),
    through: 'pod exec in shop/was-1 (lena)',
    asks: ['jcmd 1 Thread.print -l', 'jstack -l 1'],
  });
  assert.deepEqual(
    plan.warnings.map(({ text: { en } }) => en),
    [
      'a line in its log',
      'It will lack: no txid',
      'Not by LENA advertiser: nobody dials in from there (set telemetry.tcp)',
      'ECS exec could, too: ecs-exec of was-1',
    ],
  );
  assert.deepEqual([exec.takes, ecs.takes, readAllNames(stage.directory)], [[], [], []]);
});

test('a dump is taken, kept with its facts and its verdict, audited with name, size and hash', async (t) => {
  const workload = { kind: 'StatefulSet', name: 'was' } as const;
  const jvm = putOf('instance', instanceOf('was-1', { workload }));
  const stage = startDumpStage(t, {
    changes: [jvm],
    tools: {
      verdict: async ({ path: file, kind }) => [
        {
          code: 'deadlock',
          level: 'error',
          text: text(`${kind}: ${readFileSync(file, 'utf8')}`, '교착'),
        },
      ],
    },
  });
  const job = await stage.take('dump-thread', ['was-1'], {}, { reason: 'it hangs' });
  assert.equal(job.state, 'done');
  const [target] = job.targets;
  assert.deepEqual(target?.detail, text('thread: dump 1 of was-1', '교착'));
  const [dump] = await stage.folder.list();
  assert.deepEqual(target?.taken, [dump?.ref]);
  assert.match(dump?.ref.id ?? '', /^was-1_was_\d{8}-\d{6}_tdump\.txt$/);
  assert.deepEqual(
    [dump?.server, dump?.way, dump?.how, dump?.by, dump?.reason, dump?.namespace, dump?.series],
    [stage.server('was-1'), 'pod-exec', 'ask thread', 'ops@bastion', 'it hangs', 'shop', undefined],
  );
  assert.equal(dump?.verdict?.[0]?.code, 'deadlock');
  const [entry] = (await readAll(stage.auditDirectory)).entries;
  assert.deepEqual([entry?.action, entry?.result, entry?.reason], ['dump-thread', 'done', 'it hangs']);
  assert.deepEqual(entry?.targets[0]?.after, {
    dump: `${dump?.ref.id}, ${dump?.sizeBytes} bytes, sha256 ${dump?.sha256}, by ${dump?.how}`,
  });
  assert.match(entry?.calls[0]?.request ?? '', /"asks":\["ask thread","ask again"\]/);
  assert.equal(entry?.calls[0]?.outcome, 'done');
});

test('a verdict that fails or never comes does not fail the dump', async (t) => {
  const clock = createFakeClock();
  const failing = startDumpStage(t, { tools: { verdict: () => Promise.reject(new Error('bad')) } });
  assert.equal((await failing.take('dump-thread', ['was-1'])).state, 'done');
  const silent = startDumpStage(t, { clock, tools: { verdict: () => new Promise(() => undefined) } });
  const prepared = await silent.prepare('dump-thread', ['was-1']);
  const running = await silent.executor.run(prepared, {});
  await waitFor('the reading', () =>
    JSON.stringify(silent.executor.jobs()[0]?.targets[0]?.detail ?? '').includes('reading'),
  );
  await clock.advance(31_000);
  assert.equal((await running.done).state, 'done');
  assert.equal((await silent.folder.list())[0]?.verdict, undefined);
});

test('where no way leads there each says why; a way asked for is the only one asked of', async (t) => {
  const ways = [
    closedWay('lena-channel', 'not connected', 'set it as secondary'),
    closedWay('pod-exec', 'no right to create pods/exec'),
  ];
  const stage = startDumpStage(t, { ways });
  await assert.rejects(stage.prepare('dump-thread', ['was-1']), {
    code: 'NO_WAY_TO_DUMP',
    message:
      'thread dump of was-1: no way leads there:\n· LENA advertiser: not connected (set it as secondary)\n· pod exec: no right to create pods/exec',
  });
  await assert.rejects(stage.prepare('dump-thread', ['was-1'], { way: 'pod-exec' }), {
    code: 'NO_WAY_TO_DUMP',
    message: 'thread dump of was-1: no way leads there:\n· pod exec: no right to create pods/exec',
  });
  await assert.rejects(stage.prepare('dump-thread', ['was-1'], { way: 'telnet' }), { code: 'INPUT_INVALID' });
  await assert.rejects(startDumpStage(t, { hasNoDumps: true }).prepare('dump-thread', ['was-1']), {
    code: 'ACTION_IMPOSSIBLE',
  });
});

test('--way takes another than the best, and the list of ways says which cannot be', async (t) => {
  const [agent, exec] = [fakeWay('agent-channel'), fakeWay('pod-exec')];
  const stage = startDumpStage(t, { ways: [closedWay('lena-channel'), agent, exec] });
  await stage.take('dump-service', ['was-1'], { way: 'pod-exec' });
  await stage.take('dump-service', ['was-1'], { way: 'auto' });
  assert.deepEqual([agent.takes.length, exec.takes.length], [1, 1]);
  const options = await stage.executor.options(stage.order('dump-service', ['was-1']), 'way', SIGNAL);
  assert.deepEqual(
    options.map(({ value, unfit }) => [value, unfit?.en]),
    [
      ['auto', undefined],
      ['lena-channel', 'it is shut'],
      ['agent-channel', undefined],
      ['pod-exec', undefined],
    ],
  );
});

test('a way that does not answer keeps nobody from a better one, nor from the next', async (t) => {
  const clock = createFakeClock();
  const silent = (id: 'lena-channel' | 'ecs-exec') =>
    fakeWay(id, { offer: () => new Promise(() => undefined) });
  const later = startDumpStage(t, { clock, ways: [fakeWay('pod-exec'), silent('ecs-exec')] });
  const planned = later.prepare('dump-thread', ['was-1']);
  await clock.advance(1_001);
  assert.match((await planned).plan.warnings[0]?.text.en ?? '', /Not by ECS exec: it has not answered yet/);
  const first = startDumpStage(t, { clock, ways: [silent('lena-channel'), fakeWay('pod-exec')] });
  const slow = first.prepare('dump-thread', ['was-1']);
  await clock.advance(10_001);
  await clock.advance(1_001);
  const [step] = (await slow).plan.targets[0]?.steps ?? [];
  assert.equal(step?.type === 'take' && step.request.through, 'pod-exec of was-1');
  const throwing = fakeWay('lena-channel', { offer: () => Promise.reject(new Error('a bug')) });
  const third = startDumpStage(t, { ways: [throwing, fakeWay('pod-exec')] });
  assert.match((await third.prepare('dump-thread', ['was-1'])).plan.warnings[0]?.text.en ?? '', /a bug/);
});

test('among several servers the one without a way fails in the open, and the others are taken', async (t) => {
  const exec = fakeWay('pod-exec', {
    offer: async ({ server }) =>
      server.name === 'was-2'
        ? { way: 'pod-exec', why: text('no right', '권한 없음') }
        : { way: 'pod-exec', through: 'exec', asks: ['jcmd'], isAuthenticated: true, missing: [] },
  });
  const stage = startDumpStage(t, { ways: [exec] });
  const { plan } = await stage.prepare('dump-thread', ['was-1', 'was-2']);
  assert.deepEqual(
    plan.warnings.filter(({ level }) => level === 'warn').map(({ text: { en } }) => en),
    ['thread dump of was-2: no way leads there'],
  );
  const job = await stage.take('dump-thread', ['was-1', 'was-2']);
  assert.deepEqual(
    job.targets.map(({ name, state, error }) => [name, state, error?.code]),
    [
      ['was-1', 'done', undefined],
      ['was-2', 'failed', 'NO_WAY_TO_DUMP'],
    ],
  );
  assert.equal((await stage.folder.list()).length, 1);
});

test('what has no JVM, is stopped or has files of nobody is refused without asking', (t) => {
  const stage = startDumpStage(t);
  const why = (id: string, name: string) =>
    stage.executor.disabledReason(stage.action(id), stage.server(name))?.en;
  assert.equal(why('dump-thread', 'web-1'), 'a web server runs no JVM');
  assert.equal(why('dump-heap', 'was-off'), 'it is stopped');
  assert.equal(why('dump-thread', 'was-1'), undefined);
  assert.equal(why('dump-thread', 'vm9/tomcat1'), undefined);
  assert.match(
    why('dump-fetch', 'vm9/tomcat1') ?? '',
    /fetched by pod exec or ECS exec only|only LENA servers/,
  );
});

test('a stranger that dials in is dumped under its host and server name', async (t) => {
  const stage = startDumpStage(t, { ways: [fakeWay('lena-channel')] });
  const job = await stage.take('dump-thread', ['vm9/tomcat1']);
  assert.equal(job.state, 'done');
  assert.match(job.targets[0]?.taken?.[0]?.id ?? '', /^vm9_tomcat1_/);
  assert.equal(job.targets[0]?.context, 'udp');
});

test('a row that is gone, or another process of its name, is not asked', async (t) => {
  const exec = fakeWay('pod-exec');
  const stage = startDumpStage(t, { ways: [exec] });
  const one = await stage.prepare('dump-thread', ['was-1']);
  const two = await stage.prepare('dump-thread', ['was-2']);
  stage.store.apply([
    dropOf('instance', instanceOf('was-1').ref),
    putOf('instance', instanceOf('was-2', { uid: 'another', addresses: ['10.42.0.11'] })),
  ]);
  const ended = [await stage.executor.run(one, {}), await stage.executor.run(two, {})];
  const jobs = await Promise.all(ended.map(({ done }) => done));
  assert.deepEqual(
    jobs.map(({ targets }) => targets[0]?.error?.code),
    ['TARGET_UNKNOWN', 'CONFLICT'],
  );
  assert.equal(exec.takes.length, 0);
  assert.deepEqual(readAllNames(stage.directory), []);
});

test('whatever way a taking ends, no half file is left', async (t) => {
  const endings: readonly (readonly [string, Parameters<typeof fakeWay>[1]])[] = [
    [
      'NO_JVM',
      {
        async take({ taking }) {
          await taking.write(bytesOf('half'));
          throw appError('NO_JVM', 'it died');
        },
      },
    ],
    [
      'INTERNAL',
      {
        take: () => {
          throw new TypeError('a bug');
        },
      },
    ],
    ['DUMP_FAILED', { take: async () => ({ how: 'nothing', missing: [] }) }],
    [
      'DUMP_DAMAGED',
      {
        async take({ taking }) {
          await taking.write(bytesOf('other'));
          return { how: 'x', missing: [], sha256: '00' };
        },
      },
    ],
    [
      'DUMP_TOO_LARGE',
      {
        async take({ taking }) {
          for (;;) await taking.write(new Uint8Array(400_000));
        },
      },
    ],
  ];
  for (const [code, way] of endings) {
    const stage = startDumpStage(t, { ways: [fakeWay('pod-exec', way)] });
    const job = await stage.take('dump-thread', ['was-1']);
    assert.deepEqual([job.state, job.targets[0]?.error?.code], ['failed', code]);
    assert.deepEqual(readAllNames(stage.directory), [], code);
  }
});

test('one of a kind at a time for a server, over all jobs; others go on beside it', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const exec = fakeWay('pod-exec', {
    async take({ ask, number }) {
      if (ask.kind === 'thread' && number === 1) await promise;
      return undefined;
    },
  });
  const stage = startDumpStage(t, { ways: [exec] });
  const first = await stage.executor.run(await stage.prepare('dump-thread', ['was-1']), {});
  await waitFor('the first', () => exec.takes.length === 1);
  const second = await stage.take('dump-thread', ['was-1']);
  assert.equal(second.targets[0]?.error?.code, 'DUMP_BUSY');
  assert.equal((await stage.take('dump-service', ['was-1'])).state, 'done');
  assert.equal((await stage.take('dump-thread', ['was-2'])).state, 'done');
  resolve();
  assert.equal((await first.done).state, 'done');
  assert.equal((await stage.take('dump-thread', ['was-1'])).state, 'done');
});

test('a cancelled taking leaves nothing, even of a way that does not listen', async (t) => {
  const clock = createFakeClock();
  const exec = fakeWay('pod-exec', {
    async take({ taking }) {
      await taking.write(bytesOf('half'));
      return await new Promise(() => undefined);
    },
  });
  const stage = startDumpStage(t, { ways: [exec], clock });
  const planned = stage.prepare('dump-thread', ['was-1']);
  await clock.advance(1);
  const running = await stage.executor.run(await planned, {});
  await waitFor('the half file', () => readAllNames(stage.directory).length === 1);
  stage.executor.cancel(running.ref);
  await clock.advance(3_001);
  const job = await running.done;
  assert.equal(job.state, 'cancelled');
  assert.deepEqual(readAllNames(stage.directory), []);
  // Its end is told once; a later word of the way changes nothing.
  exec.takes[0]?.taking.report('still here');
  assert.notEqual(stage.executor.jobs()[0]?.targets[0]?.detail, 'still here');
});

test('a file goes to the directory that is asked for', async (t) => {
  const stage = startDumpStage(t);
  const out = path.join(path.dirname(stage.directory), 'out');
  const job = await stage.take('dump-histogram', ['was-1'], { out });
  const name = job.targets[0]?.taken?.[0]?.id ?? '';
  assert.ok(existsSync(path.join(out, name)) && existsSync(path.join(out, `${name}.json`)));
  assert.deepEqual(await stage.folder.list(), []);
  await assert.rejects(stage.prepare('dump-histogram', ['was-1'], { out: '../x' }), {
    code: 'INPUT_INVALID',
  });
});

test('a live histogram is a change, and asks for the live form', async (t) => {
  const exec = fakeWay('pod-exec');
  const stage = startDumpStage(t, { ways: [exec] });
  const { verdict } = await stage.prepare('dump-histogram-live', ['was-1']);
  assert.equal(verdict.state === 'allowed' && verdict.confirm, 'confirm');
  await stage.take('dump-histogram-live', ['was-1']);
  await stage.take('dump-histogram', ['was-1']);
  assert.deepEqual(
    exec.takes.map(({ ask }) => ask.isLive),
    [true, false],
  );
});

test('who proves nothing of himself is said to', async (t) => {
  const lena = fakeWay('lena-channel', {
    offer: async () => ({
      way: 'lena-channel',
      through: 'LENA advertiser 10.0.0.3',
      asks: ['TRIGGER_THREAD_DUMP'],
      isAuthenticated: false,
      missing: [],
    }),
  });
  const stage = startDumpStage(t, { ways: [lena] });
  assert.deepEqual(codesOf((await stage.prepare('dump-thread', ['was-1'])).plan.warnings), [
    'unauthenticated',
  ]);
  await stage.take('dump-thread', ['was-1']);
  assert.equal((await stage.folder.list())[0]?.isAuthenticated, false);
});

const readAllNames = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory) : [];

test('figures that run are told once a second, what says something else at once', async (t) => {
  const clock = createFakeClock();
  const exec = fakeWay('pod-exec', {
    async take({ taking }) {
      for (let at = 1; at <= 500; at++) {
        taking.report(`${at} MiB / 500 MiB`);
        if (at === 250) await new Promise<void>((resolve) => clock.after(1_500, resolve));
      }
      taking.report('comparing its hash');
      return undefined;
    },
  });
  const stage = startDumpStage(t, { ways: [exec], clock });
  const said: unknown[] = [];
  stage.executor.onJob(({ targets }) => {
    const detail = targets[0]?.detail;
    if (typeof detail === 'string' && detail !== said.at(-1)) said.push(detail);
  });
  const planned = stage.prepare('dump-thread', ['was-1']);
  await clock.advance(1);
  const running = await stage.executor.run(await planned, {});
  await waitFor('half of it', () => said.length === 1);
  await clock.advance(1_500);
  assert.equal((await running.done).state, 'done');
  assert.deepEqual(said, ['1 MiB / 500 MiB', '251 MiB / 500 MiB', 'comparing its hash']);
});
