import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRelated } from '../../src/app/view-context.ts';
import type { DumpPeer } from '../../src/domain/dump.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { contextDetail } from '../../src/views/context-sections.ts';
import { contextOf, NOW, putOf, storeOptionsOf } from '../support/store-entities.ts';

const peerOf = (id: string, more: Partial<DumpPeer>): DumpPeer => ({
  ref: refOf('peer', 'udp', id),
  protocol: 'lena',
  address: '10.0.0.5',
  port: 40_000,
  connectedAt: NOW - 120_000,
  serverIds: [],
  can: ['thread', 'service'],
  ...more,
});

test('the receiver’s page names who dialled in, those that are refused first', () => {
  const store = createConsoleStore(storeOptionsOf([contextOf('udp', 'udp')]));
  store.apply([
    putOf('peer', peerOf('a', {})),
    putOf('peer', peerOf('b', { address: '10.0.0.9', refused: text('two peers for one server', '') })),
    putOf('peer', peerOf('c', { protocol: 'l9s', identity: 'prod/shop', serverIds: ['was-1'], port: 7 })),
  ]);
  const related = createRelated(store);
  const row = related.get(refOf('context', 'udp', 'udp'));
  assert.ok(row);
  const context = {
    now: NOW,
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
    related,
  } as const;
  const section = contextDetail(row, context).find(({ title }) => title.en === 'Connected over TCP (3)');
  assert.deepEqual(
    section?.lines.map(({ label, value }) => `${label}: ${value}`),
    [
      '10.0.0.9:40000: LENA advertiser, unauthenticated · two peers for one server · 2m',
      '10.0.0.5:7: l9s agent · prod/shop · was-1 · thread dump, service dump · 2m',
      '10.0.0.5:40000: LENA advertiser, unauthenticated · thread dump, service dump · 2m',
    ],
  );
});
