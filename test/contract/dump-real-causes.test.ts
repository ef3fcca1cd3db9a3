import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openAdvertiser } from '../../src/app/advertising.ts';
import { writeDerivedKey, writeMasterKey } from '../../src/app/agent-keys.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  analyzeDumps,
  type DumpFindings,
  type DumpInput,
} from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import { readDump } from '../../src/diagnosis/thread-dump/read-dump.ts';
import type { DumpKind } from '../../src/domain/dump.ts';
import { type DumpAsk, type DumpTarget, isOffer } from '../../src/domain/dump-way.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { createDumpChannel } from '../../src/sources/dumps/channel/dump-channel.ts';
import { type DumpPage, writeDumpPages } from '../support/dump-pages.ts';
import { noRealJvm, RealTomcat } from '../support/jvm-tools.ts';
import { senderOf } from '../support/store-entities.ts';

const IDENTITY = 'udp/host1';
const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts');
const NEVER = new AbortController().signal;

const server: Server = {
  ref: refOf('server', 'udp', 'host1'),
  name: 'host1',
  type: 'tomcat',
  typeReason: 'said',
  contextKind: 'udp',
  revision: {},
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [],
  records: {},
};
const target: DumpTarget = {
  server,
  sender: { ...senderOf('host1', { codec: 'l9s' }), serverName: undefined },
};
const askFor = (kind: DumpKind): DumpAsk => ({ kind, maxBytes: 100_000_000, timeoutMs: 15_000 });

