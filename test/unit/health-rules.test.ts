import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { configSchema } from '../../src/config/schema.ts';
import { DEFAULT_HEALTH_LEVELS, type HealthLevels } from '../../src/diagnosis/health/health-levels.ts';
import { HEALTH_RULES } from '../../src/diagnosis/health/health-rules.ts';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { openHealth } from '../support/health-stage.ts';
import { MIB, NOW } from '../support/store-entities.ts';

const connector = (busy: number, max?: number) => ({ connectors: [{ name: 'http', busy, max }] });
const pool = (active: number, max?: number) => ({ dataSources: [{ name: 'jdbc/shop', active, max }] });
const backEnds = (...states: readonly (string | undefined)[]) => ({
  web: { workers: states.map((state, index) => ({ name: `was-${index}`, state })) },
});
const backEnd = (active: number, max?: number) => ({ web: { workers: [{ name: 'was-9', active, max }] } });
const collectors = (...names: readonly string[]) => ({ collectors: names.map((name) => ({ name })) });

interface Case {
  readonly what: string;
  readonly sample: Partial<JvmSample>;
  readonly levels?: Partial<HealthLevels>;
  /** `gc-overhead warn`; nothing where all is well. */
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'an ordinary sample', sample: {}, expected: [] },
  {
    what: 'a heap that is full between collections',
    sample: { heap: { usedBytes: 1_023 * MIB, committedBytes: 1_024 * MIB, maxBytes: 1_024 * MIB } },
    expected: [],
  },
  { what: 'GC below its level', sample: { gcTimePercent: 9.9 }, expected: [] },
  { what: 'GC at its warn level', sample: { gcTimePercent: 10 }, expected: ['gc-overhead warn'] },
  { what: 'GC at its error level', sample: { gcTimePercent: 25 }, expected: ['gc-overhead error'] },
  {
    what: 'GC by a level of the config',
    sample: { gcTimePercent: 12 },
    levels: { gcOverheadWarn: 0.2 },
    expected: [],
  },
  {
    what: 'GC time of ZGC cycles',
    sample: { gcTimePercent: 60, ...collectors('ZGC Cycles', 'ZGC Pauses') },
    expected: [],
  },
  {
    what: 'GC time of generational ZGC',
    sample: { gcTimePercent: 60, ...collectors('ZGC Minor Cycles', 'ZGC Major Cycles') },
    expected: [],
  },
  {
    what: 'GC time of Shenandoah cycles',
    sample: { gcTimePercent: 60, ...collectors('Shenandoah Pauses', 'Shenandoah Cycles') },
    expected: [],
  },
  {
    what: 'GC time of G1',
    sample: { gcTimePercent: 60, ...collectors('G1 Young Generation', 'G1 Old Generation') },
    expected: ['gc-overhead error'],
  },
  {
    what: 'requests under 8 s',
    sample: { active: { total: 9, under3s: 4, under8s: 5, over8s: 0 } },
    expected: [],
  },
  {
    what: 'requests over 8 s',
    sample: { active: { total: 9, over8s: 1 } },
    expected: ['slow-requests warn'],
  },
  { what: 'stuck threads', sample: { threads: { live: 40, stuck: 1 } }, expected: ['stuck-threads error'] },
  { what: 'no stuck threads', sample: { threads: { live: 40, stuck: 0 } }, expected: [] },
  { what: 'a JVM whose clock moves', sample: { stalledMs: 0 }, expected: [] },
  { what: 'a JVM that stands still', sample: { stalledMs: 25_000 }, expected: ['jvm-stalled error'] },
  { what: 'a Tomcat slow once', sample: { unansweredMs: 2_000 }, expected: [] },
  { what: 'a Tomcat that hangs', sample: { unansweredMs: 6_000 }, expected: ['not-answering warn'] },
  { what: 'and goes on', sample: { unansweredMs: 25_000 }, expected: ['not-answering error'] },
  { what: 'a connector with room', sample: connector(159, 200), expected: [] },
  { what: 'a busy connector', sample: connector(160, 200), expected: ['connectors-full warn'] },
  { what: 'a full connector', sample: connector(196, 200), expected: ['connectors-full error'] },
  { what: 'a connector without a maximum', sample: connector(500), expected: [] },
  { what: 'a connector whose maximum is nought', sample: connector(5, 0), expected: [] },
  {
    what: 'a connector by a level of the config',
    sample: connector(120, 200),
    levels: { connectorWarn: 0.5, connectorError: 0.6 },
    expected: ['connectors-full error'],
  },
  { what: 'a pool with room', sample: pool(17, 20), expected: [] },
  { what: 'a nearly full pool', sample: pool(18, 20), expected: ['pool-full warn'] },
  { what: 'a full pool', sample: pool(20, 20), expected: ['pool-full error'] },
  { what: 'a pool without a maximum', sample: pool(20), expected: [] },
  { what: 'few errors', sample: { errorPercent: 4.9 }, expected: [] },
  { what: 'errors', sample: { errorPercent: 5 }, expected: ['error-rate warn'] },
  { what: 'many errors', sample: { errorPercent: 20 }, expected: ['error-rate error'] },
  { what: 'errors of no requests', sample: { errorPercent: 100, tps: 0 }, expected: [] },
  {
    what: 'no errors, where any is one too many',
    sample: { errorPercent: 0 },
    levels: { errorRateWarn: 0, errorRateError: 0 },
    expected: [],
  },
  {
    what: 'a web server with most of its threads busy',
    sample: { web: { activeThreads: 120, maxThreads: 150 } },
    expected: ['web-threads-full warn'],
  },
  {
    what: 'a web server with all its threads busy',
    sample: { web: { activeThreads: 150, maxThreads: 150 } },
    expected: ['web-threads-full error'],
  },
  { what: 'threads without a limit', sample: { web: { activeThreads: 900 } }, expected: [] },
  { what: 'a back end with connections left', sample: backEnd(15, 20), expected: [] },
  { what: 'a back end nearly full', sample: backEnd(16, 20), expected: ['workers-full warn'] },
  { what: 'a full back end', sample: backEnd(20, 20), expected: ['workers-full error'] },
  {
    what: 'a full back end by a level of the config',
    sample: backEnd(20, 20),
    levels: { connectorError: 1.1 },
    expected: ['workers-full warn'],
  },
  { what: 'back ends that serve, or do not say', sample: backEnds('OK', 'Init Ok', undefined), expected: [] },
  { what: 'one back end down', sample: backEnds('OK', 'ERR/REC', 'up'), expected: ['worker-down warn'] },
  { what: 'every back end down', sample: backEnds('ERR', 'down'), expected: ['worker-down error'] },
  { what: 'the only back end down', sample: backEnds('ERR'), expected: ['worker-down error'] },
  { what: 'a back end taken out', sample: backEnds('OK', 'Disabled', 'Init Drn'), expected: [] },
  { what: 'all taken out or down', sample: backEnds('MAINT', 'ERR'), expected: ['worker-down error'] },
  { what: 'no back ends', sample: backEnds(), expected: [] },
  {
    what: 'figures that are not known',
    sample: {
      heap: undefined,
      gcTimePercent: undefined,
      errorPercent: undefined,
      active: undefined,
      connectors: undefined,
      dataSources: undefined,
      threads: undefined,
    },
    expected: [],
  },
];

