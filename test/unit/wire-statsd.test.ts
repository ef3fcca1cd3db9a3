import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import type { StatsdMetric } from '../../src/wire/statsd/datagram.ts';
import { decodeStatsdDatagram } from '../../src/wire/statsd/decode.ts';
import { micrometerOf } from '../../src/wire/statsd/micrometer.ts';

const codecOf = (text: string): string => decodeDatagram(Buffer.from(text)).codec;

function metricOf(line: string): StatsdMetric {
  const decoded = decodeStatsdDatagram(Buffer.from(line));
  assert.ok(decoded.kind === 'datagram', `${line}: ${decoded.kind === 'reject' ? decoded.reason : ''}`);
  const [metric, ...more] = decoded.value.metrics;
  assert.ok(metric !== undefined && more.length === 0);
  return metric;
}
function reasonOf(line: string): string {
  const decoded = decodeStatsdDatagram(Buffer.from(line));
  return decoded.kind === 'reject' ? decoded.reason : 'accepted';
}

test('a datagram is StatsD by the form of its first line; other text stays a heartbeat', () => {
  for (const line of [
    'a:1|c',
    'jvm.memory.used:1.5e9|g',
    'page views:1|c',
    'a.b-c_d/e:-3|g|#host:x',
    'a:1:2:3|ms|@0.5',
    'jvm_memory_used,area=heap,id=G1_Eden:7|g',
    'jvm.memory.used#area=heap:7|g',
    'jvmMemoryUsed.area.heap.id.G1_Eden.statistic.value:1|g',
    'a:NaN|g|#statistic:value',
    'users:bob|s',
    '_e{5,4}:title|text|h:web1',
    '_sc|check|2|#host:x|m:broken',
    'a:1|c\nnot a metric',
  ])
    assert.equal(codecOf(line), 'statsd', line);
  for (const line of [
    'hello',
    'hello: 5|g',
    'http://example/|g',
    '<190>1 2026 a:1|c',
    'a:1',
    'a:|c',
    'a:x|c',
    'a:1|q',
    'a:1|cc',
    '1a:1|c',
    '',
    'ERROR: something|c failed',
    '_e{5}:x',
    '_sc|check',
  ])
    assert.equal(codecOf(line), 'heartbeat', line);
});

test('values, rates, tags, container and time stamp', () => {
  assert.deepEqual(metricOf('a.b:1:2.5:-3|ms|@0.25|#host:web-1,url:http://x/y,bare|c:ci-12|T1656581400'), {
    name: 'a.b',
    type: 'ms',
    values: [1, 2.5, -3],
    isSigned: false,
    sampleRate: 0.25,
    tags: [
      ['host', 'web-1'],
      ['url', 'http://x/y'],
      ['bare', ''],
    ],
    isDogStatsd: true,
    container: 'ci-12',
  });
  const change = metricOf('depth:+5|g');
  assert.deepEqual([change.isSigned, change.isDogStatsd, change.values], [true, false, [5]]);
});

test('what is wrong with a line is its reason, and the others are read', () => {
  assert.equal(reasonOf('a:x|c'), 'value not a number');
  assert.equal(reasonOf('a:1|zz'), 'type not known');
  assert.equal(reasonOf('a:1|c|@2'), 'sample rate not between 0 and 1');
  assert.equal(reasonOf('a:1|c|@'), 'sample rate not between 0 and 1');
  assert.equal(reasonOf('a:1|c|Tx'), 'time stamp not a number');
  assert.equal(reasonOf(`${'n'.repeat(600)}:1|c`), 'name longer than 512');
  assert.equal(reasonOf(`a:${'1:'.repeat(300)}1|c`), 'more than 256 values');
  assert.equal(reasonOf('a|c'), 'no name, value and type');
  assert.equal(reasonOf('a:1e999|c'), 'value not a number');
  assert.equal(reasonOf('\n\n'), 'no line');
  assert.equal(reasonOf('a:1|c\n'.repeat(2_100)), 'more than 2048 lines');
  const mixed = decodeStatsdDatagram(Buffer.from('a:1|c\nb:x|c\r\nc:y|g\nd:2|g\r\n'));
  assert.ok(mixed.kind === 'datagram');
  assert.deepEqual(
    mixed.value.metrics.map(({ name }) => name),
    ['a', 'd'],
  );
  assert.deepEqual([...mixed.value.refused], [['value not a number', 2]]);
});

test('a long run of digits costs no more than its length', () => {
  for (const text of [`a:${'1'.repeat(60_000)}x|c`, `a:${'1:'.repeat(500)}x|c`, `${'a '.repeat(500)}:|c`])
    assert.equal(codecOf(text), 'heartbeat');
});

test('one metric of Micrometer in every flavour', () => {
  const flavours = [
    'jvm.memory.used:5|g|#statistic:value,area:heap,id:G1 Eden Space',
    'app.jvm.memory.used:5|g|#area:heap,id:G1 Eden Space',
    'jvm_memory_used,statistic=value,area=heap,id=G1_Eden_Space:5|g',
    'jvm.memory.used#statistic=value,area=heap,id=G1_Eden_Space:5|g',
    'jvmMemoryUsed.area.heap.id.G1_Eden_Space.statistic.value:5|g',
    'prefix.jvmMemoryUsed.area.heap.id.G1_Eden_Space.statistic.value:5|g',
  ];
  for (const line of flavours) {
    const known = micrometerOf(metricOf(line));
    assert.equal(known?.metric, 'jvm.memory.used', line);
    const tags = new Map(known?.tags);
    assert.equal(tags.get('area'), 'heap', line);
    assert.equal(tags.get('id')?.replaceAll('_', ' '), 'G1 Eden Space', line);
  }
  assert.equal(micrometerOf(metricOf('shop.orders:1|c')), undefined);
  const uri = micrometerOf(
    metricOf('httpServerRequests.method.GET.outcome.SUCCESS.status.200.uri./a.b/{id}:12|ms'),
  );
  assert.deepEqual(new Map(uri?.tags).get('uri'), '/a.b/{id}');
});
