import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { attach } from '../../src/agent/attach/attach-jvm.ts';
import type { AttachCommand } from '../../src/agent/attach/attach-socket.ts';
import type { AttachTarget } from '../../src/agent/attach/attach-target.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type AttachAnswer, FakeAttachJvm, type FakeJvmOptions } from '../support/fake-attach-jvm.ts';

const COMMAND: AttachCommand = { name: 'threaddump', args: ['-l'] };
const DUMP = 'Full thread dump\n"main" #1\n';
const says =
  (text: string): AttachAnswer =>
  (_words, socket) =>
    socket.end(text);

async function withJvm(
  options: FakeJvmOptions,
  run: (jvm: FakeAttachJvm, ask: (target?: AttachTarget) => Promise<string>) => Promise<void>,
): Promise<void> {
  const jvm = new FakeAttachJvm(options);
  const ask = async (target = jvm.target) => {
    let text = '';
    const pieces = attach(target, COMMAND, AbortSignal.timeout(5_000), {
      clock: systemClock,
      kill: jvm.kill,
      wakeTimeoutMs: 200,
    });
    for await (const bytes of pieces) text += Buffer.from(bytes).toString('utf8');
    return text;
  };
  try {
    await run(jvm, ask);
  } finally {
    await jvm.remove();
  }
}
const leftovers = (jvm: FakeAttachJvm): readonly string[] =>
  [jvm.work, path.join(jvm.root, 'tmp')].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith('.attach_pid')),
  );

