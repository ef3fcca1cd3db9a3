import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertVerbsBlocked } from '../support/blocked-verbs.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';
import { isTemplateExec } from '../support/known-reads.ts';

const gate = gateOnFleet('triage');

test('in triage each verb says by its key why it does nothing', () =>
  assertVerbsBlocked(gate.app(), 'triage'));

test('in triage dumps are taken by their keys, and the menu says which are not', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  await app.press('M');
  await app.shows(/dump menu lena-was-standby/);
  for (const line of [/ heap dump +TRIAGE mode in dr-eu/, / live class histogram +TRIAGE mode in dr-eu/])
    assert.match(app.screen(), line);
  for (const line of [
    /thread dump \(t\) +Takes/,
    /service dump \(v\) +Lists/,
    /class histogram \(i\) +Counts/,
  ])
    assert.match(app.screen(), line);
  await app.press('heap', '<enter>');
  assert.match(app.words(), /heap dump lena-was-standby-\S+: TRIAGE mode in dr-eu/);
  assert.deepEqual(app.wrote(), []);
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  await app.press('t');
  await app.shows(/enter takes it/);
  await app.answer('<enter>');
  await app.shows(/U shows dumps/);
  const asked = app.wrote().map((line) => line.replace(/^[\w-]+: /, ''));
  assert.ok(
    asked.some((line) => /command=Thread\.print/.test(line)),
    asked.join('\n'),
  );
  assert.deepEqual(
    asked.filter((line) => !isTemplateExec(line)),
    [],
  );
  await gate.fleet().opened.dumps.load();
  await app.press(':dumps\r');
  await app.shows(/ thread +lena-was-standby-\S+ +dr-eu .* pod exec /);
});
