import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReceiver } from '../../src/diagnosis/receiver-reading.ts';
import { l9sDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_700_000_000_000;
const INTERVAL_MS = 2_000;

const heap = (round: number, used: number, startedAt = START - 60_000): Uint8Array => {
  const at = START + round * INTERVAL_MS;
  return l9sDatagram({
    seq: 100 + round,
    at,
    upMs: at - startedAt,
    heap: { used },
    gc: [{ name: 'G1', count: used + round, timeMs: used + round }],
  });
};

const reading = async (harness: TelemetryHarness) => {
  await harness.counts();
  return readReceiver(harness.facts);
};

async function open(t: { after(task: () => Promise<void>): void }): Promise<TelemetryHarness> {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  return harness;
}

test('l9s/1: two servers of one id at one address are two rows, and neither has the other’s collections', async (t) => {
  const harness = await open(t);
  const one = await harness.socket();
  const two = await harness.socket();
  for (let round = 0; round < 6; round++) {
    await harness.send(one, heap(round, 1_000));
    await harness.send(two, heap(round, 900_000));
    harness.clock.advance(INTERVAL_MS);
  }
  harness.flush();
  const rows = [...harness.senders.values()].sort((a, b) => a.name.length - b.name.length);
  assert.deepEqual(
    rows.map(({ jvm }) => jvm?.heap?.usedBytes),
    [1_000, 900_000],
  );
  assert.equal(rows[0]?.name, 'shop-1/jvm');
  assert.match(rows[1]?.name ?? '', /^shop-1\/jvm:\d+$/);
  for (const row of rows) {
    assert.deepEqual([row.hostName, row.serverName], ['shop-1', 'jvm']);
    assert.ok((row.jvm?.gcTimePercent ?? 0) < 1, `${row.name}: ${row.jvm?.gcTimePercent}`);
    assert.equal(row.restarts, 0);
  }
  const troubles = (await reading(harness)).troubles.map(({ name, count }) => [name, count]);
  assert.deepEqual(troubles, [['namesakes', 1]]);
});

test('l9s/1: a server that sends each datagram from another port is one row', async (t) => {
  const harness = await open(t);
  for (let round = 0; round < 6; round++) {
    await harness.send(await harness.socket(), heap(round, 1_000 + round));
    harness.clock.advance(INTERVAL_MS);
  }
  harness.flush();
  assert.equal(harness.senders.size, 1);
  assert.equal(harness.sender('shop-1/jvm').jvm?.heap?.usedBytes, 1_005);
});

test('l9s/1: a server that starts anew on another port is the same row within two intervals', async (t) => {
  const harness = await open(t);
  const before = await harness.socket();
  for (let round = 0; round < 3; round++) {
    await harness.send(before, heap(round, 1_000));
    harness.clock.advance(INTERVAL_MS);
  }
  const after = await harness.socket();
  const restartedAt = START + 3 * INTERVAL_MS;
  for (let round = 4; round < 6; round++) {
    harness.clock.advance(INTERVAL_MS);
    await harness.send(after, heap(round, 5_000, restartedAt));
  }
  harness.flush();
  assert.equal(harness.senders.size, 1);
  const row = harness.sender('shop-1/jvm');
  assert.deepEqual([row.jvm?.heap?.usedBytes, row.restarts], [5_000, 1]);
  const { troubles } = await reading(harness);
  assert.deepEqual(troubles, [], 'no namesake, a restart');
});

test('l9s/1: an agent that starts anew beside the same JVM is no namesake of itself', async (t) => {
  const harness = await open(t);
  for (const rounds of [
    [0, 1, 2],
    [3, 4, 5],
  ]) {
    const agent = await harness.socket();
    for (const round of rounds) {
      await harness.send(agent, heap(round, 1_000 + round));
      harness.clock.advance(INTERVAL_MS);
    }
  }
  harness.flush();
  assert.deepEqual([harness.senders.size, harness.sender('shop-1/jvm').jvm?.heap?.usedBytes], [1, 1_005]);
  const { troubles, counts } = await reading(harness);
  assert.deepEqual(troubles, []);
  assert.deepEqual(
    counts.map(({ name, count }) => [name, count]),
    [['unclear', 1]],
  );
});
