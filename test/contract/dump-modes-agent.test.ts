import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS } from '../../src/actions/index.ts';
import { DEED_IDS, proveDumpModes } from '../support/prove-dump-modes.ts';

test('every verb that takes a dump is among those tried', () => {
  const verbs = ACTIONS.filter(({ menu, command }) => menu !== undefined || command === 'dump');
  assert.deepEqual(verbs.map(({ id }) => id).toSorted(), DEED_IDS.toSorted());
});

proveDumpModes('our agent');
