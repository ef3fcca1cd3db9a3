import assert from 'node:assert/strict';
import { test } from 'node:test';
import stringWidth from 'string-width';
import { instanceOf, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const EVIL = 'was\u001B]0;owned\u0007\u001B[2J\u001B[31mx\u202E';

test('escape sequences in names never reach the terminal, whoever let them in', async () => {
  const app = await openConsole({
    changes: [putOf('instance', instanceOf(EVIL, { labels: { [EVIL]: EVIL }, node: EVIL }))],
    columns: 160,
    rows: 40,
  });
  await app.press('c', '<enter>', 'y', 'q', 'q', ':srv @\r', 'j');
  for (const sequence of ['owned\u0007', '\u001B]0', '\u001B[2J', '\u001B[31mx', '\u202E']) {
    assert.ok(!app.written().includes(sequence), JSON.stringify(sequence));
  }
  assert.match(app.screen(), /was␛\]0;owned/);
  app.close();
});

test('wide characters line up', async () => {
  const app = await openConsole({
    changes: [
      putOf('instance', instanceOf('주문서버-가나다라마바사아자차카타파하')),
      putOf('instance', instanceOf('was-0', { addresses: ['10.0.0.2'] })),
      putOf('instance', instanceOf('サーバー', { addresses: ['10.0.0.3'] })),
    ],
    columns: 100,
    rows: 24,
  });
  const columns = app
    .lines()
    .filter((line) => / ready /.test(line))
    .map((line) => stringWidth(line.slice(0, line.indexOf(' ready '))));
  assert.equal(columns.length, 3);
  assert.deepEqual(new Set(columns).size, 1, `${columns}`);
  app.close();
});

test('the screen speaks Korean', async () => {
  const app = await openConsole({
    changes: fleetOf(3),
    columns: 120,
    rows: 40,
    settings: { language: 'ko' },
  });
  assert.match(app.screen(), /─ 서버 ─.*3개 중 3개/);
  await app.press('?');
  assert.match(app.screen(), /도움말/);
  await app.press('q', 'R');
  assert.match(app.bottom(), /여기서는 쓰이지 않음/);
  app.close();
});

test('NO_COLOR sends no colour, and signs say what colours would', async () => {
  const app = await openConsole({
    changes: fleetOf(30),
    columns: 120,
    rows: 40,
    settings: { isColor: false },
  });
  await app.press('j', '<enter>', 'q', '?', 'q', 'R', ':');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for colour codes is the purpose
  assert.doesNotMatch(app.written(), /\u001B\[[\d;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[\d;]*m/);
  assert.match(app.screen(), /▸/);
  assert.match(app.screen(), /● ok/);
  app.close();
});

test('16 colours are enough', async () => {
  const app = await openConsole({
    changes: fleetOf(30),
    columns: 120,
    rows: 40,
    settings: { colorDepth: 4 },
  });
  assert.doesNotMatch(app.written(), /[34]8;5;/);
  const y = app.lines().findIndex((line) => line.startsWith(' ▸'));
  assert.equal(app.cell(5, y).isInverse, true);
  app.close();
});
