import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ClientOptions, StatsD } from 'hot-shots';
import { TelemetryHarness, until } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;
const MIB = 1_048_576;

async function start(t: TestContext): Promise<TelemetryHarness> {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  return harness;
}
/** A client of the npm package, ended with the test. */
function client(t: TestContext, harness: TelemetryHarness, options: ClientOptions = {}): StatsD {
  const { address } = harness.source;
  assert.ok(address !== undefined);
  const created = new StatsD({
    host: address.host,
    port: address.port,
    includeDataDogTags: false,
    errorHandler: (error) => t.diagnostic(String(error)),
    ...options,
  });
  t.after(() => new Promise((resolve) => created.close(resolve)));
  return created;
}
/** Waits for what a client sends by itself. */
async function heard(harness: TelemetryHarness, send: () => void, datagrams: number): Promise<void> {
  const before = harness.clock.reads;
  send();
  await until(() => harness.clock.reads >= before + datagrams, `${datagrams} datagrams`);
}

test('a client from npm is a server with numbers', async (t) => {
  const harness = await start(t);
  const statsd = client(t, harness, { globalTags: { host: 'shop-7f9c' }, containerID: 'c0ffee' });
  const gauges = [
    ['jvm.memory.used', 100 * MIB, { area: 'heap', id: 'G1 Old Gen' }],
    ['jvm.memory.used', 20 * MIB, { area: 'heap', id: 'G1 Eden Space' }],
    ['jvm.memory.max', 512 * MIB, { area: 'heap', id: 'G1 Old Gen' }],
    ['jvm.memory.max', -1, { area: 'heap', id: 'G1 Eden Space' }],
    ['jvm.memory.committed', 256 * MIB, { area: 'heap', id: 'G1 Old Gen' }],
    ['jvm.memory.used', 60 * MIB, { area: 'nonheap', id: 'Metaspace' }],
    ['jvm.gc.live.data.size', 0, {}],
    ['jvm.threads.live', 42, {}],
    ['jvm.threads.states', 3, { state: 'blocked' }],
    ['process.cpu.usage', 0.25, {}],
    ['system.cpu.usage', 0.5, {}],
    ['process.start.time', START - 60_000, {}],
    ['process.files.open', 90, {}],
    ['process.files.max', 1_024, {}],
    ['jvm.classes.loaded', 12_000, {}],
    ['tomcat.threads.busy', 7, { name: 'http-nio-8080' }],
    ['tomcat.threads.config.max', 200, { name: 'http-nio-8080' }],
    ['tomcat.sessions.active.current', 11, {}],
    ['hikaricp.connections.active', 2, { pool: 'HikariPool-1' }],
    ['hikaricp.connections.max', 10, { pool: 'HikariPool-1' }],
    ['executor.active', 5, { name: 'applicationTaskExecutor' }],
  ] as const;
  await heard(
    harness,
    () => {
      for (const [name, value, tags] of gauges) statsd.gauge(name, value, { ...tags });
    },
    gauges.length,
  );
  harness.clock.advance(2_000);
  await heard(
    harness,
    () => {
      const young = { action: 'end of minor GC', cause: 'G1 Evacuation Pause' };
      for (const pauseMs of [10, 20, 30]) statsd.timing('jvm.gc.pause', pauseMs, young);
      statsd.timing('jvm.gc.pause', 140, { action: 'end of major GC', cause: 'System.gc()' });
      statsd.gauge('jvm.gc.live.data.size', 40 * MIB);
      statsd.timing('http.server.requests', 100, { uri: '/a', status: '200', outcome: 'SUCCESS' });
      statsd.timing('http.server.requests', 300, { uri: '/a', status: '500', outcome: 'SERVER_ERROR' });
      statsd.increment('shop.orders', 3);
      statsd.increment('shop.orders', 2);
    },
    9,
  );
  harness.flush();
  const sender = harness.sender('shop-7f9c');
  const { jvm } = sender;
  assert.deepEqual([sender.codec, sender.hostName, sender.restarts], ['statsd', 'shop-7f9c', 0]);
  assert.deepEqual(jvm?.heap, {
    usedBytes: 120 * MIB,
    committedBytes: 256 * MIB,
    maxBytes: 512 * MIB,
    afterGcBytes: 40 * MIB,
  });
  assert.deepEqual(jvm.nonHeap, { usedBytes: 60 * MIB, committedBytes: undefined, maxBytes: undefined });
  assert.deepEqual(
    jvm.memoryPools?.map(({ name, usedBytes, maxBytes }) => [name, usedBytes, maxBytes]),
    [
      ['G1 Old Gen', 100 * MIB, 512 * MIB],
      ['G1 Eden Space', 20 * MIB, undefined],
      ['Metaspace', 60 * MIB, undefined],
    ],
  );
  assert.deepEqual(jvm.pauses, { count: 4, p50Ms: 20, p95Ms: 140, p99Ms: 140, maxMs: 140 });
  // The first pause closed the interval that began with the first datagram; the others belong to the next one.
  assert.deepEqual(jvm.gcInterval, { coveredMs: 2_000, count: 1, timeMs: 10 });
  assert.deepEqual(
    [jvm.fullGcs, jvm.lastFullGc],
    [1, { at: START + 2_000, beforeBytes: 120 * MIB, afterBytes: 40 * MIB, cause: 'System.gc()' }],
  );
  assert.deepEqual([jvm.meanMs, jvm.p95Ms, jvm.errorPercent], [200, 300, 50]);
  assert.equal(jvm.tps, 1);
  assert.deepEqual(jvm.threads, { live: 42, peak: undefined, daemon: undefined, blocked: 3 });
  assert.deepEqual(
    [jvm.cpu, jvm.fds],
    [
      { process: 0.25, system: 0.5 },
      { open: 90, max: 1_024 },
    ],
  );
  assert.deepEqual([jvm.classes, jvm.sessions, jvm.startedAt], [12_000, 11, START - 60_000]);
  assert.deepEqual(jvm.connectors, [{ name: 'http-nio-8080', busy: 7, max: 200 }]);
  assert.deepEqual(jvm.dataSources, [{ name: 'HikariPool-1', active: 2, max: 10 }]);
  assert.equal(sender.counters['executor.active{name=applicationTaskExecutor}'], 5);
  assert.equal(sender.counters['shop.orders'], 5);
});

