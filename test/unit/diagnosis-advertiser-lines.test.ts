import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advertiserLines } from '../../src/diagnosis/advertiser-lines.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';

const serverOf = (type: Server['type']): Server => ({
  ref: refOf('server', 'prod', 'lena/a'),
  name: 'a',
  type,
  typeReason: 'image',
  contextKind: 'kube',
  revision: {},
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [],
  records: {},
});

test('only servers with the advertiser are told how to send here', () => {
  for (const type of ['was', 'embedded'] as const) {
    const lines = advertiserLines(serverOf(type), [{ address: '10.0.0.9', port: 16100 }]) ?? [];
    assert.ok(lines.includes('advertiser.server.secondary.addr=10.0.0.9'), type);
    assert.ok(lines.includes('advertiser.server.secondary.port=16100'), type);
  }
  for (const type of ['manager', 'session', 'web', 'tomcat', 'unknown'] as const) {
    assert.equal(advertiserLines(serverOf(type), [{ address: '10.0.0.9', port: 16100 }]), undefined, type);
  }
});

test('without a receiver the one line says what to start', () => {
  const lines = advertiserLines(serverOf('was'), []) ?? [];
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /--listen 0\.0\.0\.0:16100/);
});
