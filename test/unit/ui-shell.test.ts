import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  back,
  createHistory,
  crumbs,
  currentPage,
  isAtRoot,
  last,
  openPage,
  step,
} from '../../src/store/shell/history.ts';
import {
  createPrompt,
  erase,
  insertText,
  moveCursor,
  PROMPT_LIMIT,
  recall,
  remember,
} from '../../src/store/shell/prompt.ts';
import { rankFuzzy } from '../../src/ui/command/fuzzy.ts';
import { parseCommand } from '../../src/ui/command/parse.ts';

test('history is bounded and always has a current page and a way back', () => {
  let history = createHistory('servers');
  for (let index = 0; index < 200; index++) {
    history = openPage(history, { kind: 'table', view: 'events' }, { isRoot: index % 3 === 0 });
  }
  assert.ok(history.pages.length <= 64);
  for (let index = 0; index < 200; index++) history = back(history);
  assert.equal(isAtRoot(history), true);
  assert.equal(crumbs(history).length, 1);
  assert.equal(currentPage(history).content.kind, 'table');
  assert.equal(step(createHistory('servers'), -1).position, 0);
  const opened = openPage(createHistory('servers'), { kind: 'help', view: undefined });
  assert.equal(last(last(opened)).position, opened.position);
});

test('a prompt edits whole characters, is one line, and is bounded', () => {
  const prompt = insertText(createPrompt('filter', ''), '가e\u0301x\r\ny');
  assert.equal(prompt.text, '가e\u0301x y');
  const shorter = erase(erase(erase(prompt, 'before'), 'before'), 'before');
  assert.equal(erase(shorter, 'before').text, '가');
  assert.equal(moveCursor(erase(shorter, 'before'), 'left').cursor, 0);
  assert.equal(insertText(prompt, 'z'.repeat(1_000)).text.length, PROMPT_LIMIT);
  assert.equal(erase(insertText(createPrompt('command', ''), 'servers @a b'), 'word').text, 'servers @a ');
  const recent = remember(remember(remember([], 'a'), 'b'), 'a');
  assert.deepEqual(recent, ['b', 'a']);
  const recalled = recall(recall(createPrompt('command', 'typed'), recent, 1), recent, 1);
  assert.equal(recalled.text, 'b');
  assert.equal(recall(recall(recalled, recent, -1), recent, -1).text, 'typed');
});

test('commands are read with their narrowing', () => {
  const command = parseCommand(' srv @prod-*,lab -n shop,pay app=web /heap>80% x ');
  assert.equal(command.kind, 'view');
  if (command.kind !== 'view') return;
  assert.equal(command.view.id, 'servers');
  assert.deepEqual(command.narrowing, {
    contexts: ['prod-*', 'lab'],
    namespaces: ['shop', 'pay'],
    labels: { app: 'web' },
  });
  assert.equal(command.filter, 'heap>80% x');
  assert.equal(parseCommand('servers -n').kind, 'wrong');
  assert.equal(parseCommand('').kind, 'wrong');
  assert.deepEqual(parseCommand('q'), { kind: 'plain', name: 'quit', argument: '' });
  assert.equal(parseCommand('even').kind, 'view', 'the only one it begins');
  assert.deepEqual(rankFuzzy('sc', ['servers', 'service-clusters', 'contexts']), ['service-clusters']);
});
