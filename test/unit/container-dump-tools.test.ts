import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { statOf } from '../support/fake-container.ts';
import { FOLDER, perfFile } from '../support/probe-stage.ts';
import {
  type Answer,
  DUMP,
  GONE,
  HANGS,
  HISTOGRAM,
  NO_SUCH_TOOL,
  scriptedDumps,
  statusOf,
} from '../support/scripted-container.ts';

const QUITS = '0000000181005ccf';
const JCMD = 'jcmd 7 Thread.print -l';
const says = (stderr: string, exitCode = 1): Answer => ({ exitCode, stderr });

describe('a thread dump by tools', () => {
  test('is written as it came, and says what answered', async () => {
    const { take, text, asked, reports } = scriptedDumps({});
    assert.deepEqual(await take(), { how: JCMD, missing: [] });
    assert.equal(text(), DUMP);
    // The start of the process is looked at right before it is asked.
    assert.deepEqual(asked.slice(-2), ['cat /proc/7/stat', JCMD]);
    assert.ok(reports.includes(JCMD));
  });

  test('names the words of each tool that failed', async () => {
    const { take, text } = scriptedDumps({
      [JCMD]: {
        exitCode: 1,
        out: '7:\n',
        stderr: 'com.sun.tools.attach.AttachNotSupportedException: Unable to open socket file\n\tat x.Y.z\n',
      },
      'jstack -l 7': says('7: Unable to open socket file\n'),
    });
    await assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message:
        'no thread dump of shop/was-1 (was): jcmd 7 Thread.print -l: com.sun.tools.attach.AttachNotSupportedException: Unable to open socket file; jstack -l 7: 7: Unable to open socket file; kill -3 7: there is no log here',
    });
    assert.equal(text(), '');
  });

  test('of another user’s JVM says whose commands they are', async () => {
    const { take } = scriptedDumps({
      [JCMD]: says(
        'java.io.IOException: well-known file /tmp/.java_pid7 is not secure: file should be owned by the current user',
      ),
      'jstack -l 7': says('7: well-known file is not secure'),
    });
    await assert.rejects(take(), { code: 'DUMP_FAILED', hint: /another user than its JVM/ });
  });

  test('asks a newer JVM for more, and again without where it knows no such word', async () => {
    const files = { [`cat ${FOLDER}/7`]: perfFile({ version: '17.0.15+6' }) };
    const more = scriptedDumps({ ...files, 'jcmd 7 Thread.print -l -e': DUMP });
    assert.equal((await more.take()).how, 'jcmd 7 Thread.print -l -e');
    const less = scriptedDumps({
      ...files,
      'jcmd 7 Thread.print -l -e': says(
        "java.lang.IllegalArgumentException: Unknown argument '-e' in diagnostic command.",
      ),
    });
    assert.equal((await less.take()).how, JCMD);
  });

  test('looks for the tool beside java, in the folder of a JDK 8 too', async () => {
    const path = '/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.412/bin/jcmd';
    const { take } = scriptedDumps({
      [JCMD]: NO_SUCH_TOOL,
      'readlink /proc/7/exe': '/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.412/jre/bin/java\n',
      [`${path} 7 Thread.print -l`]: DUMP,
    });
    assert.equal((await take()).how, `${path} 7 Thread.print -l`);
  });

  test('runs nothing from a path that is not of the list', async () => {
    const { take, asked } = scriptedDumps({
      [JCMD]: NO_SUCH_TOOL,
      'readlink /proc/7/exe': '/tmp/a b;reboot/bin/java\n',
    });
    await assert.rejects(take(), { code: 'NO_TOOL' });
    assert.ok(!asked.some((command) => command.includes('reboot')));
  });

  test('is none where the tool hangs: the other knocks at the same door and is not run', async () => {
    const clock = createFakeClock();
    const { take, asked } = scriptedDumps({ [JCMD]: HANGS }, { clock });
    const taking = assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message: /jcmd 7 Thread\.print -l: no answer within 20 s; kill -3 7: /,
      hint: /does not answer/,
    });
    await clock.advance(25_000);
    await taking;
    assert.ok(!asked.includes('jstack -l 7'));
  });

  test('that began and does not come to its end is not kept', async () => {
    const cut = DUMP.slice(0, -60);
    for (const [end, why] of [
      [{ out: cut, exitCode: 0 }, /its end is missing/],
      [{ out: cut, exitCode: undefined }, /ended in the middle/],
      [{ out: DUMP, exitCode: 137 }, /ended in the middle/],
    ] as const) {
      const { take, asked } = scriptedDumps({ [JCMD]: end });
      await assert.rejects(take(), { code: 'DUMP_FAILED', message: why });
      assert.ok(!asked.includes('jstack -l 7'));
    }
  });

  test('ends where the container goes before it says anything', async () => {
    const { take } = scriptedDumps({ [JCMD]: { exitCode: undefined } });
    await assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message: /the container or the connection to it went; nothing of it was kept/,
    });
  });

  test('ends where the pod was deleted meanwhile', async () => {
    const { take } = scriptedDumps({
      [JCMD]: appError('NOT_FOUND', 'exec jcmd in shop/was-1: pods "was-1" not found'),
    });
    await assert.rejects(take(), { code: 'NOT_FOUND', hint: /successor/ });
  });

  test('is not asked of what is another process now', async () => {
    let looks = 0;
    const { take, asked } = scriptedDumps({
      'cat /proc/7/stat': () => statOf(7, looks++ === 0 ? 1_000 : 2_000),
    });
    await assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message: /ended meanwhile, or the container was restarted/,
    });
    assert.ok(!asked.some((command) => /jcmd|jstack|kill/.test(command)));
  });

  test('starts no tool where the memory is short, nor after one was killed', async () => {
    const limits = { 'cat /sys/fs/cgroup/memory.max': '1073741824\n' };
    const short = scriptedDumps({
      ...limits,
      'cat /sys/fs/cgroup/memory.current': `${1_073_741_824 - 9_000_000}\n`,
    });
    await assert.rejects(short.take(), {
      code: 'DUMP_FAILED',
      message: /jcmd .*8 MiB are free.*128 MiB are needed/,
    });
    assert.ok(!short.asked.some((command) => /jcmd|jstack/.test(command)));
    const killed = scriptedDumps({ [JCMD]: { exitCode: 137 } });
    await assert.rejects(killed.take(), { message: /it was killed \(exit 137\)/ });
    assert.ok(!killed.asked.includes('jstack -l 7'));
  });

  test('of 200 MB is cut off at its limit while it comes', async () => {
    let handed = 0;
    const { take } = scriptedDumps(
      {},
      {
        maxBytes: 5_000_000,
        async stream(onBytes) {
          await onBytes(Buffer.from(DUMP.slice(0, 200)));
          for (; handed < 200; handed++) await onBytes(Buffer.alloc(1_000_000, 'x'));
          return { exitCode: 0, stderr: '' };
        },
      },
    );
    await assert.rejects(take(), { code: 'DUMP_TOO_LARGE' });
    assert.ok(handed < 6, `${handed} MB were read`);
  });

  test('that cannot be kept ends with the reason of whoever keeps it', async () => {
    const { take } = scriptedDumps(
      {},
      { write: () => Promise.reject(appError('DISK_FULL', 'no room in /state')) },
    );
    await assert.rejects(take(), { code: 'DISK_FULL', message: 'no room in /state' });
  });

  test('takes no longer than it may', async () => {
    const clock = createFakeClock();
    const { take } = scriptedDumps({ 'cat /proc/7/status': HANGS }, { clock, timeoutMs: 5_000 });
    const taking = assert.rejects(take(), { code: 'TIMEOUT', message: /not done after 5 s/ });
    await clock.advance(6_000);
    await taking;
  });

  test('is left with the reason of whoever leaves', async () => {
    const leaving = new AbortController();
    const { take } = scriptedDumps({ [JCMD]: HANGS }, { signal: leaving.signal });
    const taking = assert.rejects(take(), /we go/);
    setImmediate(() => leaving.abort(new Error('we go')));
    await taking;
  });
});

