import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refOf } from '../../src/domain/ref.ts';
import { type AreaOptions, drawArea } from '../../src/ui/kit/chart-area.ts';
import { type ChartCanvas, paintCanvas } from '../../src/ui/kit/chart-canvas.ts';
import { columnsOf, highestOf, roundTop } from '../../src/ui/kit/chart-columns.ts';
import { drawLines, lineSign } from '../../src/ui/kit/chart-lines.ts';
import { cellOf, chartWindow, formatSpan, timeAxis } from '../../src/ui/kit/chart-window.ts';
import { createTheme, LINE_ROLES } from '../../src/ui/kit/theme.ts';
import { createChartMemory, rememberingRelated } from '../../src/ui/screen/chart-memory.ts';

const MINUTE_MS = 60_000;
const plain = (canvas: ChartCanvas): string[] => paintCanvas(canvas, (_, text) => text);
const inked = (canvas: ChartCanvas): string[] => paintCanvas(canvas, (ink, text) => `<${ink}${text}>`);

test('a window ends now, is whole cells, and moves by whole cells only', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }),
      fc.constantFrom(1, 2, 5, 10, 30, 60, 120),
      fc.integer({ min: 1, max: 400 }),
      (endAt, minutes, cells) => {
        const spanMs = minutes * MINUTE_MS;
        const window = chartWindow({ endAt, spanMs, cells });
        const moveMs = window.cellMs * Math.ceil(1_000 / window.cellMs);
        assert.ok(window.toAt > endAt && window.toAt - endAt < moveMs + 0.001);
        assert.ok(window.toAt - window.fromAt >= spanMs - 0.001);
        assert.ok(window.toAt - window.fromAt <= spanMs + cells);
        const later = chartWindow({ endAt: endAt + 2_000, spanMs, cells });
        const moved = (later.fromAt - window.fromAt) / window.cellMs;
        assert.ok(Math.abs(moved - Math.round(moved)) < 1e-6, `moved ${moved} cells`);
        assert.equal(cellOf(window, window.toAt), undefined);
        assert.equal(cellOf(window, window.fromAt), 0);
        assert.equal(cellOf(window, window.toAt - 0.01), cells - 1);
      },
    ),
  );
});

test('a value stays in its column while the window moves on', () => {
  const points = Array.from({ length: 300 }, (_, index) => ({
    at: 1_700_000_000_000 + index * 2_000,
    value: (index * 7_919) % 101,
  }));
  const at = 1_700_000_600_000;
  const seen = [0, 2_000, 4_000, 60_000].map((laterMs) => {
    const window = chartWindow({ endAt: at + laterMs, spanMs: 5 * MINUTE_MS, cells: 70 });
    const values = columnsOf(points, 70, { ...window, silenceMs: 6_000 });
    return new Map(values.map((value, cell) => [Math.round(window.fromAt + cell * window.cellMs), value]));
  });
  const [first, ...others] = seen;
  // The newest columns may still grow.
  const settledAt = at - 10_000;
  for (const other of others) {
    for (const [start, value] of first ?? []) {
      if (start < settledAt && other.has(start)) assert.equal(other.get(start), value, `${start}`);
    }
  }
});

test('a column holds the highest value, and silence stays blank', () => {
  const at = (seconds: number, value = 50) => ({ at: 1_000_000 + seconds * 1_000, value });
  // Heard every two seconds, but for half a minute in the middle, and silent for the last ten.
  const points = [...Array.from({ length: 6 }, (_, index) => at(index * 2)), at(40), at(42, 90), at(44)];
  const window = { fromAt: 1_000_000, toAt: 1_060_000, silenceMs: 6_000 };
  const columns = columnsOf(points, 30, window);
  const shape = columns.map((value) => (value === undefined ? '.' : '#')).join('');
  assert.equal(shape, '######..............######....');
  assert.equal(highestOf(columns), 90);
});

test('what is before, after or between windows is where it belongs', () => {
  const points = [
    { at: 900, value: 1 },
    { at: 1_900, value: 2 },
    { at: 3_000, value: 3 },
    { at: 3_500, value: Number.NaN },
  ];
  const window = { fromAt: 1_000, toAt: 3_000, silenceMs: 1_500 };
  // The point before the window reaches into it; the one at its end is not of it.
  assert.deepEqual(columnsOf(points, 4, window), [1, 2, 2, 2]);
  assert.deepEqual(columnsOf([], 3, window), [undefined, undefined, undefined]);
  assert.deepEqual(columnsOf(points, 0, window), []);
  assert.deepEqual(columnsOf(points, 2, { ...window, fromAt: 10_000, toAt: 12_000 }), [undefined, undefined]);
});

