import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_PERF_DATA_BYTES, readPerfData } from '../../src/wire/hsperfdata/read-perf-data.ts';
import { perfFileOf, SERIAL_17 } from '../support/jvm-perf-data.ts';

const accepted = (bytes: Uint8Array) => {
  const data = readPerfData(bytes);
  assert.equal(data.kind, 'perf-data', data.kind === 'reject' ? data.reason : '');
  return data.kind === 'perf-data' ? data : assert.fail();
};
const refused = (bytes: Uint8Array) => {
  const data = readPerfData(bytes);
  return data.kind === 'reject' ? data : assert.fail('it was read');
};

describe('hsperfdata', () => {
  for (const isBigEndian of [false, true]) {
    test(`is read as written, ${isBigEndian ? 'big' : 'little'} endian`, () => {
      const values = { large: 2 ** 40 + 3, negative: -5, zero: 0, text: 'G1 Evacuation Pause', empty: '' };
      const data = accepted(perfFileOf(values, { isBigEndian, overflowBytes: 48, modifiedTicks: 7 }));
      assert.deepEqual({ ...Object.fromEntries(data.numbers), ...Object.fromEntries(data.texts) }, values);
      assert.equal(data.overflowBytes, 48);
      assert.equal(data.modifiedTicks, 7);
    });
  }
  test('with room behind its last counter is read', () => {
    assert.equal(accepted(perfFileOf({ a: 1 }, { fileBytes: 32_768 })).numbers.get('a'), 1);
  });
  test('cut at every length is refused', () => {
    const whole = perfFileOf(SERIAL_17);
    accepted(whole);
    for (let length = 0; length < whole.length; length++) refused(whole.subarray(0, length));
  });
  test('that a JVM is still writing is told from one that is broken', () => {
    assert.equal(refused(new Uint8Array(0)).beingWritten, true);
    assert.equal(refused(new Uint8Array(32_768)).beingWritten, true);
    assert.equal(refused(perfFileOf(SERIAL_17, { isAccessible: false })).beingWritten, true);
    assert.equal(refused(Buffer.from('#!/bin/sh\n'.repeat(20))).beingWritten, undefined);
  });
  test('of an unknown version, byte order or size is refused', () => {
    const version = perfFileOf({ a: 1 });
    version[5] = 3;
    assert.match(refused(version).reason, /version/);
    const order = perfFileOf({ a: 1 });
    order[4] = 2;
    assert.match(refused(order).reason, /byte order/);
    assert.match(refused(Buffer.alloc(MAX_PERF_DATA_BYTES + 1)).reason, /1 MiB/);
  });
  test('with impossible lengths and offsets is refused, and ends', () => {
    const ENTRY = 32;
    for (const [at, values] of [
      [8, [1_000_000, -1]],
      [24, [0, -8, 1_000_000]],
      [28, [-1, 100_000, 2_000_000_000]],
      [ENTRY, [0, -24, 19, 1_000_000]],
      [ENTRY + 4, [0, -4, 1_000_000]],
      [ENTRY + 16, [-8, 0, 4, 1_000_000]],
    ] as const) {
      for (const value of values) {
        const bytes = perfFileOf({ number: 1, text: 'text' });
        bytes.writeInt32LE(value, at);
        refused(bytes);
      }
    }
    const vector = perfFileOf({ text: 'text' });
    vector.writeInt32LE(2_000_000_000, ENTRY + 8);
    refused(vector);
  });
  test('of 20,000 mutations none throws', () => {
    const whole = perfFileOf(SERIAL_17);
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    let read = 0;
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(whole);
      for (let flips = 1 + random(4); flips > 0; flips--) bytes[random(bytes.length)] = random(256);
      if (readPerfData(bytes).kind === 'perf-data') read++;
    }
    assert.ok(read > 0);
  });
  test('bounds a text and a name, and keeps the names it shares with objects apart', () => {
    const data = accepted(perfFileOf({ text: 'x'.repeat(20_000), ['n'.repeat(600)]: 1, constructor: 2 }));
    assert.equal(data.texts.get('text')?.length, 8_192);
    assert.equal(data.numbers.get('n'.repeat(256)), 1);
    assert.equal(data.numbers.get('constructor'), 2);
  });
});
