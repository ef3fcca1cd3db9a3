import { test } from 'node:test';
import { assertVerbsBlocked } from '../support/blocked-verbs.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('triage');

test('in triage each verb says by its key why it does nothing', () =>
  assertVerbsBlocked(gate.app(), 'triage'));
