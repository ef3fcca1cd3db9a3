import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { analysisRows, dumpOf } from '../support/dump-rows.ts';
import { dropOf, NOW, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const FILE = 'was-1_was_20260115-045900_tdump.txt';
const LATER = 'was-1_was_20260115-045930_tdump.txt';
const rowsOf = (file: string) => {
  const { analysis, evidence } = analysisRows(file);
  return [putOf('analysis', analysis), ...evidence.map((row) => putOf('evidence', row))];
};

test('U lists dumps with their verdicts; enter reads one, and its stacks are one key away', async () => {
  const ui = await openConsole({ columns: 120, changes: [putOf('dump', dumpOf(FILE))] });
  await ui.press('U');
  assert.match(ui.screen(), /thread +was-1 .*✖ Deadlock of 2 threads/);
  await ui.press('<enter>');
  assert.match(ui.screen(), /Analysis/);
  assert.match(ui.screen(), /Reading/);
  assert.deepEqual(ui.calls.analyses, [FILE]);
  ui.store.apply(rowsOf(FILE));
  await ui.afterData();
  assert.match(ui.screen(), /✖ verdict +2 .*deadlock +Deadlock of 2 threads/);
  assert.match(ui.screen(), /→ Restart was-1: it cannot go on by itself/);
  await ui.press('<enter>');
  assert.match(ui.screen(), /"order-1" waits for 0x01, held by "order-2"/);
  assert.match(ui.screen(), /at com\.shop\.Order\.pay\(Order\.java:42\)/);
  await ui.press('<esc>');
  await ui.press('<esc>');
  assert.equal(ui.calls.analyses.at(-1), undefined);
});

test('a series is read together by T, marked dumps by f; dumps of two kinds are not', async () => {
  const series = (number: number) => ({ series: { id: 's1', number, count: 2 } });
  const ui = await openConsole({
    columns: 120,
    isActing: true,
    changes: [
      putOf('dump', dumpOf(FILE, series(1))),
      putOf('dump', dumpOf(LATER, { ...series(2), takenAt: NOW - 30_000 })),
      putOf(
        'dump',
        dumpOf('was-1_was_20260115-045930_histo.txt', { kind: 'histogram', takenAt: NOW - 20_000 }),
      ),
    ],
  });
  await ui.press('U');
  await ui.press('j');
  assert.match(ui.screen(), /2\/2/);
  await ui.press('T');
  assert.equal(ui.calls.analyses.at(-1), `${FILE}+${LATER}`);
  await ui.press('<esc>');
  await ui.press('*');
  await ui.press('f');
  assert.match(ui.screen(), /Mark dumps of one kind and one context/);
  await ui.press('k', ' ', 'f');
  assert.equal(ui.calls.analyses.at(-1), `${FILE}+${LATER}`);
});

test('path is copied, and a file is deleted only after it was asked for', async () => {
  const ui = await openConsole({ columns: 120, isActing: true, changes: [putOf('dump', dumpOf(FILE))] });
  await ui.press('U');
  await ui.press('p');
  assert.deepEqual(ui.calls.copied, [`/state/l9s/dumps/${FILE}`]);
  await ui.press('X');
  assert.match(ui.screen(), /Delete dumps/);
  await ui.answer('<enter>');
  assert.deepEqual(ui.gate.state.removedDumps, []);
  await ui.press('X');
  await ui.answer('<right>', '<enter>');
  assert.deepEqual(
    ui.gate.state.removedDumps.map(({ id }) => id),
    [FILE],
  );
});

test('after dumps were deleted the cursor is on the next that stays, and nothing of them is marked', async () => {
  const files = ['0459', '0458', '0457', '0456'].map((at) => `was-1_was_20260115-${at}00_tdump.txt`);
  const dumps = files.map((file, index) => dumpOf(file, { takenAt: NOW - (index + 1) * 60_000 }));
  const ui = await openConsole({
    columns: 120,
    isActing: true,
    changes: dumps.map((dump) => putOf('dump', dump)),
  });
  const removeNow = async (...gone: readonly (typeof dumps)[number][]) => {
    await ui.press('X');
    await ui.answer('<right>', '<enter>');
    await ui.data(...gone.map(({ ref }) => dropOf('dump', ref)));
  };
  const [first, second, third, fourth] = dumps;
  assert.ok(first && second && third && fourth);
  await ui.press('U', 'j', 'k');
  await removeNow(first);
  await ui.answer('p');
  assert.deepEqual(ui.calls.copied, [second.path]);
  await ui.press('G', ' ');
  await removeNow(fourth);
  assert.doesNotMatch(ui.screen(), /marked|gone/);
  await ui.answer('p');
  assert.deepEqual(ui.calls.copied.at(-1), third.path, 'the last was below nothing: the one above it');
});

test('q leads from dumps back to the page they were asked for on', async () => {
  const ui = await openConsole({ columns: 120, rows: 30, changes: fleetOf(2) });
  await ui.press('<enter>', 'U');
  assert.match(ui.screen(), /servers › was-\d › dumps/);
  await ui.press('U');
  assert.match(ui.bottom(), /This page is shown already/);
  await ui.press('q');
  assert.match(ui.screen(), /Heap used/);
  await ui.press('q');
  assert.match(ui.screen(), /─ Servers ─/);
  assert.equal(ui.calls.quits, 0);
});

test('a dump of a sender that proved nothing is marked where its way is told', async () => {
  const dump = dumpOf(FILE, { way: 'lena-channel', isAuthenticated: false });
  const ui = await openConsole({ columns: 160, changes: [putOf('dump', dump)] });
  await ui.press('U');
  assert.match(ui.cursorLine() ?? '', /▲ LENA advertiser/);
  await ui.press('d');
  assert.match(ui.screen(), /Sender +unauthenticated: whoever has that address/);
});

test('no dumps says how to take one', async () => {
  const ui = await openConsole({ columns: 100 });
  await ui.press('U');
  assert.match(ui.screen(), /No dumps yet: t on a server takes a thread dump/);
});

/** Rows as an analysis of a thread dump has them: each knows some of the figures. */
function mixedRows() {
  const { analysis, evidence } = analysisRows(FILE);
  const [verdict, thread] = evidence;
  assert.ok(verdict !== undefined && thread !== undefined);
  const said = text(
    'deadlock of 2 threads on java.util.concurrent locks: "order-1", "order-2"; so in all 5 dumps (28 s)',
    '데드락',
  );
  const next = text(
    'Restart the server: a deadlock never ends by itself; have the locks taken in one order',
    '재시작',
  );
  const figures = { cpuMs: 973_655, ageMs: 276_498_220 };
  return {
    analysis: { ...analysis, verdict: [{ code: 'deadlock', level: 'error' as const, text: said, next }] },
    evidence: [
      { ...verdict, text: said },
      {
        ...thread,
        ...figures,
        ref: refOf('evidence', 'prod', `${FILE}#1`),
        part: 'busy' as const,
        subject: 'http-nio-8080-exec-101',
      },
      { ...thread, ...figures, ref: refOf('evidence', 'prod', `${FILE}#2`), order: 2 },
    ],
  };
}

for (const columns of [80, 120])
  test(`at ${columns} columns the verdict has half the line, and its advice the lines it needs`, async () => {
    const ui = await openConsole({ columns, rows: 24, changes: [putOf('dump', dumpOf(FILE))] });
    await ui.press('U');
    await ui.press('<enter>');
    const { analysis, evidence } = mixedRows();
    ui.store.apply([putOf('analysis', analysis), ...evidence.map((row) => putOf('evidence', row))]);
    await ui.afterData();
    const lines = ui.screen().split('\n');
    const heading = lines.find((line) => line.includes('FOUND')) ?? '';
    assert.ok(heading.indexOf('FOUND') <= columns / 2, heading);
    const row = lines.find((line) => line.includes('✖ verdict')) ?? '';
    assert.match(row, /deadlock of 2 threads on java\.util\.conc/);
    // Nothing that is known of a thread is called the time of a request.
    assert.doesNotMatch(ui.screen(), /ELAPSED|276 498|973 655/);
    const below = lines.slice(-4).join(' ').replace(/\s+/g, ' ');
    assert.match(
      below,
      /so in all 5 dumps \(28 s\) → Restart the server: .* have the locks taken in one order/,
    );
    if (columns === 120) assert.match(ui.screen(), /busy|CPU +.*16m/);
  });

test('a long note of the row never covers the row itself', async () => {
  const ui = await openConsole({ columns: 80, rows: 24, changes: [putOf('dump', dumpOf(FILE))] });
  await ui.press('U');
  await ui.press('<enter>');
  const { analysis, evidence } = mixedRows();
  const verdict = evidence.find((row) => row.part === 'verdict');
  assert.ok(verdict !== undefined);
  const many = Array.from({ length: 40 }, (_none, order) => ({
    ...verdict,
    ref: refOf('evidence', 'prod', `${FILE}#${order}`),
    subject: `line-${order}`,
    order,
  }));
  ui.store.apply([putOf('analysis', analysis), ...many.map((row) => putOf('evidence', row))]);
  await ui.afterData();
  await ui.press('G');
  assert.match(ui.screen(), /verdict.*line-39/);
});
