import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

test('fast typing arrives merged and is worked off key by key', async () => {
  const app = await openConsole({ changes: fleetOf(10), columns: 120, rows: 24 });
  await app.press('jjj');
  assert.match(app.cursorLine() ?? '', /was-3 /);
  await app.press('/was-7\r');
  assert.match(app.screen(), /1 of 10 · \/was-7/);
  await app.press('\r');
  assert.match(app.screen(), /Servers: was-7/);
  await app.press('q:contexts\r');
  assert.match(app.screen(), /─ Contexts ─/);
  app.close();
});

test('a key that builds on a filter typed in the same chunk acts on what the filter shows', async () => {
  const app = await openConsole({ changes: fleetOf(10), columns: 120, rows: 24 });
  await app.press('jjj/was-7\r\r');
  assert.match(app.screen(), /Servers: was-7/);
  app.close();
});

test('an escape sequence cut in two is still one key', async () => {
  const app = await openConsole({ changes: fleetOf(10), columns: 120, rows: 24 });
  await app.press('jj');
  await app.send('\u001B[');
  await app.send('A');
  assert.match(app.cursorLine() ?? '', /was-1 /);
  assert.equal(app.bottom(), '');
  app.close();
});

test('esc typed right before a key is esc and that key', async () => {
  const app = await openConsole({ changes: fleetOf(10), columns: 120, rows: 24 });
  await app.press('/', 'was-3', '<enter>');
  await app.send('\u001Bj');
  assert.match(app.screen(), /10 of 10/);
  assert.match(app.cursorLine() ?? '', /was-/);
  app.close();
});

test('a paste is not keys', async () => {
  const app = await openConsole({ changes: fleetOf(10), columns: 120, rows: 24 });
  await app.paste('jjjq\r:quit\r');
  assert.match(app.cursorLine() ?? '', /was-0 /);
  assert.equal(app.calls.quits, 0);
  assert.match(app.bottom(), /Paste ignored/);
  await app.press('/');
  await app.paste('was-4\r\n\u001B[31mred');
  assert.match(app.bottom(), /^\/was-4 ␛\[31mred/, 'one cleaned line, not accepted by its line feed');
  await app.press('<c-u>', 'was-5', '<enter>');
  assert.match(app.screen(), /1 of 10/);
  app.close();
});

test('a huge paste is cut at the limit of a prompt', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 24 });
  await app.press(':');
  await app.paste('x'.repeat(100_000));
  await app.press('<enter>');
  assert.match(app.bottom(), /No command :x+/);
  app.close();
});

test('a key without meaning says so', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 24 });
  await app.press('R');
  assert.match(app.bottom(), /R has no meaning here; \? lists the keys/);
  await app.press('j');
  assert.equal(app.bottom(), '', 'the next key takes the line away');
  await app.press('X');
  await app.clock.advance(5_000);
  await app.idle();
  assert.equal(app.bottom(), '', 'and so does time');
  app.close();
});