describe('the JVM of a container', () => {
  const asks = (asked: readonly string[]) => asked.filter((command) => /jcmd|jstack|kill/.test(command));

  test('without counters is proven by its library, and doubted beside others', async () => {
    const proc = {
      [`ls -1 ${FOLDER}`]: '\n',
      'ls -1 /proc': '1\n7\n9\nself\n',
      'cat /proc/1/stat': statOf(1, 10, 5, 'sh'),
      'cat /proc/9/stat': statOf(9, 500),
      'cat /proc/7/maps': '7f00-7f01 r-xp 00000000 fe:00 1 /opt/java/lib/server/libjvm.so\n',
    };
    const { take } = scriptedDumps(proc);
    const { missing } = await take();
    assert.match(missing[0]?.en ?? '', /2 Java processes run there.*pid 7 started last/);
    const other = scriptedDumps({ ...proc, 'cat /proc/7/maps': '7f00-7f01 r-xp 0 fe:00 1 /lib/libc.so\n' });
    await assert.rejects(other.take(), { code: 'NO_JVM', message: /nothing proves pid 7 to be a JVM/ });
    assert.deepEqual(asks(other.asked), []);
    const j9 = scriptedDumps({
      ...proc,
      'cat /proc/7/maps':
        '7 r-xp 0 1 /opt/java/lib/default/libj9vm29.so\n7 r-xp 0 1 /opt/java/lib/j9vm/libjvm.so\n',
    });
    await assert.rejects(j9.take(), { code: 'NO_JVM', message: /OpenJ9/ });
    const denied = scriptedDumps({
      ...proc,
      'cat /proc/7/maps': { exitCode: 1, stderr: 'cat: /proc/7/maps: Permission denied\n' },
    });
    await assert.rejects(denied.take(), { code: 'PERMISSION_DENIED', message: /left alone/ });
    assert.deepEqual(asks([...j9.asked, ...denied.asked]), []);
  });

  test('is not believed a counter file alone: its program must be java, or its library be there', async () => {
    const { take, asked } = scriptedDumps({
      'cat /proc/7/stat': statOf(7, 1_000, 5, 'postgres'),
      'cat /proc/7/maps': '7f00-7f01 r-xp 00000000 fe:00 1 /usr/bin/postgres\n',
    });
    await assert.rejects(take(), { code: 'NO_JVM' });
    assert.deepEqual(asks(asked), []);
  });

  for (const [why, status, code] of [
    ['does not handle SIGQUIT', statusOf('S', '0000000000000000'), 'DUMP_FAILED'],
    ['is stopped (SIGSTOP)', statusOf('T', QUITS), 'DUMP_FAILED'],
    ['is stopped by a debugger', statusOf('t', QUITS), 'DUMP_FAILED'],
    ['cannot be read', 'Name:\tjava\n', 'NO_JVM'],
  ] as const)
    test(`that ${why} is left alone`, async () => {
      const { take, asked } = scriptedDumps({ 'cat /proc/7/status': status });
      await assert.rejects(take(), { code, message: new RegExp(why.replace(/[()]/g, '\\$&')) });
      assert.deepEqual(asks(asked), []);
    });

  test('is looked for in vain where none runs, or no tool is there', async () => {
    const none = scriptedDumps({
      [`ls -1 ${FOLDER}`]: '\n',
      'ls -1 /proc': '1\n',
      'cat /proc/1/stat': statOf(1, 1, 1, 'nginx'),
    });
    await assert.rejects(none.take(), { code: 'NO_JVM', message: /no Java process runs/ });
    const bare = scriptedDumps({ 'ls -1 /tmp': NO_SUCH_TOOL });
    await assert.rejects(bare.take(), { code: 'NO_TOOL', message: /no `ls`/ });
    const denied = scriptedDumps({
      'ls -1 /tmp': appError('PERMISSION_DENIED', 'cannot create resource "pods/exec"'),
    });
    await assert.rejects(denied.take(), { code: 'PERMISSION_DENIED', hint: /pods\/exec/ });
  });
});

