import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Ref } from '../../src/domain/ref.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { type OpenedFleet, openFleet } from '../support/opened-fleet.ts';
import { probed, probeEntries } from '../support/probing.ts';

describe('a JVM page of servers that send nothing', () => {
  let fleet: OpenedFleet;
  before(async () => {
    fleet = await openFleet('triage');
  });
  after(() => fleet.close());
  /** Time in which whatever was still going on would show: another server is read so many times. */
  const whileReading = async (times: number, beside: readonly Ref<'server'>[] = []) => {
    const other = probed(fleet, 'prod-eu/shop');
    fleet.opened.probing.look([...beside, other.ref]);
    let at = 0;
    for (let count = 0; count <= times; count++) {
      const { jvm } = await other.until('its next reading', (reading) => (reading.jvm?.at ?? 0) > at);
      at = jvm?.at ?? 0;
    }
    fleet.opened.probing.look(beside);
  };

  test('reads what the JVM’s own model holds, and stops with the page', async () => {
    const { opened, fast } = fleet;
    const one = probed(fleet, 'prod-eu/lena-was');
    assert.equal(one.server().jvm?.source, 'manager');
    const model = fast.fleet.jvms.of(one.process().id) ?? assert.fail('no model');
    model.advance(Date.now());
    const first = model.read();
    opened.probing.look([one.ref]);
    const { jvm, way, pid, heartbeat } = await one.until(
      'a second reading, with what lay between',
      (reading) => reading.jvm?.gcInterval !== undefined && reading.jvm.cpu !== undefined,
    );
    model.advance(Date.now());
    const last = model.read();
    assert.deepEqual([way, pid, heartbeat.intervalMs, heartbeat.rejected], ['hsperfdata', 87, 2_000, 0]);
    assert.equal(jvm?.heap?.maxBytes, model.profile.heapMaxBytes);
    assert.equal(jvm?.heap?.committedBytes, model.profile.heapMaxBytes);
    assert.ok((jvm?.heap?.usedBytes ?? 0) > 0 && (jvm?.heap?.usedBytes ?? 0) < model.profile.heapMaxBytes);
    const isBetween = (value: number | undefined, from: number, to: number, what: string) =>
      assert.ok(value !== undefined && value >= from && value <= to, `${what}: ${from} ≤ ${value} ≤ ${to}`);
    const countOf = (name: string) => jvm?.collectors?.find((one) => one.name === name)?.count;
    isBetween(countOf('PS Scavenge'), first.gc.youngCount, last.gc.youngCount, 'young collections');
    isBetween(jvm?.fullGcs, first.gc.oldCount, last.gc.oldCount, 'full collections');
    assert.equal(jvm?.threads?.daemon, (jvm?.threads?.live ?? 0) - 9);
    assert.equal(jvm?.classes, last.classes);
    assert.deepEqual(jvm?.fds?.max, 65_536);
    isBetween(jvm?.fds?.open, 120, 600, 'descriptors');
    isBetween(jvm?.cpu?.process, 0, 1, 'CPU');
    assert.ok(Math.abs((jvm?.startedAt ?? 0) - model.startedAt) < 2_000);
    assert.deepEqual(
      jvm?.memoryPools?.map(({ name }) => name),
      ['PS Eden Space', 'PS Survivor Space', 'PS Old Gen', 'Metaspace', 'Compressed Class Space'],
    );
    assert.equal(one.server().jvm?.source, 'probe');
    assert.equal(one.server().health.level, 'ok');

    opened.probing.look([]);
    const entry = await waitFor('its record', () =>
      probeEntries(fleet).find(({ result }) => result === 'done'),
    );
    const commands = one.commands();
    assert.deepEqual(
      [entry.effect, entry.mode, entry.targets[0]?.kind, entry.actor.identities['prod-eu']],
      ['diagnose', 'triage', 'Pod', 'operator'],
    );
    assert.equal(entry.targets[0]?.after?.['commands'], commands.length);
    assert.ok(Number(entry.targets[0]?.after?.['reads']) >= 2);
    assert.ok(
      commands.every((command) => /^(ls -1|cat) \//.test(command)),
      commands.join('; '),
    );
    await whileReading(2);
    assert.equal(one.commands().length, commands.length, 'nothing is asked after the page was left');
    assert.equal(one.server().jvm?.source, 'probe', 'what was read stays for a while');
    assert.equal(probeEntries(fleet).length, 2);
  });

  test('a forced full collection shows with what it left', async () => {
    const { opened, fast } = fleet;
    const one = probed(fleet, 'prod-eu/cart-embedded');
    opened.probing.look([one.ref]);
    const { jvm: before } = await one.until('a reading', ({ jvm }) => jvm?.fullGcs !== undefined);
    fast.fleet.jvms.set(one.process().id, 'fullGcBurst', 60_000);
    const { jvm } = await one.until(
      'the full collection',
      (reading) => (reading.jvm?.fullGcs ?? 0) > (before?.fullGcs ?? 0),
    );
    fast.fleet.jvms.set(one.process().id, 'fullGcBurst', 0);
    const { lastFullGc, heap } = jvm ?? {};
    assert.ok((lastFullGc?.at ?? 0) > (before?.at ?? 0) - 2_000);
    assert.ok(
      (lastFullGc?.afterBytes ?? 0) > 0 && (lastFullGc?.afterBytes ?? 0) < (lastFullGc?.beforeBytes ?? 0),
    );
    assert.equal(heap?.afterGcBytes, lastFullGc?.afterBytes);
    assert.match(lastFullGc?.cause ?? '', /System\.gc\(\)|Ergonomics/);
    opened.probing.look([]);
  });

  test('a container that is killed while it is read is read again once it runs', async () => {
    const { opened, fast } = fleet;
    const one = probed(fleet, 'prod-eu/ledger');
    opened.probing.look([one.ref]);
    const { jvm: before } = await one.until('a reading', ({ jvm }) => jvm !== undefined);
    const [namespace = '', name = ''] = one.ref.id.split('/');
    fast.fleet.kube
      .get('prod-eu')
      ?.killContainer({ namespace, name }, { exitCode: 137, reason: 'OOMKilled' });
    const { jvm, failure } = await one.until(
      'the new JVM',
      (reading) => (reading.jvm?.startedAt ?? 0) > (before?.startedAt ?? 0) + 60_000,
    );
    assert.equal(failure, undefined);
    assert.equal(jvm?.fullGcs, 0, 'nothing of the former one is counted');
    opened.probing.look([]);
  });

  test('a pod that goes while it is read takes its reading with it', async () => {
    const { opened, fast } = fleet;
    const one = probed(fleet, 'prod-eu/pay-was');
    opened.probing.look([one.ref]);
    await one.until('a reading', ({ jvm }) => jvm !== undefined);
    const [namespace = '', name = ''] = one.ref.id.split('/');
    fast.fleet.kube.get('prod-eu')?.delete({ kind: 'Pod', namespace, name });
    await waitFor('the end of it', () => one.reading() === undefined);
    const count = one.commands().length;
    await whileReading(2, [one.ref]);
    assert.equal(one.commands().length, count);
    opened.probing.look([]);
  });

  test('a JVM without the file, and one we have no right to, say what to do', async () => {
    const { opened } = fleet;
    const without = probed(fleet, 'prod-eu/settlement');
    const denied = probed(fleet, 'lab/spike-tomcat');
    opened.probing.look([without.ref, denied.ref]);
    const missing = await without.until('why', ({ failure }) => failure !== undefined);
    assert.equal(missing.failure?.code, 'PERF_DATA_MISSING');
    assert.match(missing.failure?.message ?? '', /no hsperfdata file, and jstat (says|is not started)/);
    const refused = await denied.until('the refusal', ({ failure }) => failure !== undefined);
    assert.equal(refused.failure?.code, 'PERMISSION_DENIED');
    assert.match(refused.failure?.message ?? '', /pods\/exec/);
    assert.match(refused.failure?.hint ?? '', /`create` on `pods\/exec`/);
    const jstats = () => without.commands().filter((command) => command.startsWith('jstat')).length;
    const asked = [jstats(), denied.commands().length];
    await whileReading(2, [without.ref, denied.ref]);
    assert.deepEqual([jstats(), denied.commands().length], asked, 'it is not asked in a loop');
    opened.probing.look([]);
    await waitFor('their end', () => probeEntries(fleet).every(({ result }) => result !== 'running'));
    const ofBoth = probeEntries(fleet).filter(({ targets }) =>
      targets.some(({ ref }) => [without.ref.id, denied.ref.id].includes(ref.id)),
    );
    assert.deepEqual(
      ofBoth.map(({ result }) => result),
      ['failed', 'failed'],
    );
    await waitFor('nothing to show', () => without.reading() === undefined && denied.reading() === undefined);
  });

  test('several are read at once, and leaving ends and records all', async () => {
    const { opened } = fleet;
    const many = ['prod-eu/lena-was', 'prod-eu/shop', 'dr-eu/lena-was-standby'].map((one) =>
      probed(fleet, one),
    );
    opened.probing.look(many.map(({ ref }) => ref));
    for (const one of many) {
      const { ref } = one;
      await one.until(
        `a reading of ${ref.id}`,
        ({ jvm, failure }) => jvm !== undefined && failure === undefined,
      );
    }
    await fleet.leave();
    assert.ok(probeEntries(fleet).every(({ result }) => result === 'done' || result === 'failed'));
  });
});
