import type { TestContext } from 'node:test';
import type { EcsSimulatorOptions } from '../../fixtures/fleet/ecs/ecs-simulator.ts';
import type { EcsExecFault } from '../../fixtures/fleet/ecs/exec/exec-fault.ts';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import type { EcsSimulator, EcsTaskDefinition } from '../../fixtures/fleet/simulator.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsRemote } from '../../src/sources/ecs/ecs-remote.ts';
import { startEcs, WAS_DEFINITION } from './fleet-ecs.ts';
import { inMode } from './modes.ts';

export const CONTAINER = 'lena-was';
export const SIGNAL = AbortSignal.timeout(60_000);
export const SESSION_HOME = '/usr/local/lena/servers/sessionServer';

const sessionDefinition = (number: number): EcsTaskDefinition => ({
  family: `lena-session-${number}`,
  cpu: '512',
  memoryMiB: 1_024,
  containers: [
    {
      name: 'lena-session',
      image: 'lenacloud/lena-session:1.3.2.10',
      port: 5180,
      environment: {
        LENA_SERVER_TYPE: 'session',
        LENA_SESSION_0_ADDRESS: 'lena-session-1.local:5180',
        LENA_SESSION_1_ADDRESS: 'lena-session-2.local:5180',
      },
    },
  ],
});

const withVariables = (variables: Readonly<Record<string, string>> = {}): EcsTaskDefinition => ({
  ...WAS_DEFINITION,
  containers: WAS_DEFINITION.containers.map((container) => ({
    ...container,
    environment: { ...container.environment, ...variables },
  })),
});

export interface ExecSetupOptions extends Partial<EcsSimulatorOptions> {
  readonly in?: Mode;
  readonly enableExecuteCommand?: boolean;
  /** What the server’s container is given besides. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How its client reaches it; @default directly */
  readonly reach?: (own: EcsSimulator) => Promise<{
    readonly endpoint?: string;
    readonly environment?: Readonly<Record<string, string>>;
  }>;
}

/** A WAS task that runs (and a session pair where asked for), and a remote of its region. */
export async function startExec(context: TestContext, options: ExecSetupOptions = {}) {
  const { in: mode, enableExecuteCommand = true, variables, reach, ...simulated } = options;
  const registry: { jvms?: JvmRegistry } = {};
  const setup = await startEcs({
    jvmOf: ({ id }) => registry.jvms?.advance(id)?.read(),
    mirrorMs: 50,
    ...simulated,
  });
  context.after(setup.close);
  const jvms = new JvmRegistry({ processes: setup.processes, clock: systemClock, seed: 7 });
  registry.jvms = jvms;
  context.after(() => jvms.close());
  const { simulator } = setup;
  const runningSince = Date.now() - 72 * 3_600_000;
  simulator.createService({
    cluster: 'prod',
    name: 'lena-was',
    taskDefinition: simulator.registerTaskDefinition(withVariables(variables)),
    desiredCount: 1,
    runningSince,
    enableExecuteCommand,
  });
  const { endpoint = simulator.endpoint, environment = {} } = (await reach?.(simulator)) ?? {};
  const connection = {
    context: 'seoul',
    region: simulator.region,
    endpoint,
    clock: systemClock,
    random: () => 0.5,
    environment: {
      AWS_ACCESS_KEY_ID: simulator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.secretAccessKey,
      ...environment,
    },
    mode: inMode(mode),
    timeoutMs: 5_000,
  };
  const remote = await createEcsRemote({ ...connection, budgets: new EcsBudgets() });
  context.after(() => remote.close());
  const [view] = simulator.tasks('prod');
  const task = view?.taskId ?? '';
  return {
    simulator,
    remote,
    connection,
    task,
    processes: setup.processes,
    jvms,
    place: { cluster: 'prod', task, container: CONTAINER },
    fault: (fault: EcsExecFault | undefined) => simulator.setExecFault(task, fault),
    run: (
      argv: readonly string[],
      limits: { timeoutMs?: number; maxBytes?: number; signal?: AbortSignal } = {},
    ) =>
      remote.exec(
        {
          cluster: 'prod',
          task,
          container: CONTAINER,
          argv,
          timeoutMs: limits.timeoutMs ?? 10_000,
          maxBytes: limits.maxBytes ?? 1_000_000,
        },
        limits.signal ?? SIGNAL,
      ),
    /** Both of a session pair, running since three days and some minutes. */
    startPair() {
      return [1, 2].map((number) => {
        simulator.registerTaskDefinition(sessionDefinition(number));
        const name = `lena-session-${number}`;
        simulator.createService({
          cluster: 'prod',
          name,
          taskDefinition: `${name}:1`,
          desiredCount: 1,
          runningSince: runningSince - number * 60_000,
          enableExecuteCommand,
        });
        const found = simulator.tasks('prod').find(({ service }) => service === name);
        if (found === undefined) throw new Error(`There is no task of ${name}.`);
        return found;
      });
    },
  };
}
