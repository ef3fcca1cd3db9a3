import { createReadStream } from 'node:fs';
import { analyzeDumps } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import { readDump } from '../../src/diagnosis/thread-dump/read-dump.ts';

/** `read-dumps.ts FILE`: reads and analyses it, in a process of its own; prints a line of JSON. */
const [, , file = ''] = process.argv;
const millis = (from: number): number => Math.round(performance.now() - from);
const started = performance.now();
const chunks = createReadStream(file, { highWaterMark: 1_048_576 });
const content = await readDump(chunks, { name: file }, new AbortController().signal);
const readMs = millis(started);
const readCpuMs = Math.round(process.cpuUsage().user / 1_000);
globalThis.gc?.();
const heldMiB = Math.round(process.memoryUsage().heapUsed / 1_048_576);
const read = performance.now();
const findings = analyzeDumps([{ name: file, content }]);
const analyseMs = millis(read);
const dumps = content.kind === 'threads' ? content.dumps : [];
process.stdout.write(
  `${JSON.stringify({
    dumps: dumps.length,
    threads: dumps.reduce((sum, { threads }) => sum + threads.length, 0),
    stacks: new Set(dumps.flatMap(({ threads }) => threads.map(({ stack }) => stack))).size,
    problems: dumps.flatMap(({ problems }) => problems).length,
    readMs,
    readCpuMs,
    analyseMs,
    heldMiB,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
    verdicts: findings.verdict.length,
  })}\n`,
);
