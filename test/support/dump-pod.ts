import type { TestContext } from 'node:test';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import type { ContainerQuirk } from '../../fixtures/fleet/kube/exec/container-quirk.ts';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { deployment, namespace } from '../../fixtures/fleet/world/manifests.ts';
import { createLookup } from '../../src/app/lookup.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { DumpKind, DumpWayId } from '../../src/domain/dump.ts';
import type { DumpAsk, DumpTarget, DumpWay } from '../../src/domain/dump-way.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { inLanguage, type Words } from '../../src/domain/text.ts';
import { createPodExecWays } from '../../src/sources/dumps/pod-exec/pod-exec-ways.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { startKube } from './fleet-kube.ts';
import { waitFor } from './fleet-wait.ts';
import { openRemote } from './kube-remote.ts';
import { inMode } from './modes.ts';
import { contextOf, instanceOf, putOf, storeOptionsOf } from './store-entities.ts';

const MIB = 1_048_576;
const users = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: READ_ONLY },
  {
    name: 'blind',
    rules: [
      { verbs: ['get', 'list', 'watch'], groups: ['', 'apps'], resources: ['pods'] },
      { verbs: ['get', 'create'], groups: [''], resources: ['pods/exec'] },
    ],
  },
];

export interface DumpPodOptions {
  /** @default 'admin' */
  readonly as?: 'admin' | 'viewer' | 'blind';
  /** @default 'normal' */
  readonly mode?: Mode;
  readonly quirk?: ContainerQuirk;
  /** @default 'tomcat:10' */
  readonly image?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly memory?: string;
  /** How long it has run. @default it has just begun */
  readonly ageMs?: number;
}

/** One server in a simulated pod, and the ways to its dumps through the real client. */
export async function startDumpPod(context: TestContext, options: DumpPodOptions = {}) {
  const { as = 'admin', mode = 'normal', quirk, image = 'tomcat:10', memory = '2Gi', ageMs } = options;
  const processes = new ProcessTable();
  const jvms = new JvmRegistry({ processes, clock: systemClock, seed: 7 });
  const kube = await startKube(
    context,
    {
      users,
      processes,
      jvmOf: ({ id }) => jvms.advance(id)?.read(),
      quirkOf: () => quirk,
      ageAtStartMs: ageMs,
    },
    (simulator) => {
      simulator.apply(namespace('pay'));
      simulator.apply(
        deployment({ namespace: 'pay', name: 'ledger', image, port: 8080, replicas: 1, memory }),
      );
    },
  );
  const { process } = await waitFor('its process', () => processes.all()[0]);
  context.after(() => jvms.close());
  const remote = await openRemote(context, {
    server: kube.simulator.url,
    cluster: { 'certificate-authority-data': Buffer.from(kube.simulator.caPem).toString('base64') },
    user: { token: kube.simulator.credentials(as).token },
    mode: inMode(mode),
  });
  const instance = instanceOf(process.hostName, {
    context: 'dev',
    namespace: 'pay',
    containers: [{ name: 'ledger', image, state: 'running' }],
    environment: Object.entries(options.environment ?? {}).map(([name, value]) => ({
      name,
      value,
      origin: { kind: 'literal' },
    })),
  });
  const store = createConsoleStore(storeOptionsOf([contextOf('dev')]));
  store.apply([putOf('instance', instance)]);
  const [server] = [...createLookup(store, []).all('server')];
  if (server === undefined) throw new Error('no server');
  const target: DumpTarget = { server, instance };
  const ways = createPodExecWays({ kube: async () => remote, clock: systemClock });
  const way = (id: DumpWayId): DumpWay => {
    const found = ways.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no way ${id}`);
    return found;
  };
  return {
    kube,
    pod: { namespace: 'pay', name: process.hostName },
    target,
    way,
    offer: (kind: DumpKind, id: DumpWayId = 'pod-exec') =>
      way(id).offer(target, askOf(kind), AbortSignal.timeout(20_000)),
    /** Takes one; what was written and told comes back with how it ended. */
    async take(kind: DumpKind, more: Partial<DumpAsk> & { readonly onWrite?: () => void } = {}) {
      const { onWrite = () => undefined, ...ask } = more;
      const taking = createTaking(onWrite);
      const taken = await way('pod-exec').take(target, { ...askOf(kind), ...ask }, taking);
      return { taken, bytes: taking.bytes(), reports: taking.reports };
    },
  };
}

const askOf = (kind: DumpKind): DumpAsk => ({ kind, maxBytes: 64 * MIB, timeoutMs: 60_000 });

/** Keeps what is written. */
export function createTaking(onWrite: () => void = () => undefined, signal = AbortSignal.timeout(60_000)) {
  const chunks: Uint8Array[] = [];
  const reports: string[] = [];
  return {
    async write(bytes: Uint8Array) {
      chunks.push(Buffer.from(bytes));
      onWrite();
    },
    report: (words: Words) => {
      reports.push(inLanguage(words, 'en'));
    },
    signal,
    reports,
    bytes: () => Buffer.concat(chunks),
  };
}
