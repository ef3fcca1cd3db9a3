import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, truncateSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type FoundJvm, JvmFinder, type Wanted } from '../../src/agent/find-jvms.ts';
import { openPerfFile, type PerfFileProblem } from '../../src/agent/perf-file.ts';
import { readEntry, readTimes } from '../../src/agent/proc/process-entry.ts';
import { ProcessUsage } from '../../src/agent/proc/usage.ts';
import { BOOTED_AT, ourUid, PretendedMachine, shopValues } from '../support/jvm-proc.ts';

const PID = 4_321;
const STARTED = BOOTED_AT + 1_000;
const isRoot = ourUid() === 0;
const OTHER = 12_345;

let machine: PretendedMachine;
const opened: FileHandle[] = [];
beforeEach(() => {
  machine = new PretendedMachine();
});
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close().catch(() => undefined);
  machine.remove();
});

async function problemOf(pid = PID): Promise<PerfFileProblem | undefined> {
  const entry = readEntry(machine.proc, pid) ?? assert.fail('no such process');
  const file = await openPerfFile(machine, entry);
  if ('kind' in file) return file;
  opened.push(file);
  return undefined;
}
async function find(wanted: Wanted = {}, finder = new JvmFinder(machine)) {
  const result = await finder.find(wanted, () => false);
  opened.push(...result.found.map(({ file }) => file));
  return result;
}
const pidsOf = ({ found }: { readonly found: readonly FoundJvm[] }) => found.map(({ entry }) => entry.pid);

describe('the hsperfdata file of a process', () => {
  test('is found in the /tmp it sees, by the number it has there', async () => {
    machine.start({ pid: PID, innerPid: 7 });
    machine.writePerfFile(PID, shopValues(STARTED), 7);
    assert.equal(await problemOf(), undefined);
  });
  test('is found in our /tmp where its own is another one', async () => {
    machine.start({ pid: PID });
    writeFileSync(path.join(machine.perfFolder(undefined), `${PID}`), 'x');
    assert.equal(await problemOf(), undefined);
  });
  test('that is not there is missing', async () => {
    machine.start({ pid: PID });
    machine.perfFolder(PID);
    assert.equal((await problemOf())?.kind, 'missing');
  });
  test('that is a link is not followed, nor is a link to its folder or its /tmp', async () => {
    machine.start({ pid: PID });
    const elsewhere = path.join(machine.root, 'elsewhere');
    writeFileSync(elsewhere, 'x');
    machine.link(elsewhere, path.join(machine.perfFolder(PID), `${PID}`));
    assert.equal((await problemOf())?.kind, 'foreign');

    machine.start({ pid: PID + 1 });
    machine.link(machine.perfFolder(PID), path.join(machine.folderOf(PID + 1), 'root/tmp/hsperfdata_shop'));
    assert.equal((await problemOf(PID + 1))?.kind, 'foreign');
  });
  test('that is a pipe does not hold the reader', async () => {
    machine.start({ pid: PID });
    execFileSync('mkfifo', [path.join(machine.perfFolder(PID), `${PID}`)]);
    assert.match((await problemOf())?.why ?? '', /no plain file/);
  });
  test('that is larger than any JVM writes is told as that', async () => {
    machine.start({ pid: PID });
    const file = machine.writePerfFile(PID, shopValues(STARTED));
    truncateSync(file, 3 * 2 ** 30);
    assert.match((await problemOf())?.why ?? '', /larger than any JVM/);
  });
  test('in a folder others can write to is not trusted', async () => {
    machine.start({ pid: PID });
    machine.writePerfFile(PID, shopValues(STARTED));
    chmodSync(machine.perfFolder(PID), 0o755);
    assert.equal(await problemOf(), undefined);
    chmodSync(path.join(machine.folderOf(PID), 'root/tmp/hsperfdata_shop'), 0o777);
    assert.equal((await problemOf())?.kind, 'missing');
  });
  test('of another user than its process is refused', { skip: !isRoot && 'needs root' }, async () => {
    machine.start({ pid: PID, uid: OTHER });
    const file = machine.writePerfFile(PID, shopValues(STARTED));
    assert.match((await problemOf())?.why ?? '', /not its own user/);
    chownSync(file, OTHER, OTHER);
    assert.equal(await problemOf(), undefined);
  });
});

