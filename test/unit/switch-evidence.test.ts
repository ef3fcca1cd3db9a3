import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evidenceWait } from '../../src/actions/switch-revision/evidence.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { Kind } from '../../src/domain/kind.ts';
import { refOf } from '../../src/domain/ref.ts';
import { NEVER, rowsLookup } from '../support/acting.ts';
import { registrationOf } from '../support/store-entities.ts';

/** A server row whose datagram claims revision 3 whatever its Manager says. */
const serverOf = (name: string): Entities['server'] => ({
  ref: refOf('server', 'dev', `shop/${name}`),
  name,
  type: 'was',
  typeReason: '',
  contextKind: 'kube',
  revision: { running: '3' },
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [],
  records: { registration: refOf('registration', 'mgr', `container/${name}`) },
});
const told = (name: string, revision: string | undefined): Entities['registration'] => ({
  ...registrationOf(name),
  ref: refOf('registration', 'mgr', `container/${name}`),
  isContainer: true,
  revision,
});
const check = (rows: readonly Entities[Kind][]) => {
  const lookup = { ...rowsLookup(rows), managersServing: () => ['mgr'] };
  const step = evidenceWait(
    {
      context: 'dev',
      name: 'was',
      revision: '3',
      wayBack: 'l9s switch-revision dev:x --to 1',
      servers: async () => ['shop/a', 'shop/b'],
    },
    {
      lookup,
      clock: systemClock,
      remote: async () => {
        throw new Error('nothing is asked of a remote');
      },
    },
  );
  return step.check(NEVER);
};

test('waits for servers whose Manager tells another revision, and names them', async () => {
  const rows = [serverOf('a'), serverOf('b'), told('a', '3'), told('b', '1')];
  assert.deepEqual(await check(rows), {
    state: 'waiting',
    detail: 'not yet seen to run it: b',
    parts: [
      { name: 'a', state: 'done', detail: 'revision 3' },
      { name: 'b', state: 'waiting', detail: 'revision 1' },
    ],
  });
});

test('waits for a server that is not registered yet where its Manager tells revisions', async () => {
  const progress = await check([serverOf('a'), serverOf('b'), told('a', '3')]);
  assert.equal(progress.state, 'waiting');
});

test('is done when all run it, and says the way back', async () => {
  const progress = await check([serverOf('a'), serverOf('b'), told('a', '3'), told('b', '3')]);
  assert.ok(progress.state === 'done');
  assert.match(progress.detail ?? '', /as their Manager tells\. Way back: l9s switch-revision dev:x --to 1/);
});

test('says that a Manager which tells no revisions proves nothing', async () => {
  const progress = await check([serverOf('a'), serverOf('b'), told('a', undefined)]);
  assert.ok(progress.state === 'done');
  assert.match(progress.detail ?? '', /their Manager tells no template revisions/);
});
