import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { refOf } from '../../src/domain/ref.ts';
import { fakeWay, startDumpStage } from '../support/dump-stage.ts';
import { putOf } from '../support/store-entities.ts';

const codesOf = ({ warnings }: Plan) => warnings.map(({ code }) => code);

test('a context that is down is told in the plan, and named where it refuses', async (t) => {
  const exec = fakeWay('pod-exec', {
    take: async () => {
      throw appError('REFUSED', 'exec ls in shop/was-1: connection refused');
    },
  });
  const stage = startDumpStage(t, { ways: [exec] });
  const before = await stage.prepare('dump-thread', ['was-1']);
  assert.ok(!codesOf(before.plan).includes('context-down'));
  const error = { code: 'REFUSED', message: 'connection refused', hint: '' };
  stage.store.setStatus('prod', { state: 'failed', error });
  const { plan } = await stage.prepare('dump-thread', ['was-1']);
  assert.ok(codesOf(plan).includes('context-down'), JSON.stringify(plan.warnings));
  const [target] = (await stage.take('dump-thread', ['was-1'])).targets;
  assert.match(
    target?.error?.message ?? '',
    /^the API server of prod: exec ls in shop\/was-1: connection refused/,
  );
  assert.match(target?.error?.hint ?? '', /take it again when prod answers/);
});

test('a heap of a server whose agent gives none is dim, and says what would open it', (t) => {
  const stage = startDumpStage(t);
  const why = () => stage.executor.disabledReason(stage.action('dump-heap'), stage.server('vm9/tomcat1'))?.en;
  assert.equal(why(), undefined);
  const peer = {
    ref: refOf('peer', 'udp', 'a1'),
    protocol: 'l9s',
    address: '10.90.0.9',
    port: 40_000,
    connectedAt: 0,
    serverIds: ['vm9/tomcat1'],
    can: ['thread', 'service', 'histogram'],
  } as const;
  stage.store.apply([putOf('peer', peer)]);
  assert.equal(why(), 'its agent was started without --allow-heap-dumps');
  stage.store.apply([putOf('peer', { ...peer, can: ['thread', 'heap'] })]);
  assert.equal(why(), undefined);
});
