import assert from 'node:assert/strict';
import { encodePerfFile, type PerfEntry } from '../../fixtures/fleet/jvm/perf-data-writer.ts';
import { execTemplateOf } from '../../src/domain/exec-template.ts';
import type { ProbeReading } from '../../src/domain/probe-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createJstatSlot } from '../../src/sources/telemetry/probe/jstat-run.ts';
import { createJvmProbe } from '../../src/sources/telemetry/probe/jvm-probe.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeContainer, type FakeAnswer, statOf } from './fake-container.ts';

/** When probes begin. */
export const START = 1_700_000_000_000;
export const FOLDER = '/tmp/hsperfdata_lena';
const long = (name: string, value: number): PerfEntry => ({
  name,
  unit: 'none',
  variability: 'counter',
  value,
});
const words = (name: string, value: string): PerfEntry => ({
  name,
  unit: 'text',
  variability: 'constant',
  value,
});

interface Figures {
  readonly upMs?: number;
  readonly full?: number;
  readonly old?: number;
  readonly command?: string;
  readonly version?: string;
}
/** What a parallel collector's JVM writes. */
export const perfFile = ({
  upMs = 60_000,
  full = 0,
  old = 300,
  command = 'org.apache.catalina.startup.Bootstrap start',
  version,
}: Figures = {}) =>
  encodePerfFile({
    modifiedTicks: 1,
    entries: [
      long('sun.os.hrt.frequency', 1_000_000_000),
      long('sun.os.hrt.ticks', upMs * 1_000_000),
      long('sun.rt.createVmBeginTime', START - 60_000),
      words('sun.rt.javaCommand', command),
      ...(version === undefined ? [] : [words('java.property.java.vm.version', version)]),
      words('sun.gc.collector.0.name', 'PSScavenge'),
      long('sun.gc.collector.0.invocations', 4),
      long('sun.gc.collector.0.time', 40_000_000),
      words('sun.gc.collector.1.name', 'PSParallelCompact'),
      long('sun.gc.collector.1.invocations', full),
      long('sun.gc.collector.1.time', full * 100_000_000),
      long('sun.gc.generation.0.space.0.used', 500),
      long('sun.gc.generation.0.space.1.used', 20),
      long('sun.gc.generation.0.space.2.used', 0),
      long('sun.gc.generation.1.space.0.used', old),
    ],
  });

/** A container in which one JVM runs. */
export const oneJvm = (over: Record<string, FakeAnswer> = {}): Record<string, FakeAnswer> => ({
  'ls -1 /tmp': 'hsperfdata_lena\nother\n',
  [`ls -1 ${FOLDER}`]: '87\n',
  [`cat ${FOLDER}/87`]: perfFile(),
  'cat /proc/87/stat': statOf(87, 1_000),
  'cat /proc/87/status': 'Name:\tjava\nCpus_allowed_list:\t0-3\n',
  'cat /proc/87/limits': 'Limit  Soft  Hard\nMax open files            1024                 4096   files\n',
  'ls -1 /proc/87/fd': '0\n1\n2\n',
  ...over,
});

/** A probe of a container, on a clock that is turned by hand. */
export function probing(answers: Record<string, FakeAnswer>, cpuLimit?: number) {
  const clock = createFakeClock(START);
  const container = createFakeContainer(answers);
  const readings: ProbeReading[] = [];
  const leaving = new AbortController();
  const pace = { everyMs: 2_000 };
  const probe = createJvmProbe({
    ref: refOf('probe', 'prod', 'shop/was-1'),
    name: 'shop/was-1 (was)',
    run: container.run,
    stream: container.stream,
    cpuLimit,
    jstat: createJstatSlot(),
    clock,
    intervalMs: () => pace.everyMs,
  });
  const done = probe.run((reading) => readings.push(reading), leaving.signal);
  return {
    clock,
    container,
    probe,
    pace,
    readings,
    last: () => readings.at(-1) ?? assert.fail('nothing was told'),
    async stop() {
      leaving.abort();
      await done;
      for (const command of [...container.asked, ...container.streams])
        assert.ok(execTemplateOf(command.split(' ')) !== undefined, `${command} is not of the list`);
    },
  };
}
