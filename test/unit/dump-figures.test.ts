import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { dumpFigureLines } from '../../src/views/dump-figures.ts';
import { NOW, storeOptionsOf } from '../support/store-entities.ts';

const MIB = 1_048_576;
const linesOf = (
  figures: Readonly<Record<string, string | number | boolean>>,
  language: 'en' | 'ko' = 'en',
) => {
  const settings = { isUtc: true, levels: { middle: 0.6, high: 0.8 }, language } as const;
  const context = createViewContext(createConsoleStore(storeOptionsOf([])), NOW, settings);
  return dumpFigureLines({ figures }, context).map(({ label, value }) => `${label}: ${value}`);
};

test('the figures beside a dump are said in words and units', () => {
  const figures = {
    heapUsedBytes: 729 * MIB,
    heapMaxBytes: 1_200 * MIB,
    gcTimePercent: 0.060_947_738,
    threads: 1_204,
    blockedThreads: 2,
    activeRequests: 4,
    cpu: 0.676,
    heardAt: Date.UTC(2_026, 10, 21, 20, 31, 41),
  };
  assert.deepEqual(linesOf(figures), [
    'Heap used: 729 MiB of 1.2 GiB (61%)',
    'GC time: 0.1%',
    'CPU: 67.6%',
    'Threads: 1 204',
    'Blocked threads: 2',
    'Active requests: 4',
    'Heard: 2026-11-21 20:31:41Z',
  ]);
  assert.equal(linesOf(figures, 'ko')[0], '힙 사용: 729 MiB / 1.2 GiB (61%)');
});

test('what is not known is left out, and what another version wrote keeps its name', () => {
  assert.deepEqual(linesOf({ heapUsedBytes: 5 * MIB, spin: 12_345, mode: 'odd' }), [
    'Heap used: 5 MiB',
    'spin: 12 345',
    'mode: odd',
  ]);
  assert.deepEqual(linesOf({}), []);
});