describe('the attach socket', () => {
  test('wakes a JVM by one SIGQUIT, speaks to it and leaves no trigger', () =>
    withJvm({ answer: says(`0\n${DUMP}`) }, async (jvm, ask) => {
      assert.equal(await ask(), DUMP);
      assert.deepEqual(jvm.signals, ['SIGQUIT']);
      assert.deepEqual(jvm.commands, [['1', 'threaddump', '-l', '', '']]);
      assert.deepEqual(leftovers(jvm), []);
    }));
  test('signals nobody where the JVM listens already', () =>
    withJvm({ answer: says(`0\n${DUMP}`) }, async (jvm, ask) => {
      await jvm.listen();
      assert.equal(await ask(), DUMP);
      assert.equal(await ask(), DUMP);
      assert.deepEqual(jvm.signals, []);
    }));
  test('takes away the socket of an earlier process and wakes this one', () =>
    withJvm({ answer: says(`0\n${DUMP}`) }, async (jvm, ask) => {
      await jvm.leaveSocket();
      assert.equal(await ask(), DUMP);
      assert.deepEqual(jvm.signals, ['SIGQUIT']);
    }));
  test('reads a code that comes in pieces, and an answer without a text', () =>
    withJvm(
      {
        answer: (_words, socket) => {
          socket.write('0');
          setImmediate(() => socket.end('\n'));
        },
      },
      async (_jvm, ask) => assert.equal(await ask(), ''),
    ));

  const unsignalled: readonly (readonly [string, FakeJvmOptions, Partial<AttachTarget>, RegExp])[] = [
    ['a program that is no HotSpot', { hasHotspot: false }, {}, /NO_JVM|cannot be proven/],
    ['a JVM that does not handle SIGQUIT', { catchesQuit: false }, {}, /does not handle SIGQUIT/],
    ['a JVM that is stopped', { state: 'T' }, {}, /is stopped/],
    ['a JVM in a debugger', { state: 't' }, {}, /debugger/],
    ['a zombie', { state: 'Z' }, {}, /has ended/],
    ['another process of the same number', {}, { startTicks: 1 }, /has ended/],
    ['a JVM that forbids it', {}, { refusesAttach: true }, /DisableAttachMechanism/],
    ['a process that is gone', {}, { pid: 999_999 }, /has ended/],
  ];
  for (const [what, options, change, words] of unsignalled) {
    test(`never signals ${what}`, () =>
      withJvm(options, async (jvm, ask) => {
        await assert.rejects(ask({ ...jvm.target, ...change }), (error: Error & { code?: string }) => {
          assert.match(error.message, words);
          assert.match(error.code ?? '', /^(NO_JVM|DUMP_FAILED)$/);
          return true;
        });
        assert.deepEqual(jvm.signals, []);
        assert.deepEqual(leftovers(jvm), []);
      }));
  }
  test('tells of a JVM that does not wake, and leaves no trigger', () =>
    withJvm({ wakes: false }, async (jvm, ask) => {
      await assert.rejects(ask(), { code: 'DUMP_FAILED', message: /opened no attach socket within 0.2 s/ });
      assert.deepEqual(jvm.signals, ['SIGQUIT']);
      assert.deepEqual(leftovers(jvm), []);
    }));
  test('uses the /tmp of the JVM where its working directory cannot be written to', () =>
    withJvm({ answer: says(`0\n${DUMP}`) }, async (jvm, ask) => {
      // A trigger nobody removed stands for a directory that refuses one, whoever runs this.
      writeFileSync(path.join(jvm.work, '.attach_pid7'), '');
      assert.equal(await ask(), DUMP);
      assert.deepEqual(leftovers(jvm), ['.attach_pid7']);
    }));
  test('does not speak to a socket that others may use', () =>
    withJvm({ answer: says(`0\n${DUMP}`) }, async (jvm, ask) => {
      await jvm.listen(0o666);
      await assert.rejects(ask(), { code: 'DUMP_FAILED', message: /is not the socket of process/ });
      assert.deepEqual(jvm.commands, []);
      assert.deepEqual(jvm.signals, []);
    }));
  test('does not speak to a file in the socket’s place', () =>
    withJvm({}, async (jvm, ask) => {
      writeFileSync(jvm.socketFile, '');
      chmodSync(jvm.socketFile, 0o600);
      await assert.rejects(ask(), { code: 'DUMP_FAILED', message: /is not the socket/ });
      assert.ok(existsSync(jvm.socketFile));
    }));

  const answers: readonly (readonly [string, AttachAnswer, string, RegExp])[] = [
    [
      'a refusal, cleaned',
      says('1\nOperation \u001b[31mnot\u0007 recognized!'),
      'DUMP_FAILED',
      /refuses threaddump: Operation ␛\[31mnot␇ recog/,
    ],
    ['a refusal without words', says('100\n'), 'DUMP_FAILED', /code 100/],
    ['another version', says('101\n'), 'DUMP_FAILED', /another version/],
    ['what is no JVM', says('HTTP/1.1 400 Bad Request\r\n\r\n'), 'DUMP_FAILED', /is no JVM/],
    ['a first line without end', says('9'.repeat(100)), 'DUMP_FAILED', /is no JVM/],
    [
      'hanging up',
      (_words, socket) => socket.destroy(),
      'PERMISSION_DENIED',
      /takes no commands from this user/,
    ],
  ];
  for (const [what, answer, code, words] of answers) {
    test(`tells of ${what}`, () =>
      withJvm({ answer }, async (jvm, ask) => {
        await jvm.listen();
        await assert.rejects(ask(), { code, message: words });
      }));
  }
  const asRoot = { skip: process.getuid?.() === 0 ? false : 'only root acts for other users' };
  test('speaks as the JVM’s own user to one that does not listen to root', asRoot, () => {
    let connections = 0;
    const answer: AttachAnswer = (_words, socket) => {
      connections++;
      if (connections === 1) socket.destroy();
      else socket.end(`0\n${DUMP}`);
    };
    return withJvm({ answer, uid: 65_534 }, async (jvm, ask) => {
      await jvm.listen();
      assert.equal(await ask(), DUMP);
      assert.equal(connections, 2);
      assert.deepEqual([process.geteuid?.(), process.getegid?.()], [0, 0]);
    });
  });
  test('gives the trigger to the JVM’s own user, for JDK 8 takes it from no other', asRoot, () => {
    let owner: number | undefined;
    return withJvm({ answer: says(`0\n${DUMP}`), uid: 65_534 }, async (jvm) => {
      const kill = (pid: number, signal?: string | number) => {
        owner = statSync(path.join(jvm.work, '.attach_pid7')).uid;
        return jvm.kill(pid, signal);
      };
      const given = AbortSignal.timeout(5_000);
      for await (const _ of attach(jvm.target, COMMAND, given, { clock: systemClock, kill }));
      assert.equal(owner, 65_534);
    });
  });
  // Root may speak to all: to it nothing is refused.
  const testAsOther = process.getuid?.() === 0 ? undefined : test;
  testAsOther?.('says whose command a JVM takes, and signals nobody', () =>
    withJvm({}, async (jvm, ask) => {
      const status = path.join(jvm.proc, `${jvm.target.pid}/status`);
      writeFileSync(status, readFileSync(status, 'utf8').replace(/^Uid:.*$/m, 'Uid:\t1\t1\t1\t1'));
      await assert.rejects(ask(), { code: 'PERMISSION_DENIED', message: /runs as user 1, this agent as/ });
      assert.deepEqual(jvm.signals, []);
    }),
  );
  test('takes no half answer of a JVM that ends meanwhile', () => {
    let end: () => void = () => undefined;
    const answer: AttachAnswer = (_words, socket) => {
      socket.write(`0\n${DUMP.slice(0, 10)}`);
      end();
      socket.end();
    };
    return withJvm({ answer }, async (jvm, ask) => {
      end = () => rmSync(path.join(jvm.proc, `${jvm.target.pid}`), { recursive: true });
      await jvm.listen();
      await assert.rejects(ask(), { code: 'NO_JVM', message: /ended while it answered/ });
    });
  });
  test('gives a JVM up that says nothing', () =>
    withJvm({ answer: () => undefined }, async (jvm) => {
      await jvm.listen();
      const ended = new AbortController();
      const reading = (async () => {
        for await (const _ of attach(jvm.target, COMMAND, ended.signal, {
          clock: systemClock,
          kill: jvm.kill,
        }));
      })();
      ended.abort(new Error('given up'));
      await assert.rejects(reading, { message: 'given up' });
    }));
  test('hangs up when nobody wants the rest', async () => {
    let closed: () => void = () => undefined;
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    await withJvm(
      {
        answer: (_words, socket) => {
          socket.once('close', closed);
          socket.write(`0\n${'x'.repeat(4_000_000)}`);
        },
      },
      async (jvm) => {
        await jvm.listen();
        for await (const _ of attach(jvm.target, COMMAND, AbortSignal.timeout(5_000), { clock: systemClock }))
          break;
        await hungUp;
      },
    );
  });
});
