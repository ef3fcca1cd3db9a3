import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readDump } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { lenaThreadDumpText } from '../../src/sources/dumps/channel/lena-dump-text.ts';
import { lenaServiceDump } from '../../src/sources/dumps/channel/lena-service-dump.ts';
import { LenaReplyReader } from '../../src/wire/lena/tcp/reply.ts';
import {
  type LenaActiveService,
  type LenaThread,
  lenaActiveServices,
  lenaThreadDump,
} from '../../src/wire/lena/tcp/results.ts';
import { encodeServiceDump } from '../../src/wire/service-dump/encode.ts';

const FROM = {
  server: 'was-1',
  context: 'prod',
  through: 'LENA advertiser 10.0.0.3',
  by: 'me@here',
  at: Date.UTC(2026, 10, 21, 3, 49, 8),
};
const readBack = async (text: string) => {
  const chunks = (async function* () {
    yield await Promise.resolve(Buffer.from(text));
  })();
  return await readDump(chunks, {}, new AbortController().signal);
};
const exchanges: readonly { readonly cmd: string; readonly reply: string }[] = readFileSync(
  new URL('../../fixtures/lena-wire/tcp-exchanges.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const replyOf = (command: string): Buffer =>
  Buffer.from(exchanges.find(({ cmd }) => cmd === command)?.reply ?? '', 'hex');

describe('the file of an advertiser’s thread dump', () => {
  it('is read with every thread, its state and its stack, and nothing left over', async () => {
    const threads = [
      '"main" Id=1 TIMED_WAITING\n\tat java.base@17.0.15/java.lang.Thread.sleep(Native Method)\n\tat app//x.Main.main(Main.java:3)\n\n',
      '"Signal Dispatcher" Id=4 RUNNABLE\n\n',
      '"Finalizer" Id=3 WAITING on java.lang.ref.ReferenceQueue$Lock@424830b0\n\tat java.base@17.0.15/java.lang.Object.wait(Native Method)\n\t-  waiting on java.lang.ref.ReferenceQueue$Lock@424830b0\n\n',
      '"exec-1" Id=23 BLOCKED on com.shop.Stock@1f owned by "exec-2" Id=24\n\tat com.shop.Stock.take(Stock.java:9)\n\t-  blocked on com.shop.Stock@1f\n\n',
    ];
    const status = 'JVM was-1\n"not a thread" Id=9 RUNNABLE\n\tat nobody.Here(X.java:1)\n';
    const text = [...lenaThreadDumpText({ threads, status }, FROM)].join('');
    const content = await readBack(text);
    assert.equal(content.kind, 'threads');
    const [dump, ...others] = content.kind === 'threads' ? content.dumps : [];
    assert.deepEqual(others, []);
    assert.equal(dump?.form, 'lena');
    assert.equal(dump.saidAt, FROM.at);
    assert.deepEqual(
      dump.threads.map(({ name, id, state, stack }) => [name, id, state, stack.frames.length]),
      [
        ['main', 1, 'TIMED_WAITING', 2],
        ['Signal Dispatcher', 4, 'RUNNABLE', 0],
        ['Finalizer', 3, 'WAITING', 1],
        ['exec-1', 23, 'BLOCKED', 1],
      ],
    );
    assert.equal(dump.threads[3]?.waitsFor?.ownerName, 'exec-2');
    assert.deepEqual(dump.problems, []);
    assert.equal(dump.isTruncated, false);
  });
  it('holds what was recorded of a real one', async () => {
    const whole = replyOf('OBJECT_THREAD_DUMP');
    const bytes = whole.subarray(0, whole.lastIndexOf(Buffer.from('\n\n')) + 2);
    // The recording is cut: its whole texts are taken out by hand.
    const texts = bytes
      .toString('latin1')
      .split(/(?="[^"\n]+" Id=\d+ [A-Z_]+)/)
      .slice(1)
      .map((text) => text.slice(0, text.lastIndexOf('\n\n') + 2));
    assert.ok(texts.length >= 4);
    const dump = { threads: texts, status: undefined };
    const content = await readBack([...lenaThreadDumpText(dump, FROM)].join(''));
    const [read] = content.kind === 'threads' ? content.dumps : [];
    assert.equal(read?.threads.length, texts.length);
    assert.deepEqual(read.problems, []);
  });
  it('is none where there is nothing to read', () => {
    const reader = new LenaReplyReader({ maxBytes: 1_000 });
    reader.push(Uint8Array.of(4));
    assert.equal(lenaThreadDump(reader.packs), undefined);
  });
});

describe('the file of an advertiser’s requests', () => {
  const service = (more: Partial<LenaActiveService>): LenaActiveService => ({
    id: undefined,
    name: undefined,
    state: undefined,
    cpuMs: undefined,
    service: undefined,
    elapsedMs: undefined,
    txid: undefined,
    sql: undefined,
    client: undefined,
    ...more,
  });
  const thread = (more: Partial<LenaThread> & { readonly name: string }): LenaThread => ({
    id: undefined,
    state: undefined,
    cpuMs: undefined,
    blockedCount: undefined,
    blockedMs: undefined,
    waitedCount: undefined,
    waitedMs: undefined,
    lockName: undefined,
    lockOwnerId: undefined,
    lockOwnerName: undefined,
    stackTrace: undefined,
    service: undefined,
    txid: undefined,
    elapsedMs: undefined,
    ...more,
  });
  it('joins by id before the name, and finds the application’s frame', () => {
    const { requests, missing } = lenaServiceDump({
      server: 'was-1',
      at: 1,
      services: [
        service({ id: 7, name: 'exec-1', service: '/a' }),
        service({ name: 'exec-2', client: '10.0.0.9' }),
      ],
      threads: [
        thread({ id: 9, name: 'exec-1', state: 'WAITING' }),
        thread({
          id: 7,
          name: 'renamed',
          state: 'BLOCKED',
          lockName: 'x.Lock@1',
          stackTrace:
            '\tat java.base@17/java.lang.Object.wait(Native Method)\n\t-  waiting on x.Lock@1\n\tat org.apache.catalina.core.X.y(X.java:1)\n\tat com.shop.Cart.add(Cart.java:42)',
        }),
        thread({ name: 'exec-2', cpuMs: 3 }),
      ],
    });
    assert.deepEqual(
      requests.map(({ thread: name, state, frame, lock, cpuMs }) => [name, state, frame, lock, cpuMs]),
      [
        ['exec-1', 'BLOCKED', 'com.shop.Cart.add(Cart.java:42)', 'x.Lock@1', undefined],
        ['exec-2', undefined, undefined, undefined, 3],
      ],
    );
    assert.deepEqual(missing, []);
  });
  it('says what is missing without a list of threads', () => {
    const { missing } = lenaServiceDump({
      server: 's',
      at: 1,
      services: [service({ id: 7 })],
      threads: undefined,
    });
    assert.deepEqual(missing, ['client', 'frame', 'lock']);
  });
  it('is read back as it was', async () => {
    const reader = new LenaReplyReader({ maxBytes: 10_000 });
    reader.push(replyOf('OBJECT_ACTIVE_SERVICE_LIST'));
    const services = lenaActiveServices(reader.packs) ?? [];
    const dump = lenaServiceDump({ server: 'vm/tomcat1', at: FROM.at, services, threads: [] });
    const content = await readBack(encodeServiceDump(dump));
    assert.ok(content.kind === 'service');
    assert.deepEqual(content.problems, []);
    assert.deepEqual(
      content.dump.requests.map(({ service: uri, elapsedMs }) => [uri, elapsedMs]),
      [
        ['/sleep.jsp', 6000],
        ['/spin.jsp', 6000],
      ],
    );
  });
});
