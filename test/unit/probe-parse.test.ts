import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { execTemplateOf } from '../../src/domain/exec-template.ts';
import { mainOf, perfFoldersIn, pidsIn, serverLikeness } from '../../src/sources/perf-files.ts';
import { JstatTable } from '../../src/sources/telemetry/probe/jstat-table.ts';
import { ReadPauses } from '../../src/sources/telemetry/probe/read-pauses.ts';
import type { JvmFigures, PerfCollector } from '../../src/wire/hsperfdata/jvm-figures.ts';
import { readAllowedCores, readMaxOpenFiles, readProcessStat } from '../../src/wire/proc/process-files.ts';
import { statOf } from '../support/fake-container.ts';

describe('files of /proc', () => {
  test('a program’s name may hold anything', () => {
    const stat = statOf(87, 4_711, 250).replace('(java)', '(a) S 1 (b ) x)');
    assert.deepEqual(readProcessStat(stat), {
      program: 'a) S 1 (b ) x',
      hasEnded: false,
      cpuTicks: 250,
      startTicks: 4_711,
    });
  });

  test('cores are counted over ranges, and nonsense is not known', () => {
    const cores = (list: string) => readAllowedCores(`Name:\tjava\nCpus_allowed_list:\t${list}\nMems:\t1\n`);
    assert.deepEqual(
      [cores('0'), cores('0-3'), cores('0-3,8,10-11'), cores('3-1'), cores('0-99999'), cores(''), cores('x')],
      [1, 4, 7, undefined, undefined, undefined, undefined],
    );
  });

  test('a limit that is none is not known', () => {
    const row = (soft: string) =>
      `Max open files            ${soft}            4096                 files     \n`;
    assert.deepEqual(
      [readMaxOpenFiles(row('1024')), readMaxOpenFiles(row('unlimited')), readMaxOpenFiles('')],
      [1_024, undefined, undefined],
    );
  });

  test('foreign text neither throws nor gives what is no number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const stat = readProcessStat(text);
        for (const value of [
          stat?.cpuTicks,
          stat?.startTicks,
          readAllowedCores(text),
          readMaxOpenFiles(text),
        ])
          assert.ok(value === undefined || (Number.isFinite(value) && value >= 0));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what ls lists', () => {
  test('whatever it says, only what the list of commands allows is asked for', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.constantFrom(
        'hsperfdata_lena',
        'hsperfdata_../x',
        'hsperfdata_a b',
        '87',
        '-1',
        '0',
        '99999999',
        '../1',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 100 }), (lines) => {
        const bytes = Buffer.from(lines.join('\n'));
        const folders = perfFoldersIn(bytes);
        const pids = pidsIn(bytes);
        assert.ok(folders.length <= 8 && pids.length <= 64);
        for (const folder of folders) {
          assert.ok(execTemplateOf(['ls', '-1', folder]), folder);
          for (const pid of pids.slice(0, 3)) assert.ok(execTemplateOf(['cat', `${folder}/${pid}`]));
        }
        for (const pid of pids) assert.ok(execTemplateOf(['cat', `/proc/${pid}/stat`]), String(pid));
      }),
    );
  });

  test('what a JVM runs is known by its main class, without arguments and secrets', () => {
    assert.equal(mainOf('/opt/app/shop.jar --password EXAMPLE'), 'shop.jar');
    assert.equal(mainOf('token=EXAMPLE'), 'token=***');
    assert.equal(mainOf('   '), undefined);
    assert.ok(!/\p{Cc}/u.test(mainOf('\u001b[31mboom') ?? ''));
    const ranked = [
      'sun.tools.jps.Jps',
      undefined,
      'com.example.Main',
      'org.apache.catalina.startup.Bootstrap start',
    ];
    assert.deepEqual(ranked.map(serverLikeness), [0, 1, 2, 3]);
  });
});

test('jstat’s output gives the same rows however it is cut, and garbage none', () => {
  const text = `  S0C  EU  OU  YGC  YGCT  FGC  FGCT\n  512.0  1.5  -  7  0.070  1  0.2\n oops\n  512.0  2.5  3.0  8  0.080  1  0.2\n`;
  const whole = new JstatTable().take(Buffer.from(text), 5);
  assert.equal(whole.length, 2);
  assert.equal(
    whole[0]?.pools.some(({ name }) => name === 'Old Gen'),
    false,
    'what is - is not known',
  );
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), text.length];
      const table = new JstatTable();
      const rows = cuts.slice(1).flatMap((end, at) => table.take(Buffer.from(text.slice(cuts[at], end)), 5));
      assert.deepEqual(rows, whole);
      assert.equal(table.rejected, 1);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (noise) => {
      for (const { heap } of new JstatTable().take(Buffer.from(`${noise}\n`), 5))
        assert.ok(heap.used === undefined || heap.used >= 0);
    }),
    { numRuns: 1_000 },
  );
});

describe('pauses seen between readings', () => {
  const collector = (count: number, startMs: number, endMs: number): PerfCollector => ({
    name: 'G1 Young Generation',
    isFull: false,
    count,
    timeMs: 0,
    lastStartMs: startMs,
    lastEndMs: endMs,
  });
  const figures = (upMs: number, ...collectors: readonly PerfCollector[]): JvmFigures => ({
    upMs,
    heap: {},
    nonHeap: {},
    pools: [],
    collectors,
  });

  test('are told while each was seen, and not once one was missed', () => {
    const pauses = new ReadPauses();
    pauses.take(undefined, figures(1_000, collector(3, 900, 950)), 10_000);
    assert.equal(pauses.timesAt(10_000), undefined, 'what was before is of another time');
    pauses.take([collector(3, 900, 950)], figures(3_000, collector(4, 2_000, 2_040)), 12_000);
    pauses.take([collector(4, 2_000, 2_040)], figures(5_000, collector(5, 4_000, 4_010)), 14_000);
    assert.deepEqual(pauses.timesAt(14_000), { count: 2, p50Ms: 10, p95Ms: 40, p99Ms: 40, maxMs: 40 });
    pauses.take([collector(5, 4_000, 4_010)], figures(7_000, collector(8, 6_000, 6_020)), 16_000);
    assert.equal(pauses.timesAt(16_000), undefined);
    pauses.take([collector(8, 6_000, 6_020)], figures(9_000, collector(9, 8_000, 8_005)), 18_000);
    assert.equal(pauses.timesAt(18_000), undefined);
    assert.deepEqual(pauses.timesAt(616_000)?.count, 1, 'ten minutes later the rest is whole again');
  });

  test('of a collector that runs beside the application are none', () => {
    const cycles = (count: number) => ({ ...collector(count, 1_000, 5_000), name: 'ZGC Cycles' });
    const pauses = new ReadPauses();
    pauses.take([cycles(1)], figures(6_000, cycles(2)), 10_000);
    assert.equal(pauses.timesAt(10_000), undefined);
  });
});
