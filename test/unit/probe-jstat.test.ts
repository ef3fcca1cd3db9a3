import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FakeAnswer, NO_FILE, statOf } from '../support/fake-container.ts';
import { oneJvm, probing } from '../support/probe-stage.ts';

const HEADER =
  ' S0C    S1C    S0U    S1U      EC       EU        OC         OU       MC     MU    CCSC   CCSU   YGC     YGCT    FGC    FGCT    CGC    CGCT     GCT   \n';
const ROW =
  '512.0  512.0   0.0   64.0   1024.0   100.5    4096.0     2048,5    9536.0 9279.0 1280.0 1135.6    272    0,157     3      0.250    -          -      0.407\n';

describe('jstat, where the file is absent', () => {
  const room = (limit: string, current: string): Record<string, FakeAnswer> => ({
    'ls -1 /tmp': '',
    'ls -1 /proc': '1\n87\nself\n',
    'cat /proc/1/stat': statOf(1, 1, 1, 'bash'),
    'cat /proc/87/stat': statOf(87, 1_000),
    'cat /sys/fs/cgroup/memory.max': limit,
    'cat /sys/fs/cgroup/memory.current': current,
  });
  const GIB = 1_073_741_824;

  test('is read by its header where 128 MiB are free', async () => {
    const { clock, container, last, stop } = probing(room(`${GIB}\n`, `${GIB - 134_217_728}\n`));
    container.jstat.lines = [HEADER.slice(0, 40), HEADER.slice(40) + ROW];
    await clock.advance(2_000);
    const { jvm, way, pid } = last();
    assert.deepEqual([way, pid, container.streams], ['jstat', 87, ['jstat -gc 87 2000 30']]);
    assert.equal(jvm?.heap?.usedBytes, Math.round((64 + 100.5 + 2_048.5) * 1_024));
    assert.equal(jvm?.heap?.committedBytes, (512 + 512 + 1_024 + 4_096) * 1_024);
    assert.equal(jvm?.heap?.maxBytes, undefined);
    assert.deepEqual(jvm?.collectors, [
      { name: 'Young Collections', count: 272, timeMs: 157 },
      { name: 'Full Collections', count: 3, timeMs: 250 },
    ]);
    assert.equal(jvm?.fullGcs, 3);
    await stop();
  });

  for (const [what, answers, why] of [
    [
      'too little room',
      room(`${GIB}\n`, `${GIB - 134_217_727}\n`),
      /127 MiB are free below the memory limit, 128 MiB are needed/,
    ],
    ['no limit', room('max\n', '100\n'), /no memory limit/],
    ['an unreadable limit', room('', ''), /memory limit cannot be read|cannot be read/],
    [
      'no limit of cgroup version 1',
      {
        ...room('', ''),
        'cat /sys/fs/cgroup/memory.max': NO_FILE,
        'cat /sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
        'cat /sys/fs/cgroup/memory/memory.usage_in_bytes': '100\n',
      },
      /no memory limit/,
    ],
  ] as const)
    test(`is not started with ${what}`, async () => {
      const { clock, container, last, stop } = probing(answers);
      await clock.advance(2_000);
      assert.equal(last().failure?.code, 'PERF_DATA_MISSING');
      assert.match(last().failure?.message ?? '', why);
      assert.deepEqual(container.streams, []);
      await stop();
    });

  test('that knows nothing of a process is not started for it again', async () => {
    const { clock, container, last, stop } = probing(room(`${GIB}\n`, '1000\n'));
    container.jstat.end = { exitCode: 1, stderr: '87 not found\n' };
    await clock.advance(2_000);
    assert.match(last().failure?.message ?? '', /jstat says: 87 not found/);
    await clock.advance(600_000);
    assert.equal(container.streams.length, 1);
    assert.match(last().failure?.message ?? '', /jstat says: 87 not found/);
    await stop();
  });

  test('and a JVM that only starts are told apart by waiting', async () => {
    const { clock, container, last, stop } = probing(room(`${GIB}\n`, '1000\n'));
    await clock.advance(0);
    Object.assign(container.answers, oneJvm());
    await clock.advance(2_000);
    assert.deepEqual([last().way, last().failure, container.streams], ['hsperfdata', undefined, []]);
    await stop();
  });

  test('garbage for figures is no figure', async () => {
    const { clock, container, last, stop } = probing(room(`${GIB}\n`, '1000\n'));
    container.jstat.lines = [`${HEADER}${ROW.replace('272', '-5')}nonsense\n${'9'.repeat(10_000)}\n`];
    await clock.advance(2_000);
    assert.equal(last().jvm, undefined);
    assert.equal(last().failure?.code, 'PERF_DATA_MISSING');
    await stop();
  });
});