describe('a class histogram by jcmd', () => {
  test('is written as it came', async () => {
    const { take, text } = scriptedDumps({}, { kind: 'histogram' });
    assert.equal((await take()).how, 'jcmd 7 GC.class_histogram -all');
    assert.equal(text(), HISTOGRAM);
  });
  test('without its total is cut; without the tool there is none', async () => {
    const command = 'jcmd 7 GC.class_histogram -all';
    const cut = scriptedDumps({ [command]: HISTOGRAM.split('Total')[0] ?? '' }, { kind: 'histogram' });
    await assert.rejects(cut.take(), { code: 'DUMP_FAILED', message: /its end is missing/ });
    const none = scriptedDumps(
      { [command]: NO_SUCH_TOOL, 'readlink /proc/7/exe': GONE },
      { kind: 'histogram' },
    );
    await assert.rejects(none.take(), { code: 'NO_TOOL', message: /not in the container/ });
  });
});

describe('a service dump', () => {
  test('is derived of the threads, and says what no stack tells', async () => {
    const { take, text } = scriptedDumps({}, { kind: 'service' });
    const { how, missing } = await take();
    assert.equal(how, JCMD);
    assert.match(text(), /^# l9s service dump 1\n# server: was-1\n[\s\S]*# requests: 0\n$/);
    assert.ok(missing.some(({ en }) => en === 'SQL'));
  });
});
