import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { createEcsSource } from '../../src/sources/ecs/ecs-source.ts';
import { ecsSource, startEcs } from '../support/sources-ecs.ts';
import { startSource } from '../support/sources-sink.ts';
import { startProxy, startTls } from '../support/sources-tls.ts';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

async function startTlsEcs() {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  const tls = await startTls(Number(new URL(ecs.simulator.endpoint).port));
  closers.push(() => tls.close());
  const keys = {
    AWS_ACCESS_KEY_ID: ecs.simulator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ecs.simulator.secretAccessKey,
  };
  const follow = (endpoint: string, environment: Readonly<Record<string, string>>) => {
    const run = startSource(ecsSource(ecs, { endpoint, environment: { ...keys, ...environment } }));
    closers.push(() => run.stop());
    return run;
  };
  return { tls, follow };
}

test('trusts AWS_CA_BUNDLE, and nothing it does not know', async () => {
  const { tls, follow } = await startTlsEcs();
  const trusting = follow(tls.url, { AWS_CA_BUNDLE: tls.caFile });
  await trusting.sink.untilState('live');
  const strict = follow(tls.url, {});
  await strict.sink.untilState('failed');
  assert.equal(strict.sink.errorCode, 'TLS_UNTRUSTED');
});

test('goes through HTTPS_PROXY, and past it where NO_PROXY says so', async () => {
  const { tls, follow } = await startTlsEcs();
  const proxy = await startProxy();
  closers.push(() => proxy.close());
  const common = { AWS_CA_BUNDLE: tls.caFile, HTTPS_PROXY: proxy.url };
  const direct = follow(tls.url, { ...common, NO_PROXY: '127.0.0.1' });
  await direct.sink.untilState('live');
  assert.equal(proxy.asked.length, 0);
  const proxied = follow(tls.url, common);
  await proxied.sink.untilState('live');
  assert.ok(proxy.asked.some((line) => line.startsWith(`CONNECT ${new URL(tls.url).host}`)));
  assert.ok((await proxied.stop()) < 1_000);
});

const realEndpoint = process.env['E2E_ECS_ENDPOINT'];
if (realEndpoint !== undefined && realEndpoint !== '') {
  test('a real ECS: lists its clusters, is live, ends within a second', async () => {
    const environment = process.env;
    const run = startSource(
      createEcsSource({
        context: 'real',
        clusters: ['*'],
        endpoint: realEndpoint,
        clock: systemClock,
        mode: () => ({ mode: 'normal', origin: 'the test' }),
        random: Math.random,
        environment,
      }),
    );
    await run.sink.untilState('live', 60_000);
    assert.equal(run.sink.lastFacts.capabilities?.['ListTasks']?.state, 'found');
    assert.ok((await run.stop()) < 1_000);
  });
}
