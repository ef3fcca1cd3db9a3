import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import type { ContainerLog, LogMark } from '../../src/sources/dumps/container/runner.ts';
import { createPodLog } from '../../src/sources/dumps/pod-exec/pod-log.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { type Answer, NO_SUCH_TOOL, scriptedDumps } from '../support/scripted-container.ts';

const TIME = '2026-03-01 12:30:05';
const HEAD = 'Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode):';
const JNI = 'JNI global refs: 15, weak refs: 0';
const CLASS_SPACE = '  class space    used 500K, committed 600K, reserved 1048576K';
const THREAD = '"main" #1 prio=5 tid=0x1 nid=0x8 runnable';

/** A log that is written to by the test. */
function openLog() {
  let push: (line: string) => void = () => undefined;
  let end: () => void = () => undefined;
  let onFollow: () => void = () => undefined;
  const followed = new Promise<void>((resolve) => {
    onFollow = resolve;
  });
  const log: ContainerLog = {
    mark: async () => ({ at: 0 }),
    follow: (_, onLine, signal) =>
      new Promise((resolve, reject) => {
        push = onLine;
        end = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        onFollow();
      }),
  };
  return {
    log,
    followed,
    write: (...lines: readonly string[]) => {
      for (const line of lines) push(line);
    },
    end: () => end(),
  };
}
const KILL: Readonly<Record<string, Answer>> = {
  'jcmd 7 Thread.print -l': NO_SUCH_TOOL,
  'kill -3 7': { exitCode: 0 },
};
function quitting(over: Readonly<Record<string, Answer>> = {}, more: { maxBytes?: number } = {}) {
  const clock: FakeClock = createFakeClock();
  const opened = openLog();
  const dumps = scriptedDumps({ ...KILL, ...over }, { clock, log: opened.log, ...more });
  return { clock, ...opened, ...dumps };
}

