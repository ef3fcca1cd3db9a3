import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { encodeChunk, encodeMessage } from '../../src/wire/dump-channel/frames.ts';
import { encodeLenaReply } from '../../src/wire/lena/tcp/reply.ts';
import { readAll } from '../support/audit.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type DumpCollector, startDumpCollector } from '../support/dump-collector.ts';
import {
  assertAllEnded,
  assertHarmless,
  assertNoHalfFiles,
  HOSTILE_WORDS,
  linesOf,
} from '../support/dump-command.ts';
import {
  type AgentAnswers,
  answerWith,
  believable,
  dialAgent,
  dialLena,
  type LenaAnswers,
  lenaList,
  lenaMap,
  lenaText,
} from '../support/dump-peers.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { runProgram } from '../support/run-program.ts';

const THREADS = Buffer.from(`2026-11-21 06:00:00
Full thread dump OpenJDK 64-Bit Server VM (17.0.13+11 mixed mode, sharing):

"main" #1 prio=5 os_prio=0 cpu=1.00ms elapsed=9.00s tid=0x00007f0000000001 nid=0x1 runnable  [0x00007f0000000000]
   java.lang.Thread.State: RUNNABLE
\tat com.shop.Spin.run(Spin.java:7)

JNI global refs: 1, weak refs: 0

`);

interface Peer {
  readonly name: string;
  /** Dials as what it is. */
  dial(address: string): Promise<unknown>;
  /** Of a dump that is none; absent: it is taken. */
  readonly says?: RegExp;
}

const ends: (() => void)[] = [];
const cleanups = { after: (end: () => void) => ends.push(end) };
let built: BuiltProgram;
let collector: DumpCollector;

const lena = (name: string, answers: LenaAnswers, says?: RegExp): Peer => ({
  name,
  dial: (from) => dialLena(cleanups, collector.place, { objName: `/${name}/tomcat1/`, from, answers }),
  ...(says === undefined ? {} : { says }),
});
const agent = (
  name: string,
  answers: AgentAnswers,
  says?: RegExp,
  more: { readonly identity?: string; readonly id?: string } = {},
): Peer => ({
  name,
  dial: (from) =>
    dialAgent(cleanups, collector.place, {
      identity: more.identity ?? `vms/${name}`,
      from,
      servers: [{ id: more.id ?? name, can: ['thread', 'service', 'histogram', 'heap'] }],
      answers,
    }),
  ...(says === undefined ? {} : { says }),
});
const done = (id: number, more: object = {}) =>
  encodeMessage({
    type: 'done',
    id,
    sha256: '0'.repeat(64),
    bytes: THREADS.length,
    how: 'attach threaddump -l',
    missing: [],
    ...more,
  });
const threads = (): Uint8Array => believable('OBJECT_THREAD_DUMP') ?? new Uint8Array();