const area = (more: Partial<AreaOptions>): AreaOptions => ({
  values: [],
  lines: [],
  top: 100,
  rows: 4,
  isUnicode: true,
  ...more,
});

test('an area is drawn in eighths, with lines over it that are seen without colour', () => {
  const values = [100, 50, 0, undefined, 12.5];
  assert.deepEqual(plain(drawArea(area({ values }))), ['█    ', '█    ', '██   ', '██▁ ▄']);
  const line = [25, 25, 25, 25, 25];
  // Level 25 of 100 is the upper end of the lowest row; where the area ends there, its edge says more.
  assert.deepEqual(plain(drawArea(area({ values, lines: [{ values: line, isLimit: false }] }))), [
    '█    ',
    '█    ',
    '██   ',
    '──▁─▄',
  ]);
  assert.deepEqual(
    inked(
      drawArea(area({ values: [100, 100], lines: [{ values: [60, undefined], isLimit: true }], rows: 2 })),
    ),
    ['<2┄><0█>', '<0██>'],
  );
});

test('an area is coloured column by column where its values have levels', () => {
  const inkOf = (value: number) => (value > 80 ? 4 : 0);
  assert.deepEqual(inked(drawArea(area({ values: [90, 90, 50], rows: 1, inkOf }))), ['<4▇▇><0▄>']);
});

test('an area in ASCII has an edge and a body', () => {
  const values = [100, 50, undefined, 0];
  const lines = [{ values: [75, 75, 75, 75], isLimit: false }];
  const drawn = plain(drawArea(area({ values, lines, isUnicode: false })));
  assert.deepEqual(drawn, ['*   ', '====', '|*  ', '|| *']);
});

test('lines are braille dots, joined over steps and blank in silence', () => {
  const one = drawLines({ series: [[0, 0, 100, 100]], top: 100, rows: 1, cells: 2, isUnicode: true });
  assert.deepEqual(plain(one), [
    '⣀⠏'.replace('⠏', '⠿').replace('⠿', String.fromCharCode(0x28_00 + 0x07 + 0x08)),
  ]);
  const gap = drawLines({
    series: [[50, undefined, undefined, undefined, 50, 50]],
    top: 100,
    rows: 1,
    cells: 3,
    isUnicode: true,
  });
  assert.equal(plain(gap)[0]?.[1], ' ');
  assert.notEqual(plain(gap)[0]?.[0], ' ');
});

test('several lines keep their colour, the first over the others, and letters where there is no colour', () => {
  const high = new Array<number>(60).fill(100);
  const low = new Array<number>(60).fill(0);
  const both = { series: [high, low], top: 100, rows: 2, cells: 30, isUnicode: true } as const;
  assert.match(inked(drawLines(both))[0] ?? '', /^<0⠉+>$/);
  assert.match(inked(drawLines(both))[1] ?? '', /^<1⣀+>$/);
  const lettered = plain(drawLines({ ...both, signsFrom: 0 }));
  assert.match(lettered[0] ?? '', /A⠉+A/);
  assert.match(lettered[1] ?? '', /⣀B⣀+B/);
  const moved = plain(drawLines({ ...both, signsFrom: 1 }));
  assert.equal(
    (moved[0] ?? '').indexOf('A', 1),
    (lettered[0] ?? '').indexOf('A', 1) - 1,
    'letters move along',
  );
  const same = drawLines({ ...both, series: [high, high], rows: 1 });
  assert.match(inked(same)[0] ?? '', /^<0⠉+>$/);
});

test('lines in ASCII are stars, or letters where there are several', () => {
  const ascii = { top: 100, rows: 2, cells: 3, isUnicode: false } as const;
  assert.deepEqual(plain(drawLines({ ...ascii, series: [[0, undefined, 100]] })), ['  *', '*  ']);
  assert.deepEqual(
    plain(
      drawLines({
        ...ascii,
        series: [
          [0, 0, 100],
          [100, 0, undefined],
        ],
      }),
    ),
    ['B A', 'AA '],
  );
});

