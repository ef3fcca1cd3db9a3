import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dropsInTable } from '../../src/sources/telemetry/kernel-drops.ts';
import { type Pty, startInPty } from '../support/pty.ts';
import { cpuMs, freeUdpPort, pause, residentMiB, withBuilt } from './console-on-fleet.ts';

const SECONDS = Number(process.env['L9S_FLOOD_SECONDS'] ?? 30);
const RATE = Number(process.env['L9S_FLOOD_RATE'] ?? 25_000);
const SENDERS = Number(process.env['L9S_FLOOD_SENDERS'] ?? 2_000);
/** Every sender has been heard, and the flood runs, before keys are timed. */
const SETTLE_MS = 8_000;
/** Facts are told once a second. */
const FACTS_MS = 3_000;

interface SenderReport {
  readonly sent: number;
  readonly flooded: number;
  readonly errors: number;
  readonly elapsedMs: number;
}

function startSender(port: number): { readonly child: ChildProcess; readonly report: Promise<SenderReport> } {
  const program = path.join(import.meta.dirname, 'flood-sender.ts');
  const words = ['--import', 'tsx', program, ...[port, RATE, SECONDS, SENDERS].map(String)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const report = new Promise<SenderReport>((resolve, reject) => {
    child.once('exit', (code) => {
      const told: unknown = code === 0 ? JSON.parse(said) : undefined;
      if (isReport(told)) resolve(told);
      else reject(new Error(`the sender ended with ${code}: ${said}`));
    });
  });
  return { child, report };
}
const isReport = (value: unknown): value is SenderReport =>
  typeof value === 'object' && value !== null && 'sent' in value && 'flooded' in value;

const selectedRow = (screen: string): number => screen.split('\n').findIndex((line) => line.includes('▸'));

/** Milliseconds from a key to the frame that shows what it did, over and over until the sender ends. */
async function timeKeys(pty: Pty, isOver: () => boolean): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; !isOver(); index++) {
    const before = selectedRow(pty.screen());
    const pressedAt = performance.now() - pty.startedAt;
    pty.write(index % 2 === 0 ? 'j' : 'k');
    times.push((await pty.until((screen) => selectedRow(screen) !== before, 20_000)) - pressedAt);
    await pause(40 + ((index * 13) % 61));
  }
  return times;
}

const at = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) /
  10;

/** A number of the receiver's page, written in groups of three digits; 0 where the page does not speak of it. */
function countIn(screen: string, pattern: RegExp): number {
  const digits = pattern.exec(screen)?.[1];
  return digits === undefined ? 0 : Number(digits.replaceAll(' ', ''));
}

/** 25,000 datagrams a second of LENA and `l9s/1` at a real console: what is lost, and whether it answers keys. */
export async function run(): Promise<object> {
  return await withBuilt(async (built) => {
    const port = await freeUdpPort();
    const configPath = path.join(built.home, 'flood.yaml');
    writeFileSync(configPath, `telemetry:\n  listen: "127.0.0.1:${port}"\n`);
    const pty = startInPty([process.execPath, built.program, '--config', configPath], {
      environment: built.environment,
      limitMs: (SECONDS + 120) * 1_000,
    });
    await pty.until((screen) => /udp \d+ live/.test(screen), 30_000);
    const processId = pty.processIds().at(-1) ?? 0;
    const { report } = startSender(port);
    let isOver = false;
    const sending = report.finally(() => {
      isOver = true;
    });
    await pty.until((screen) => selectedRow(screen) >= 0, 30_000);
    await pause(SETTLE_MS);
    const cpuBefore = cpuMs(processId);
    const from = performance.now();
    const keys = await timeKeys(pty, () => isOver);
    const cpuPercent = Math.round(((cpuMs(processId) - cpuBefore) * 100) / (performance.now() - from));
    const { sent, flooded, errors, elapsedMs } = await sending;
    await pause(FACTS_MS);
    const kernelDrops = dropsInTable(readFileSync('/proc/net/udp', 'utf8'), port) ?? Number.NaN;
    const memoryMiB = residentMiB(processId);
    pty.write(':contexts\r');
    await pty.until((screen) => screen.includes('Contexts ─'), 10_000);
    pty.write('d');
    await pty.until((screen) => /in all/.test(screen), 10_000);
    const screen = pty.screen();
    pty.write('\u0003');
    await pty.exited;
    const counted = countIn(screen, /; ([\d ]+) in all/);
    const overrun = countIn(screen, /Received and not read in time +([\d ]+)/i);
    const sorted = [...keys].sort((a, b) => a - b);
    return {
      rate: RATE,
      seconds: SECONDS,
      senders: SENDERS,
      sent,
      sendErrors: errors,
      floodedPerSecond: Math.round((flooded * 1_000) / elapsedMs),
      counted,
      kernelDrops,
      overrun,
      unaccounted: sent - counted - kernelDrops - overrun,
      rejected: countIn(screen, /Rejected +([\d ]+)/),
      limited: countIn(screen, /beyond a sender’s rate +([\d ]+)/i),
      keyToFrameMs: { keys: sorted.length, p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: at(sorted, 1) },
      cpuPercent,
      residentMiB: memoryMiB,
      targets: { kernelDrops: 0, overrun: 0, unaccounted: 0, keyToFrameMs: { p50: 8, p99: 25 } },
    };
  });
}
