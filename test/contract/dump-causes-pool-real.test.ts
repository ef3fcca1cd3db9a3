import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeServiceDump } from '../../src/wire/service-dump/decode.ts';
import { analyzeJson, analyzeText, type Said, sentences, unwrapped } from '../support/analyze-files.ts';
import { blocksOf, statesOf } from '../support/dump-text.ts';
import { noRealJvm } from '../support/jvm-tools.ts';
import { dumpWhen, type RealCauses, startRealCauses } from '../support/real-causes.ts';

/** Requests to the slow page; the other workers serve another one. */
const SLOW = 13;
const OTHERS = 7;
const SLOW_FRAME = 'org.apache.jsp.slow_jsp._jspService';
const OTHER_FRAME = 'org.apache.jsp.other_jsp._jspService';

const workersOf = (dump: string) => blocksOf(dump).filter(({ name }) => /^http-nio-.*-exec-\d+$/.test(name));
const inFrame = (dump: string, frame: string): number =>
  workersOf(dump).filter(({ text }) => text.includes(`at ${frame}(`)).length;
const isFull = (dump: string): boolean =>
  inFrame(dump, SLOW_FRAME) === SLOW && inFrame(dump, OTHER_FRAME) === OTHERS;

describe('a pool of a real Tomcat, exhausted on a slow page', { skip: noRealJvm() }, () => {
  let causes: RealCauses;
  let requests: readonly Promise<unknown>[] = [];
  before(async () => {
    causes = await startRealCauses();
    const other = path.join(causes.tomcat.base, 'webapps/ROOT/other.jsp');
    writeFileSync(
      other,
      '<%@ page session="false" %><% Thread.sleep(Long.parseLong(request.getParameter("ms"))); %>',
    );
    await Promise.all([causes.get('slow.jsp', '?ms=0'), causes.get('other.jsp', '?ms=0')]);
    // They are given up when the stage ends.
    const hang = (count: number, page: 'slow.jsp' | 'other.jsp') =>
      Array.from({ length: count }, () => causes.get(page, '?ms=600000').catch(() => undefined));
    requests = [...hang(SLOW, 'slow.jsp'), ...hang(OTHERS, 'other.jsp')];
  });
  after(async () => {
    await causes.close();
    await Promise.all(requests);
  });
  /** One sentence, with the numbers of that very file. */
  const assertNamed = (said: Said, dump: string): string => {
    const size = workersOf(dump).length;
    const [sentence = ''] = sentences(said, 'pool-exhausted');
    const [, busy, all, most] =
      /^no worker of http-nio-127\.0\.0\.1-\d+-exec is idle: (\d+) of (\d+) are busy, (\d+) of them in org\.apache\.jsp\.slow_jsp\._jspService, sleeping$/.exec(
        sentence,
      ) ?? assert.fail(`${sentence}: ${JSON.stringify(said.verdict)}`);
    const busyInFile = inFrame(dump, SLOW_FRAME) + inFrame(dump, OTHER_FRAME);
    assert.deepEqual([busy, all, most].map(Number), [busyInFile, size, inFrame(dump, SLOW_FRAME)]);
    assert.deepEqual(
      said.verdict.filter(({ level }) => level === 'error').map(({ code }) => code),
      ['pool-exhausted'],
    );
    return sentence;
  };

  test('is named by analyze in a file of jcmd, with its page and the counts of that file', async () => {
    const dump = await dumpWhen('all workers busy', causes.jcmd, isFull);
    const file = causes.keep('threads.txt', dump);
    const said = await analyzeJson(file);
    const sentence = assertNamed(said, dump);
    const pool = said.threads.pools.find(({ name }) =>
      name.startsWith(`http-nio-127.0.0.1-${causes.tomcat.port}-exec`),
    );
    assert.deepEqual([pool?.size, pool?.busy], [workersOf(dump).length, SLOW + OTHERS]);
    assert.deepEqual(
      pool?.places.map(({ method, doing, count }) => [method, doing, count]),
      [
        [SLOW_FRAME, 'sleep', inFrame(dump, SLOW_FRAME)],
        [OTHER_FRAME, 'sleep', inFrame(dump, OTHER_FRAME)],
      ],
    );
    const [written] = said.dumps;
    assert.deepEqual([written?.threads, written?.isTruncated], [blocksOf(dump).length, false]);
    assert.deepEqual(written?.states, statesOf(dump));
    const text = unwrapped(await analyzeText(file));
    assert.ok(text.startsWith(`VERDICT\n✖ ${sentence}`), text.slice(0, 2_000));
  });

  for (const way of ['agent', 'exec'] as const)
    test(`is named the same from the live server, ${way === 'agent' ? 'through our agent' : 'by the commands of pod exec'}`, async () => {
      const dump = await dumpWhen('all workers busy', () => causes[way]('thread'), isFull);
      assertNamed(await analyzeJson(causes.keep(`${way}.txt`, dump)), dump);
    });

  test('has its requests in a service dump, though no worker is left to ask the manager with', async () => {
    const dump = decodeServiceDump(await causes.agent('service'))?.dump;
    const frames = dump?.requests.map(({ frame = '' }) => frame.split('(')[0]) ?? [];
    assert.equal(frames.filter((frame) => frame === SLOW_FRAME).length, SLOW);
    assert.equal(frames.filter((frame) => frame === OTHER_FRAME).length, OTHERS);
    assert.equal(frames.length, SLOW + OTHERS);
  });
});
