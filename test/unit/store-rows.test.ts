import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refKey, refOf } from '../../src/domain/ref.ts';
import { type RowView, selectRows } from '../../src/store/rows.ts';

interface Row {
  readonly ref: ReturnType<typeof refOf<'server'>>;
  readonly name: string;
  readonly heap?: number;
}
const rowOf = (name: string, heap?: number): Row => ({
  ref: refOf('server', 'prod', name),
  name,
  ...(heap === undefined ? {} : { heap }),
});
const VIEW: RowView<Row, undefined> = {
  columns: [
    { id: 'name', value: ({ name }) => name },
    { id: 'heap', unit: 'percent', value: ({ heap }) => heap },
  ],
  nameOf: ({ name }) => name,
};
const tableOf = (...rows: readonly Row[]) => ({
  rows: new Map(rows.map((row) => [refKey(row.ref), row])),
  version: 1,
});
const queryOf = (
  rows: readonly Row[],
  more: { filter?: string; column?: string; isDescending?: boolean } = {},
) => ({
  table: tableOf(...rows),
  view: VIEW,
  context: undefined,
  sort: { column: more.column ?? 'name', isDescending: more.isDescending ?? false },
  filter: more.filter ?? '',
});
const namesOf = (rows: readonly Row[]) => rows.map(({ name }) => name);

test('names sort naturally and what is not known comes last either way', () => {
  const rows = [rowOf('was-10', 50), rowOf('was-9'), rowOf('was-1', 90)];
  assert.deepEqual(namesOf(selectRows(queryOf(rows)).rows), ['was-1', 'was-9', 'was-10']);
  assert.deepEqual(namesOf(selectRows(queryOf(rows, { column: 'heap' })).rows), ['was-10', 'was-1', 'was-9']);
  assert.deepEqual(namesOf(selectRows(queryOf(rows, { column: 'heap', isDescending: true })).rows), [
    'was-1',
    'was-10',
    'was-9',
  ]);
});

test('a filter that cannot be read leaves nothing out and says why', () => {
  const selection = selectRows(queryOf([rowOf('a'), rowOf('b')], { filter: '(' }));
  assert.equal(selection.rows.length, 2);
  assert.equal(selection.filterError?.code, 'FILTER_INVALID');
});

test('a row knows its place among those shown', () => {
  const selection = selectRows(queryOf([rowOf('a'), rowOf('b')], { filter: 'a' }));
  assert.equal(selection.indexOf('prod\na'), 0);
  assert.equal(selection.indexOf('prod\nb'), -1);
});
