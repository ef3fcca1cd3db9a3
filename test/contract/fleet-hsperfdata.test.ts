import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, test } from 'node:test';
import { encodePerfData, type PerfLayout } from '../../fixtures/fleet/jvm/hsperfdata.ts';
import { JvmModel } from '../../fixtures/fleet/jvm/jvm-model.ts';
import { jvmFiguresOf } from '../../src/wire/hsperfdata/figures-of.ts';
import { type PerfData, readPerfData } from '../../src/wire/hsperfdata/read-perf-data.ts';
import { waitFor } from '../support/fleet-wait.ts';

const MIB = 1_048_576;
const START = Date.UTC(2026, 0, 15, 5, 0, 0);

function modelAfter(runMs: number): JvmModel {
  const model = new JvmModel({
    profile: {
      heapMaxBytes: 768 * MIB,
      metaspaceMaxBytes: 128 * MIB,
      liveBytes: 200 * MIB,
      requestsPerSecond: 40,
      meanMs: 30,
      bytesPerRequest: 600_000,
      errorShare: 0,
      cores: 2,
      connectors: [{ name: 'http-nio-8180', maxThreads: 200, share: 1 }],
      dataSources: [],
    },
    seed: 7,
    startedAt: START,
    now: START,
  });
  model.set('fullGcBurst', START + 30_000);
  for (let at = START; at <= START + runMs; at += 10_000) model.advance(at);
  return model;
}

function dataOf(bytes: Uint8Array): PerfData {
  const data = readPerfData(bytes);
  return data.kind === 'perf-data' ? data : assert.fail(data.reason);
}

const NAMES: Readonly<
  Record<PerfLayout, { readonly young: string; readonly old: string; readonly pool: string }>
> = {
  g1: { young: 'G1 Young Generation', old: 'G1 Old Generation', pool: 'G1 Old Gen' },
  parallel8: { young: 'PS Scavenge', old: 'PS MarkSweep', pool: 'PS Old Gen' },
};

describe('the hsperfdata file of a simulated JVM', () => {
  for (const layout of ['g1', 'parallel8'] as const)
    test(`tells what its model holds (${layout})`, () => {
      const reading = modelAfter(120_000).read();
      const now = START + 120_000;
      const command = 'org.apache.catalina.startup.Bootstrap start';
      const figures = jvmFiguresOf(
        dataOf(encodePerfData(reading, { layout, command, vmArgs: '-Xmx768m', now })),
      );
      assert.ok(reading.gc.oldCount > 0 && reading.gc.youngCount > 0);
      assert.deepEqual(figures.heap, {
        used: reading.pools.reduce((sum, { used }) => sum + used, 0),
        committed: reading.heap.committed,
        max: reading.heap.max,
      });
      const { young, old, pool } = NAMES[layout];
      const collector = (name: string) => figures.collectors.find((one) => one.name === name);
      assert.deepEqual(
        [collector(young)?.count, collector(young)?.timeMs, collector(young)?.isFull],
        [reading.gc.youngCount, reading.gc.youngMs, false],
      );
      assert.deepEqual(
        [collector(old)?.count, collector(old)?.timeMs, collector(old)?.isFull],
        [reading.gc.oldCount, reading.gc.oldMs, true],
      );
      assert.equal(collector(old)?.lastEndMs, (reading.lastOld?.at ?? 0) - START);
      assert.equal(
        figures.pools.find(({ name }) => name === pool)?.used,
        reading.pools.find(({ name }) => name === 'G1 Old Gen')?.used,
      );
      assert.deepEqual(figures.threads, {
        live: reading.threads.live,
        peak: reading.threads.peak,
        daemon: reading.threads.daemon,
      });
      assert.equal(figures.classes, reading.classes);
      assert.deepEqual([figures.startedAt, figures.upMs], [START, 120_000]);
      assert.deepEqual(
        [figures.command, figures.version],
        [command, layout === 'g1' ? '17.0.13+11' : '1.8.0_402'],
      );
    });

  test('one that is being written is read as such', () => {
    const reading = modelAfter(10_000).read();
    const bytes = encodePerfData(reading, {
      layout: 'g1',
      command: '',
      vmArgs: '',
      now: START,
      isBeingWritten: true,
    });
    assert.deepEqual(readPerfData(bytes), { kind: 'reject', reason: 'being written', beingWritten: true });
  });
});

const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
const isJdk17 = /version "17\./.test(java.stderr ?? '');

test('it has the entries of a real JDK 17 with G1, of the same types and units', {
  skip: isJdk17 ? false : 'needs a JDK 17 on this machine',
}, async (context) => {
  // A JVM that waits for its input: reading a source file from nowhere.
  const child = spawn('java', ['-XX:+UseG1GC', '-Xmx64m', '--source', '17', '/dev/stdin'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  context.after(() => child.kill('SIGKILL'));
  const file = `/tmp/hsperfdata_${userInfo().username}/${child.pid}`;
  const layoutsOf = (bytes: Buffer) => new Map(entriesOf(bytes).map(({ name, kind }) => [name, kind]));
  await waitFor('a full hsperfdata file', () => {
    if (!existsSync(file)) return false;
    const data = readPerfData(readFileSync(file));
    return data.kind === 'perf-data' && data.texts.has('sun.rt.javaCommand');
  });
  const real = layoutsOf(readFileSync(file));
  const ours = layoutsOf(
    encodePerfData(modelAfter(60_000).read(), {
      layout: 'g1',
      command: 'a',
      vmArgs: 'b',
      now: START + 60_000,
    }),
  );
  for (const [name, kind] of ours) assert.equal(kind, real.get(name), name);
  const needed = [...real.keys()].filter((name) =>
    /^(sun\.gc\.(collector|generation|metaspace|compressed)|java\.threads|java\.cls)/.test(name),
  );
  assert.ok(needed.length > 60);
  assert.deepEqual(
    needed.filter((name) => !ours.has(name) && !name.includes('agetable')),
    [],
  );
});

/** Name and `type flags units variability` of each entry, read apart from the reader under test. */
function entriesOf(bytes: Buffer): readonly { readonly name: string; readonly kind: string }[] {
  const entries: { name: string; kind: string }[] = [];
  let at = bytes.readInt32LE(24);
  for (let index = 0; index < bytes.readInt32LE(28); index++) {
    const nameAt = at + bytes.readInt32LE(at + 4);
    entries.push({
      name: bytes.toString('utf8', nameAt, bytes.indexOf(0, nameAt)),
      kind: [...bytes.subarray(at + 12, at + 16)].join(' '),
    });
    at += bytes.readInt32LE(at);
  }
  return entries;
}
