import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOME_VIEW, VIEWS, viewByName, viewOfKind } from '../../src/views/index.ts';
import type { LooseView } from '../../src/views/view.ts';

const views: readonly LooseView[] = VIEWS;

test('names and aliases are unique, and lead to their view', () => {
  const names = views.flatMap(({ id, aliases }) => [id, ...aliases]);
  assert.equal(new Set(names).size, names.length);
  for (const view of views)
    for (const name of [view.id, ...view.aliases]) assert.equal(viewByName(name)?.id, view.id);
  assert.equal(HOME_VIEW.id, 'servers');
  assert.equal(viewOfKind('server')?.id, 'servers');
});

test('every view can be sorted as it says, and drops columns in a definite order', () => {
  for (const view of views) {
    const ids = view.columns.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, view.id);
    assert.ok(ids.includes(view.sort.column), view.id);
    assert.ok(
      view.columns.some(({ dropOrder }) => dropOrder === undefined),
      `${view.id} keeps a column at any width`,
    );
    const keys = [
      ...view.columns.flatMap(({ sortKey }) => sortKey ?? []),
      ...(view.links ?? []).map(({ key }) => key),
    ];
    assert.equal(new Set(keys).size, keys.length, `${view.id}: ${keys}`);
  }
});

test('the columns of servers are the documented ones, in order', () => {
  const titles = (isWide: boolean) =>
    views[0]?.columns.filter(({ wide }) => (wide === true) === isWide).map(({ title }) => title);
  assert.deepEqual(titles(false), [
    'NAME',
    'TYPE',
    'CONTEXT',
    'NAMESPACE',
    'SERVICE CLUSTER',
    'REV',
    'STATE',
    'HEALTH',
    'HEAP',
    'GC%',
    'BUSY',
    'ACTIVE',
    'TPS',
    'RESTARTS',
    'AGE',
    'SEEN',
  ]);
  assert.deepEqual(titles(true), [
    'AFTER-GC',
    'MEAN MS',
    'ERR %',
    'POOLS',
    'NODE',
    'IP',
    'PORT',
    'IMAGE',
    'MANAGER',
    'UPTIME',
    'SESSIONS',
  ]);
});