test('a client that gathers its lines is read line by line, and its events are signs of life', async (t) => {
  const harness = await start(t);
  const statsd = client(t, harness, {
    globalTags: { pod_name: 'pod-1' },
    maxBufferSize: 1_400,
    bufferFlushInterval: 10,
  });
  statsd.gauge('jvm.threads.live', 1);
  statsd.gauge('jvm.threads.live', 2);
  statsd.increment('orders', 1, 1);
  statsd.event('deployed', 'of 1.2');
  statsd.check('database', 0);
  const told = () => [...harness.senders.values()][0];
  await until(() => {
    harness.flush();
    return told()?.counters['orders'] === 1;
  }, 'the gathered lines');
  const sender = harness.sender('pod-1');
  assert.equal(sender.jvm?.threads?.live, 2);
  assert.equal(sender.heartbeat.rejected, 0);
  assert.equal(harness.senders.size, 1);
});

test('without a tag that says who, the address does; plain gauges change by what has a sign', async (t) => {
  const harness = await start(t);
  const statsd = client(t, harness);
  await heard(
    harness,
    () => {
      statsd.gauge('queue.depth', 10);
      statsd.gaugeDelta('queue.depth', 5);
      statsd.gaugeDelta('queue.depth', -3);
    },
    3,
  );
  harness.flush();
  const sender = harness.sender('127.0.0.1');
  assert.deepEqual([sender.counters['queue.depth'], sender.jvm], [12, undefined]);
});

test('sample rates weigh; lines that cannot be read are counted by reason', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, 'orders:1|c|@0.1|#host:a\nhttp.server.requests:50|ms|@0.5|#host:a,status:200');
  await harness.send(socket, 'orders:1|c|#host:a\nbroken:x|c|#host:a');
  harness.flush();
  const sender = harness.sender('a');
  assert.equal(sender.counters['orders'], 11);
  assert.equal(sender.jvm?.tps, 1);
  assert.deepEqual(sender.heartbeat.rejectReasons, [{ reason: 'statsd: value not a number', count: 1 }]);
  assert.equal(sender.heartbeat.perMinute, 2);
});

