import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordOf } from '../../src/core/json-read.ts';
import { createLineSplitter, LineTooLongError } from '../../src/sources/kube/line-splitter.ts';
import { ResourceTable, type TableChange } from '../../src/sources/kube/resource-table.ts';

interface Row {
  readonly name: string;
  readonly at: number;
}
const object = (name: string, at = 0) => ({ metadata: { namespace: 'n', name }, at });

function tableOf(maxObjects = 100, isAged = false) {
  const told: string[] = [];
  const counts = new Map<string, number>();
  const table = new ResourceTable<Row>({
    decode: (value) => {
      const record = recordOf(value);
      const name = recordOf(record['metadata'])['name'];
      return typeof name === 'string' ? { name, at: Number(record['at']) } : undefined;
    },
    maxObjects,
    ...(isAged && { ageOf: (row: Row) => row.at }),
    changed: (change: TableChange<Row>) =>
      told.push(
        change.type === 'replace'
          ? 'replace'
          : `${change.type} ${change.entries.map(({ name }) => name).join()}`,
      ),
    count: (name, by) => counts.set(name, (counts.get(name) ?? 0) + by),
  });
  return {
    table,
    told,
    counts,
    names: () =>
      [...table.values()]
        .map(({ name }) => name)
        .sort((a, b) => a.localeCompare(b))
        .join(),
  };
}

test('a first list is told page by page, a later one replaces at its end', () => {
  const { table, told, names } = tableOf();
  const first = table.startList('');
  first.page([object('a')]);
  first.page([object('b')]);
  first.finish();
  assert.deepEqual(told, ['put a', 'put b']);
  const second = table.startList('');
  second.page([object('c')]);
  assert.equal(names(), 'a,b');
  second.finish();
  assert.equal(names(), 'c');
  assert.equal(told.at(-1), 'replace');
});

test('a first list that broke off keeps its rows until the next one is whole', () => {
  const { table, told, names } = tableOf();
  table.startList('').page([object('a')]);
  const again = table.startList('');
  again.page([object('b')]);
  assert.equal(names(), 'a,b');
  again.finish();
  assert.equal(names(), 'b');
  assert.equal(told.at(-1), 'replace');
});

test('an empty first list is told', () => {
  const { table, told } = tableOf();
  const list = table.startList('');
  list.page([]);
  list.finish();
  assert.deepEqual(told, ['replace']);
});

test('a stretch of a watch is told as one put, in order with its drops', () => {
  const { table, told } = tableOf();
  table.apply('', [
    { isDeleted: false, object: object('a') },
    { isDeleted: false, object: object('b') },
    { isDeleted: true, object: object('a') },
    { isDeleted: true, object: object('unknown') },
    { isDeleted: false, object: {} },
  ]);
  assert.deepEqual(told, ['put a,b', 'drop a']);
});

test('scopes do not touch each other', () => {
  const { table, names } = tableOf();
  table.startList('x').page([object('a')]);
  const other = table.startList('y');
  other.page([object('b')]);
  other.finish();
  assert.equal(names(), 'a,b');
  table.removeScope('x');
  assert.equal(names(), 'b');
});

test('a flood through a watch is bounded: what is too much is counted', () => {
  const { table, counts } = tableOf(50);
  for (let i = 0; i < 1_000; i++) table.apply('', [{ isDeleted: false, object: object(`p${i}`) }]);
  assert.equal(table.size, 50);
  assert.equal(counts.get('overLimit'), 950);
});

test('where rows have an age the oldest give way', () => {
  const { table, told } = tableOf(20, true);
  for (let i = 0; i < 200; i++) table.apply('', [{ isDeleted: false, object: object(`e${i}`, i) }]);
  assert.ok(table.size <= 20);
  assert.ok([...table.values()].every(({ at }) => at >= 180));
  assert.ok(told.some((word) => word.startsWith('drop e0')));
});

test('lines come whole whatever the chunks', () => {
  const text = '{"a":1}\n\n{"b":"ü€"}\n{"c":3}\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const splitter = createLineSplitter(1_000);
    const lines: string[] = [];
    for (let from = 0; from < bytes.length; from += size)
      lines.push(...splitter.push(bytes.subarray(from, from + size)));
    assert.deepEqual(lines, ['{"a":1}', '{"b":"ü€"}', '{"c":3}'], `chunks of ${size}`);
  }
});

test('a line without end is refused once it outgrows its bound', () => {
  const splitter = createLineSplitter(100);
  assert.throws(() => {
    for (let i = 0; i < 20; i++) splitter.push(Buffer.alloc(10, 'x'));
  }, LineTooLongError);
});
