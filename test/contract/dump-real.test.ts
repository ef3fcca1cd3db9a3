import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openAdvertiser } from '../../src/app/advertising.ts';
import { writeDerivedKey, writeMasterKey } from '../../src/app/agent-keys.ts';
import { readPrivateFile } from '../../src/core/private-file.ts';
import { masterKeyOf } from '../../src/wire/dump-channel/agent-key.ts';
import { readAgentStatus } from '../../src/wire/dump-channel/status.ts';
import { decodeServiceDump } from '../../src/wire/service-dump/decode.ts';
import { type DumpPage, writeDumpPages } from '../support/dump-pages.ts';
import { type AgentTalk, DumpReceiver, errorOf, wholeText } from '../support/dump-receiver.ts';
import { noRealJvm, RealTomcat } from '../support/jvm-tools.ts';

const IDENTITY = 'udp/host1';
const namesOf = (dump: string): readonly string[] =>
  [...dump.matchAll(/^"(.+?)" #\d+/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'Attach Listener')
    .toSorted((a, b) => a.localeCompare(b));
const leftHeaps = (): readonly string[] =>
  ['/tmp', '/var/tmp'].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith('l9s-heap-')),
  );

describe('dumps of a real Tomcat through the agent', { skip: noRealJvm() }, () => {
  let tomcat: RealTomcat;
  let receiver: DumpReceiver;
  let talk: AgentTalk;
  let folder: string;
  const ended = new AbortController();
  let running: Promise<void>;
  const lines: string[] = [];

  before(async () => {
    tomcat = new RealTomcat(['-Xmx96m', '-XX:+UseSerialGC']);
    await tomcat.start();
    writeDumpPages(tomcat.base);
    folder = mkdtempSync(path.join(tmpdir(), 'l9s-dump-real-'));
    const [master, own] = [path.join(folder, 'master'), path.join(folder, 'own')];
    writeMasterKey(master);
    writeDerivedKey({ identity: IDENTITY, master, out: own });
    receiver = new DumpReceiver(masterKeyOf(readPrivateFile(master)));
    const port = await receiver.listen();
    writeFileSync(path.join(folder, 'manager'), 'agent:agent-word', { mode: 0o600 });
    const advertiser = await openAdvertiser({
      pid: tomcat.pid,
      to: [],
      host: 'host1',
      intervalMs: 500,
      tomcat: `http://127.0.0.1:${tomcat.port}/manager`,
      tomcatCredentials: path.join(folder, 'manager'),
      environment: {},
      say: (line) => lines.push(line),
      dumps: {
        to: { host: '127.0.0.1', port },
        identity: IDENTITY,
        key: { derived: own },
        allowsHeap: true,
        program: 'test',
      },
    });
    running = advertiser.run(ended.signal);
    // The first hello may come before the first JVM is found.
    for (talk = await receiver.next(); (await talk.hello).servers.length === 0; )
      talk = await receiver.next();
  });
  after(async () => {
    ended.abort();
    await running;
    await receiver.close();
    await tomcat.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const get = (page: DumpPage, query = '') =>
    fetch(`http://127.0.0.1:${tomcat.port}/${page}${query}`).then((answer) => answer.text());

  test('a thread dump has the threads that jcmd shows', async () => {
    const dump = wholeText(await talk.ask({ what: 'thread' }));
    const shown = execFileSync('jcmd', [`${tomcat.pid}`, 'Thread.print', '-l'], { encoding: 'utf8' });
    assert.deepEqual(namesOf(dump), namesOf(shown));
    assert.match(dump, /Locked ownable synchronizers/);
  });
  test('a histogram counts what is there, and only what is reachable where that is asked for', async () => {
    const all = wholeText(await talk.ask({ what: 'histogram' }));
    assert.match(all, /\[B \(java\.base@17/);
    const totalOf = (text: string) => Number(/^Total\s+(\d+)/m.exec(text)?.[1]);
    await tomcat.load(20, 40);
    const [garbage, live] = [
      await talk.ask({ what: 'histogram' }),
      await talk.ask({ what: 'histogram', options: { maxBytes: 100_000_000, isLive: true } }),
    ];
    assert.ok(totalOf(wholeText(live)) < totalOf(wholeText(garbage)));
  });
  test('a heap comes whole and leaves nothing behind', async () => {
    const before = leftHeaps();
    const status = readAgentStatus(wholeText(await talk.ask({ what: 'status' })));
    assert.ok(status?.heap !== undefined && 'folder' in status.heap && status.heap.neededBytes > 16_777_216);
    const answered = await talk.ask({ what: 'heap' });
    assert.equal(answered.end.type, 'done');
    assert.equal(answered.bytes.subarray(0, 18).toString('latin1'), 'JAVA PROFILE 1.0.2');
    assert.ok(
      answered.progress.some(
        ({ doneBytes, sizeBytes }) => doneBytes === 0 && sizeBytes === answered.bytes.length,
      ),
    );
    assert.deepEqual(leftHeaps(), before);
  });
  test('a heap larger than is taken is not even written', async () => {
    const before = leftHeaps();
    const refused = errorOf(await talk.ask({ what: 'heap', options: { maxBytes: 1_000_000 } }));
    assert.equal(refused.code, 'tooLarge');
    assert.deepEqual(leftHeaps(), before);
  });
  test('a service dump has the requests in flight with what their workers do', async () => {
    const slow = Array.from({ length: 3 }, () => get('slow.jsp', '?ms=4000&card=4000-1234'));
    for (let tries = 0; tries < 40; tries++) {
      const text = wholeText(await talk.ask({ what: 'service' }));
      const dump = decodeServiceDump(text)?.dump;
      const rows = dump?.requests.filter(({ service }) => service === 'GET /slow.jsp') ?? [];
      if (rows.length < 3 || rows.some(({ frame }) => frame?.includes('slow_jsp') !== true)) continue;
      assert.equal(dump?.from, 'agent');
      assert.deepEqual(dump?.missing, ['sql', 'txid']);
      assert.equal(rows.length, 3);
      for (const row of rows) {
        assert.match(row.thread, /^http-nio-127\.0\.0\.1-\d+-exec-\d+$/);
        assert.equal(row.state, 'TIMED_WAITING');
        assert.match(row.frame ?? '', /^org\.apache\.jsp\.slow_jsp\._jspService/);
        assert.equal(row.client, '127.0.0.1');
        assert.ok((row.elapsedMs ?? 0) > 0);
      }
      assert.ok(!text.includes('4000-1234'), 'the query of a request is nobody’s business');
      assert.ok(!text.includes('jmxproxy'), 'our own request is none');
      await Promise.all(slow);
      return;
    }
    assert.fail('the slow requests were not seen');
  });
  test('a JVM that is stopped is told of, and not waited for', async () => {
    process.kill(tomcat.pid, 'SIGSTOP');
    try {
      const refused = errorOf(await talk.ask({ what: 'thread' }));
      assert.match(refused.message, /is stopped \(SIGSTOP\)/);
    } finally {
      process.kill(tomcat.pid, 'SIGCONT');
    }
    assert.match(wholeText(await talk.ask({ what: 'thread' })), /Full thread dump/);
  });
  test('the key is in no line', () => {
    const key = readPrivateFile(path.join(folder, 'own'));
    assert.ok('bytes' in key);
    const text = Buffer.from(key.bytes).toString('latin1').trim();
    assert.ok(lines.length > 0 && !lines.some((line) => line.includes(text)));
  });
});
