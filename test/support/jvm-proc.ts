import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PerfValues, perfFileOf } from './jvm-perf-data.ts';

/** Epoch ms at which the pretended machine started. */
export const BOOTED_AT = 1_700_000_000_000;
const TICKS_PER_SECOND = 100;
const MIB = 1_048_576;

export interface PretendedProcess {
  readonly pid: number;
  /** In its own namespace. @default the same */
  readonly innerPid?: number;
  /** Epoch ms. @default a second after the machine */
  readonly startedAt?: number;
  /** @default ours */
  readonly uid?: number;
  /** @default java */
  readonly program?: string;
  readonly words?: readonly string[];
  readonly cpuTicks?: number;
  readonly openFiles?: number;
}

export const ourUid = (): number => process.getuid?.() ?? 0;

/** A machine's /proc and its processes' /tmp in a folder, as the kernel lays them out. */
export class PretendedMachine {
  readonly root = mkdtempSync(path.join(tmpdir(), 'l9s-proc-'));
  readonly proc = path.join(this.root, 'proc');
  /** The agent's own. */
  readonly temporary = path.join(this.root, 'tmp');

  constructor() {
    mkdirSync(this.proc);
    mkdirSync(this.temporary);
    this.setMachine(100, 900);
  }
  setMachine(busyTicks: number, idleTicks: number): void {
    const lines = [`cpu  ${busyTicks} 0 0 ${idleTicks} 0 0 0 0 0 0`, 'cpu0 1 0 0 1', 'cpu1 1 0 0 1'];
    writeFileSync(path.join(this.proc, 'stat'), [...lines, `btime ${BOOTED_AT / 1_000}`, ''].join('\n'));
  }
  start(given: PretendedProcess): void {
    const { pid, innerPid, startedAt = BOOTED_AT + 1_000, uid = ourUid(), program = 'java' } = given;
    const folder = this.folderOf(pid);
    mkdirSync(path.join(folder, 'root/tmp'), { recursive: true });
    mkdirSync(path.join(folder, 'fd'), { recursive: true });
    const inner = innerPid === undefined ? '' : `\t${innerPid}`;
    const status = `Name:\t${program}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nNSpid:\t${pid}${inner}\n`;
    writeFileSync(path.join(folder, 'status'), status);
    const words = given.words ?? ['/usr/bin/java', '-Xmx128m', 'com.example.shop.Shop'];
    writeFileSync(path.join(folder, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    writeFileSync(
      path.join(folder, 'limits'),
      'Limit Soft Hard Units\nMax open files            1024  4096  files\n',
    );
    for (let fd = 0; fd < (given.openFiles ?? 3); fd++) writeFileSync(path.join(folder, 'fd', `${fd}`), '');
    const startTicks = Math.round(((startedAt - BOOTED_AT) * TICKS_PER_SECOND) / 1_000);
    this.#writeStat(pid, program, startTicks, given.cpuTicks ?? 0);
  }
  #writeStat(pid: number, program: string, startTicks: number, cpuTicks: number): void {
    // A name with brackets and spaces must not shift the fields.
    const before = Array.from({ length: 10 }, () => '0').join(' ');
    const between = Array.from({ length: 6 }, () => '0').join(' ');
    const line = `${pid} (${program} ) x) S ${before} ${cpuTicks} 0 ${between} ${startTicks} 0 0\n`;
    writeFileSync(path.join(this.folderOf(pid), 'stat'), line);
  }
  folderOf(pid: number): string {
    return path.join(this.proc, `${pid}`);
  }
  setCpu(pid: number, cpuTicks: number): void {
    this.#writeStat(pid, 'java', TICKS_PER_SECOND, cpuTicks);
  }
  end(pid: number): void {
    rmSync(this.folderOf(pid), { recursive: true, force: true });
  }
  /** In the process's own /tmp, or in ours. */
  perfFolder(pid: number | undefined, user = 'shop'): string {
    const temporary = pid === undefined ? this.temporary : path.join(this.folderOf(pid), 'root/tmp');
    const folder = path.join(temporary, `hsperfdata_${user}`);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    return folder;
  }
  writePerfFile(pid: number, values: PerfValues, innerPid = pid): string {
    const file = path.join(this.perfFolder(pid), `${innerPid}`);
    writeFileSync(file, perfFileOf(values, { fileBytes: 32_768 }));
    return file;
  }
  link(target: string, place: string): void {
    symlinkSync(target, place);
  }
  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Counters of a small Serial JVM that started then. */
export const shopValues = (startedAt: number, more: PerfValues = {}): PerfValues => ({
  'sun.os.hrt.frequency': 1_000_000_000,
  'sun.os.hrt.ticks': 5_000_000_000,
  'java.property.java.version': '17.0.13',
  'java.property.java.vm.version': '17.0.13+11',
  'sun.rt.javaCommand': 'com.example.shop.Shop --password=open-sesame',
  'sun.rt.createVmBeginTime': startedAt,
  'sun.gc.generation.0.maxCapacity': 44 * MIB,
  'sun.gc.generation.0.space.0.used': 10 * MIB,
  'sun.gc.generation.0.space.0.capacity': 36 * MIB,
  'sun.gc.generation.0.space.1.used': MIB,
  'sun.gc.generation.0.space.1.capacity': 4 * MIB,
  'sun.gc.generation.0.space.2.used': 0,
  'sun.gc.generation.0.space.2.capacity': 4 * MIB,
  'sun.gc.generation.1.maxCapacity': 84 * MIB,
  'sun.gc.generation.1.space.0.used': 30 * MIB,
  'sun.gc.generation.1.space.0.capacity': 84 * MIB,
  'sun.gc.collector.0.name': 'Serial young collection pauses',
  'sun.gc.collector.0.invocations': 5,
  'sun.gc.collector.0.time': 20_500_000,
  'sun.gc.collector.1.name': 'Serial full collection pauses',
  'sun.gc.collector.1.invocations': 0,
  'sun.gc.collector.1.time': 0,
  'java.threads.live': 12,
  ...more,
});
