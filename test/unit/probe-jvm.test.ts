import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodePerfFile } from '../../fixtures/fleet/jvm/perf-data-writer.ts';
import { CUT, DENIED, FORBIDDEN, NO_CAT, NO_FILE, statOf } from '../support/fake-container.ts';
import { FOLDER, oneJvm, perfFile, probing, START } from '../support/probe-stage.ts';

describe('reading a JVM from outside', () => {
  test('says first that it reads, then what it read, every two seconds', async () => {
    const { clock, container, last, readings, stop } = probing(oneJvm());
    assert.deepEqual([readings.length, last().jvm, last().failure], [1, undefined, undefined]);
    await clock.advance(0);
    const { jvm, pid, way, heartbeat, others } = last();
    assert.deepEqual(
      [pid, way, heartbeat.at, heartbeat.intervalMs, others],
      [87, 'hsperfdata', START, 2_000, undefined],
    );
    assert.deepEqual(jvm?.heap?.usedBytes, 820);
    assert.deepEqual(jvm?.fds, { open: 3, max: 1_024 });
    assert.equal(jvm?.gcInterval, undefined);
    assert.equal(jvm?.cpu, undefined);
    container.answers[`cat ${FOLDER}/87`] = perfFile({ upMs: 62_000 });
    container.answers['cat /proc/87/stat'] = statOf(87, 1_000, 180);
    await clock.advance(2_000);
    // 0.8 s of CPU in 2 s on four cores.
    assert.equal(last().jvm?.cpu?.process, 0.1);
    assert.deepEqual(last().jvm?.gcInterval, { coveredMs: 2_000, count: 0, timeMs: 0 });
    assert.equal(container.asked.filter((command) => command === 'ls -1 /tmp').length, 1);
    await stop();
    assert.equal(clock.pending, 0);
  });

  test('a quota below the cores is what CPU is a share of', async () => {
    const { clock, container, last, stop } = probing(oneJvm(), 0.5);
    await clock.advance(0);
    container.answers['cat /proc/87/stat'] = statOf(87, 1_000, 150);
    await clock.advance(2_000);
    assert.equal(last().jvm?.cpu?.process, 0.5);
    await stop();
  });

  test('a full collection tells what it left, and its cause is not invented', async () => {
    const { clock, container, last, stop } = probing(oneJvm());
    await clock.advance(0);
    container.answers[`cat ${FOLDER}/87`] = perfFile({ upMs: 62_000, full: 2, old: 200 });
    await clock.advance(2_000);
    const { fullGcs, lastFullGc, heap, gcInterval } = last().jvm ?? {};
    assert.deepEqual([fullGcs, heap?.afterGcBytes, heap?.usedBytes], [2, 220, 720]);
    assert.deepEqual(
      [lastFullGc?.beforeBytes, lastFullGc?.afterBytes, lastFullGc?.cause],
      [820, 220, undefined],
    );
    assert.deepEqual(gcInterval, { coveredMs: 2_000, count: 2, timeMs: 200 });
    assert.equal(last().jvm?.pauses, undefined, 'of two runs one was not seen');
    await stop();
  });

  test('the same pid with another start is another JVM', async () => {
    const { clock, container, last, stop } = probing(oneJvm({ [`cat ${FOLDER}/87`]: perfFile({ full: 7 }) }));
    await clock.advance(0);
    assert.equal(last().restarts, 0);
    container.answers['cat /proc/87/stat'] = statOf(87, 9_000);
    container.answers[`cat ${FOLDER}/87`] = perfFile({ upMs: 1_000, full: 8 });
    await clock.advance(2_500);
    assert.equal(last().restarts, 1);
    assert.equal(last().jvm?.lastFullGc, undefined, 'its first reading has nothing before it');
    assert.equal(last().jvm?.startedAt, START + 2_250 - 1_000);
    await stop();
  });

  test('one that ended and that nobody waited for is gone, though its file is there', async () => {
    const { clock, container, last, stop } = probing(
      oneJvm({ 'ls -1 /proc': '1\n87\n', 'cat /proc/1/stat': statOf(1, 1, 1, 'sh') }),
    );
    await clock.advance(0);
    container.answers['cat /proc/87/stat'] = statOf(87, 1_000).replace(') S', ') Z');
    await clock.advance(2_500);
    assert.deepEqual([last().failure?.code, last().jvm?.at], ['NO_JVM', START]);
    await stop();
  });

  test('of several the live one that looks like the server is read, and the others are named', async () => {
    const { clock, last, stop } = probing(
      oneJvm({
        [`ls -1 ${FOLDER}`]: '12\n87\n300\n9999\n',
        [`cat ${FOLDER}/300`]: perfFile({ command: 'sun.tools.jstat.Jstat -gc 87' }),
        'cat /proc/300/stat': statOf(300, 90_000),
        [`cat ${FOLDER}/12`]: perfFile({ command: '/opt/agent.bin.Agent --token EXAMPLE-SECRET' }),
        'cat /proc/12/stat': statOf(12, 95_000),
        [`cat ${FOLDER}/9999`]: perfFile({ command: 'org.apache.catalina.startup.Bootstrap start' }),
      }),
    );
    await clock.advance(0);
    assert.deepEqual([last().pid, last().others], [87, ['agent.bin.Agent', 'sun.tools.jstat.Jstat']]);
    assert.ok(!JSON.stringify(last()).includes('EXAMPLE-SECRET'));
    await stop();
  });

  for (const [what, over, code, message] of [
    ['no right', { 'ls -1 /tmp': FORBIDDEN }, 'PERMISSION_DENIED', /pods\/exec/],
    [
      'no cat',
      { 'cat /proc/87/stat': NO_CAT, [`cat ${FOLDER}/87`]: NO_CAT, 'ls -1 /tmp': NO_CAT },
      'ACTION_IMPOSSIBLE',
      /has no `ls`/,
    ],
    [
      'a folder of another user',
      { [`ls -1 ${FOLDER}`]: DENIED },
      'PERF_DATA_DENIED',
      /hsperfdata_lena may not be read/,
    ],
    [
      'a file of another user',
      { [`cat ${FOLDER}/87`]: DENIED },
      'PERF_DATA_DENIED',
      /hsperfdata_lena\/87 may not be read/,
    ],
    ['a connection that ends', { 'ls -1 /tmp': CUT }, 'CONNECTION_LOST', /ended in the middle/],
    ['too much', { [`cat ${FOLDER}/87`]: new Uint8Array(262_145) }, 'REMOTE_ERROR', /more than 256 KiB/],
    [
      'no Java',
      { 'ls -1 /tmp': '', 'ls -1 /proc': '1\nself\n', 'cat /proc/1/stat': statOf(1, 1, 1, 'nginx') },
      'NO_JVM',
      /no Java process/,
    ],
    [
      'words of a tool nobody knows',
      { 'ls -1 /tmp': { exitCode: 3, stderr: 'ls: \u001b[31mboom password=x\n' } },
      'REMOTE_ERROR',
      /boom password=\*\*\* \(exit 3\)/,
    ],
  ] as const)
    test(`${what} is told with a remedy, and not asked for in a loop`, async () => {
      const { clock, container, last, stop } = probing(oneJvm(over));
      await clock.advance(0);
      const { failure, jvm } = last();
      assert.equal(failure?.code, code);
      assert.match(failure?.message ?? '', message);
      assert.ok((failure?.hint.length ?? 0) > 10);
      assert.ok(!/\p{Cc}/u.test(JSON.stringify(failure)));
      assert.equal(jvm, undefined);
      const once = container.asked.length;
      await clock.advance(1_500);
      assert.equal(container.asked.length, once);
      await clock.advance(600_000);
      assert.ok(container.asked.length <= once * 30, `${container.asked.length} commands in ten minutes`);
      await stop();
    });

  test('a file that is being written is passed over, and told only when it stays so', async () => {
    const { clock, container, last, stop } = probing(oneJvm());
    await clock.advance(0);
    container.answers[`cat ${FOLDER}/87`] = encodePerfFile({
      entries: [],
      modifiedTicks: 0,
      isBeingWritten: true,
    });
    await clock.advance(4_000);
    assert.deepEqual([last().failure, last().jvm?.at], [undefined, START]);
    await clock.advance(2_000);
    assert.match(last().failure?.message ?? '', /cannot be read: being written/);
    assert.equal(last().heartbeat.rejected, 3);
    assert.equal(last().jvm?.at, START, 'what was read before stays');
    container.answers[`cat ${FOLDER}/87`] = perfFile();
    await clock.advance(60_000);
    assert.equal(last().failure, undefined);
    await stop();
  });

  test('limits are read with the first figures, not with a file that is not ready', async () => {
    const being = encodePerfFile({ entries: [], modifiedTicks: 0, isBeingWritten: true });
    const { clock, container, last, stop } = probing(oneJvm({ [`cat ${FOLDER}/87`]: being }));
    await clock.advance(0);
    container.answers[`cat ${FOLDER}/87`] = perfFile();
    container.answers['cat /proc/87/stat'] = statOf(87, 1_000, 180);
    await clock.advance(2_000);
    assert.deepEqual([last().jvm?.cpu?.process, last().jvm?.fds?.max], [0.1, 1_024]);
    await stop();
  });

  test('a file cut at every length neither throws nor passes for figures', async () => {
    const whole = perfFile();
    const used = whole.readInt32LE(8);
    for (let length = 0; length < used; length += 37) {
      const { clock, last, stop } = probing(oneJvm({ [`cat ${FOLDER}/87`]: whole.subarray(0, length) }));
      await clock.advance(0);
      assert.equal(last().jvm, undefined, `cut at ${length}`);
      await stop();
    }
  });

  test('JVMs that end as soon as they are found end in a failure, not in a loop', async () => {
    const { clock, container, last, stop } = probing(oneJvm({ [`cat ${FOLDER}/87`]: NO_FILE }));
    await clock.advance(1_000);
    assert.equal(last().failure?.code, 'NO_JVM');
    const asked = container.asked.length;
    await clock.advance(1_000);
    assert.equal(container.asked.length, asked);
    await stop();
  });

  test('another pace is taken up at once', async () => {
    const { clock, pace, probe, last, stop } = probing(oneJvm());
    pace.everyMs = 15_000;
    await clock.advance(0);
    const { at } = last().jvm ?? {};
    await clock.advance(10_000);
    assert.equal(last().jvm?.at, at);
    pace.everyMs = 2_000;
    probe.hurry();
    await clock.advance(0);
    assert.equal(last().jvm?.at, START + 10_000);
    assert.equal(last().heartbeat.intervalMs, 2_000);
    await stop();
  });
});
