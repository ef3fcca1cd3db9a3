import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputOption } from '../../src/actions/action.ts';
import { text } from '../../src/domain/text.ts';
import { createChoice } from '../../src/ui/dialog/choice.ts';

const NOW = text('is what runs now', '현재 실행 중인 것임');
const OPTIONS: readonly InputOption[] = [
  { value: '3', label: '3', detail: text('now', '현재'), unfit: NOW },
  { value: '2', label: '2' },
  { value: '1', label: '1' },
];

/** A choice whose options have come. */
async function loaded(options: readonly InputOption[], initial?: string) {
  const came = Promise.withResolvers<void>();
  const choice = createChoice({
    load: async () => options,
    isOpen: false,
    initial,
    changed: () => came.resolve(),
  });
  await came.promise;
  return choice;
}

test('what the plan would refuse is not chosen at first, but can be', async () => {
  const choice = await loaded(OPTIONS);
  assert.equal(choice.value(), '2');
  choice.press('up');
  choice.press('up');
  assert.equal(choice.value(), '3');
  assert.equal((await loaded(OPTIONS, '1')).value(), '1');
  assert.equal((await loaded(OPTIONS.slice(0, 1))).value(), '3');
});

test('the filter finds what stands beside a choice in either language', async () => {
  for (const typed of ['now', '현재']) {
    const choice = await loaded(OPTIONS);
    choice.list(true);
    choice.paste(typed);
    assert.equal(choice.value(), '3');
  }
});
