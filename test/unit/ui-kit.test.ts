import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { createRelated } from '../../src/app/view-context.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { drawAsciiTable, loadInkTable } from '../../src/ui/kit/ink-table.ts';
import { layoutColumns } from '../../src/ui/kit/table-layout.ts';
import { fit, truncate, wrap } from '../../src/ui/kit/width.ts';
import { grownLately } from '../../src/ui/screen/loss-watch.ts';
import { findingsView } from '../../src/views/findings.view.ts';
import { serverColumns } from '../../src/views/servers.columns.ts';
import { NOW, storeOptionsOf } from '../support/store-entities.ts';

test('any text fits its cells exactly, wide and hostile ones too', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('가나다라', 'é', '👩‍👩‍👧', '\u001B[31m'),
  );
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 30 }), (word, width) => {
      const cell = fit(word, width);
      assert.equal(stringWidth(cell), width);
      assert.ok(!cell.includes('\u001B'));
      assert.ok(stringWidth(truncate(word, width)) <= width);
    }),
  );
});

test('wraps at spaces, breaks what is longer than a line, and loses nothing', () => {
  assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
  assert.deepEqual(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  assert.deepEqual(wrap('가나다라', 5), ['가나', '다라']);
  assert.deepEqual(wrap('', 5), ['']);
});

test('columns never take more than there is, and the first to go is the least needed', () => {
  for (const available of [40, 76, 116, 196, 400]) {
    for (const isWide of [false, true]) {
      const { placed } = layoutColumns({
        columns: serverColumns,
        isWide,
        available,
        widest: () => 60,
        sorted: 'name',
      });
      const width = placed.reduce((sum, one) => sum + one.width, 0) + placed.length - 1;
      assert.ok(width <= available, `${width} of ${available}`);
      assert.equal(placed[0]?.column.id, 'name');
    }
  }
  const { placed: narrow } = layoutColumns({
    columns: serverColumns,
    isWide: false,
    available: 76,
    widest: () => 60,
    sorted: 'name',
  });
  const ids = narrow.map(({ column }) => column.id);
  for (const wanted of ['name', 'state', 'health', 'heap']) assert.ok(ids.includes(wanted), wanted);
});

const layOut = (available: number, options: Partial<Parameters<typeof layoutColumns>[0]> = {}) =>
  layoutColumns({
    columns: serverColumns,
    isWide: false,
    available,
    widest: () => 10,
    sorted: 'name',
    ...options,
  });

test('wide columns are reached by selecting past the edge; the name stays', () => {
  const seen = new Set<string>();
  let from: number | undefined;
  for (const { id } of serverColumns) {
    const { placed, window } = layOut(116, { isWide: true, selected: id, from });
    const ids = placed.map(({ column }) => column.id);
    assert.equal(ids[0], 'name');
    assert.ok(ids.includes(id), id);
    assert.ok(placed.reduce((sum, { width }) => sum + width + 1, -1) <= 116);
    assert.equal(window?.of, serverColumns.length);
    from = (window?.from ?? 2) - 1;
    for (const shown of ids) seen.add(shown);
  }
  assert.equal(seen.size, serverColumns.length);
  assert.deepEqual(layOut(116, { isWide: true, selected: 'name', from }).window?.from, 2);
  assert.equal(layOut(2_000, { isWide: true }).window, undefined, 'no window where all fit');
});

test('space goes to cells that are cut, and no name is wider than its longest', () => {
  const columns = findingsView.columns;
  const cells: Record<string, number> = { code: 20, name: 40, ctx: 9, text: 100 };
  const widest = ({ id }: { readonly id: string }) => cells[id] ?? 4;
  const at = (available: number) =>
    Object.fromEntries(
      layOut(available, { columns, widest, sorted: 'level' }).placed.map(({ column, width }) => [
        column.id,
        width,
      ]),
    );
  const narrow = at(76);
  for (const id of ['code', 'name', 'ctx', 'text']) assert.ok(narrow[id] !== undefined, id);
  const broad = at(196);
  assert.equal(broad['name'], 40, 'a target longer than its usual column is shown whole');
  assert.equal(broad['text'], 100);
  const [name] = layOut(196, { widest: () => 9 }).placed;
  assert.ok((name?.width ?? 99) <= 20);
});

test('a heading with an arrow keeps its letters', () => {
  for (const { id, title } of serverColumns.filter(({ wide }) => wide !== true)) {
    const { placed } = layOut(400, { sorted: id, widest: () => 1 });
    const width = placed.find(({ column }) => column.id === id)?.width ?? 0;
    assert.ok(width > title.length, `${title}↑ in ${width}`);
  }
});

test('ink-table draws its small tables', async () => {
  await loadInkTable();
  const lines = drawAsciiTable({ columns: ['pool', 'max'], rows: [['jdbc/shop', '20']] }, 80);
  assert.match(lines.join('\n'), /pool +│ max[\s\S]*jdbc\/shop │ 20/);
});

test('loss is that of the last minute', () => {
  const related = createRelated(createConsoleStore(storeOptionsOf([])));
  const at = (seconds: number, total: number) =>
    grownLately(related, { name: 'lost', total }, NOW + seconds * 1_000);
  assert.equal(at(0, 2_150), 0, 'what was lost before is history');
  assert.equal(at(10, 2_160), 10);
  assert.equal(at(40, 2_165), 15);
  assert.equal(at(69, 2_165), 15);
  assert.equal(at(75, 2_165), 5);
  assert.equal(at(120, 2_165), 0);
  assert.equal(at(130, 3), 0, 'another receiver counts anew');
});
