import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceDump } from '../../src/domain/service-dump.ts';
import { decodeServiceDump } from '../../src/wire/service-dump/decode.ts';
import { encodeServiceDump } from '../../src/wire/service-dump/encode.ts';

const DUMP: ServiceDump = {
  from: 'agent',
  server: 'shop/was-1',
  at: Date.UTC(2026, 10, 21, 19, 30, 0),
  missing: ['sql', 'txid'],
  requests: [
    {
      thread: 'http-nio-8080-exec-1',
      state: 'RUNNABLE',
      elapsedMs: 60_123,
      cpuMs: 0,
      service: 'GET /slow.jsp',
      client: '10.0.0.7',
      frame: 'com.shop.Slow.run(Slow.java:12)',
      lock: '0x00000000e0a1b2c3 held by "http-nio-8080-exec-2"',
    },
    { thread: 'http-nio-8080-exec-2' },
  ],
};

/** Fields that are not known do not count as different. */
const known = (dump: ServiceDump | undefined): unknown => JSON.parse(JSON.stringify(dump ?? null));

test('a service dump reads back as it was written', () => {
  const decoded = decodeServiceDump(encodeServiceDump(DUMP));
  assert.deepEqual(known(decoded?.dump), known(DUMP));
  assert.deepEqual(decoded?.problems, []);
});

test('every row has a cell for every column, so that it can be laid out by column(1)', () => {
  const rows = encodeServiceDump(DUMP)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(rows.length, 3);
  for (const row of rows)
    assert.deepEqual([row.split('\t').length, row.split('\t').includes('')], [10, false]);
});

test('tabs, line breaks and escapes in a value stay inside its cell', () => {
  const hostile = 'select 1\t2\n3\r\u001b[2Jx\u2028y';
  const text = encodeServiceDump({ ...DUMP, requests: [{ thread: 'a\tb', sql: hostile }] });
  const decoded = decodeServiceDump(text);
  assert.equal(decoded?.dump.requests.length, 1);
  assert.equal(decoded?.dump.requests[0]?.thread, 'a b');
  assert.equal(decoded?.dump.requests[0]?.sql, 'select 1 2␊3␍␛[2Jx\ufffdy');
  assert.deepEqual(decoded?.problems, []);
});

test('a file that ends early says so and keeps the rows before', () => {
  const text = encodeServiceDump(DUMP);
  const cut = decodeServiceDump(text.slice(0, text.indexOf('exec-2\t')));
  assert.equal(cut?.dump.requests[0]?.service, 'GET /slow.jsp');
  assert.deepEqual(
    cut?.problems.map(({ code }) => code),
    ['unread-line', 'truncated'],
  );
});

test('rows that were taken out are missed', () => {
  const lines = encodeServiceDump(DUMP).split('\n');
  const decoded = decodeServiceDump(lines.filter((line) => !line.includes('exec-2\t')).join('\n'));
  assert.equal(decoded?.problems[0]?.code, 'rows-missing');
});

test('columns in another order or unknown, broken numbers and lines of Windows are read and counted', () => {
  const decoded = decodeServiceDump(
    '# l9s service dump 2\r\n# server: x\r\n# at: never\r\n# from: nobody\r\ncpuMs\tcolour\tthread\r\n7\tred\tone\r\nmany\tred\ttwo\r\n-\t-\t-\r\n# requests: 2\r\n',
  );
  assert.deepEqual(known(decoded?.dump), {
    from: 'thread-dump',
    server: 'x',
    at: 0,
    missing: [],
    requests: [{ thread: 'one', cpuMs: 7 }, { thread: 'two' }],
  });
  assert.deepEqual(decoded?.problems.map(({ code, count, line }) => [code, count, line]).toSorted(), [
    ['unknown-column', 1, 5],
    ['unknown-version', 1, 1],
    ['unread-head', 2, 4],
    ['unread-line', 1, 8],
    ['unread-number', 1, 7],
  ]);
});

test('anything else is no service dump', () => {
  for (const text of ['', 'Full thread dump', '# l9s', '\u0000'.repeat(100)])
    assert.equal(decodeServiceDump(text), undefined);
});
