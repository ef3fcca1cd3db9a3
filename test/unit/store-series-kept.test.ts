import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_HEALTH_LEVELS } from '../../src/diagnosis/health/health-levels.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { LINGER_MS } from '../../src/store/series/detail-holds.ts';
import {
  contextOf,
  instanceOf,
  jvmSampleOf,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const SERVER = refOf('server', 'prod', 'shop/a');

function consoleOf() {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')]));
  store.apply([putOf('instance', instanceOf('a'))]);
  let at = NOW;
  return {
    store,
    /** Heard every two seconds for so long. */
    hear(gcTimePercent: number, forMs = 2_000) {
      for (const until = at + forMs; at < until; ) {
        at += 2_000;
        store.tick(at);
        store.apply([
          putOf(
            'sender',
            senderOf('a', {
              jvm: jvmSampleOf({ at, gcTimePercent, threads: { live: 40 } }),
              heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
            }),
          ),
        ]);
      }
    },
    kept: () => store.series(SERVER, 'threads').length,
    level: () => store.state.getState().tables.server.rows.get('prod\nshop/a')?.health.level,
  };
}

test('a server nobody looks at keeps its six series; while somebody looks, and a little longer, all', () => {
  const { store, hear, kept } = consoleOf();
  hear(1);
  assert.equal(store.series(SERVER, 'heapUsed').length, 1);
  assert.equal(kept(), 0);
  const release = store.watch([SERVER, refOf('server', 'prod', 'shop/none')]);
  hear(1, 10_000);
  assert.equal(kept(), 5);
  release();
  hear(1, LINGER_MS - 2_000);
  assert.equal(kept(), (LINGER_MS + 8_000) / 2_000);
  hear(1, 2_000);
  assert.equal(kept(), 0);
  assert.ok(store.series(SERVER, 'heapUsed').length > 60);
});

test('a server whose JVM is in trouble keeps all series until it has been well for a while', () => {
  const { hear, kept, level } = consoleOf();
  hear(1);
  assert.deepEqual([level(), kept()], ['ok', 0]);
  hear(60, 10_000);
  assert.notEqual(level(), 'ok');
  assert.equal(kept(), 5);
  hear(1, DEFAULT_HEALTH_LEVELS.clearMs + 4_000);
  assert.equal(level(), 'ok');
  assert.ok(kept() > 5);
  hear(1, LINGER_MS + 4_000);
  assert.equal(kept(), 0);
});

test('a server that falls silent keeps no more than it had', () => {
  const { store, hear, kept, level } = consoleOf();
  hear(1, 10_000);
  store.tick(NOW + 120_000);
  assert.equal(level(), 'warn');
  hear(1);
  assert.equal(kept(), 0);
});
