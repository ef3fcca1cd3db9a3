import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

const MIB = 1_048_576;
const MODULE = path.resolve(import.meta.dirname, '../../src/cli/young-space.ts');

/** MiB of room for young objects after much was read in short turns, in a process of its own. */
function roomAfterMuch(isBounded: boolean): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8';
    if (${isBounded}) (await import(${JSON.stringify(MODULE)})).boundYoungSpace();
    let kept = [];
    for (let turn = 0; turn < 200; turn++) {
      for (let index = 0; index < 10_000; index++) {
        const made = { index, pair: [index, turn], text: 'x' + index };
        if (index % 10 === 0) kept.push(made);
      }
      if (kept.length > 200_000) kept = kept.slice(100_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    process.stdout.write(String(space.space_size));
  `;
  const words = ['--import', 'tsx', '--input-type=module', '-e', program];
  return Number(execFileSync(process.execPath, words, { encoding: 'utf8' })) / MIB;
}

test('young objects get no more room than they need', () => {
  const bounded = roomAfterMuch(true);
  assert.ok(bounded <= 32, `${bounded} MiB`);
  assert.ok(roomAfterMuch(false) > bounded, 'V8 would take more by itself');
});
