import type { Clock } from '../core/clock.ts';
import type { Actor } from '../domain/audit-entry.ts';
import { appError, sourceFailure } from '../domain/errors.ts';
import { execTemplateOf } from '../domain/exec-template.ts';
import type { Facts } from '../domain/plan.ts';
import { type Gate, type JudgedTarget, judge } from '../domain/policy-judgement.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import type { ExecResult, StreamEnd } from '../domain/remote.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { createAuditId } from './audit/audit-id.ts';
import type { AuditLog, OpenEntry } from './audit/audit-log.ts';
import { errorOf, safeLine } from './executor/failure.ts';
import { maskFacts } from './mask.ts';
import type { ReadingOf } from './tools.ts';

/** As rules and the audit name it. */
export const PROBE_ACTION = 'probe';
const TITLE = text('Read the JVM', 'JVM 읽기');

/** It only looks, so that a mode which changes nothing may still allow it. */
const MODE_HINT =
  'Triage allows it: start l9s with --triage instead of --readonly, ask who set the mode, or let the server send datagrams.';

/** Everything a probe runs, of the list of commands that only look. */
const TEMPLATES: ReadonlySet<string> = new Set([
  'list-tmp',
  'list-processes',
  'list-jvms',
  'read-jvm',
  'read-process',
  'list-descriptors',
  'read-memory-limit',
  'jstat',
  'session-status',
  'session-was-list',
  'web-monitor',
]);

/** One container of a pod, and the server it is of. */
export interface ProbeTarget {
  readonly server: Ref<'server'>;
  readonly name: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
export interface ProbeLimits {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Reading that was allowed, and whose beginning is on the disk. */
export interface OpenProbe {
  /** Runs one command of the list in the container. Rejects with an AppError, or with the signal's reason. */
  run(argv: readonly string[], limits: ProbeLimits, signal: AbortSignal): Promise<ExecResult>;
  /** The same, output as it comes. */
  stream(
    argv: readonly string[],
    onBytes: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<StreamEnd>;
  /** Writes down what was read; `error` where that was nothing. Never rejects. */
  end(read: Facts, error?: SourceFailure): Promise<void>;
}

/**
 * The gate of agentless probes. They begin because somebody looks at a page, so nobody is asked: whatever would have
 * to be asked refuses.
 */
export interface ProbeGate {
  /** Why this may not be read now beside `others`; asks and records nothing. */
  refusal(target: ProbeTarget, others: readonly ProbeTarget[]): SourceFailure | undefined;
  /** Records the beginning. Rejects with an AppError where it is refused or cannot be recorded. */
  begin(order: ProbeOrder, signal: AbortSignal): Promise<OpenProbe>;
}
export interface ProbeOrder {
  readonly target: ProbeTarget;
  readonly others: readonly ProbeTarget[];
  /** Why it is read: somebody looks, or the configuration says so. */
  readonly occasion: 'page' | 'rule';
}

export interface ProbeGateOptions {
  readonly gate: Gate;
  readonly audit: AuditLog;
  readonly actor: Omit<Actor, 'identities'>;
  /** The client of a context, without its way to change anything. Rejects with an AppError. */
  readonly kube: (context: string) => Promise<ReadingOf<'kube'>>;
  /** Who we are there; `undefined` where it cannot be told. Never rejects. */
  readonly identity: (context: string) => Promise<string | undefined>;
  readonly clock: Clock;
}

export function createProbeGate(options: ProbeGateOptions): ProbeGate {
  const { gate, audit, actor, clock } = options;

  function refusal(target: ProbeTarget, others: readonly ProbeTarget[]): SourceFailure | undefined {
    const judged = judge(
      {
        names: [PROBE_ACTION],
        title: TITLE,
        effect: 'diagnose',
        targets: [...others, target].map(judgedTarget),
        dangers: [],
      },
      gate,
    );
    if (judged.state === 'refused')
      return judged.error.code === 'MODE_REFUSED' ? { ...judged.error, hint: MODE_HINT } : judged.error;
    if (judged.confirm === 'none' && !judged.needsReason) return undefined;
    const [why] = judged.because;
    return sourceFailure(
      'POLICY_REFUSED',
      `${TITLE.en} of ${target.name} is refused: ${why?.en ?? 'a rule'} asks the operator first, and a probe begins by itself`,
      'Exclude the action `probe` from that rule, or let the server send datagrams.',
    );
  }

  return {
    refusal,
    async begin({ target, others, occasion }, signal) {
      const { context } = target.server;
      const refused = refusal(target, others);
      if (refused !== undefined) throw errorOf(refused);
      const remote = await options.kube(context);
      const identity = await options.identity(context);
      signal.throwIfAborted();
      const entry = await audit.begin({
        ref: refOf('audit', context, createAuditId(clock.now())),
        at: clock.now(),
        actor: { ...actor, identities: identity === undefined ? {} : { [context]: identity } },
        mode: gate.modeOf(context).mode,
        action: PROBE_ACTION,
        effect: 'diagnose',
        title: safeLine(`${TITLE.en} of ${target.name} through pod exec`),
        targets: [
          {
            ref: target.server,
            context,
            namespace: target.namespace,
            kind: 'Pod',
            name: safeLine(target.name, 300),
            before: { pod: safeLine(target.pod, 300), container: safeLine(target.container, 300) },
          },
        ],
        calls: [],
        plan: { input: { occasion, commands: COMMANDS }, warnings: [], diff: [] },
        result: 'running',
      });
      return openProbe({ target, remote, entry, clock });
    },
  };
}

const COMMANDS =
  'ls of /tmp, /proc and hsperfdata folders; cat of hsperfdata, /proc/PID/{stat,status,limits} and memory limits; ls of /proc/PID/fd; jstat -gc where the file is absent; console.sh status and was_list of a session server; curl of a web server’s cmx-status';

interface Opening {
  readonly target: ProbeTarget;
  readonly remote: ReadingOf<'kube'>;
  readonly entry: OpenEntry;
  readonly clock: Clock;
}

function openProbe({ target, remote, entry, clock }: Opening): OpenProbe {
  const { namespace, pod, container } = target;
  return {
    async run(argv, limits, signal) {
      assertProbing(argv);
      return remote.exec({ namespace, pod, container, argv, ...limits }, signal);
    },
    async stream(argv, onBytes, signal) {
      assertProbing(argv);
      return remote.stream({ namespace, pod, container, argv }, onBytes, signal);
    },
    end: (read, error) =>
      entry.end({
        at: clock.now(),
        result: error === undefined ? 'done' : 'failed',
        ...(error === undefined ? {} : { error: safeLine(`${error.code}: ${error.message}`) }),
        targets: [
          {
            result: error === undefined ? 'done' : 'failed',
            after: maskFacts(read),
            ...(error === undefined ? {} : { error: safeLine(error.message) }),
          },
        ],
      }),
  };
}

/** In every mode, not only where the client's own lock holds it: what was recorded is what is run. */
function assertProbing(argv: readonly string[]): void {
  const template = execTemplateOf(argv);
  if (template !== undefined && TEMPLATES.has(template.id)) return;
  throw appError('INTERNAL', `a probe does not run ${safeLine(argv.join(' '), 200)}`);
}

const judgedTarget = ({ server, namespace }: ProbeTarget): JudgedTarget => ({
  context: server.context,
  namespace,
  kind: 'Pod',
});
