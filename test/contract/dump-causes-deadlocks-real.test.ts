import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { analyzeJson, analyzeText, sentences, unwrapped } from '../support/analyze-files.ts';
import { blockOf, blocksOf, locksIn, statesOf } from '../support/dump-text.ts';
import { noRealJvm } from '../support/jvm-tools.ts';
import { dumpWhen, type RealCauses, startRealCauses } from '../support/real-causes.ts';

const WAITED = /^\s+- (?:waiting to lock|parking to wait for) /;
const LOCKED = /^\s+- (?:locked )?</;

interface Deadlock {
  readonly page: 'monitors.jsp' | 'locks.jsp';
  readonly kind: 'monitors' | 'synchronizers';
  readonly words: string;
  readonly names: readonly [string, string];
  readonly className: string;
}
const DEADLOCKS: readonly Deadlock[] = [
  {
    page: 'monitors.jsp',
    kind: 'monitors',
    words: 'on monitors',
    names: ['order-taker', 'stock-keeper'],
    className: 'java.lang.Object',
  },
  {
    page: 'locks.jsp',
    kind: 'synchronizers',
    words: 'on java.util.concurrent locks',
    names: ['cart-filler', 'price-setter'],
    className: 'java.util.concurrent.locks.ReentrantLock$NonfairSync',
  },
];
const sentence = ({ words, names }: Deadlock) =>
  `deadlock of 2 threads ${words}: "${names[0]}", "${names[1]}"`;
/** As the JVM itself writes a thread of a deadlock into its report. */
const isReported = (dump: string) =>
  DEADLOCKS.every(({ names }) => names.every((name) => dump.includes(`\n"${name}":\n`)));

describe('deadlocks of a real Tomcat', { skip: noRealJvm() }, () => {
  let causes: RealCauses;
  before(async () => {
    causes = await startRealCauses();
    await Promise.all(DEADLOCKS.map(({ page }) => causes.get(page)));
  });
  after(() => causes.close());

  test('are named by analyze in a file of jcmd, with threads, locks and counts as that file has them', async () => {
    const dump = await dumpWhen('both deadlocks', causes.jcmd, isReported);
    const file = causes.keep('threads.txt', dump);
    const said = await analyzeJson(file);
    for (const each of DEADLOCKS) {
      const { kind, names, className } = each;
      assert.ok(sentences(said, 'deadlock').includes(sentence(each)), JSON.stringify(said.verdict));
      const found = said.threads.deadlocks.find((one) => one.kind === kind);
      assert.deepEqual(found?.threads, names);
      assert.deepEqual([found.isSaidByJvm, found.behind], [true, 0]);
      // Each waits for what the other holds, by the lines of that file.
      const waited = names.map((name) => locksIn(blockOf(dump, name), WAITED));
      assert.deepEqual(found.locks, waited.flat());
      for (const [at, name] of names.entries()) {
        const [lock] = waited[1 - at] ?? [];
        assert.equal(lock?.className, className);
        const held = locksIn(blockOf(dump, name), LOCKED);
        assert.ok(
          held.some(({ id }) => id === lock?.id),
          `${name} holds ${lock?.id}`,
        );
      }
    }
    assert.equal(said.threads.deadlocks.length, dump.split('Found one Java-level deadlock').length - 1);
    assert.deepEqual(
      said.verdict.filter(({ level }) => level === 'error').map(({ code }) => code),
      ['deadlock', 'deadlock'],
    );
    const [written] = said.dumps;
    assert.deepEqual([written?.threads, written?.isTruncated], [blocksOf(dump).length, false]);
    assert.deepEqual(written?.states, statesOf(dump));
    const text = await analyzeText(file);
    assert.match(text, /^VERDICT\n✖ deadlock of 2 threads /);
    const verdict = unwrapped(text);
    for (const each of DEADLOCKS) assert.ok(verdict.includes(`✖ ${sentence(each)}`), verdict.slice(0, 2_000));
  });

  for (const way of ['agent', 'exec'] as const)
    test(`are named the same from the live server, ${way === 'agent' ? 'through our agent' : 'by the commands of pod exec'}`, async () => {
      const dump = await dumpWhen('both deadlocks', () => causes[way]('thread'), isReported);
      const said = await analyzeJson(causes.keep(`${way}.txt`, dump));
      assert.deepEqual(sentences(said, 'deadlock').toSorted(), DEADLOCKS.map(sentence).toSorted());
      for (const { kind, names } of DEADLOCKS) {
        const found = said.threads.deadlocks.find((one) => one.kind === kind);
        assert.deepEqual(
          found?.locks,
          names.flatMap((name) => locksIn(blockOf(dump, name), WAITED)),
        );
      }
    });
});
