import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { DumpJob, DumpServer } from '../../src/agent/dump/dump-job.ts';
import { findHeapPlace } from '../../src/agent/dump/heap-place.ts';
import { heapMaker } from '../../src/agent/dump/take-heap.ts';
import { systemClock } from '../../src/core/clock.ts';
import { FakeAttachJvm } from '../support/fake-attach-jvm.ts';

const HEAP = randomBytes(700_000);
type Write = (file: string, socket: Socket) => void;
const created: Write = (file, socket) => {
  writeFileSync(file, HEAP, { mode: 0o600 });
  socket.end('0\nDumping heap ...\nHeap dump file created [700000 bytes in 0.010 secs]\n');
};

interface Stage {
  readonly jvm: FakeAttachJvm;
  readonly server: DumpServer;
  readonly take: (more?: Partial<DumpJob>) => Promise<{ readonly bytes: Buffer; readonly how: string }>;
  /** Resolves when nothing goes on any more. */
  readonly rest: () => Promise<unknown>;
  readonly left: () => readonly string[];
}
async function withHeap(write: Write, run: (stage: Stage) => Promise<void>): Promise<void> {
  const jvm = new FakeAttachJvm({
    answer: ([, file = ''], socket) => write(path.join(jvm.root, file), socket),
  });
  const temporary = path.join(jvm.root, 'tmp');
  await jvm.listen();
  const server: DumpServer = {
    id: 'host1',
    target: jvm.target,
    heap: { used: 500_000, committed: 1_000_000 },
    hasTomcat: false,
  };
  const lingering: Promise<void>[] = [];
  const take: Stage['take'] = async (more = {}) => {
    const pieces: Uint8Array[] = [];
    const { how } = await heapMaker(systemClock)({
      server,
      isLive: false,
      maxBytes: 10_000_000,
      signal: AbortSignal.timeout(10_000),
      write: async (bytes) => {
        pieces.push(Buffer.from(bytes));
      },
      report: () => undefined,
      linger: (rest) => lingering.push(rest),
      ...more,
    });
    return { bytes: Buffer.concat(pieces), how };
  };
  try {
    await run({
      jvm,
      server,
      take,
      rest: () => Promise.all(lingering),
      left: () => readdirSync(temporary).filter((name) => name.startsWith('l9s-heap-')),
    });
  } finally {
    await jvm.remove();
  }
}

