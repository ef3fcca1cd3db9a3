import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import type { ContainerQuirk } from '../../fixtures/fleet/kube/exec/container-quirk.ts';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { deployment, namespace } from '../../fixtures/fleet/world/manifests.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { ProbeReading } from '../../src/domain/probe-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createJstatSlot } from '../../src/sources/telemetry/probe/jstat-run.ts';
import { createJvmProbe } from '../../src/sources/telemetry/probe/jvm-probe.ts';
import { startKube } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { openRemote } from '../support/kube-remote.ts';

type Version = '1.36.2' | '1.20.2';
const exec = (verbs: readonly string[]) => [...READ_ONLY, { verbs, groups: [''], resources: ['pods/exec'] }];
const users = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'getter', rules: exec(['get']) },
  { name: 'operator', rules: exec(['get', 'create']) },
];

/** One Tomcat in a pod of 2 GiB, and a probe that reads it through the real client. */
async function start(
  context: TestContext,
  { quirk, version, as = 'operator' }: { quirk?: ContainerQuirk; version?: Version; as?: string } = {},
) {
  const processes = new ProcessTable();
  const jvms = new JvmRegistry({ processes, clock: systemClock, seed: 7 });
  const kube = await startKube(
    context,
    {
      users,
      processes,
      jvmOf: ({ id }) => jvms.advance(id)?.read(),
      quirkOf: () => quirk,
      ...(version === undefined ? {} : { version }),
    },
    (simulator) => {
      simulator.apply(namespace('pay'));
      simulator.apply(
        deployment({
          namespace: 'pay',
          name: 'ledger',
          image: 'tomcat:10',
          port: 8080,
          replicas: 1,
          memory: '2Gi',
        }),
      );
    },
  );
  const { process } = await waitFor('its process', () => processes.all()[0]);
  const remote = await openRemote(context, {
    server: kube.simulator.url,
    cluster: { 'certificate-authority-data': Buffer.from(kube.simulator.caPem).toString('base64') },
    user: { token: kube.simulator.credentials(as).token },
  });
  const pod = { namespace: 'pay', name: process.hostName };
  const place = { namespace: 'pay', pod: process.hostName, container: 'ledger' };
  const readings: ProbeReading[] = [];
  const leaving = new AbortController();
  const probe = createJvmProbe({
    ref: refOf('probe', 'dev', `pay/${process.hostName}`),
    name: `pay/${process.hostName} (ledger)`,
    run: (argv, limits, signal) => remote.exec({ ...place, argv, ...limits }, signal),
    stream: (argv, onBytes, signal) => remote.stream({ ...place, argv }, onBytes, signal),
    cpuLimit: undefined,
    jstat: createJstatSlot(),
    clock: systemClock,
    intervalMs: () => 500,
  });
  const done = probe.run((reading) => readings.push(reading), leaving.signal);
  context.after(async () => {
    leaving.abort();
    await done;
    jvms.close();
  });
  return {
    kube,
    pod,
    model: jvms.of(process.id) ?? assert.fail('no model'),
    stop: async () => {
      leaving.abort();
      await done;
    },
    until: (what: string, fits: (reading: ProbeReading) => boolean) =>
      waitFor(what, () => readings.findLast(fits), 12_000),
  };
}
const failed = ({ failure }: ProbeReading) => failure !== undefined;

describe('a probe through the API server', () => {
  for (const version of ['1.36.2', '1.20.2'] as const) {
    test(`reads the file as the JVM wrote it, byte for byte (${version})`, async (context) => {
      const { until, model } = await start(context, {
        version,
        ...(version === '1.20.2' ? { as: 'admin' } : {}),
      });
      const { jvm } = await until('figures', (reading) => reading.jvm !== undefined);
      assert.equal(jvm?.heap?.maxBytes, Math.floor(model.profile.heapMaxBytes / 1_048_576) * 1_048_576);
      assert.equal(jvm?.classes, model.read().classes);
      assert.deepEqual(
        jvm?.collectors?.map(({ name }) => name),
        ['G1 Young Generation', 'G1 Old Generation', 'G1 Concurrent GC'],
      );
    });
    test(`says that a container has no cat (${version})`, async (context) => {
      const { until } = await start(context, { quirk: 'noCat', version, as: 'admin' });
      const { failure } = await until('why', failed);
      assert.equal(failure?.code, 'ACTION_IMPOSSIBLE', failure?.message);
      assert.match(failure?.message ?? '', /has no `cat`/);
    });
  }

  test('needs both rights where the server asks for both', async (context) => {
    const { until } = await start(context, { as: 'getter' });
    const { failure } = await until('the refusal', failed);
    assert.equal(failure?.code, 'PERMISSION_DENIED');
    assert.match(failure?.message ?? '', /cannot create resource "pods\/exec"/);
  });

  test('reads by jstat where the file is elsewhere, for as long as somebody looks', async (context) => {
    const { until, kube, model, stop } = await start(context, { quirk: 'perfDataElsewhere' });
    const { jvm, way } = await until('figures', (reading) => reading.jvm !== undefined);
    const { gc, metaspace } = model.read();
    assert.equal(way, 'jstat');
    assert.equal(jvm?.fullGcs, gc.oldCount);
    const shown = jvm?.memoryPools?.find(({ name }) => name === 'Metaspace')?.committedBytes ?? 0;
    assert.ok(Math.abs(shown - metaspace.committed) < 1_000_000);
    assert.equal(kube.simulator.openCommands, 1);
    await stop();
    await waitFor('the end of jstat', () => kube.simulator.openCommands === 0);
  });

  test('says that another user may not read it', async (context) => {
    const { until } = await start(context, { quirk: 'perfDataDenied' });
    const { failure } = await until('why', failed);
    assert.equal(failure?.code, 'PERF_DATA_DENIED', failure?.message);
  });

  for (const how of ['reset', 'close'] as const)
    test(`goes on after a connection that ended in the middle of the file (${how})`, async (context) => {
      const { until, kube, pod } = await start(context);
      const { jvm: before } = await until('figures', (reading) => reading.jvm !== undefined);
      kube.simulator.setExecFault(pod, { kind: 'cut', afterBytes: 1_000, how });
      const { failure, jvm } = await until('the break', failed);
      assert.equal(failure?.code, 'CONNECTION_LOST', failure?.message);
      assert.ok(jvm !== undefined, 'what was read stays');
      kube.simulator.setExecFault(pod, undefined);
      const next = await until(
        'the next figures',
        (reading) => reading.failure === undefined && (reading.jvm?.at ?? 0) > (jvm.at ?? 0),
      );
      assert.equal(next.restarts, 0);
      assert.ok((next.jvm?.at ?? 0) > (before?.at ?? 0));
    });

  test('ends at once where a command hangs', async (context) => {
    const { until, kube, pod, stop } = await start(context);
    await until('figures', (reading) => reading.jvm !== undefined);
    kube.simulator.setExecFault(pod, { kind: 'hang' });
    await waitFor('a command that hangs', () => kube.simulator.openCommands > 0);
    await stop();
    await waitFor('its end', () => kube.simulator.openCommands === 0);
  });
});