describe('a dump by SIGQUIT', () => {
  test('is cut out of the log, with what stands in front of its lines and with its end', async () => {
    const { take, followed, write, text } = quitting();
    const taking = take();
    await followed;
    const prefix = '2026-03-01 12:30:05.001 [stdout] ';
    write(
      'GET / 200',
      'Full thread dump was asked for',
      TIME,
      `${prefix}${HEAD}`,
      `${prefix}${THREAD}`,
      'GET /x 200',
      `${prefix}${JNI}`,
    );
    write('Found one Java-level deadlock:', 'Heap', CLASS_SPACE, 'GET /y 200');
    assert.equal((await taking).how, 'kill -3 7 and the container’s log');
    assert.equal(
      text(),
      `${[TIME, `${prefix}${HEAD}`, `${prefix}${THREAD}`, 'GET /x 200', `${prefix}${JNI}`, 'Found one Java-level deadlock:', 'Heap', CLASS_SPACE].join('\n')}\n`,
    );
  });

  test('without a heap behind it ends when the log is quiet, or soon where it is not', async () => {
    const quiet = quitting();
    const first = quiet.take();
    await quiet.followed;
    quiet.write(HEAD, THREAD, JNI);
    await quiet.clock.advance(1_100);
    await first;
    assert.equal(quiet.text(), `${HEAD}\n${THREAD}\n${JNI}\n`);
    const busy = quitting();
    const second = busy.take();
    await busy.followed;
    busy.write(HEAD, THREAD, JNI);
    for (let at = 0; at < 5; at++) {
      busy.write(`GET /${at} 200`);
      await busy.clock.advance(600);
    }
    await second;
    assert.ok(busy.text().includes(JNI));
  });

  test('that does not come says where it may have gone', async () => {
    const { take, followed, write, clock } = quitting();
    const taking = assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message: /kill -3 7.*: it was sent, and no dump came into the container’s log within 10 s/,
    });
    await followed;
    write('GET / 200');
    await clock.advance(11_000);
    await taking;
  });

  test('whose log cannot be followed says that it was sent', async () => {
    const { take, log } = quitting();
    Object.assign(log, { follow: () => Promise.reject(appError('TIMEOUT', 'log of shop/was-1: no answer')) });
    await assert.rejects(take(), {
      code: 'DUMP_FAILED',
      message: /it was sent, and the container’s log cannot be followed: log of shop\/was-1: no answer/,
    });
  });

  test('that stops in the middle is not kept', async () => {
    const { take, followed, write, clock } = quitting();
    const taking = assert.rejects(take(), { code: 'DUMP_FAILED', message: /its end did not come/ });
    await followed;
    write(HEAD, THREAD);
    await clock.advance(6_000);
    await taking;
    const ended = quitting();
    const second = assert.rejects(ended.take(), { code: 'DUMP_FAILED', message: /its end did not come/ });
    await ended.followed;
    ended.write(HEAD, THREAD);
    ended.end();
    await second;
  });

  test('above its limit is not kept', async () => {
    const { take, followed, write } = quitting({}, { maxBytes: 200 });
    const taking = assert.rejects(take(), { code: 'DUMP_TOO_LARGE' });
    await followed;
    write(HEAD, ...Array.from({ length: 10 }, () => THREAD));
    await taking;
  });

  test('goes out by busybox where that is what there is, and once', async () => {
    const { take, followed, write, asked } = quitting({
      'kill -3 7': NO_SUCH_TOOL,
      'busybox kill -3 7': { exitCode: 0 },
    });
    const taking = take();
    await followed;
    write(HEAD, THREAD, JNI, CLASS_SPACE);
    await taking;
    assert.deepEqual(
      asked.filter((command) => command.includes('kill')),
      ['kill -3 7', 'busybox kill -3 7'],
    );
  });

  test('is not sent where the log cannot be read, and says what the container says to it', async () => {
    const dumps = quitting();
    Object.assign(dumps.log, { mark: () => Promise.reject(appError('FORBIDDEN', 'cannot get "pods/log"')) });
    await assert.rejects(dumps.take(), {
      message: /the container’s log cannot be read: cannot get "pods\/log"/,
    });
    assert.ok(!dumps.asked.some((command) => command.includes('kill')));
    const gone = quitting();
    Object.assign(gone.log, { mark: () => Promise.reject(appError('NOT_FOUND', 'pods "was-1" not found')) });
    await assert.rejects(gone.take(), { code: 'NOT_FOUND', hint: /The pod is gone; .* its successor/ });
    const denied = quitting({ 'kill -3 7': { exitCode: 1, stderr: 'kill: (7): Operation not permitted\n' } });
    await assert.rejects(denied.take(), {
      code: 'DUMP_FAILED',
      message: /Operation not permitted/,
      hint: /another user/,
    });
  });
});

describe('the log of a pod', () => {
  const PLACE = { context: 'dev', namespace: 'shop', pod: 'was-1', container: 'was' };
  /** What passes of a log whose last line was marked. */
  async function behind(mark: LogMark, lines: readonly string[]): Promise<readonly string[]> {
    const passed: string[] = [];
    const log = createPodLog(
      {
        log: async (_, onLine) => {
          for (const line of lines) onLine(line);
        },
      },
      PLACE,
      createFakeClock(),
    );
    await log.follow(mark, (line) => passed.push(line), AbortSignal.timeout(5_000));
    return passed;
  }

  test('is followed from behind the marked line by the stamps of its own machine', async () => {
    const lines = [
      '2026-03-01T12:30:04.9Z old',
      '2026-03-01T12:30:05.00000001Z older of that second',
      '2026-03-01T12:30:05.1Z same instant, before',
      '2026-03-01T12:30:05.1Z marked',
      '2026-03-01T12:30:05.1Z same instant, behind',
      '2026-03-01T12:30:05.10000001Z new',
      '2026-03-01T21:30:06+09:00 newer, of another zone',
      '2026-03-01T12:30:07Z ',
      'no stamp',
    ];
    assert.deepEqual(await behind({ at: 0, line: '2026-03-01T12:30:05.1Z marked' }, lines), [
      'same instant, behind',
      'new',
      'newer, of another zone',
      '',
      'no stamp',
    ]);
    assert.equal((await behind({ at: 0 }, lines)).length, lines.length);
    assert.deepEqual(await behind({ at: 0, line: '2026-03-01T12:30:05.5Z gone' }, lines), [
      'newer, of another zone',
      '',
      'no stamp',
    ]);
  });
});