for (const { what, sample, levels, expected } of CASES) {
  test(`${what}: ${expected.join(', ') || 'well'}`, () => {
    const health = openHealth(levels).hear(2, sample);
    assert.deepEqual(
      health.reasons.map(({ code, level }) => `${code} ${level}`),
      expected,
    );
    for (const { text, next, since } of health.reasons) {
      assert.match(text.en, /was-1/);
      assert.match(text.ko, /was-1/);
      assert.ok(next.en.length > 20 && /[가-힣]/.test(next.ko));
      // What tells for how long it goes on tells since when.
      const { stalledMs, unansweredMs } = sample;
      assert.equal(since, NOW + 2_000 - (stalledMs ?? unansweredMs ?? 0));
    }
  });
}

test('the fullest of several connectors is named', () => {
  const health = openHealth().hear(2, {
    connectors: [
      { name: 'ajp', busy: 170, max: 200 },
      { name: 'http', busy: 12.6, max: 13 },
    ],
  });
  assert.match(health.reasons[0]?.text.en ?? '', /^Connector http of was-1 has 13\/13 threads busy$/);
});

test('requests over 8 s for long enough are stuck, by time alone', () => {
  const stage = openHealth({ stuckMs: 60_000 });
  const slow = { active: { total: 2, over8s: 2 } };
  assert.equal(stage.hear(2, slow).level, 'warn');
  assert.ok(stage.dues.includes(62));
  assert.equal(stage.hear(61, slow).level, 'warn');
  assert.equal(stage.assess(62).level, 'error');
});

test('requests over 8 s that come and go are not stuck', () => {
  const stage = openHealth({ stuckMs: 60_000, clearMs: 0 });
  stage.hear(2, { active: { over8s: 2 } });
  stage.hear(40, { active: { over8s: 0 } });
  stage.hear(42, { active: { over8s: 2 } });
  assert.equal(stage.assess(64).level, 'warn');
});

test('a share of time in GC counts once it was counted for ten seconds', () => {
  const stage = openHealth();
  const busy = { gcTimePercent: 40, gcInterval: { coveredMs: 2_000, count: 1, timeMs: 800 } };
  for (const second of [2, 4, 6, 8]) assert.equal(stage.hear(second, busy).level, 'ok', `${second} s`);
  assert.equal(stage.hear(10, busy).level, 'error');
});

