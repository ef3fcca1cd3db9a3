import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { AUDIT_RESULTS, type AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { auditView } from '../../src/views/audit.view.ts';
import { contextOf, NOW, storeOptionsOf } from '../support/store-entities.ts';

const context = createViewContext(createConsoleStore(storeOptionsOf([contextOf('prod')])), NOW, {
  language: 'en',
  isUtc: true,
  levels: { middle: 0.6, high: 0.8 },
});
const entryOf = (result: AuditEntry['result']): AuditEntry => ({
  ref: refOf('audit', 'prod', 'a1'),
  at: NOW,
  actor: { user: 'kim', host: 'bastion', pid: 1, identities: {} },
  mode: 'normal',
  action: 'restart',
  effect: 'change',
  title: 'restart was-0 in prod',
  targets: [],
  calls: [],
  result,
});
const resultColumn = auditView.columns.find(({ id }) => id === 'result');

test('a result reads as filters and the command line take it', () => {
  for (const result of AUDIT_RESULTS) {
    const [sign, ...words] = (resultColumn?.text?.(entryOf(result), context) ?? '').split(' ');
    assert.equal(sign?.length, 1);
    assert.deepEqual(words, [result]);
  }
});

test('the page of an action says what its result means', () => {
  const resultOf = (result: AuditEntry['result']) =>
    auditView.detail?.(entryOf(result), context)[0]?.lines.find(({ label }) => label === 'Result')?.value;
  assert.equal(resultOf('done'), '● done');
  assert.match(resultOf('unfinished') ?? '', /^‼ unfinished: begun, and its program ended without a word/);
  assert.match(resultOf('unknown') ?? '', /^\? unknown: sent, and nobody can tell whether it was done/);
});

test('a call that never left is not one that nobody heard of', () => {
  const wordsOf = (result: AuditEntry['result'], at: number | undefined) => {
    const call = { context: 'prod', title: 'take', request: '{}', ...(at === undefined ? {} : { at }) };
    const calls = auditView
      .detail?.({ ...entryOf(result), calls: [call] }, context)
      .find(({ title }) => title.en === 'Calls');
    return calls?.lines[0]?.value;
  };
  assert.equal(wordsOf('running', undefined), 'take (prod): ○ not sent yet');
  assert.equal(wordsOf('running', NOW), 'take (prod): ◐ under way');
  assert.equal(wordsOf('unfinished', NOW), 'take (prod): nothing heard of it');
  assert.equal(wordsOf('interrupted', undefined), 'take (prod): – not sent');
});

test('a call that was cancelled has not failed', () => {
  const call = { context: 'prod', title: 'take', request: '{}', at: NOW, outcome: 'failed' } as const;
  const wordsOf = (result: AuditEntry['result']) =>
    auditView
      .detail?.({ ...entryOf(result), calls: [call] }, context)
      .find(({ title }) => title.en === 'Calls')?.lines[0]?.value;
  assert.equal(wordsOf('cancelled'), 'take (prod): – cancelled');
  assert.equal(wordsOf('failed'), 'take (prod): ✖ failed');
});