test('any values fit any chart', () => {
  const value = fc.oneof(fc.constant(undefined), fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.nat());
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.array(value, { minLength: 80, maxLength: 80 }), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (cells, rows, series, isUnicode) => {
        const cut = series.map((line) => line.slice(0, cells * (isUnicode ? 2 : 1)));
        const top = roundTop(highestOf(cut.map(highestOf)) ?? 0, true);
        const lines = plain(drawLines({ series: cut, top, rows, cells, isUnicode, signsFrom: 7 }));
        const [first = [], ...others] = series.map((line) => line.slice(0, cells));
        const areas = plain(
          drawArea({
            values: first,
            lines: others.map((values) => ({ values, isLimit: false })),
            top,
            rows,
            isUnicode,
          }),
        );
        for (const drawn of [lines, areas]) {
          assert.equal(drawn.length, rows);
          assert.ok(drawn.every((line) => line.length === cells));
        }
        if (!isUnicode) assert.match([...lines, ...areas].join(''), /^[ -~]*$/);
      },
    ),
  );
});

test('scales end at round figures that hold the value', () => {
  const tops = [0.3, 1, 1.2, 7, 41.2, 99, 100, 101, 1_204].map((value) => roundTop(value, false));
  assert.deepEqual(tops, [0.4, 1, 2, 8, 60, 100, 100, 200, 2_000]);
  const MIB = 2 ** 20;
  assert.deepEqual(
    [700 * MIB, 1_024 * MIB, 1_025 * MIB, 5 * MIB].map((value) => roundTop(value, true) / MIB),
    [768, 1_024, 1_536, 6],
  );
  assert.equal(roundTop(0, false), 1);
  assert.equal(roundTop(Number.NaN, true), 1);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), fc.boolean(), (value, isBinary) => {
      const top = roundTop(value, isBinary);
      assert.ok(
        top >= value * (1 - 1e-9) && (top <= value * 3 || (isBinary && value < 1)),
        `${value} → ${top}`,
      );
    }),
  );
});

test('the axis is as wide as its chart and drops its middle first', () => {
  const widthOf = (label: string) => label.length;
  const labels = ['-10m', '-5m', 'now'] as const;
  for (let cells = 9; cells <= 120; cells++) {
    assert.equal(timeAxis({ cells, labels, widthOf, rule: '-' }).length, cells, `${cells}`);
  }
  assert.match(timeAxis({ cells: 30, labels, widthOf, rule: '-' }), /^-10m -+ -5m -+ now$/);
  assert.match(timeAxis({ cells: 14, labels, widthOf, rule: '-' }), /^-10m -+ now$/);
  assert.equal(timeAxis({ cells: 5, labels, widthOf, rule: '-' }), '  now');
  assert.deepEqual([45_000, 60_000, 90_000, 150_000, 600_049, 3_600_000, 7_200_100].map(formatSpan), [
    '45s',
    '1m',
    '90s',
    '2.5m',
    '10m',
    '1h',
    '2h',
  ]);
});

test('lines have letters of their own', () => {
  assert.equal(Array.from({ length: 6 }, (_, line) => lineSign(line)).join(''), 'ABCDEF');
});

test('six lines have six colours wherever there are any', () => {
  for (const [colorDepth, name] of [
    [4, 'auto'],
    [8, 'dark'],
    [8, 'light'],
  ] as const) {
    const theme = createTheme({ isColor: true, colorDepth, name });
    const painted = LINE_ROLES.map((role) => theme.paint(role, 'x'));
    assert.equal(new Set(painted).size, LINE_ROLES.length, `${colorDepth} ${name}`);
    assert.ok(!painted.includes('x'));
  }
  const plainTheme = createTheme({ isColor: false, colorDepth: 8, name: 'auto' });
  assert.equal(plainTheme.paint('line1', 'x'), 'x');
});

test('what a page remembers of the gone is bounded', () => {
  const memory = createChartMemory();
  const server = refOf('server', 'prod', 'shop/was-0');
  const rows = new Set([server]);
  const related = {
    get: () => [...rows].map((ref) => ({ ref })).at(0),
    series: (_: unknown, id: string) => [{ at: 1, value: id.length }],
    fullGcs: () => [{ at: 1 }],
  };
  const remembering = rememberingRelated(related as never, memory);
  for (let index = 0; index < 10_000; index++) remembering.series(server, `connector/${index}`);
  remembering.series(server, 'tps');
  remembering.fullGcs(server);
  assert.ok(memory.points.size <= 256);
  rows.clear();
  assert.deepEqual(remembering.series(server, 'tps'), [{ at: 1, value: 3 }]);
  assert.deepEqual(remembering.series(server, 'active'), []);
  assert.deepEqual(remembering.fullGcs(server), [{ at: 1 }]);
});
