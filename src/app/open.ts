import type { DialInPatience } from '../actions/tools.ts';
import { checkRules } from '../config/check-rules.ts';
import type { Flags } from '../config/flags.ts';
import { demoStateDirectory, expandHome, userPaths } from '../config/paths.ts';
import { configFileOf } from '../config/read-config.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import { systemClock } from '../core/clock.ts';
import { createConsoleStore } from '../store/console-store.ts';
import type { ConsoleStore, ContextSettings } from '../store/state.ts';
import { type ComposedActing, composeActing } from './acting.ts';
import { type DemoFleet, type FleetSize, startDemoFleet } from './demo-fleet.ts';
import { composeDumpChannel } from './dump-channel.ts';
import { type ComposedDumps, composeDumps } from './dumps.ts';
import type { Log } from './log-file.ts';
import { planSources } from './plan-sources.ts';
import { createProbing, type Probing } from './probing.ts';
import { consoleRelay } from './relay-options.ts';
import { RULE_WORDS } from './rule-words.ts';
import { createRuntime, type Runtime } from './runtime.ts';

export interface OpenOptions {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Size of the simulated fleet to run on; absent for the configured targets. */
  readonly demo?: FleetSize | undefined;
  /** The simulated fleet where nothing is configured. */
  readonly isDemoIfEmpty?: boolean | undefined;
  /** Somebody watches a screen all the while. */
  readonly isLookedAt: boolean;
  /** The fleet's program file. */
  readonly fleetProgram: string;
  /** File of the program that receives datagrams on a thread of its own. @default received on this thread */
  readonly receiverProgram?: string | undefined;
  /** File of the program that reads dumps on a thread of its own. @default what they show is not told */
  readonly analysisProgram?: string | undefined;
  /** With servers that have not dialled in yet. @default none: they are not waited for */
  readonly patience?: DialInPatience | undefined;
  readonly log: Log;
  /** Of l9s. @default unknown */
  readonly version?: string | undefined;
  readonly signal: AbortSignal;
}

/** Everything composed and ready to start: settings, store, sources, and the simulated fleet where asked for. */
export interface Opened {
  readonly settings: Settings;
  readonly store: ConsoleStore;
  readonly runtime: Runtime;
  readonly acting: ComposedActing;
  /** Reads JVMs from outside, for who looks at them or by rule. */
  readonly probing: Probing;
  /** Takes, keeps and reads dumps. */
  readonly dumps: ComposedDumps;
  readonly isDemo: boolean;
  /** Where what outlives this run is kept: audit, dumps, saved tables; of the simulated fleet a place of its own. */
  readonly stateDirectory: string;
  /** What `-n` narrows everything shown to. */
  readonly namespaces: readonly string[] | undefined;
  close(): Promise<void>;
}

export async function open(options: OpenOptions): Promise<Opened> {
  const { settings, fleet, environment } = await settle(options);
  checkRules(settings.policy.rules, RULE_WORDS);
  const store = createConsoleStore({
    contexts: contextsOf(settings),
    rules: settings.config.servers.rules,
    identity: settings.config.servers.identity,
    health: settings.config.health,
    now: systemClock.now(),
  });
  const dumpChannel = composeDumpChannel({
    isOn: settings.config.telemetry.tcp,
    port: settings.telemetry?.port,
    agentKeyFile: expanded(settings.config.telemetry.agentKey, options.home),
    modeOf: (context) => acting.modeOf(context),
    local: fleet === undefined ? consoleRelay({ environment, program: '', stock: undefined }) : undefined,
    clock: systemClock,
  });
  const plans = planSources({
    settings,
    environment,
    store,
    clock: systemClock,
    isLookedAt: options.isLookedAt,
    isDemo: fleet !== undefined,
    version: options.version ?? 'unknown',
    receiverProgram: options.receiverProgram,
    companion: dumpChannel.companion,
    onReceiverBound: ({ host, port }) => fleet?.sendTo(host, port),
  });
  const runtime = createRuntime({
    store,
    plans,
    clock: systemClock,
    refreshMs: settings.config.ui.refreshMs,
    log: options.log,
  });
  const ownState = userPaths(options.home).stateDirectory;
  const stateDirectory = fleet === undefined ? ownState : demoStateDirectory(ownState);
  const dumps = composeDumps({
    settings,
    stateDirectory,
    store,
    channelWays: dumpChannel.ways,
    analysisProgram: options.analysisProgram,
    patience: options.patience,
    clock: systemClock,
    log: options.log,
  });
  const acting = composeActing({
    settings,
    environment,
    stateDirectory,
    dumps,
    store,
    clock: systemClock,
    log: options.log,
  });
  const probing = createProbing({
    store,
    gate: acting.probes,
    lookup: acting.lookup,
    rules: settings.config.telemetry.probe,
    clock: systemClock,
  });
  return {
    settings,
    store,
    runtime,
    acting,
    probing,
    dumps,
    isDemo: fleet !== undefined,
    stateDirectory,
    namespaces: options.flags.namespaces,
    async close() {
      // First what is on its way is ended and written down; the sources only show.
      await probing.close();
      await acting.close();
      await dumps.close();
      await runtime.stop();
      fleet?.close();
    },
  };
}

const expanded = (file: string | undefined, home: string): string | undefined =>
  file === undefined ? undefined : expandHome(file, home);

interface Ground {
  readonly settings: Settings;
  readonly fleet: DemoFleet | undefined;
  readonly environment: OpenOptions['environment'];
}

/** The user's settings; the fleet's own configuration instead where the demo is asked for or nothing is there. */
async function settle(options: OpenOptions): Promise<Ground> {
  const { flags, environment, home } = options;
  const paths = userPaths(home);
  const places = { flags, environment, paths, home };
  if (options.demo === undefined) {
    const settings = loadSettings(places);
    const isEmpty =
      settings.targets.length === 0 && settings.telemetry === undefined && settings.attach.length === 0;
    if (!isEmpty || options.isDemoIfEmpty !== true) return { settings, fleet: undefined, environment };
  }
  const fleet = await startDemoFleet({
    size: options.demo ?? 'small',
    program: options.fleetProgram,
    signal: options.signal,
  });
  const { kubeconfig: _kubeconfig, allContexts: _all, ...rest } = flags;
  const demoFlags: Flags = { ...rest, config: fleet.configPath };
  const demoEnvironment = { ...environment, ...fleet.environment };
  // The AWS SDK finds its shared files through the process's own environment only.
  Object.assign(process.env, fleet.environment);
  // A configuration that is named can be tried here with its own policy; its targets are left alone.
  const isConfigGiven = configFileOf(places).isGiven;
  const settings = loadSettings(
    { ...places, flags: demoFlags, environment: demoEnvironment },
    isConfigGiven ? places : undefined,
  );
  return { settings, fleet, environment: demoEnvironment };
}

function contextsOf(settings: Settings): readonly ContextSettings[] {
  const contexts: ContextSettings[] = settings.targets.map((target) => ({
    name: target.name,
    kind: target.kind,
    isProtected: target.isProtected,
    network: target.network,
    serves: target.kind === 'manager' ? target.serves : [],
  }));
  if (settings.telemetry !== undefined) {
    contexts.push({ name: 'udp', kind: 'udp', isProtected: false, network: 'udp', serves: [] });
  }
  for (const { name } of settings.attach)
    contexts.push({ name, kind: 'udp', isProtected: false, network: name, serves: [] });
  return contexts;
}
