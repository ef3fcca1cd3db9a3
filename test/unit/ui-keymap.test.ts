import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Key } from 'ink';
import { ACTIONS } from '../../src/actions/index.ts';
import { splitInput } from '../../src/ui/input/keys.ts';
import { BINDINGS, viewBindings } from '../../src/ui/keymap/keymap.ts';
import { keyGroups } from '../../src/ui/keymap/listing.ts';
import { VIEWS } from '../../src/views/index.ts';
import type { LooseView } from '../../src/views/view.ts';

const views: readonly LooseView[] = VIEWS;
const NO_KEY: Key = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
};

test('no key means two things in one place', () => {
  for (const [scopes, isTable] of [
    [['everywhere', 'table'], true],
    [['everywhere', 'scroll', 'detail', 'charts'], false],
  ] as const) {
    for (const view of views) {
      const keys = [
        ...BINDINGS.filter(({ scope }) => scopes.some((one) => one === scope)),
        ...viewBindings(view, isTable ? 'table' : 'detail', ACTIONS),
      ].flatMap((binding) => binding.keys);
      const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
      assert.deepEqual(twice, [], view.id);
    }
  }
});

test('every binding has a command name of its own and words in both languages', () => {
  const ids = BINDINGS.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const group of keyGroups(views, views[1], ACTIONS)) {
    for (const { title } of group.keys) {
      assert.notEqual(title.en, '');
      assert.match(title.ko, /[가-힣]|JVM|JSON/);
    }
  }
  assert.match(keyGroups(views, views[1])[0]?.title.en ?? '', /^:workloads/);
});

test('merged input is split into keys', () => {
  assert.deepEqual(splitInput('jjr', NO_KEY), ['j', 'j', 'r']);
  assert.deepEqual(splitInput('/a\r', NO_KEY), ['/', 'a', 'enter']);
  assert.deepEqual(splitInput('\u0006\u0006', NO_KEY), ['^f', '^f']);
  assert.deepEqual(splitInput('가é👩‍👩‍👧', NO_KEY), ['가', 'é', '👩‍👩‍👧']);
  assert.deepEqual(splitInput('j', { ...NO_KEY, meta: true }), ['esc', 'j']);
  assert.deepEqual(splitInput(' ', { ...NO_KEY, ctrl: true }), ['^space']);
  assert.deepEqual(splitInput('', { ...NO_KEY, shift: true, rightArrow: true }), ['shift-right']);
  assert.deepEqual(splitInput('\r\n', NO_KEY), ['enter']);
});