async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  await new Promise<void>((resolve) => taken.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const read = async (name: string, text: string): Promise<DumpInput> => ({
  name,
  content: await readDump(once(text), { name }, NEVER),
});
/** Lines of one kind, as they are said. */
const said = ({ verdict }: DumpFindings, code: string): readonly string[] =>
  verdict.filter((line) => line.code === code).map(({ text }) => text.en);

describe('causes in a real Tomcat, dumped through the agent and the receiver', { skip: noRealJvm() }, () => {
  const ended = new AbortController();
  const tomcat = new RealTomcat(['-Xmx128m', '-XX:+UseSerialGC']);
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-causes-'));
  const running: Promise<void>[] = [];
  const lines: string[] = [];
  let dumpNow: (kind: DumpKind) => Promise<string>;

  before(async () => {
    await tomcat.start();
    writeDumpPages(tomcat.base);
    const file = (name: string) => path.join(folder, name);
    writeMasterKey(file('master'));
    writeDerivedKey({ identity: IDENTITY, master: file('master'), out: file('own') });
    writeFileSync(file('manager'), 'agent:agent-word', { mode: 0o600 });
    const port = await freePort();
    const channel = createDumpChannel({
      isOn: true,
      port,
      agentKeyFile: file('master'),
      modeOf: () => ({ mode: 'triage', origin: 'test' }),
      by: 'ops@bastion',
      clock: systemClock,
    });
    const way = channel.ways.find(({ id }) => id === 'agent-channel');
    assert.ok(way);
    const sink = { changes: () => undefined };
    running.push(
      channel.companion.own({ host: '127.0.0.1', port, isAllowed: () => true, sink }, ended.signal),
    );
    const advertiser = await openAdvertiser({
      pid: tomcat.pid,
      to: [],
      host: 'host1',
      intervalMs: 500,
      tomcat: `http://127.0.0.1:${tomcat.port}/manager`,
      tomcatCredentials: file('manager'),
      environment: {},
      say: (line) => lines.push(line),
      dumps: {
        to: { host: '127.0.0.1', port },
        identity: IDENTITY,
        key: { derived: file('own') },
        allowsHeap: false,
        program: 'test',
      },
    });
    running.push(advertiser.run(ended.signal));
    for (let tries = 0; ; tries++) {
      const offer = await way.offer(target, askFor('thread'), NEVER);
      if (isOffer(offer)) break;
      assert.ok(tries < 100, `${offer.why.en}: ${lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    dumpNow = async (kind) => {
      const pieces: Uint8Array[] = [];
      await way.take(target, askFor(kind), {
        write: async (bytes) => {
          pieces.push(Buffer.from(bytes));
        },
        report: () => undefined,
        signal: AbortSignal.timeout(15_000),
      });
      return Buffer.concat(pieces).toString('utf8');
    };
  });
  after(async () => {
    ended.abort();
    await Promise.all(running);
    await tomcat.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const get = (page: DumpPage, query = '') =>
    fetch(`http://127.0.0.1:${tomcat.port}/${page}${query}`).then((answer) => answer.text());
  const jcmdNow = () => execFileSync('jcmd', [`${tomcat.pid}`, 'Thread.print', '-l'], { encoding: 'utf8' });

  test('a loop that burns CPU is named, by both series', async () => {
    await get('burn.jsp');
    const first = [await read('agent-1', await dumpNow('thread')), await read('jcmd-1', jcmdNow())];
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const second = [await read('agent-2', await dumpNow('thread')), await read('jcmd-2', jcmdNow())];
    for (const index of [0, 1]) {
      const series = [first[index], second[index]].filter((input) => input !== undefined);
      const findings = analyzeDumps(series);
      const [line = ''] = said(findings, 'busy-thread');
      assert.match(line, /report-burner/, `of ${findings.verdict.map(({ text }) => text.en).join('\n')}`);
    }
  });
  test('a pool exhausted on a slow page is named with its page and its counts', async () => {
    await get('slow.jsp', '?ms=1');
    const slow = Array.from({ length: 20 }, () => get('slow.jsp', '?ms=5000'));
    let pair: readonly DumpInput[] = [];
    let services = '';
    for (let tries = 0; tries < 40 && pair.length === 0; tries++) {
      const [ours, theirs] = [await dumpNow('thread'), jcmdNow()];
      const held = [ours, theirs].map((text) => text.split('slow_jsp._jspService').length - 1);
      if (held.some((count) => count < 20)) continue;
      services = await dumpNow('service');
      pair = [await read('agent', ours), await read('jcmd', theirs)];
    }
    const [ours = '', theirs = ''] = pair.map((input) => said(analyzeDumps([input]), 'pool-exhausted')[0]);
    assert.match(ours, /20 of 20 are busy, all of them in org\.apache\.jsp\.slow_jsp\._jspService/);
    assert.equal(ours, theirs);
    // The manager needs one of those workers itself: the requests are told by their stacks then.
    const requests = await read('service', services);
    assert.ok(requests.content.kind === 'service');
    const { dump } = requests.content;
    assert.equal(dump.requests.length, 20);
    assert.ok(dump.requests.every(({ frame }) => frame?.includes('slow_jsp') === true));
    await Promise.all(slow);
  });
  for (const [page, kind, names] of [
    ['monitors.jsp', 'on monitors', ['order-taker', 'stock-keeper']],
    ['locks.jsp', 'on java.util.concurrent locks', ['cart-filler', 'price-setter']],
  ] as const) {
    test(`a deadlock ${kind} is named with its threads`, async () => {
      await get(page);
      const isIn = (text: string) => names.every((name) => text.split(`"${name}":`).length > 1);
      let [ours, theirs] = ['', ''];
      // The pages answer when each thread has its first lock; the second is wanted a moment later.
      for (let tries = 0; tries < 40 && !(isIn(ours) && isIn(theirs)); tries++)
        [ours, theirs] = [await dumpNow('thread'), jcmdNow()];
      const found = [await read('agent', ours), await read('jcmd', theirs)].map((input) =>
        said(analyzeDumps([input]), 'deadlock').filter((line) => line.includes(kind)),
      );
      assert.deepEqual(found[0], [`deadlock of 2 threads ${kind}: "${names[0]}", "${names[1]}"`]);
      assert.deepEqual(found[1], found[0]);
    });
  }
  test('the command line names them in the file of jcmd', () => {
    const file = path.join(folder, 'threads.txt');
    writeFileSync(file, jcmdNow());
    const words = ['--import', 'tsx', MAIN, 'analyze', file, '-o', 'json'];
    const answer = execFileSync(process.execPath, words, { encoding: 'utf8' });
    for (const named of [
      'deadlock of 2 threads on monitors: "order-taker", "stock-keeper"',
      'deadlock of 2 threads on java.util.concurrent locks: "cart-filler", "price-setter"',
    ])
      assert.ok(answer.includes(JSON.stringify(named).slice(1, -1)), answer.slice(0, 2_000));
  });
});
