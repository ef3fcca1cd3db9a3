import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitFor } from '../support/fleet-wait.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';
import { probed, probeEntries } from '../support/probing.ts';

describe('m on a server that sends nothing', () => {
  const triage = gateOnFleet('triage');

  test('reads its JVM while the page is there, in triage too', async () => {
    const app = triage.app();
    const one = probed(triage.fleet(), 'dr-eu/lena-was-standby');
    await app.rows('servers', 'lena-was-standby');
    assert.deepEqual(one.commands(), [], 'a row that is only listed is left alone');
    await app.press('m');
    await app.shows(/Heap +[\d.]+ .iB of 1 GiB/);
    await app.shows(/probe, live/);
    await app.shows(/CPU [\d.]+%/);
    await app.press('<esc>');
    await app.clock.advance(1_000);
    const [entry, ...more] = await waitFor('its record', () => {
      const entries = probeEntries(triage.fleet());
      return entries.every(({ result }) => result !== 'running') && entries;
    });
    assert.deepEqual([entry?.result, more], ['done', []]);
    assert.match(await app.audit('probe'), /Read the JVM of lena-was-standby-\S+ through pod exec/);
  });

  test('says what keeps it from being read, and what to do', async () => {
    const app = triage.app();
    await app.rows('servers', 'settlement');
    await app.press('m');
    await app.shows(/PERF_DATA_MISSING: .*no hsperfdata file/);
  });
});

describe('m on a server that sends nothing, read-only', () => {
  const readonly = gateOnFleet('readonly');

  test('says that the mode refuses it, and sends nothing', async () => {
    const app = readonly.app();
    const one = probed(readonly.fleet(), 'dr-eu/lena-was-standby');
    await app.rows('servers', 'lena-was-standby');
    await app.press('m');
    await app.shows(/MODE_REFUSED: Read the JVM is refused in dr-eu: the mode is READ-ONLY/);
    assert.deepEqual(one.commands(), []);
    assert.deepEqual(probeEntries(readonly.fleet()), []);
  });
});
