import type { ProgressPart, WaitStep } from '../../domain/plan.ts';
import { refOf } from '../../domain/ref.ts';
import type { Registration } from '../../domain/registration.ts';
import { text } from '../../domain/text.ts';
import type { ActionTools, Lookup } from '../tools.ts';

const EVERY_MS = 2_000;
/** A Manager registers a container within 15 s of its start [doc]. */
const TIMEOUT_MS = 120_000;

export interface Evidence {
  readonly context: string;
  /** Of the workload, for the user. */
  readonly name: string;
  /** What every server must run now. */
  readonly revision: string;
  /** Ids of the rows of its servers now: `namespace/pod`, `cluster/task`. */
  readonly servers: (signal: AbortSignal) => Promise<readonly string[]>;
  /** How to go back, said when it is over. */
  readonly wayBack: string;
}

/**
 * Waits until every server runs the revision as its Manager tells it. Where a Manager tells no revisions, a server
 * younger than the change that is ready is all there is to see: it could not have started without the template.
 */
export const evidenceWait = (evidence: Evidence, tools: ActionTools): WaitStep => ({
  type: 'wait',
  title: text(
    `see that every server of ${evidence.name} runs template revision ${evidence.revision}`,
    `${evidence.name}의 모든 서버가 템플릿 리비전 ${evidence.revision}을(를) 실행하는지 확인`,
  ),
  everyMs: EVERY_MS,
  timeoutMs: TIMEOUT_MS,
  check: async (signal) => {
    const { lookup } = tools;
    const managers = new Set(lookup.managersServing(evidence.context));
    const isTold = tellsRevisions(managers, lookup);
    const parts = (await evidence.servers(signal)).map((id) => partOf(id, evidence, { lookup, isTold }));
    const waiting = parts.filter(({ state }) => state !== 'done').map(({ name }) => name);
    if (waiting.length > 0) {
      return { state: 'waiting', detail: `not yet seen to run it: ${waiting.join(', ')}`, parts };
    }
    const seen = isTold
      ? `all run template revision ${evidence.revision}, as their Manager tells`
      : `all started after the change and are ready; their Manager tells no template revisions`;
    return { state: 'done', detail: `${seen}. Way back: ${evidence.wayBack}`, parts };
  },
});

/** A rollout's own way back would leave the template id as it is: the hint of a failure names the one that does not. */
export const withWayBack = (step: WaitStep, wayBack: string): WaitStep => ({
  ...step,
  check: async (signal) => {
    const progress = await step.check(signal);
    if (progress.state !== 'failed') return progress;
    const hint = `See the events of the servers named; the way back is ${wayBack}.`;
    return { ...progress, error: { ...progress.error, hint } };
  },
});

function partOf(
  id: string,
  { context, revision }: Evidence,
  { lookup, isTold }: { readonly lookup: Lookup; readonly isTold: boolean },
): ProgressPart {
  const name = id.slice(id.lastIndexOf('/') + 1);
  if (!isTold) return { name, state: 'done', detail: 'new and ready' };
  const registration = lookup.get(refOf('server', context, id))?.records.registration;
  const running = registration === undefined ? undefined : lookup.get(registration)?.revision;
  return running === revision
    ? { name, state: 'done', detail: `revision ${running}` }
    : { name, state: 'waiting', detail: running === undefined ? 'not registered' : `revision ${running}` };
}

/** Much of a Manager's interface differs by version: some tell what a container runs, some do not. */
function tellsRevisions(managers: ReadonlySet<string>, lookup: Lookup): boolean {
  const told = ({ ref, isContainer, revision }: Registration) =>
    isContainer && revision !== undefined && managers.has(ref.context);
  for (const registration of lookup.all('registration')) if (told(registration)) return true;
  return false;
}
