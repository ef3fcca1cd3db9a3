import path from 'node:path';
import { createAcknowledgements } from '../actions/acknowledge.ts';
import type { Executor } from '../actions/acting.ts';
import { createAuditLog } from '../actions/audit/audit-log.ts';
import { localActor } from '../actions/audit/audit-process.ts';
import { type AuditRead, readAudit } from '../actions/audit/read-audit.ts';
import { createSyslog } from '../actions/audit/syslog.ts';
import { createRemotes } from '../actions/executor/remotes.ts';
import { createExecutor } from '../actions/executor.ts';
import { ACTIONS } from '../actions/index.ts';
import { createLifts } from '../actions/lift.ts';
import { createProbeGate, type ProbeGate } from '../actions/probe-gate.ts';
import { createDumpRemoval } from '../actions/remove-dump.ts';
import { checkRevision, diffRevisions } from '../actions/template/diff-revisions.ts';
import type { ActionTools } from '../actions/tools.ts';
import type { Settings } from '../config/settings.ts';
import { describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { appError } from '../domain/errors.ts';
import type { ConsoleStore } from '../store/state.ts';
import type { Acting } from '../ui/acting.ts';
import type { ComposedDumps } from './dumps.ts';
import { followAudit } from './follow-audit.ts';
import type { Log } from './log-file.ts';
import { createLookup } from './lookup.ts';
import { createRemoteOpener } from './open-remote.ts';

export interface ComposeActingOptions {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stateDirectory: string;
  readonly store: ConsoleStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent where no dumps can be taken. */
  readonly dumps?: Pick<ComposedDumps, 'tools'> | undefined;
}

/** The gate as composed for one run, and what belongs to it beside the screen's part. */
export interface ComposedActing extends Acting {
  readonly executor: Executor;
  /** For what reads remotes without changing anything: comparing template revisions. */
  readonly tools: ActionTools;
  /** What agentless probes pass. */
  readonly probes: ProbeGate;
  /** What all processes of this user wrote, newest first. */
  readAudit(signal: AbortSignal): Promise<AuditRead>;
  /** Puts earlier actions and acknowledgements into the store; never rejects. */
  load(signal: AbortSignal): Promise<void>;
  /** Loads, and loads again whenever another process of this user wrote; returns when the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** How soon an action of another process shows. */
const FOLLOW_MS = 5_000;

export function composeActing(options: ComposeActingOptions): ComposedActing {
  const { settings, environment, stateDirectory, store, clock, log } = options;
  const { policy, targets } = settings;
  const directory = path.join(stateDirectory, 'audit');
  const audit = createAuditLog({ directory, clock, syslog: createSyslog({ mode: policy.syslog }) });
  const actor = localActor(environment['SSH_CONNECTION']);
  const lookup = createLookup(store, targets);
  const lift = createLifts({ policy, audit, actor, clock });
  const { modeOf } = lift;
  const openRemote = createRemoteOpener({ targets, environment, clock, modeOf });
  const readable = createRemotes(openRemote, clock);
  const dumps = options.dumps?.tools(readable.tools(lookup).remote);
  const protectedNames = new Set(targets.flatMap(({ name, isProtected }) => (isProtected ? [name] : [])));
  const isProtected = (context: string) => protectedNames.has(context);
  const executor = createExecutor({
    actions: ACTIONS,
    lookup,
    openRemote,
    policy,
    modeOf,
    isProtected,
    dumps,
    audit,
    actor,
    clock,
  });
  const acknowledgements = createAcknowledgements({
    file: path.join(stateDirectory, 'acknowledged.json'),
    audit,
    actor,
    mode: policy.mode,
    clock,
  });
  executor.onJob((job) => store.apply([{ type: 'put', kind: 'job', entity: job }]));
  const own = new Set<string>();
  audit.onEntry((entry) => {
    own.add(entry.ref.id);
    store.apply([{ type: 'put', kind: 'audit', entity: entry }]);
    const { action, result, title } = entry;
    log.write('info', 'action', { action, result, title, id: entry.ref.id });
  });
  acknowledgements.onChange((list) => store.setAcknowledgements(list));
  const readAll = (signal: AbortSignal) => readAudit({ directory, clock, signal });
  const tools = readable.tools(lookup, { dumps, modeOf });
  const removeDump =
    dumps === undefined
      ? () => Promise.reject(appError('ACTION_IMPOSSIBLE', 'no dumps are kept here'))
      : createDumpRemoval({ folder: dumps.folder, audit, actor, mode: policy.mode, clock });
  const loadAll = async (signal: AbortSignal): Promise<void> => {
    const [{ entries, problems, problemCount }] = await Promise.all([
      readAll(signal),
      acknowledgements.load(),
    ]);
    // What this process wrote it knows better than its file.
    const others = entries.filter(({ ref }) => !own.has(ref.id));
    store.apply(others.map((entity) => ({ type: 'put', kind: 'audit', entity })));
    for (const { file, line, message } of problems) {
      log.write('error', 'audit', { file, line, message, problemCount });
    }
  };
  const load = async (signal: AbortSignal): Promise<void> => {
    try {
      await loadAll(signal);
    } catch (error) {
      // Left while it was read: nobody is there to see it.
      if (!signal.aborted) log.write('error', 'audit', { message: describeThrown(error) });
    }
  };
  return {
    executor,
    lookup,
    tools,
    probes: createProbeGate({
      gate: { policy, modeOf, isProtected },
      audit,
      actor,
      kube: (context) => tools.remote('kube', context),
      identity: (context) => readable.identity(context),
      clock,
    }),
    templates: {
      diff: (cluster, revisions, signal) => diffRevisions(cluster, revisions, { tools, signal }),
      check: (cluster, revision, signal) => checkRevision(cluster, revision, { tools, signal }),
    },
    modeOf,
    lift,
    acknowledge: acknowledgements.acknowledge,
    removeDump,
    readAudit: readAll,
    load,
    async follow(signal) {
      await load(signal);
      await followAudit({ directory, clock, everyMs: FOLLOW_MS, reload: () => load(signal) }, signal);
    },
    async close() {
      acknowledgements.close();
      await lift.close();
      await executor.close();
      await readable.close();
    },
  };
}
