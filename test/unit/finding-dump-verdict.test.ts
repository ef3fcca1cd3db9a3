import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dump } from '../../src/domain/dump.ts';
import { refKey, refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { dumpOf } from '../support/dump-rows.ts';
import {
  contextOf,
  dropOf,
  instanceOf,
  MINUTE_MS,
  NOW,
  putOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const SERVER = refOf('server', 'prod', 'shop/was-1');
const own = (file: string, more: Partial<Dump> = {}) => dumpOf(file, { server: SERVER, ...more });

function start() {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod')]));
  store.apply([putOf('instance', instanceOf('was-1', { startedAt: NOW - 60 * MINUTE_MS }))]);
  return {
    store,
    health: () => store.state.getState().tables.server.rows.get(refKey(SERVER))?.health,
  };
}
const codes = (health: ReturnType<ReturnType<typeof start>['health']>) =>
  health?.reasons.map(({ code, level }) => `${level} ${code}`);

test('what the newest thread dump showed is a reason of its server, with the verdict’s next step', () => {
  const { store, health } = start();
  assert.deepEqual(codes(health()), []);
  store.apply([putOf('dump', own('a_tdump.txt'))]);
  assert.deepEqual(codes(health()), ['error dump-verdict']);
  const [reason] = health()?.reasons ?? [];
  assert.match(reason?.text.en ?? '', /newest thread dump of was-1 shows: Deadlock of 2 threads/);
  assert.match(reason?.next.en ?? '', /Restart was-1/);
  assert.equal(reason?.since, NOW - MINUTE_MS);
});

test('a newer dump that shows nothing takes it back, and its deletion brings it again', () => {
  const { store, health } = start();
  const well = own('b_tdump.txt', {
    takenAt: NOW - 10_000,
    verdict: [{ code: 'healthy', level: 'ok', text: { en: 'nothing stands out', ko: '' } }],
  });
  store.apply([putOf('dump', own('a_tdump.txt')), putOf('dump', well)]);
  assert.deepEqual(codes(health()), []);
  store.apply([dropOf('dump', well.ref)]);
  assert.deepEqual(codes(health()), ['error dump-verdict']);
});

test('it ends after a quarter of an hour, and with the run that was dumped', () => {
  const { store, health } = start();
  store.apply([putOf('dump', own('a_tdump.txt'))]);
  store.tick(NOW + 13 * MINUTE_MS);
  assert.deepEqual(codes(health()), ['error dump-verdict']);
  store.tick(NOW + 14 * MINUTE_MS);
  assert.deepEqual(codes(health()), []);
  store.apply([
    putOf('dump', own('c_tdump.txt', { takenAt: NOW + 14 * MINUTE_MS })),
    putOf('instance', instanceOf('was-1', { startedAt: NOW + 15 * MINUTE_MS })),
  ]);
  assert.deepEqual(codes(health()), []);
});

test('histograms, heaps and dumps of others are no reason', () => {
  const { store, health } = start();
  store.apply([
    putOf('dump', own('a_histo.txt', { kind: 'histogram' })),
    putOf('dump', dumpOf('d_tdump.txt', { server: refOf('server', 'prod', 'shop/was-2') })),
  ]);
  assert.deepEqual(codes(health()), []);
});
