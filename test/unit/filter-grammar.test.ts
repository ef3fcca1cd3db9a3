import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../src/core/app-error.ts';
import { HEALTH_LEVELS, healthRank } from '../../src/domain/health.ts';
import { compileFilter } from '../../src/store/filter/compile-filter.ts';
import type { FilterView } from '../../src/store/filter/filter.ts';
import { parseFilter } from '../../src/store/filter/parse-filter.ts';
import { filterProblem } from '../../src/ui/rows.ts';
import { VIEWS } from '../../src/views/index.ts';
import { jvmView } from '../../src/views/jvm.view.ts';
import { serversView } from '../../src/views/servers.view.ts';
import type { LooseView } from '../../src/views/view.ts';
import { workloadsView } from '../../src/views/workloads.view.ts';

interface Row {
  readonly name: string;
  readonly context: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: string;
  readonly rev?: string;
  readonly heap?: number;
  readonly heapBytes?: number;
  readonly level?: string;
  readonly ageMs?: number;
  readonly bytes?: number;
}
const VIEW: FilterView<Row, undefined> = {
  columns: [
    { id: 'name', value: (row) => row.name },
    { id: 'ctx', value: (row) => row.context },
    { id: 'state', title: 'ROLL OUT', value: (row) => row.state },
    { id: 'rev', value: (row) => row.rev, order: (row) => row.rev },
    { id: 'heap', unit: 'percent', value: (row) => row.heap, bytes: (row) => row.heapBytes },
    { id: 'gc', title: 'GC%', unit: 'percent', value: () => undefined },
    { id: 'level', title: 'REV', levels: ['ok', 'warn', 'error'], value: (row) => row.level },
    { id: 'age', unit: 'age', value: (row) => row.ageMs },
    { id: 'size', unit: 'bytes', value: (row) => row.bytes },
  ],
  nameOf: (row) => row.name,
  contextOf: (row) => row.context,
  namespaceOf: (row) => row.namespace,
  labelsOf: (row) => row.labels ?? {},
};
const ROWS: readonly Row[] = [
  {
    name: 'lena-was-1',
    context: 'prod-eu',
    namespace: 'shop',
    state: 'ready',
    rev: '12',
    heap: 87.2,
    heapBytes: 900_000_000,
    level: 'ok',
    ageMs: 3_600_000,
  },
  {
    name: 'lena-was-2',
    context: 'prod-us',
    namespace: 'pay',
    state: 'ready',
    rev: '3',
    heap: 41,
    level: 'error',
    ageMs: 10_800_000,
  },
  {
    name: 'Lena-web-10',
    context: 'dr',
    namespace: 'shop',
    state: 'failed',
    level: 'warn',
    labels: { app: 'web' },
    bytes: 2_000_000,
  },
  { name: '세션서버', context: 'dr', state: 'starting' },
];

function passing(text: string): string[] {
  const filter = parseFilter(text);
  if (filter instanceof AppError) throw filter;
  const matches = compileFilter(filter, VIEW);
  if (matches instanceof AppError) throw matches;
  return ROWS.filter((row) => matches(row, undefined)).map(({ name }) => name);
}
const refusal = (text: string): string => {
  try {
    passing(text);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'FILTER_INVALID');
    return error.message;
  }
  return assert.fail(`${text} was accepted`);
};