describe('a heap dump through the attach socket', () => {
  test('comes whole, from a file of the JVM’s that is gone afterwards', () =>
    withHeap(created, async ({ jvm, take, rest, left }) => {
      const { bytes, how } = await take();
      assert.equal(
        createHash('sha256').update(bytes).digest('hex'),
        createHash('sha256').update(HEAP).digest('hex'),
      );
      assert.match(how, /^attach dumpheap \/tmp\/l9s-heap-7-[0-9a-f]{16}\.hprof -all$/);
      assert.deepEqual(jvm.commands[0]?.slice(3), ['-all', '']);
      await rest();
      assert.deepEqual(left(), []);
    }));
  test('collects first where only what is reachable is wanted', () =>
    withHeap(created, async ({ jvm, take }) => {
      await take({ isLive: true });
      assert.equal(jvm.commands[0]?.[3], '-live');
    }));
  test('is a failure where the JVM says so in words only', () =>
    withHeap(
      (_file, socket) => socket.end('0\nDumping heap to x ...\nNo space left on device\n'),
      async ({ take, rest, left }) => {
        await assert.rejects(take(), {
          code: 'DUMP_FAILED',
          message: /could not write its heap: No space left/,
        });
        await rest();
        assert.deepEqual(left(), []);
      },
    ));
  test('leaves nothing where it is given up while the JVM writes', () => {
    let finish: () => void = () => undefined;
    const ended = new AbortController();
    return withHeap(
      (file, socket) => {
        finish = () => created(file, socket);
        ended.abort(new Error('given up'));
      },
      async ({ take, rest, left }) => {
        await assert.rejects(take({ signal: ended.signal }), { message: 'given up' });
        // The JVM cannot be stopped: its file comes only now.
        finish();
        assert.equal(left().length, 1);
        await rest();
        assert.deepEqual(left(), []);
      },
    );
  });
  test('leaves nothing where whoever takes it has no room', () =>
    withHeap(created, async ({ take, rest, left }) => {
      const full = () => Promise.reject(new Error('disk full'));
      await assert.rejects(take({ write: full }), { message: 'disk full' });
      await rest();
      assert.deepEqual(left(), []);
    }));
  test('is not begun where the heap is larger than is taken', () =>
    withHeap(created, async ({ jvm, take }) => {
      await assert.rejects(take({ maxBytes: 400_000 }), { code: 'DUMP_TOO_LARGE' });
      assert.deepEqual(jvm.commands, []);
    }));
  test('is thrown away where the file is larger than is taken', () =>
    withHeap(created, async ({ take, rest, left }) => {
      await assert.rejects(take({ maxBytes: 600_000 }), { code: 'DUMP_TOO_LARGE', message: /700000 bytes/ });
      await rest();
      assert.deepEqual(left(), []);
    }));
  test('does not follow a link in the place of the file', () =>
    withHeap(
      (file, socket) => {
        const secret = path.join(path.dirname(file), 'secret');
        writeFileSync(secret, 'secret');
        symlinkSync(secret, file);
        writeFileSync(`${file}.p0`, 'a part');
        socket.end('0\nHeap dump file created\n');
      },
      async ({ jvm, take, rest, left }) => {
        await assert.rejects(take(), { code: 'DUMP_FAILED', message: /cannot be read.*ELOOP/ });
        await rest();
        assert.deepEqual(left(), [], 'parts go too');
        assert.equal(readFileSync(path.join(jvm.root, 'tmp/secret'), 'utf8'), 'secret');
      },
    ));
  test('takes away what an agent that was killed left long ago, and nothing else', () =>
    withHeap(created, async ({ jvm, take }) => {
      const temporary = path.join(jvm.root, 'tmp');
      const old = path.join(temporary, 'l9s-heap-7-0123456789abcdef.hprof');
      const young = path.join(temporary, 'l9s-heap-8-0123456789abcdef.hprof');
      const other = path.join(temporary, 'l9s-heap-notes.txt');
      for (const file of [old, young, other]) writeFileSync(file, '');
      for (const file of [old, other]) utimesSync(file, 1, 1);
      await take();
      assert.deepEqual(
        readdirSync(temporary).filter((name) => name.startsWith('l9s-heap-')),
        ['l9s-heap-8-0123456789abcdef.hprof', 'l9s-heap-notes.txt'],
      );
    }));
});

describe('where a JVM writes its heap', () => {
  test('has to have room for all that is committed', () =>
    withHeap(created, async ({ server }) => {
      const place = await findHeapPlace(server);
      assert.equal(place.folder, '/tmp');
      assert.ok(place.neededBytes > 1_000_000 && place.freeBytes > place.neededBytes);
      await assert.rejects(findHeapPlace({ ...server, heap: { committed: 1e15 } }), {
        code: 'DISK_FULL',
        message: /free; its heap may need/,
      });
    }));
  test('is not guessed where the heap is not known', () =>
    withHeap(created, async ({ server }) => {
      await assert.rejects(findHeapPlace({ ...server, heap: undefined }), { code: 'DUMP_FAILED' });
    }));
  test('is a folder it can write to', () =>
    withHeap(created, async ({ jvm, server }) => {
      mkdirSync(path.join(jvm.root, 'var/tmp'), { recursive: true });
      const temporary = path.join(jvm.root, 'tmp');
      // Root writes everywhere: to it only a folder that is not there is closed.
      if (process.getuid?.() === 0) renameSync(temporary, `${temporary}-away`);
      else chmodSync(temporary, 0o500);
      assert.equal((await findHeapPlace(server)).folder, '/var/tmp');
      if (process.getuid?.() !== 0) chmodSync(temporary, 0o700);
    }));
});
