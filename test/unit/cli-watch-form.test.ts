import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { viewOfKind } from '../../src/cli/kinds.ts';
import type { Format } from '../../src/cli/render.ts';
import { watchForm } from '../../src/cli/watch-form.ts';
import type { OpsEvent } from '../../src/domain/event.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { contextOf, eventOf, NOW, putOf, storeOptionsOf } from '../support/store-entities.ts';

const events = viewOfKind('events');

function factsAt(format: Format, now: number, more: Partial<OpsEvent> = {}): string {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod')]));
  store.apply([putOf('event', eventOf('e1', { at: NOW, type: 'BackOff', ...more }))]);
  const context = createViewContext(store, now, {
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
  });
  const [row] = events.rows(context);
  assert.ok(row);
  return watchForm(events, format).facts(row);
}

for (const format of ['table', 'wide', 'csv', 'json', 'name'] as const)
  test(`an age that moves on is no news in a watch (${format})`, () => {
    assert.equal(factsAt(format, NOW + 90_000), factsAt(format, NOW + 1_000));
  });

for (const format of ['table', 'wide', 'csv', 'json'] as const)
  test(`what changes beside it is (${format})`, () => {
    const before = factsAt(format, NOW + 1_000);
    assert.notEqual(factsAt(format, NOW + 1_000, { count: 2 }), before);
    assert.notEqual(factsAt(format, NOW + 1_000, { message: 'another' }), before);
  });