const peers: readonly Peer[] = [
  lena('l-good', believable),
  lena('l-hostile', () =>
    encodeLenaReply([
      lenaMap({
        threadDump: lenaList(
          lenaText(`"${HOSTILE_WORDS}" Id=1 BLOCKED\n\tat com.${HOSTILE_WORDS}.run(Spin.java:7)\n\n`),
        ),
        statusDump: lenaText(HOSTILE_WORDS),
      }),
    ]),
  ),
  lena(
    'l-noise',
    () => Buffer.alloc(4_096, 0x5a),
    /DUMP_DAMAGED: LENA advertiser \S+: its answer to OBJECT_THREAD_DUMP is none: /,
  ),
  lena(
    'l-nothing',
    () => encodeLenaReply([]),
    /DUMP_FAILED: LENA advertiser \S+ answers nothing to OBJECT_THREAD_DUMP\. Its version/,
  ),
  {
    name: 'l-cut',
    async dial(from) {
      const peer = await dialLena(cleanups, collector.place, {
        objName: '/l-cut/tomcat1/',
        from,
        answers: () => {
          setImmediate(() => peer.socket.end());
          return threads().subarray(0, 40);
        },
      });
    },
    says: /CONNECTION_LOST: LENA advertiser \S+ closed the connection before it had answered OBJECT_THREAD_DUMP/,
  },
  {
    name: 'l-endless',
    async dial(from) {
      const piece = encodeLenaReply([
        lenaMap({ threadDump: lenaList(lenaText('x'.repeat(60_000))) }),
      ]).subarray(0, -1);
      const peer = await dialLena(cleanups, collector.place, {
        objName: '/l-endless/tomcat1/',
        from,
        answers: () => {
          const more = () => {
            while (!peer.socket.destroyed && peer.socket.write(piece));
            if (!peer.socket.destroyed) peer.socket.once('drain', more);
          };
          more();
          return undefined;
        },
      });
    },
    says: /DUMP_TOO_LARGE: LENA advertiser \S+: its answer .* is larger than 1048576 bytes/,
  },
  {
    name: 'l-twin',
    async dial(from) {
      await dialLena(cleanups, collector.place, { objName: '/l-twin/tomcat1/', from });
      await dialLena(cleanups, collector.place, { objName: '/l-twin/tomcat1/', from: '127.0.9.9' });
    },
    says: /NO_WAY_TO_DUMP: .*LENA advertiser: .*127\.0\.9\.9/s,
  },
  agent('a-good', ({ id }, self) => answerWith(self, id, THREADS)),
  agent(
    'a-hostile',
    ({ id }, self) => self.send(encodeMessage({ type: 'error', id, code: 'noJvm', message: HOSTILE_WORDS })),
    /NO_JVM: l9s agent vms\/a-hostile at \S+: thread: it is.* broken, password=\*{3}.*\. /,
  ),
  agent(
    'a-hash',
    ({ id }, self) => self.send(encodeChunk(id, THREADS), done(id)),
    /DUMP_DAMAGED: l9s agent vms\/a-hash at \S+: thread: the hash of what came is another than the one it said\. Nothing was kept/,
  ),
  agent(
    'a-length',
    ({ id }, self) => self.send(encodeChunk(id, THREADS), done(id, { bytes: 7 })),
    /DUMP_DAMAGED: .*: \d+ bytes came, 7 were said/,
  ),
  agent(
    'a-empty',
    ({ id }, self) => answerWith(self, id, Buffer.alloc(0)),
    /DUMP_FAILED: thread dump of a-empty: nothing came/,
  ),
  agent(
    'a-cut',
    ({ id }, self) => {
      self.send(encodeChunk(id, THREADS.subarray(0, 90)));
      self.socket.end();
    },
    /CONNECTION_LOST: l9s agent vms\/a-cut at \S+: the connection ended before its answer was whole/,
  ),
  agent(
    'a-noise',
    (_request, self) => self.send(Buffer.alloc(4_096, 0xff)),
    /DUMP_DAMAGED: l9s agent vms\/a-noise at /,
  ),
  agent(
    'a-endless',
    ({ id }, self) => {
      const more = () => {
        while (!self.socket.destroyed && self.socket.write(encodeChunk(id, Buffer.alloc(65_536, 0x20))));
        if (!self.socket.destroyed) self.socket.once('drain', more);
      };
      more();
    },
    /DUMP_TOO_LARGE: .*larger than 1048576 bytes/,
  ),
  agent(
    'a-other',
    ({ id }, self) => answerWith(self, id, THREADS),
    /NO_WAY_TO_DUMP: .*says it is a-other, but its key is that of vms\/somebody, not of vms\/\S*a-other: refused/s,
    { identity: 'vms/somebody' },
  ),
  agent(
    'a-path',
    ({ id }, self) => answerWith(self, id, THREADS),
    /NO_WAY_TO_DUMP: .*no agent of it is connected/s,
    { id: '../../../../tmp/a-path' },
  ),
  {
    name: 'a-twin',
    async dial(from) {
      for (const address of [from, '127.0.9.8'])
        await dialAgent(cleanups, collector.place, {
          identity: 'vms/a-twin',
          from: address,
          servers: [{ id: 'a-twin', can: ['thread'] }],
          answers: ({ id }, self) => answerWith(self, id, THREADS),
        });
    },
    says: /NO_WAY_TO_DUMP: .*l9s agent: .*a-twin/s,
  },
  {
    name: 'a-key',
    dial: (from) =>
      dialAgent(cleanups, collector.place, {
        identity: 'vms/a-key',
        key: Buffer.alloc(32, 1),
        from,
        servers: [{ id: 'a-key', can: ['thread'] }],
      }).catch(() => undefined),
    says: /NO_WAY_TO_DUMP: .*l9s agent: /s,
  },
  // Whose name would lead out of the folder.
  lena('..', believable),
];
const addressOf = (at: number): string => `127.0.8.${at + 1}`;

