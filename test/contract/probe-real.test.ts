import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { ProbeReading } from '../../src/domain/probe-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { RunCommand } from '../../src/sources/container-commands.ts';
import { createJstatSlot, type StreamCommand } from '../../src/sources/telemetry/probe/jstat-run.ts';
import { createJvmProbe } from '../../src/sources/telemetry/probe/jvm-probe.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { collectNow, jstatOf, noJdk } from '../support/jvm-tools.ts';

const JVM_MS = 20_000;
const KIB = 1_024;

/** Keeps next to nothing, so that nobody but the test has the old generation collected. */
const PROGRAM = `public class Churn {
  public static void main(String[] words) throws Exception {
    byte[][] kept = new byte[2][];
    for (int at = 0; ; at++) {
      kept[at % kept.length] = new byte[200_000];
      Thread.sleep(20);
    }
  }
}
`;
/** A young collection about every second: longer than the pause between readings. */
const YOUNG = '-Xmn12m';

async function startJvm(context: TestContext, options: readonly string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-probe-'));
  const source = path.join(folder, 'Churn.java');
  writeFileSync(source, PROGRAM);
  const child = spawn('java', [...options, '-Xmx96m', YOUNG, source], { stdio: 'ignore' });
  context.after(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return { child, pid: child.pid ?? assert.fail('no process') };
}

/** Runs the commands of a probe on this machine, as if it were a container in which only one JVM runs. */
function runHere(pid: number): RunCommand {
  const folder = `/tmp/hsperfdata_${userInfo().username}`;
  return (argv, { maxBytes, timeoutMs }, signal) =>
    new Promise((resolve) => {
      const [tool = '', ...words] = argv;
      const limits = { signal, timeout: timeoutMs, maxBuffer: maxBytes, encoding: 'buffer' } as const;
      execFile(tool, words, limits, (error, stdout, stderr) => {
        const said = stdout.toString('utf8');
        const isListing = tool === 'ls' && (words[1] === folder || words[1] === '/proc');
        const own = said.split('\n').filter((line) => line === String(pid));
        const bytes = isListing ? Buffer.from(own.map((line) => `${line}\n`).join('')) : stdout;
        const exitCode = error === null ? 0 : Number(error.code ?? 1);
        resolve({
          exitCode,
          stdout: bytes.toString('utf8'),
          stdoutBytes: bytes,
          stderr: stderr.toString('utf8'),
        });
      });
    });
}
const streamHere: StreamCommand = (argv, onBytes, signal) =>
  new Promise((resolve) => {
    const [tool = '', ...words] = argv;
    const child = spawn(tool, words, { signal, stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', () => undefined);
    child.stdout.on('data', (bytes: Buffer) => onBytes(bytes));
    child.on('close', (code) => resolve({ exitCode: code ?? undefined, stderr: '' }));
  });

function probe(context: TestContext, pid: number) {
  const readings: ProbeReading[] = [];
  const leaving = new AbortController();
  const one = createJvmProbe({
    ref: refOf('probe', 'here', 'here/here'),
    name: 'here/here (here)',
    run: runHere(pid),
    stream: streamHere,
    cpuLimit: undefined,
    jstat: createJstatSlot(),
    clock: systemClock,
    intervalMs: () => 500,
  });
  const done = one.run((reading) => readings.push(reading), leaving.signal);
  const stop = async () => {
    leaving.abort();
    await done;
  };
  context.after(stop);
  return {
    stop,
    until: (what: string, fits: (reading: ProbeReading) => boolean) =>
      waitFor(what, () => readings.findLast(fits), JVM_MS),
  };
}

describe('a probe of a real JVM', { skip: noJdk() }, () => {
  for (const [collector, option, young] of [
    ['G1', '-XX:+UseG1GC', 'G1 Young Generation'],
    ['Parallel', '-XX:+UseParallelGC', 'PS Scavenge'],
    ['Serial', '-XX:+UseSerialGC', 'Copy'],
  ] as const)
    test(`tells what jstat tells, and a forced collection (${collector})`, async (context) => {
      const { child, pid } = await startJvm(context, [option]);
      const { until, stop } = probe(context, pid);
      await until(
        'figures',
        ({ jvm }) => (jvm?.collectors?.find(({ name }) => name === young)?.count ?? 0) > 3,
      );
      const before = await jstatOf(pid);
      const from = Date.now();
      const { jvm } = await until('a reading between', (reading) => (reading.jvm?.at ?? 0) > from);
      const after = await jstatOf(pid);
      const isBetween = (what: string, value: number | undefined, name: string, slack = 0) =>
        assert.ok(
          value !== undefined &&
            value >= (before.get(name) ?? 0) - slack &&
            value <= (after.get(name) ?? 0) + slack,
          `${what}: ${before.get(name)} ≤ ${value} ≤ ${after.get(name)}`,
        );
      const collectorOf = (name: string) => jvm?.collectors?.find((one) => one.name === name);
      isBetween('young collections', collectorOf(young)?.count, 'YGC');
      isBetween('their seconds', (collectorOf(young)?.timeMs ?? -1) / 1_000, 'YGCT', 0.001);
      isBetween('full collections', jvm?.fullGcs, 'FGC');
      const metaspace = jvm?.memoryPools?.find(({ name }) => name === 'Metaspace');
      isBetween('metaspace', (metaspace?.usedBytes ?? 0) / KIB, 'MU', 1);
      assert.equal(jvm?.heap?.maxBytes === undefined || jvm.heap.maxBytes <= 96 * KIB * KIB, true);
      assert.ok((jvm?.cpu?.process ?? -1) >= 0 && (jvm?.cpu?.process ?? 2) <= 1);
      assert.ok((jvm?.fds?.open ?? 0) > 3 && (jvm?.fds?.max ?? 0) >= (jvm?.fds?.open ?? 0));
      assert.ok((jvm?.threads?.live ?? 0) > 0 && (jvm?.classes ?? 0) > 100);

      await collectNow(pid);
      const forced = await until(
        'the full collection',
        (reading) => (reading.jvm?.fullGcs ?? 0) > (jvm?.fullGcs ?? 0),
      );
      // A young collection right behind it takes the cause's place, and then none is told.
      assert.match(forced.jvm?.lastFullGc?.cause ?? 'Diagnostic Command', /^Diagnostic Command$/);
      assert.ok((forced.jvm?.lastFullGc?.afterBytes ?? 0) > 0);
      child.kill('SIGKILL');
      const { failure } = await until('its end', (reading) => reading.failure !== undefined);
      assert.match(failure?.code ?? '', /^(NO_JVM|PERF_DATA_MISSING)$/);
      await stop();
    });

  test('one without the file is told from none at all', async (context) => {
    const { pid } = await startJvm(context, ['-XX:-UsePerfData']);
    const { until } = probe(context, pid);
    const { failure } = await until('why', (reading) => reading.failure !== undefined);
    assert.equal(failure?.code, 'PERF_DATA_MISSING');
  });
});