test('where the collectors are not known a reason says what ZGC would mean', () => {
  const unknown = openHealth().hear(2, { gcTimePercent: 40 }).reasons[0];
  assert.match(unknown?.next.en ?? '', /under ZGC/);
  const known = openHealth().hear(2, { gcTimePercent: 40, ...collectors('PS MarkSweep') }).reasons[0];
  assert.doesNotMatch(known?.next.en ?? '', /ZGC/);
});

test('no figure, however odd, makes a rule throw or say what is not a number', () => {
  const amount = fc.oneof(
    fc.constantFrom(undefined, Number.NaN, -1, 0, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER),
    fc.double({ min: -10, max: 1e12 }),
  );
  const sample = fc.record({
    heap: fc.record({ usedBytes: amount, maxBytes: amount, afterGcBytes: amount }),
    gcTimePercent: amount,
    errorPercent: amount,
    fullGcs: amount,
    startedAt: amount,
    active: fc.record({ over8s: amount }),
    threads: fc.record({ stuck: amount }),
    connectors: fc.array(fc.record({ name: fc.string(), busy: amount, max: amount }), { maxLength: 3 }),
    dataSources: fc.array(fc.record({ name: fc.string(), active: amount, max: amount }), { maxLength: 3 }),
    web: fc.record({
      activeThreads: amount,
      maxThreads: amount,
      workers: fc.array(
        fc.record({
          name: fc.string(),
          state: fc.constantFrom(undefined, '', 'OK', 'ERR'),
          active: amount,
          max: amount,
        }),
        { maxLength: 3 },
      ),
    }),
    lastFullGc: fc.option(fc.record({ at: fc.double({ min: -1e15, max: 1e15 }), afterBytes: amount }), {
      nil: undefined,
    }),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 24 }), (samples) => {
      const stage = openHealth();
      for (const [index, one] of samples.entries()) {
        const { reasons } = stage.hear(index * 70, one);
        for (const { text } of reasons) assert.doesNotMatch(text.en, /NaN|undefined/);
      }
    }),
  );
});

test('the levels without a config are the defaults of the config', () => {
  assert.deepEqual(configSchema.parse({}).health, DEFAULT_HEALTH_LEVELS);
});

test('every rule that judges a JVM raises an alarm, and codes are unique', () => {
  assert.equal(new Set(HEALTH_RULES.map(({ code }) => code)).size, HEALTH_RULES.length);
  const silent = HEALTH_RULES.filter((rule) => rule.readsJvm === true && rule.raisesAlarm !== true);
  assert.deepEqual(silent, []);
});

/** Full collections at these seconds, each told by its time. */
function collect(
  stage: ReturnType<typeof openHealth>,
  seconds: readonly number[],
  more: (index: number) => Partial<JvmSample> = () => ({}),
) {
  let health = stage.assess(0);
  for (const [index, second] of seconds.entries())
    health = stage.hear(second, { lastFullGc: { at: NOW + second * 1_000 }, ...more(index) });
  return health.reasons.map(({ code, level }) => `${code} ${level}`);
}

test('two full collections within a minute are an anomaly, four an error', () => {
  assert.deepEqual(collect(openHealth(), [10]), []);
  assert.deepEqual(collect(openHealth(), [10, 75]), []);
  assert.deepEqual(collect(openHealth(), [10, 65]), ['full-gcs warn']);
  assert.deepEqual(collect(openHealth(), [10, 20, 30]), ['full-gcs warn']);
  assert.deepEqual(collect(openHealth(), [10, 20, 30, 40]), ['full-gcs error']);
  assert.deepEqual(collect(openHealth({ fullGcs: 3 }), [10, 20]), []);
  assert.deepEqual(collect(openHealth({ fullGcWindowMs: 300_000 }), [10, 200]), ['full-gcs warn']);
});

test('full collections that leave the heap full are an error at once', () => {
  const full = () => ({ heap: { maxBytes: 100 * MIB, afterGcBytes: 95 * MIB } });
  assert.ok(collect(openHealth(), [10, 20], full).includes('full-gcs error'));
});

test('full collections clear by time alone', () => {
  const stage = openHealth({ clearMs: 30_000 });
  collect(stage, [10, 65]);
  assert.ok(stage.dues.includes(70));
  assert.equal(stage.assess(69).level, 'warn');
  assert.equal(stage.assess(71).level, 'warn');
  assert.ok(stage.dues.includes(101));
  assert.equal(stage.assess(101).level, 'ok');
});

