import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpFileName, partsOfDumpName } from '../../src/domain/dump-name.ts';

const AT = Date.UTC(2026, 2, 1, 12, 30, 5);

test('the name of a dump tells whose it is and when it was taken', () => {
  const of = { host: 'was-1', server: 'shop_was', at: AT, kind: 'thread' } as const;
  assert.deepEqual(partsOfDumpName(dumpFileName(of)), { lead: 'was-1_shop_was', at: AT });
  assert.deepEqual(partsOfDumpName(dumpFileName({ ...of, again: 2 })), { lead: 'was-1_shop_was', at: AT });
  assert.deepEqual(partsOfDumpName(`${dumpFileName(of)}.gz`), { lead: 'was-1_shop_was', at: AT });
});

test('a name without a time, or with one that cannot be, tells none', () => {
  const names = [
    'was-1_tdump.txt',
    'was-1_was_20260301_tdump.txt',
    'was-1_was_20260231-120000_tdump.txt',
    'was-1_was_20260301-250000_tdump.txt',
    'was-1_was_20261301-120000_tdump.txt',
  ];
  assert.deepEqual(
    names.map((name) => partsOfDumpName(name)),
    names.map(() => undefined),
  );
});
