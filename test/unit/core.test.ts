import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { createBackoff } from '../../src/core/backoff.ts';
import { createBatcher } from '../../src/core/batcher.ts';
import { parseDuration } from '../../src/core/duration.ts';
import { createGlobMatcher } from '../../src/core/glob.ts';
import { hostPort } from '../../src/core/host-port.ts';
import { RingBuffer } from '../../src/core/ring-buffer.ts';
import { Secret } from '../../src/core/secret.ts';
import { sumOf } from '../../src/core/sum.ts';
import { cleanLine, cleanText } from '../../src/core/text.ts';
import { TokenBucket } from '../../src/core/token-bucket.ts';
import { refKey, refOf, refOfKey } from '../../src/domain/ref.ts';
import { maskUrl } from '../../src/domain/secret-name.ts';
import { createFakeClock } from '../support/fake-clock.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: looking for control characters is the purpose
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/;

describe('untrusted text', () => {
  test('no control character, escape or direction override survives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        assert.doesNotMatch(cleanLine(text), CONTROLS);
        assert.ok(cleanLine(text).isWellFormed());
      }),
    );
    assert.equal(cleanLine('a\u001b[31mred\u001b[0m\r\n\u202ex'), 'a␛[31mred␛[0m␍␊\ufffdx');
  });
  test('Korean, emoji and accents stay', () => {
    for (const text of ['주문 서비스', '쇼핑몰🙂', 'é']) assert.equal(cleanLine(text), text);
  });
  test('a long line is cut with an ellipsis', () => {
    assert.equal(stringWidth(cleanLine('x'.repeat(50), 10)), 10);
    assert.ok(cleanLine('x'.repeat(50), 10).endsWith('…'));
  });
  test('lines of a text stay lines', () => {
    assert.equal(cleanText('a\r\nb\u0007\n'), 'a\nb␇\n');
  });
});

describe('secrets', () => {
  test('a secret prints as stars wherever it is printed', () => {
    const secret = new Secret('hunter2');
    const printed = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ a: [secret] }),
      String(secret),
    ];
    for (const text of printed) assert.ok(!text.includes('hunter2'), text);
    assert.equal(secret.reveal(), 'hunter2');
  });
  test('keys in queries and user info in URLs are masked', () => {
    assert.equal(maskUrl('GET http://m/x?key=a%2Bb&rev=3'), 'GET http://m/x?key=***&rev=3');
    assert.equal(maskUrl('https://u:p@proxy:3128/'), 'https://***@proxy:3128/');
    assert.equal(maskUrl('/login?next=/x?token=abc&a=1'), '/login?next=/x?token=***&a=1');
    assert.equal(maskUrl('http://u:p@ss@m/x http://m/y@z'), 'http://***@m/x http://m/y@z');
    assert.equal(maskUrl('?token &key; ?=1'), '?token &key; ?=1');
  });
});

describe('time', () => {
  test('a bucket lets its burst through and then its rate', async () => {
    const clock = createFakeClock();
    const bucket = new TokenBucket({ clock, burst: 2, perSecond: 1 });
    const { signal } = new AbortController();
    const passed: number[] = [];
    const all = [1, 2, 3, 4].map((turn) => bucket.take(signal).then(() => passed.push(turn)));
    await clock.advance(0);
    assert.deepEqual(passed, [1, 2]);
    await clock.advance(1_000);
    assert.deepEqual(passed, [1, 2, 3]);
    await clock.advance(1_000);
    await Promise.all(all);
    assert.deepEqual(passed, [1, 2, 3, 4]);
  });
  test('an aborted wait for a token ends at once', async () => {
    const bucket = new TokenBucket({ clock: createFakeClock(), burst: 1, perSecond: 0.001 });
    const abort = new AbortController();
    await bucket.take(abort.signal);
    const second = bucket.take(abort.signal);
    abort.abort();
    await second;
  });
  test('pauses grow to their ceiling and start again after a success', () => {
    const backoff = createBackoff({ firstMs: 100, maxMs: 1_000, random: () => 1 });
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6].map(() => backoff.next()),
      [100, 200, 400, 800, 1_000, 1_000],
    );
    backoff.reset();
    assert.equal(backoff.next(), 100);
  });
  test('a batch is flushed once, an interval after its first item', async () => {
    const clock = createFakeClock();
    const batches: (readonly number[])[] = [];
    const batcher = createBatcher<number>({ clock, intervalMs: 100, flush: (items) => batches.push(items) });
    batcher.push([1]);
    await clock.advance(60);
    batcher.push([2, 3]);
    await clock.advance(39);
    assert.deepEqual(batches, []);
    await clock.advance(1);
    assert.deepEqual(batches, [[1, 2, 3]]);
  });
  test('durations', () => {
    assert.equal(parseDuration('1h30m'), 5_400_000);
    assert.equal(parseDuration('500ms'), 500);
    for (const wrong of ['', '5', 'm', '1h x', '-1s']) assert.equal(parseDuration(wrong), undefined, wrong);
  });
});

describe('collections', () => {
  test('a ring keeps the newest, oldest first', () => {
    const ring = new RingBuffer<number>(3);
    for (const item of [1, 2, 3, 4, 5]) ring.push(item);
    assert.deepEqual(ring.toArray(), [3, 4, 5]);
  });
  test('globs match as a shell does and never stall', () => {
    const matches = createGlobMatcher(['*prod*', 'lab-?']);
    for (const name of ['prod', 'eu-prod-1', 'lab-1']) assert.ok(matches(name), name);
    for (const name of ['pro', 'lab-', 'lab-12', '']) assert.ok(!matches(name), name);
    assert.ok(!createGlobMatcher([`${'*a'.repeat(50)}b`])('a'.repeat(5_000)));
  });
  test('a sum is of what is known, and not known where nothing is', () => {
    assert.equal(sumOf([1, undefined, 2]), 3);
    assert.equal(sumOf([0]), 0);
    assert.equal(sumOf([undefined]), undefined);
  });
});

test('an address of IPv6 and its port stay apart', () => {
  assert.equal(hostPort('10.0.0.7', 16_100), '10.0.0.7:16100');
  assert.equal(hostPort('fd00::7', 16_100), '[fd00::7]:16100');
});

test('a key of a ref is taken apart as it was put together', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      const ref = refOf('server', 'prod-eu', id);
      assert.deepEqual(refOfKey('server', refKey(ref)), ref);
    }),
  );
});