describe('JVMs of a machine', () => {
  test('are found with what they are, and their arguments stay hidden', async () => {
    machine.start({
      pid: PID,
      words: ['java', '-DjvmRoute=r1', 'com.example.shop.Shop', '--password=open-sesame'],
    });
    machine.writePerfFile(PID, shopValues(STARTED));
    const { found, unreadable } = await find();
    assert.deepEqual(unreadable, []);
    const [jvm] = found;
    assert.deepEqual(jvm?.identity, {
      main: 'com.example.shop.Shop',
      name: 'r1',
      serverType: 'jvm',
      isTool: false,
    });
    assert.equal(jvm.version, '17.0.13+11');
  });
  test('are chosen by what the command line says, or by number', async () => {
    for (const [pid, name] of [
      [11, 'shop'],
      [12, 'pay'],
    ] as const) {
      machine.start({ pid, words: ['java', `-Dname=${name}`, 'Main'] });
      machine.writePerfFile(pid, shopValues(STARTED));
    }
    assert.deepEqual(pidsOf(await find({ matches: (line) => line.includes('=pay') })), [12]);
    assert.deepEqual(pidsOf(await find({ pid: 11 })), [11]);
    assert.deepEqual(pidsOf(await find()).toSorted(), [11, 12]);
  });
  test('a stale file of a number that came round again is told, not read', async () => {
    machine.start({ pid: PID, startedAt: BOOTED_AT + 7_200_000 });
    machine.writePerfFile(PID, shopValues(BOOTED_AT + 1_000));
    const { found, unreadable } = await find();
    assert.deepEqual(found, []);
    assert.deepEqual(
      unreadable.map(({ code, message }) => [code, /earlier process/.test(message)]),
      [['PERF_DATA_MISSING', true]],
    );
  });
  test('a stale file of a process that is no JVM is nothing', async () => {
    machine.start({ pid: PID, startedAt: BOOTED_AT + 7_200_000, program: 'bash', words: ['bash'] });
    machine.writePerfFile(PID, shopValues(BOOTED_AT + 1_000));
    assert.deepEqual(await find(), { found: [], unreadable: [] });
  });
  test('that write no file say so by their flag; other programs are left alone', async () => {
    machine.start({ pid: PID, words: ['java', '-XX:-UsePerfData', 'Shop'] });
    machine.start({ pid: PID + 1, program: 'tail', words: ['tail', '-f', 'java.log'] });
    const { unreadable } = await find();
    assert.deepEqual(
      unreadable.map(({ pid, code, message }) => [pid, code, message]),
      [[PID, 'PERF_DATA_MISSING', `process ${PID}: it runs with -XX:-UsePerfData`]],
    );
  });
  test('a torn file is told and found again when it is whole', async () => {
    machine.start({ pid: PID });
    writeFileSync(path.join(machine.perfFolder(PID), `${PID}`), Buffer.alloc(32_768));
    const finder = new JvmFinder(machine);
    assert.match((await find({}, finder)).unreadable[0]?.message ?? '', /being written/);
    machine.writePerfFile(PID, shopValues(STARTED));
    assert.deepEqual(pidsOf(await find({}, finder)), [PID]);
  });
  test('a script that becomes a JVM is found', async () => {
    const finder = new JvmFinder(machine);
    machine.start({ pid: PID, program: 'entrypoint.sh', words: ['sh', 'entrypoint.sh'] });
    for (let looks = 0; looks < 5; looks++)
      assert.deepEqual(await find({}, finder), { found: [], unreadable: [] });
    machine.start({ pid: PID, program: 'java' });
    machine.writePerfFile(PID, shopValues(STARTED));
    assert.deepEqual(pidsOf(await find({}, finder)), [PID]);
  });
  test('tools of the JDK are not advertised unless they are named', async () => {
    machine.start({ pid: PID });
    machine.writePerfFile(
      PID,
      shopValues(STARTED, { 'sun.rt.javaCommand': 'jdk.jcmd/sun.tools.jstat.Jstat -gc 1' }),
    );
    assert.deepEqual(pidsOf(await find()), []);
    assert.deepEqual(pidsOf(await find({ pid: PID })), [PID]);
  });
});

describe('what the kernel tells of a process', () => {
  test('a name with brackets shifts nothing; a zombie is gone', () => {
    machine.start({ pid: PID, program: 'we) ird (', cpuTicks: 250 });
    assert.deepEqual(readTimes(machine.proc, PID), {
      program: 'we) ird ( ) x',
      hasEnded: false,
      startTicks: 100,
      cpuTicks: 250,
    });
    writeFileSync(path.join(machine.folderOf(PID), 'stat'), `${PID} (java) Z ${'0 '.repeat(30)}`);
    assert.equal(readTimes(machine.proc, PID), undefined);
    writeFileSync(path.join(machine.folderOf(PID), 'stat'), '');
    assert.equal(readTimes(machine.proc, PID), undefined);
  });
  test('shares of processor time: of all processors, since the reading before', async () => {
    machine.start({ pid: PID, cpuTicks: 0, openFiles: 5 });
    const usage = new ProcessUsage(machine.proc, PID);
    assert.equal((await usage.read(0)).cpu, undefined);
    machine.setCpu(PID, 100);
    machine.setMachine(150, 950);
    const { cpu, fds } = await usage.read(1_000);
    // One second of two processors' one.
    assert.deepEqual(cpu, { process: 0.5, system: 0.5 });
    assert.equal(fds?.max, 1_024);
  });
  test('a container’s limit is the whole of what it may use', async () => {
    machine.start({ pid: PID });
    const group = path.join(machine.folderOf(PID), 'root/sys/fs/cgroup');
    execFileSync('mkdir', ['-p', group]);
    writeFileSync(path.join(group, 'cpu.max'), '50000 100000\n');
    const usage = new ProcessUsage(machine.proc, PID);
    await usage.read(0);
    machine.setCpu(PID, 25);
    assert.equal((await usage.read(1_000)).cpu?.process, 0.5);
    machine.setCpu(PID, 200);
    assert.equal((await usage.read(2_000)).cpu?.process, 1);
  });
});
