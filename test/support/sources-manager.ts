import {
  createManagerSimulator,
  type ManagerSimulatorOptions,
} from '../../fixtures/fleet/manager/manager-simulator.ts';
import { type FleetProcess, ProcessTable } from '../../fixtures/fleet/process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import { createManagerSource, type ManagerSourceOptions } from '../../src/sources/manager/manager-source.ts';

export const wasProcess = (name: string): FleetProcess => ({
  id: name,
  context: 'prod',
  type: 'was',
  hostName: name,
  serverName: name,
  address: '10.1.2.3',
  port: 8180,
  image: 'lenacloud/lena-cluster:1',
  environment: {},
  startedAt: Date.now(),
  isContainer: true,
});

/** A Manager that lists two WAS containers, a VM WAS and knows the service cluster `shop`. */
export async function startManager(options: Partial<ManagerSimulatorOptions> = {}) {
  const processes = new ProcessTable();
  const simulator = createManagerSimulator({
    name: 'mgr',
    processes,
    serves: ['prod'],
    registrationDelayMs: 20,
    deregistrationDelayMs: 20,
    meterOf: () => ({ heapUsed: 5, heapMax: 10, threadActive: 3, threadMax: 200, gcCount: 7, gcTime: 80 }),
    licences: [{ serverType: 'was', total: 10, startsAt: 0, endsAt: Date.UTC(2030, 0, 1) }],
    ...options,
  });
  await simulator.listen();
  simulator.setServiceCluster({ name: 'shop', revisions: ['1', '2', '3'], default: '2' });
  simulator.addVmServer({
    serverId: 'vmwas',
    type: 'was',
    node: 'node1',
    system: 'system1',
    address: '10.9.9.9',
    port: 8180,
    isStarted: true,
  });
  for (const name of ['was-1', 'was-2']) {
    processes.start(wasProcess(name));
    processes.setPhase(name, 'ready');
  }
  return { simulator, processes };
}

export function managerSource(
  { urls, key }: { readonly urls: readonly string[]; readonly key: string | undefined },
  options: Partial<ManagerSourceOptions> = {},
) {
  return createManagerSource({
    context: 'mgr',
    urls,
    basePath: 'auto',
    key: async () => (key === undefined ? undefined : new Secret(key)),
    serves: ['prod'],
    clock: systemClock,
    mode: () => ({ mode: 'normal', origin: 'the test' }),
    random: Math.random,
    serviceClusters: () => ['shop'],
    isLookedAt: () => true,
    timeoutMs: 1_500,
    pauses: { lookedAtMs: 60, otherwiseMs: 120, templateMs: 200, templateOtherwiseMs: 400 },
    ...options,
  });
}
