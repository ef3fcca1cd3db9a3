import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTemplateLine } from '../../src/diagnosis/entrypoint-log.ts';

for (const [line, expected] of [
  [
    '2026-01-15T05:00:00Z [x] Success to download LENA configuration template file. Template-ID : WAS-001(Full revision : 12)',
    { serviceCluster: 'WAS-001', revision: '12', hasFailed: false },
  ],
  [
    'Success to download LENA configuration template file. Template-ID : shop:web(Full revision : shop:web:3.1)',
    { serviceCluster: 'shop:web', revision: '3.1', hasFailed: false },
  ],
  [
    'Success to download LENA configuration template file. Template-ID : WAS-001(Full revision : WAS-001)',
    { serviceCluster: 'WAS-001', revision: undefined, hasFailed: false },
  ],
  ['[ERROR] Fail to download LENA configuration template file', { hasFailed: true }],
  ['Success to download license', undefined],
  [
    `Success to download LENA configuration template file. Template-ID : ${'x'.repeat(500)}(Full revision : 1)`,
    undefined,
  ],
] as const) {
  test(`reads ${line.slice(0, 90)}`, () => assert.deepEqual(readTemplateLine(line), expected));
}
