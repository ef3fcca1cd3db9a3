import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('normal');

test('a session pair restarts one, is mirrored, then the other', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-session-dr-', 2);
  await app.press('*', 'R');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.screen(), /wait until lena-session-dr-0 and lena-session-dr-1 are ready and mirrored/);
  assert.deepEqual(
    app.wrote().filter((line) => !line.includes('/exec')),
    [],
    'looking at the mirror changes nothing',
  );
  await app.confirm();
  await app.shows(/restart lena-session-dr-0, lena-session-dr-1.*: done/);
  const written = app.wrote();
  const at = (part: string) => written.findIndex((line) => line.includes(part));
  const first = at('lena-session-dr-0/eviction');
  const second = at('lena-session-dr-1/eviction');
  assert.ok(first >= 0 && second > first, written.join('\n'));
  assert.ok(
    written.slice(first, second).some((line) => line.includes('/exec')),
    'the mirror was looked at between the two',
  );
  const page = await app.audit('action=restart');
  assert.match(page, /Result +● done/);
});

test('the size of a session pair stays two', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-session-dr$');
  await app.press('s', '<c-u>', '3', '<enter>');
  await app.shows(/its size is 2, as session servers are a pair/);
  await app.answer('<enter>');
  assert.deepEqual(app.wrote(), []);
});