const ALL = ROWS.map(({ name }) => name);
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['', ALL],
  ['/', ALL],
  ['lena-was', ['lena-was-1', 'lena-was-2']],
  ['/lena', ['lena-was-1', 'lena-was-2', 'Lena-web-10']],
  ['Lena', ['Lena-web-10']],
  ['!lena', ['세션서버']],
  ['서버', ['세션서버']],
  ['was-[12]$', ['lena-was-1', 'lena-was-2']],
  ['^prod', ['lena-was-1', 'lena-was-2']],
  ['ready failed', []],
  ['ready|failed', ['lena-was-1', 'lena-was-2', 'Lena-web-10']],
  ['heap>80%', ['lena-was-1']],
  ['heap<=41', ['lena-was-2']],
  ['heap=87%', ['lena-was-1']],
  ['heap=n/a', ['Lena-web-10', '세션서버']],
  ['age<2h', ['lena-was-1']],
  ['age>=3h', ['lena-was-2']],
  ['size>1MiB', ['Lena-web-10']],
  ['state=READY rev!=3', ['lena-was-1']],
  ['rev>3', ['lena-was-1']],
  ['rev!=3', ['lena-was-1']],
  ['rev!~3', ['lena-was-1']],
  ['rev=n/a', ['Lena-web-10', '세션서버']],
  ['rev!=n/a', ['lena-was-1', 'lena-was-2']],
  ['heap!=41', ['lena-was-1']],
  ['heap>600MiB', ['lena-was-1']],
  ['level>=warn', ['lena-was-2', 'Lena-web-10']],
  ['level>=warning', ['lena-was-2', 'Lena-web-10']],
  ['level<err', ['lena-was-1', 'Lena-web-10']],
  ['level=err', ['lena-was-2']],
  ['level!=ok', ['lena-was-2', 'Lena-web-10']],
  ['level=e*', ['lena-was-2']],
  ['rollout=failed', ['Lena-web-10']],
  ['Roll-Out!=ready', ['Lena-web-10', '세션서버']],
  ['gc%>5', []],
  ['ctx~prod', ['lena-was-1', 'lena-was-2']],
  ['context!~prod', ['Lena-web-10', '세션서버']],
  ['name=lena-*', ['lena-was-1', 'lena-was-2', 'Lena-web-10']],
  ['-l app=web', ['Lena-web-10']],
  ['-l app!=web', ['lena-was-1', 'lena-was-2', '세션서버']],
  ['-l app', ['Lena-web-10']],
  ['/-f lw1', ['lena-was-1', 'Lena-web-10']],
  ['@prod-*', ['lena-was-1', 'lena-was-2']],
  ['@dr,prod-eu', ['lena-was-1', 'Lena-web-10', '세션서버']],
  ['-n shop', ['lena-was-1', 'Lena-web-10']],
  ['@prod-* -n shop,pay heap<50', ['lena-was-2']],
  ['-nginx', []],
];
for (const [text, expected] of CASES) {
  test(`filter ${JSON.stringify(text)} passes ${expected.length} rows`, () => {
    assert.deepEqual(passing(text), expected);
  });
}

test('what cannot be meant is refused with what to write', () => {
  assert.match(refusal('(?=a)b'), /look-around/);
  assert.match(refusal('(a)\\1'), /back-reference/);
  assert.match(refusal('(a'), /no pattern/);
  assert.match(refusal('heap>lots'), /80%/);
  assert.match(refusal('age<2'), /2h/);
  assert.match(refusal('heap>'), /needs a value/);
  assert.match(refusal('colour=red'), /No column colour/);
  assert.match(refusal('hepa>80%'), /No column hepa; did you mean heap\?/);
  assert.match(refusal('rol-out=x'), /did you mean rollout\?/);
  assert.match(refusal('state>ready'), /state is text; > takes rev, heap, gc, level, age, size/);
  assert.match(refusal('level>=nope'), /write one of ok < warn < error/);
  assert.match(refusal('level=wrn'), /did you mean warn\?/);
  assert.match(refusal('gc>600MiB'), /write it as 80%; 600MiB can be compared with heap, size/);
  assert.match(refusal('-l'), /needs a value/);
  assert.match(refusal('@'), /context/);
  assert.match(refusal('x'.repeat(2_000)), /longer/);
});

test('any text is either a filter or one FILTER_INVALID', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[-a-z@!/(|)*+=<>~\\[\]{}1-9 ]{0,40}$/)),
      (text) => {
        const filter = parseFilter(text);
        if (filter instanceof AppError) return filter.code === 'FILTER_INVALID';
        const matches = compileFilter(filter, VIEW);
        if (matches instanceof AppError) return matches.code === 'FILTER_INVALID';
        return ROWS.every((row) => typeof matches(row, undefined) === 'boolean');
      },
    ),
    { numRuns: 400 },
  );
});

test('every row passes exactly one of a text and its negation', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9.*|-]{1,12}$/), (pattern) => {
      fc.pre(!/^-[lfn]$/.test(pattern) && !(parseFilter(pattern) instanceof AppError));
      const with_ = passing(pattern);
      const without = passing(`!${pattern}`);
      assert.deepEqual([...with_, ...without].sort(), [...ALL].sort());
    }),
    { numRuns: 200 },
  );
});

test('the filters of every view are valid, and levels are compared in the order they are sorted', () => {
  for (const view of VIEWS as readonly LooseView[]) {
    for (const favourite of view.favourites ?? [])
      assert.equal(filterProblem(view, favourite), undefined, `:${view.id} /${favourite}`);
    for (const { id, levels = [] } of view.columns)
      for (const level of levels) assert.equal(filterProblem(view, `${id}>=${level}`), undefined);
  }
  assert.deepEqual(serversView.columns.find(({ id }) => id === 'health')?.levels, HEALTH_LEVELS);
  assert.deepEqual(
    [...HEALTH_LEVELS].sort((a, b) => healthRank(a) - healthRank(b)),
    HEALTH_LEVELS,
  );
  assert.equal(filterProblem(workloadsView, 'rollout!=stable'), undefined);
  assert.equal(filterProblem(jvmView, 'max>512MiB heap>600MiB'), undefined);
});
