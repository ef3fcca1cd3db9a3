import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { analyzeJson, analyzeText, type Said, sentences, unwrapped } from '../support/analyze-files.ts';
import { blockOf, blocksOf, statesOf, timesOf } from '../support/dump-text.ts';
import { noRealJvm } from '../support/jvm-tools.ts';
import { dumpWhen, type RealCauses, startRealCauses } from '../support/real-causes.ts';

const BURNER = 'report-burner';
const FRAME = 'org.apache.jsp.burn_jsp.spin';
/** What one dump takes for more than chance, and what is between two of them. */
const BURNT_MS = 1_100;
const GOES_ON_MS = 500;

/** Of a core: where the machine is so busy that it gets less, there is no loop to be seen. */
const LEAST_SHARE = 0.12;

const hasBurnt = (leastMs: number) => (dump: string) => {
  if (!dump.includes(`\n"${BURNER}" `)) return false;
  const { cpuMs, elapsedMs } = timesOf(blockOf(dump, BURNER));
  return cpuMs >= leastMs && cpuMs >= LEAST_SHARE * elapsedMs;
};
const secondsOf = (spoken = '') => Number.parseFloat(spoken) / (spoken.endsWith(' ms') ? 1_000 : 1);
/** `2.3` within its rounding. */
const assertSeconds = (said: string | undefined, ms: number) =>
  assert.ok(Math.abs(Number(said) - ms / 1_000) <= 0.5, `${said} s for ${ms} ms`);

// At once: each waits for the loop to get CPU.
describe('a loop that burns CPU in a real Tomcat', { skip: noRealJvm(), concurrency: 3 }, () => {
  let causes: RealCauses;
  before(async () => {
    causes = await startRealCauses();
    await causes.get('burn.jsp');
  });
  after(() => causes.close());

  /** One sentence of one file, with the CPU and the age that file tells. */
  const assertNamed = (said: Said, dump: string): string => {
    const { cpuMs, elapsedMs } = timesOf(blockOf(dump, BURNER));
    assert.ok(blockOf(dump, BURNER).includes(`at ${FRAME}(`));
    const found = sentences(said, 'busy-thread');
    assert.equal(found.length, 1, JSON.stringify(said.verdict));
    const [sentence = ''] = found;
    const [, cpu, share, age] =
      /^"report-burner" burns CPU in org\.apache\.jsp\.burn_jsp\.spin: ([\d.]+) s, (\d+) % of a core since it began ([\d.]+) s ago$/.exec(
        sentence,
      ) ?? assert.fail(sentence);
    assertSeconds(cpu, cpuMs);
    assertSeconds(age, elapsedMs);
    assert.ok(
      Math.abs(Number(share) - (100 * cpuMs) / elapsedMs) <= 1,
      `${share} % of ${cpuMs}/${elapsedMs}`,
    );
    return sentence;
  };
  /** What a series says, with the CPU its files tell between them. */
  const assertSeries = (said: Said, first: string, last: string): string => {
    const [before, now] = [timesOf(blockOf(first, BURNER)), timesOf(blockOf(last, BURNER))];
    const [sentence = ''] = sentences(said, 'busy-thread');
    const [, share, wall] =
      /^"report-burner" used (\d+) % of a core for ([\d.]+ m?s) \(\d+ % of all the JVM used\), in org\.apache\.jsp\.burn_jsp\.spin$/.exec(
        sentence,
      ) ?? assert.fail(JSON.stringify(said.verdict));
    const wallMs = now.elapsedMs - before.elapsedMs;
    assertSeconds(`${secondsOf(wall)}`, wallMs);
    assert.ok(Math.abs(Number(share) - (100 * (now.cpuMs - before.cpuMs)) / wallMs) <= 2, sentence);
    const busy = said.series?.busy[0];
    assert.deepEqual([busy?.thread, busy?.place], [BURNER, FRAME]);
    assert.equal(busy?.cpuMs, Math.round(now.cpuMs - before.cpuMs));
    return sentence;
  };

  test('is named by analyze in one file of jcmd and in a series, with the CPU those files tell', async () => {
    const first = await dumpWhen('the loop', causes.jcmd, hasBurnt(BURNT_MS));
    const file = causes.keep('1.txt', first);
    const one = await analyzeJson(file);
    const sentence = assertNamed(one, first);
    assert.equal(one.dumps[0]?.threads, blocksOf(first).length);
    assert.deepEqual(one.dumps[0]?.states, statesOf(first));
    const text = unwrapped(await analyzeText(file));
    assert.ok(text.startsWith(`VERDICT\n✖ ${sentence}`) || text.startsWith(`VERDICT\n▲ ${sentence}`), text);

    const { cpuMs } = timesOf(blockOf(first, BURNER));
    const last = await dumpWhen('the loop going on', causes.jcmd, hasBurnt(cpuMs + GOES_ON_MS));
    const files = [file, causes.keep('2.txt', last)];
    const series = assertSeries(await analyzeJson(...files), first, last);
    assert.ok(unwrapped(await analyzeText(...files)).includes(series));
  });

  for (const way of ['agent', 'exec'] as const)
    test(`is named the same from the live server, ${way === 'agent' ? 'through our agent' : 'by the commands of pod exec'}`, async () => {
      const take = () => causes[way]('thread');
      const first = await dumpWhen('the loop', take, hasBurnt(BURNT_MS));
      const file = causes.keep(`${way}-1.txt`, first);
      assertNamed(await analyzeJson(file), first);
      const { cpuMs } = timesOf(blockOf(first, BURNER));
      const last = await dumpWhen('the loop going on', take, hasBurnt(cpuMs + GOES_ON_MS));
      assertSeries(await analyzeJson(file, causes.keep(`${way}-2.txt`, last)), first, last);
    });
});