test('every flavour of Micrometer is the same server with the same figures', async (t) => {
  const harness = await start(t);
  const flavours = {
    datadog: (name: string) =>
      [
        `jvm.memory.used:90|g|#statistic:value,area:heap,host:${name},id:G1 Eden Space`,
        `jvm.memory.max:-1|g|#statistic:value,area:heap,host:${name},id:G1 Eden Space`,
        `jvm.gc.pause:12|ms|#action:end of major GC,cause:Metadata GC Threshold,host:${name}`,
      ].join('\n'),
    telegraf: (name: string) =>
      [
        `jvm_memory_used,statistic=value,area=heap,host=${name},id=G1_Eden_Space:90|g`,
        `jvm_memory_max,statistic=value,area=heap,host=${name},id=G1_Eden_Space:-1|g`,
        `jvm_gc_pause,action=end_of_major_GC,cause=Metadata_GC_Threshold,host=${name}:12|ms`,
      ].join('\n'),
    sysdig: (name: string) =>
      [
        `jvm.memory.used#statistic=value,area=heap,host=${name},id=G1_Eden_Space:90|g`,
        `jvm.memory.max#statistic=value,area=heap,host=${name},id=G1_Eden_Space:-1|g`,
        `jvm.gc.pause#action=end_of_major_GC,cause=Metadata_GC_Threshold,host=${name}:12|ms`,
      ].join('\n'),
    etsy: (name: string) =>
      [
        `jvmMemoryUsed.area.heap.host.${name}.id.G1_Eden_Space.statistic.value:90|g`,
        `jvmMemoryMax.area.heap.host.${name}.id.G1_Eden_Space.statistic.value:-1|g`,
        `jvmGcPause.action.end_of_major_GC.cause.Metadata_GC_Threshold.host.${name}:12|ms`,
      ].join('\n'),
  };
  for (const [flavour, lines] of Object.entries(flavours)) {
    const socket = await harness.socket();
    await harness.send(socket, lines(`shop-${flavour}`));
    await harness.send(socket, lines(`shop-${flavour}`));
    harness.flush();
    const { jvm, counters } = harness.sender(`shop-${flavour}`);
    assert.deepEqual(
      jvm?.memoryPools,
      [{ name: 'G1 Eden Space', usedBytes: 90, committedBytes: undefined, maxBytes: undefined }],
      flavour,
    );
    assert.deepEqual([jvm?.heap?.usedBytes, jvm?.heap?.maxBytes], [90, undefined], flavour);
    assert.deepEqual([jvm?.pauses?.count, jvm?.fullGcs], [2, 2], flavour);
    assert.equal(jvm?.lastFullGc?.cause, 'Metadata GC Threshold', flavour);
    assert.deepEqual(counters, {}, flavour);
  }
});

test('the interval is learned from a gauge that comes again', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  const at = async (gapMs: number) => {
    for (let round = 0; round < 12; round++) {
      harness.clock.advance(gapMs);
      await harness.send(socket, 'jvm.threads.live:1|g|#host:a');
      // What is sent as it happens says nothing of the interval.
      await harness.send(socket, 'http.server.requests:1|ms|#host:a');
    }
    harness.flush();
    return harness.sender('a').heartbeat.intervalMs;
  };
  await harness.send(socket, 'jvm.threads.live:1|g|#host:a');
  harness.flush();
  assert.equal(harness.sender('a').heartbeat.intervalMs, 10_000);
  assert.equal(await at(1_000), 1_000);
  assert.equal(await at(30_000), 29_000);
});

test('a start that moves is a restart, and nothing of the JVM before is left', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, 'process.uptime:60000|g|#host:a\njvm.memory.used:5|g|#host:a,area:heap,id:Old');
  harness.clock.advance(40_000);
  await harness.send(socket, 'process.uptime:100000|g|#host:a');
  harness.flush();
  assert.equal(harness.sender('a').restarts, 0);
  harness.clock.advance(40_000);
  await harness.send(socket, 'process.uptime:1000|g|#host:a');
  harness.flush();
  const sender = harness.sender('a');
  assert.deepEqual([sender.restarts, sender.jvm?.heap], [1, undefined]);
});

test('an agent that forwards for several is a row for each; a flood of them is one refused datagram', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, 'jvm.threads.live:1|g|#host:a\njvm.threads.live:2|g|#host:b');
  const many = Array.from({ length: 200 }, (_, index) => `x:1|c|#host:h${index}`).join('\n');
  await harness.send(socket, many);
  harness.flush();
  assert.deepEqual(
    [...harness.senders.values()].map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1)),
    ['a', 'b'],
  );
  const counts = await harness.counts();
  assert.equal(counts['rejected.statsd: lines of more than 64 senders'], 1);
});

test('escape sequences and secrets in names and tags come out clean', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, 'a\u001b[31m:1|g|#host:h\u009b2J,password:hunter2,url:http://u:p@x/');
  harness.flush();
  const told = JSON.stringify([...harness.senders.values()]);
  assert.doesNotMatch(told, /\\u001b|[\u0080-\u009f]/);
  assert.equal(told.includes('hunter2') || told.includes('u:p@'), false);
});