before(async () => {
  built = await buildProgram();
  collector = await startDumpCollector(
    cleanups,
    built,
    peers.map(({ name }, at) => ({ name, address: addressOf(at) })),
  );
  await Promise.all(peers.map(({ dial }, at) => dial(addressOf(at))));
});
after(() => {
  for (const end of ends) end();
  built.remove();
});

const run = (...args: readonly string[]) =>
  runProgram(built, [...args, '--config', collector.config], collector.environment, 60_000);
const state = () => path.join(built.home, 'state', 'l9s');
const logOf = (name: string) => readFileSync(path.join(state(), name), 'utf8');

const isOf = (name: string) => (said: string) => said.startsWith(`l9s: vms:${name}: `);

describe('servers that dial in', () => {
  test('each of those that lie, flood or end says so once; the others are dumped', async () => {
    const { code, stdout, stderr } = await run('dump', 'thread', ...peers.map(({ name }) => `vms:${name}`));
    assert.equal(code, 5, stderr);
    const bad = peers.flatMap(({ name, says }) => (says === undefined ? [] : [{ name, says }]));
    for (const { name, says } of bad) {
      const [said = '', ...more] = stderr.split(/^(?=l9s: )/m).filter(isOf(name));
      assert.deepEqual(more, [], 'said once');
      assert.match(said, says);
      assert.match(said.trimEnd(), /\. [A-Z].*\.$/, 'what to do');
    }
    const files = linesOf(stdout);
    assert.equal(files.length, peers.length - bad.length, stdout);
    for (const file of files) assert.equal(path.dirname(file), path.join(state(), 'dumps'));
    assert.equal(assertNoHalfFiles(path.join(state(), 'dumps')).length, files.length);
    assertHarmless(stdout + stderr);
    assertHarmless(collector.said());
    assertHarmless(logOf('l9s.log'));
    const { entries } = await readAll(path.join(state(), 'audit'));
    assertAllEnded(entries);
    assert.equal(entries[0]?.result, 'partial');
    assertHarmless(JSON.stringify(entries));
  });

  test('what a hostile one said of its threads is read without harm', async () => {
    const [file] = assertNoHalfFiles(path.join(state(), 'dumps')).filter((name) =>
      name.startsWith('l-hostile'),
    );
    const found = path.join(state(), 'dumps', file ?? assert.fail('no dump'));
    for (const output of ['text', 'json']) {
      const { code, stdout, stderr } = await run('analyze', found, '-o', output, '--all');
      assert.equal(code, 0, stderr);
      assertHarmless(stdout + stderr);
    }
  });
});

describe('two thousand that say nothing, half a word or noise', () => {
  test('keep nobody from a dump, and cost no memory', async () => {
    const before = collector.memoryBytes();
    const { connect } = await import('node:net');
    const says = [undefined, 'l9', 'l9s1', '\u0016\u0003\u0001', '\u00ca\u00fe', 'GET / HTTP/1.1\r\n\r\n'];
    const sockets = Array.from({ length: 2_000 }, (_, at) => {
      const socket = connect({ ...collector.place, localAddress: `127.0.${10 + (at % 40)}.1` });
      cleanups.after(() => socket.destroy());
      socket.on('error', () => socket.destroy());
      const words = says[at % says.length];
      if (words !== undefined) socket.write(words, 'latin1');
      return socket;
    });
    await waitFor('all have dialled', () => sockets.every(({ connecting }) => !connecting));
    const { code, stdout, stderr } = await run('dump', 'thread', 'vms:l-good', 'vms:a-good');
    assert.equal(code, 0, stderr);
    assert.equal(linesOf(stdout).length, 2);
    const grown = collector.memoryBytes() - before;
    assert.ok(grown < 150_000_000, `${grown} bytes more`);
    assert.equal(collector.child.exitCode, null);
  });
});