test('a full collection somebody asked for is no anomaly, but is told of beside one', () => {
  const asked = (cause: string) => (index: number) => ({
    lastFullGc: { at: NOW + (10 + index * 10) * 1_000, cause },
  });
  for (const cause of ['System.gc()', 'Diagnostic Command', 'Heap Inspection Initiated GC'])
    assert.deepEqual(collect(openHealth(), [10, 20, 30], asked(cause)), [], cause);
  assert.deepEqual(collect(openHealth(), [10, 20, 30], asked('Ergonomics')), ['full-gcs warn']);
  const stage = openHealth();
  collect(stage, [10], asked('System.gc()'));
  collect(stage, [20, 30]);
  assert.match(
    stage.reason(30, 'full-gcs')?.text.en ?? '',
    /had 2 full collections within 60 s, and 1 that were asked for/,
  );
});

test('cycles of ZGC follow each other without being an anomaly', () => {
  const cycles = () => collectors('ZGC Major Cycles', 'ZGC Minor Cycles');
  assert.deepEqual(collect(openHealth(), [10, 20, 30, 40], cycles), []);
});

test('two collections in one sample are two, and their count may come a sample late', () => {
  const heard = (
    ...samples: readonly (readonly [second: number, at: number | undefined, total?: number])[]
  ) => {
    const stage = openHealth({ fullGcs: 2, fullGcWindowMs: 60_000 });
    for (const [second, at, fullGcs] of samples)
      stage.hear(second, { fullGcs, lastFullGc: at === undefined ? undefined : { at: NOW + at * 1_000 } });
    const last = samples.at(-1)?.[0] ?? 0;
    return stage.history.oldCollections?.countSince(NOW + (last - 60) * 1_000) ?? 0;
  };
  assert.equal(heard([2, -900, 5], [20, 19, 7]), 2);
  assert.equal(heard([2, -900, 5], [20, 19, 5], [22, 19, 6], [24, 19, 6]), 1);
  assert.equal(heard([2, -900, 5], [20, 19, 5], [22, 21, 6], [24, 21, 7]), 2);
  assert.equal(heard([2, undefined, 5], [20, undefined, 7]), 2);
  assert.equal(heard([2, undefined, 5], [20, undefined, 5]), 0);
  assert.equal(heard([2, -900], [20, 19], [22, 19], [24, 23]), 2);
  // The first sample of a JVM may already lag.
  assert.equal(heard([2, 1, 4], [4, 1, 5], [6, 1, 5]), 1);
});

test('what happened while nothing was heard is not taken for a burst', () => {
  const stage = openHealth();
  stage.hear(2, { fullGcs: 1, lastFullGc: { at: NOW - 900_000 } });
  const health = stage.hear(3_602, { fullGcs: 21, lastFullGc: { at: NOW + 3_600_000 } });
  assert.deepEqual(health.reasons, []);
});

test('heap after GC counts collections, not samples', () => {
  const stage = openHealth({ clearMs: 0 });
  const left = (afterMiB: number, at: number, fullGcs?: number) => ({
    fullGcs,
    heap: { maxBytes: 100 * MIB, afterGcBytes: afterMiB * MIB },
    lastFullGc: { at: NOW + at * 1_000, afterBytes: afterMiB * MIB },
  });
  const codes = (second: number, sample: Partial<JvmSample>) =>
    stage
      .hear(second, sample)
      .reasons.map(({ code, level }) => `${code} ${level}`)
      .filter((one) => one.startsWith('heap-after-gc'));
  assert.deepEqual(codes(100, left(80, 99, 1)), []);
  for (const second of [102, 104, 106, 108]) assert.deepEqual(codes(second, left(80, 99, 1)), []);
  assert.deepEqual(codes(200, left(80, 199, 2)), []);
  assert.deepEqual(codes(300, left(80, 299, 3)), ['heap-after-gc warn']);
  // Two in one sample.
  assert.deepEqual(codes(400, left(95, 399, 5)), ['heap-after-gc warn']);
  assert.deepEqual(codes(500, left(95, 499, 7)), ['heap-after-gc error']);
  assert.deepEqual(codes(600, left(40, 599, 8)), []);
});

test('what a collection left may be known a sample after it', () => {
  const stage = openHealth({ forGcs: 2, clearMs: 0 });
  const sample = (at: number, afterMiB: number) => ({
    heap: { maxBytes: 100 * MIB, afterGcBytes: afterMiB * MIB },
    lastFullGc: { at: NOW + at * 1_000 },
  });
  stage.hear(100, sample(99, 80));
  // The collection is there, what it left is still that of the one before.
  stage.hear(200, sample(199, 80));
  assert.equal(stage.history.oldCollections?.aboveWarn, 2);
  stage.hear(202, sample(199, 30));
  assert.equal(stage.history.oldCollections?.aboveWarn, 0);
  stage.hear(300, sample(299, 30));
  stage.hear(302, sample(299, 85));
  assert.equal(stage.history.oldCollections?.aboveWarn, 1);
});
