import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { managerSource, startManager } from '../support/sources-manager.ts';
import { startSource } from '../support/sources-sink.ts';
import { startProxy, startTls } from '../support/sources-tls.ts';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

async function startTlsManager() {
  const { simulator } = await startManager();
  closers.push(() => simulator.close());
  const tls = await startTls(Number(new URL(simulator.url).port));
  closers.push(() => tls.close());
  return { tls, key: simulator.key };
}

function follow(url: string, key: string, environment: Readonly<Record<string, string>>) {
  const run = startSource(managerSource({ urls: [url], key }, { environment }));
  closers.push(() => run.stop());
  return run;
}

test('trusts the CA bundle of NODE_EXTRA_CA_CERTS, and nothing it does not know', async () => {
  const { tls, key } = await startTlsManager();
  const trusting = follow(tls.url, key, { NODE_EXTRA_CA_CERTS: tls.caFile });
  await trusting.sink.untilState('live');
  const strict = follow(tls.url, key, {});
  await strict.sink.untilState('failed');
  assert.equal(strict.sink.errorCode, 'TLS_UNTRUSTED');
  const misled = follow(tls.url, key, { NODE_EXTRA_CA_CERTS: `${tls.caFile}.missing` });
  await misled.sink.untilState('denied');
  assert.equal(misled.sink.errorCode, 'TLS_UNTRUSTED');
});

test('goes through HTTPS_PROXY, and past it where NO_PROXY says so', async () => {
  const { tls, key } = await startTlsManager();
  const proxy = await startProxy();
  closers.push(() => proxy.close());
  const common = { NODE_EXTRA_CA_CERTS: tls.caFile, HTTPS_PROXY: proxy.url };
  const direct = follow(tls.url, key, { ...common, NO_PROXY: '127.0.0.1' });
  await direct.sink.untilState('live');
  assert.equal(proxy.asked.length, 0);
  const proxied = follow(tls.url, key, common);
  await proxied.sink.untilState('live');
  assert.ok(proxy.asked.includes(`CONNECT ${new URL(tls.url).host}`));
  assert.ok((await proxied.stop()) < 1_000);
});

test('TLS to a plain port is told as what it is', async () => {
  const { simulator } = await startManager();
  closers.push(() => simulator.close());
  const run = follow(simulator.url.replace('http:', 'https:'), simulator.key, {});
  await run.sink.untilState('failed');
  assert.match(run.sink.errorCode ?? '', /UNEXPECTED_ANSWER|CONNECTION_LOST/);
});

const realUrl = process.env['E2E_MANAGER_URL'];
if (realUrl !== undefined && realUrl !== '') {
  test('a real Manager: lists its servers or says why not, ends within a second', async () => {
    const run = startSource(
      managerSource(
        { urls: [realUrl], key: process.env['E2E_MANAGER_KEY'] },
        { environment: process.env, serviceClusters: () => [], timeoutMs: 10_000 },
      ),
    );
    await run.sink.until(
      () => ['live', 'denied'].includes(run.sink.lastStatus?.state ?? ''),
      'an answer',
      60_000,
    );
    assert.ok(Object.keys(run.sink.lastFacts.capabilities ?? {}).length > 0);
    assert.ok((await run.stop()) < 1_000);
  });
}
