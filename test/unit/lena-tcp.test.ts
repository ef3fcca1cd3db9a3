import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LenaMap, LenaValue } from '../../src/wire/lena/pack.ts';
import { LENA_COMMANDS } from '../../src/wire/lena/tcp/command.ts';
import { decodeLenaGreeting, encodeLenaGreeting } from '../../src/wire/lena/tcp/greeting.ts';
import { encodeLenaReply, LenaReplyReader } from '../../src/wire/lena/tcp/reply.ts';
import { encodeLenaRequest, LenaRequestReader } from '../../src/wire/lena/tcp/request.ts';
import { lenaActiveServices, lenaThreadDump, lenaThreads } from '../../src/wire/lena/tcp/results.ts';

interface Exchange {
  readonly cmd: string;
  readonly request: string;
  readonly reply: string;
  readonly truncated: boolean;
}
const exchanges: readonly Exchange[] = readFileSync(
  new URL('../../fixtures/lena-wire/tcp-exchanges.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const recorded = (command: string): Exchange => {
  const found = exchanges.find(({ cmd }) => cmd === command);
  assert.ok(found, command);
  return found;
};
const bytesOf = (hex: string) => Buffer.from(hex, 'hex');

const LIMITS = { maxBytes: 1_000_000 };
const read = (bytes: Uint8Array, step = bytes.length, limits = LIMITS): LenaReplyReader => {
  const reader = new LenaReplyReader(limits);
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return reader;
};
const text = (value: string): LenaValue => ({ type: 'text', value });
const list = (...value: LenaValue[]): LenaValue => ({ type: 'list', value });
const map = (entries: Record<string, LenaValue>): LenaMap => new Map(Object.entries(entries));
const row = (entries: Record<string, LenaValue>): LenaValue => ({ type: 'map', value: map(entries) });
const headed = (length: number, ...rest: number[]) => {
  const head = Buffer.alloc(5);
  head[0] = 3;
  head.writeInt32BE(length, 1);
  return Buffer.concat([head, Buffer.from(rest)]);
};

describe('requests to an advertiser', () => {
  it('are the bytes that were recorded', () => {
    for (const command of ['KEEP_ALIVE', 'OBJECT_ACTIVE_SERVICE_LIST', 'OBJECT_THREAD_DUMP'] as const) {
      assert.equal(Buffer.from(encodeLenaRequest(command)).toString('hex'), recorded(command).request);
    }
  });
  it('know neither heap dumps nor deleting', () => {
    assert.deepEqual(
      [...LENA_COMMANDS],
      ['KEEP_ALIVE', 'OBJECT_THREAD_LIST', 'OBJECT_THREAD_DUMP', 'OBJECT_ACTIVE_SERVICE_LIST'],
    );
    for (const command of ['OBJECT_CALL_HEAP_DUMP', 'OBJECT_DELETE_HEAP_DUMP', 'OBJECT_JMX', ''])
      assert.ok(!LENA_COMMANDS.some((known) => known === command), command);
  });
  it('are read by an advertiser however the stream is cut', () => {
    for (const { cmd, request } of exchanges) {
      const reader = new LenaRequestReader();
      const requests = [...bytesOf(request)].flatMap((byte) => reader.push(Uint8Array.of(byte)));
      assert.deepEqual(
        requests.map(({ command, parameters }) => [command, parameters.size]),
        [[cmd, 0]],
      );
      assert.equal(reader.failure, undefined);
    }
  });
  it('of an impossible length end the stream', () => {
    const reader = new LenaRequestReader();
    assert.deepEqual(reader.push(Buffer.from('7fffffff00', 'hex')), []);
    assert.match(reader.failure ?? '', /impossible length/);
  });
});

describe('a greeting', () => {
  it('holds a signed hash', () => {
    assert.equal(Buffer.from(encodeLenaGreeting(-2)).toString('hex'), 'cafe1002fffffffe');
    assert.equal(decodeLenaGreeting(bytesOf('cafe1002fffffffe')), -2);
  });
  it('is nothing else', () => {
    for (const hex of ['', 'cafe1002', 'cafe1002ffffff', 'cafe1003fffffffe', 'cafe1002fffffffe00'])
      assert.equal(decodeLenaGreeting(bytesOf(hex)), undefined, hex);
  });
});

describe('a reply of an advertiser', () => {
  it('that was recorded reads whole, however it is cut', () => {
    const { reply } = recorded('OBJECT_ACTIVE_SERVICE_LIST');
    for (const step of [1, 2, 7, 4_096]) {
      const reader = read(bytesOf(reply), step);
      assert.equal(reader.failure, undefined);
      assert.equal(reader.isDone, true);
      const services = lenaActiveServices(reader.packs);
      assert.deepEqual(
        services?.map(({ id, name, state, service, elapsedMs, cpuMs }) => ({
          id,
          name,
          state,
          service,
          elapsedMs,
          cpuMs,
        })),
        [
          {
            id: 24,
            name: 'http-nio-127.0.0.1-18180-exec-2',
            state: 'TIMED_WAITING',
            service: '/sleep.jsp',
            elapsedMs: 6000,
            cpuMs: 258,
          },
          {
            id: 23,
            name: 'http-nio-127.0.0.1-18180-exec-1',
            state: 'RUNNABLE',
            service: '/spin.jsp',
            elapsedMs: 6000,
            cpuMs: 5214,
          },
        ],
      );
    }
  });
  it('that was recorded and is encoded again has the same bytes', () => {
    const { reply } = recorded('OBJECT_ACTIVE_SERVICE_LIST');
    const { packs } = read(bytesOf(reply));
    assert.equal(Buffer.from(encodeLenaReply(packs)).toString('hex'), reply);
  });
  it('may be its end alone, which is no answer', () => {
    const reader = read(bytesOf(recorded('NO_SUCH_CMD').reply));
    assert.equal(reader.isDone, true);
    assert.deepEqual(reader.packs, []);
    assert.equal(lenaThreads(reader.packs), undefined);
    assert.equal(lenaActiveServices(reader.packs), undefined);
    assert.equal(lenaThreadDump(reader.packs), undefined);
  });
  it('that is cut is not done', () => {
    const reader = read(bytesOf(recorded('OBJECT_THREAD_DUMP').reply));
    assert.equal(reader.isDone, false);
    assert.equal(reader.failure, undefined);
  });
  it('joins the threads of several packs', () => {
    const packs = [
      map({ threadDump: list(text('"a" Id=1 RUNNABLE\n')), statusDump: text('memory') }),
      map({ threadDump: list(text('"b" Id=2 RUNNABLE\n')) }),
    ];
    assert.deepEqual(lenaThreadDump(read(encodeLenaReply(packs), 3).packs), {
      threads: ['"a" Id=1 RUNNABLE\n', '"b" Id=2 RUNNABLE\n'],
      status: 'memory',
    });
  });
  it('tells threads by what they have; −1 is not known', () => {
    const packs = [
      map({
        threadList: list(
          row({
            id: text('7'),
            name: text('exec-1'),
            stat: text('BLOCKED'),
            cpu: { type: 'decimal', value: 12 },
            lockName: text('java.lang.Object@1'),
            lockOwnerId: text('-1'),
            lockOwnerName: text(''),
            elapsed: text('forty'),
          }),
          row({ id: text('8') }),
          text('no row'),
        ),
      }),
    ];
    const threads = lenaThreads(read(encodeLenaReply(packs)).packs);
    assert.equal(threads?.length, 1);
    const [thread] = threads ?? [];
    assert.deepEqual(
      [thread?.id, thread?.cpuMs, thread?.lockName, thread?.lockOwnerId, thread?.lockOwnerName],
      [7, 12, 'java.lang.Object@1', undefined, undefined],
    );
    assert.equal(thread?.elapsedMs, undefined);
  });
});

describe('a lying advertiser', () => {
  const empty = [0x0a, 0x00];
  const cases: readonly [string, Uint8Array, RegExp][] = [
    ['a foreign first byte', Buffer.from('HTTP/1.1 400'), /neither a pack nor its end/],
    ['a negative length', headed(-1), /impossible length/],
    ['no length', headed(0), /impossible length/],
    ['a pack of another type', headed(2, 0x50, 0x00), /no map pack/],
    ['bytes after a pack', headed(3, ...empty, 0x00), /bytes after a pack/],
    ['a pack that is cut', headed(3, 0x0a, 0x01, 0x05), /impossible count|cut/],
    ['bytes after the end', Buffer.concat([headed(2, ...empty), Buffer.from([4, 3])]), /after the end/],
    ['a value of no type', headed(5, 0x0a, 0x01, 0x01, 0x00, 0x61), /impossible count|cut|unknown type/],
  ];
  for (const [name, bytes, reason] of cases) {
    it(`is told from an answer: ${name}`, () => {
      for (const step of [1, bytes.length]) assert.match(read(bytes, step).failure ?? 'none', reason);
    });
  }
  it('cannot go on for ever', () => {
    const packs = Buffer.concat(Array.from({ length: 100 }, () => headed(2, ...empty)));
    assert.match(read(packs).failure ?? '', /more than 64 packs/);
  });
  it('cannot send more than was asked for, in one pack or in many', () => {
    const one = read(headed(5_001), 5, { maxBytes: 5_000 });
    assert.equal(one.isTooLarge, true);
    const pack = encodeLenaReply([map({ statusDump: text('x'.repeat(2_000)) })]).subarray(0, -1);
    const many = read(Buffer.concat([pack, pack, pack]), 512, { maxBytes: 5_000 });
    assert.equal(many.isTooLarge, true);
    assert.match(many.failure ?? '', /more than 5000 bytes/);
  });
  it('cannot make a list of a million items of one byte', () => {
    const items = 99_999;
    const inner: LenaValue = { type: 'list', value: new Array<LenaValue>(items).fill({ type: 'null' }) };
    const packs = [map({ threadList: list(...new Array<LenaValue>(12).fill(inner)) })];
    assert.match(
      read(encodeLenaReply(packs), 65_536, { maxBytes: 8_000_000 }).failure ?? '',
      /impossible count/,
    );
  });
  it('never makes the reader throw', () => {
    const whole = bytesOf(recorded('OBJECT_ACTIVE_SERVICE_LIST').reply);
    let seed = 7;
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed / 0x7fff_ffff;
    };
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const bytes = Buffer.from(whole.subarray(0, 1 + Math.floor(random() * whole.length)));
      for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const reader = read(bytes, 1 + Math.floor(random() * 64));
      lenaActiveServices(reader.packs);
      if (reader.failure !== undefined) refused++;
    }
    assert.ok(refused > 300, `${refused} refused`);
  });
});
