import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { waitFor } from '../support/fleet-wait.ts';
import { type OpenedFleet, openFleet } from '../support/opened-fleet.ts';
import { probed, probeEntries } from '../support/probing.ts';

/** Adds to the configuration of a simulated fleet. */
function configure(
  configPath: string,
  more: { readonly telemetry?: object; readonly policy?: object },
): void {
  const config: { readonly telemetry: object; readonly policy: object } = parse(
    readFileSync(configPath, 'utf8'),
  );
  writeFileSync(
    configPath,
    stringify({
      ...config,
      telemetry: { ...config.telemetry, ...more.telemetry },
      policy: { ...config.policy, ...more.policy },
    }),
  );
}

describe('in read-only mode', () => {
  let fleet: OpenedFleet;
  before(async () => {
    fleet = await openFleet('readonly', (_, configPath) =>
      configure(configPath, { telemetry: { probe: [{ contexts: ['prod-eu'] }] } }),
    );
  });
  after(() => fleet.close());

  test('a page says why its JVM is not read, and nothing leaves', async () => {
    const { opened } = fleet;
    const one = probed(fleet, 'prod-eu/lena-was');
    opened.probing.startRules();
    await opened.probing.settled(5_000, AbortSignal.timeout(5_000));
    opened.probing.look([one.ref]);
    const { failure, jvm } = await one.until('the refusal', (reading) => reading.failure !== undefined);
    assert.deepEqual([failure?.code, jvm], ['MODE_REFUSED', undefined]);
    assert.match(failure?.message ?? '', /Read the JVM is refused in prod-eu: the mode is READ-ONLY/);
    assert.equal(one.server().jvm?.source, 'manager');
    const sent = [...fleet.fast.fleet.kube.values()].flatMap(({ requests }) => requests);
    assert.ok(sent.length > 0);
    assert.deepEqual(
      sent.filter(({ path }) => path.includes('/exec')),
      [],
    );
    assert.deepEqual(probeEntries(fleet), [], 'looking is no order, so that its refusal is no record');
  });
});

describe('rules', () => {
  let fleet: OpenedFleet;
  before(async () => {
    fleet = await openFleet('normal', (_, configPath) =>
      configure(configPath, {
        telemetry: { probe: [{ contexts: ['prod-*'], names: ['shop-*', 'ledger-*'] }] },
        policy: {
          rules: [
            { actions: ['probe'], namespaces: ['pay'], confirm: 'deny', reason: 'payment data' },
            { actions: ['probe'], contexts: ['dr-*'], confirm: 'confirm' },
          ],
        },
      }),
    );
  });
  after(() => fleet.close());

  test('of the configuration name servers that are read all the while, slower', async () => {
    const { opened } = fleet;
    const one = probed(fleet, 'prod-eu/shop');
    const other = probed(fleet, 'prod-eu/cart-embedded');
    opened.probing.startRules();
    await opened.probing.settled(8_000, AbortSignal.timeout(8_000));
    const { jvm, heartbeat } = one.reading() ?? assert.fail('nothing was read by rule');
    assert.ok(jvm !== undefined);
    assert.equal(heartbeat.intervalMs, 15_000);
    assert.equal(other.reading(), undefined);
    // Looked at, the same reading goes on at the page's pace.
    opened.probing.look([one.ref]);
    await one.until('the next reading', (reading) => reading.heartbeat.intervalMs === 2_000);
    opened.probing.look([]);
    await one.until('the slow pace', (reading) => reading.heartbeat.intervalMs === 15_000);
    const entries = probeEntries(fleet).filter(({ targets }) => targets[0]?.ref.id === one.ref.id);
    assert.deepEqual(
      entries.map(({ result, plan }) => [result, plan?.input['occasion']]),
      [['running', 'rule']],
    );
  });

  test('of policy refuse, and one that would ask refuses too', async () => {
    const { opened } = fleet;
    const denied = probed(fleet, 'prod-eu/ledger');
    const asking = probed(fleet, 'dr-eu/lena-was-standby');
    opened.probing.look([denied.ref, asking.ref]);
    const first = await denied.until('the refusal', ({ failure }) => failure !== undefined);
    assert.equal(first.failure?.code, 'POLICY_REFUSED');
    assert.match(first.failure?.message ?? '', /denied by a rule of .*: payment data/);
    const second = await asking.until('the refusal', ({ failure }) => failure !== undefined);
    assert.equal(second.failure?.code, 'POLICY_REFUSED');
    assert.match(second.failure?.message ?? '', /asks the operator first, and a probe begins by itself/);
    assert.deepEqual([denied.commands(), asking.commands()], [[], []]);
    opened.probing.look([]);
  });

  test('datagrams that come end the probe', async () => {
    const { opened, fast } = fleet;
    const one = probed(fleet, 'prod-eu/shop');
    const udp = [...opened.store.state.getState().tables.context.rows.values()].find(
      ({ kind }) => kind === 'udp',
    );
    const port = Number(/(\d+)$/.exec(udp?.facts.target ?? '')?.[1]);
    assert.ok(port > 0, udp?.facts.target);
    fast.fleet.sendTo('127.0.0.1', port);
    const entry = await waitFor('the end of its record', () =>
      probeEntries(fleet).find(
        ({ targets, result }) => targets[0]?.ref.id === one.ref.id && result === 'done',
      ),
    );
    assert.ok(Number(entry.targets[0]?.after?.['reads']) >= 1);
    await waitFor('its own figures', () => one.server().jvm?.source === 'lena');
    // What it does not send is there as it was read last.
    assert.ok((one.server().jvm?.memoryPools?.length ?? 0) > 0);
  });
});
