import type { JsonObject, JsonValue } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { InputOption, Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import { RUNS_NOW, templateKeptWarnings } from '../rollback-words.ts';
import { diffTemplateFields } from '../template-lines.ts';
import type { ActionTools } from '../tools.ts';
import { isRollingKind, workloadAccess } from './kube-paths.ts';
import { type LiveWorkload, readWorkload } from './live-workload.ts';
import {
  assertKeepsSome,
  hashLabelOf,
  isOnlyRestart,
  type KeptRevision,
  readRevisions,
  revisionOptions,
  templateIdOf,
} from './revisions.ts';
import { rollTemplate, whyNoRollout } from './roll-template.ts';
import { workloadAfter } from './workload-after.ts';
import { targetOf } from './workload-patch.ts';

/** The revisions a workload keeps. Rejects with ACTION_IMPOSSIBLE where there is none to go back to. */
export async function kubeRevisions(
  workload: Workload,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly InputOption[]> {
  const { live, kube } = await readWorkload(workload, tools, signal);
  const revisions = await readRevisions(live, kube, signal);
  assertKeepsSome(live, revisions);
  return revisionOptions(revisions, tools.clock.now());
}

/** Puts the pod template back as it was, as `kubectl rollout undo` does, and waits for the rollout. */
export const rollbackKube: Way<'workload'> = {
  disabledReason: whyNoRollout,
  needs: ({ kind, place, name }) =>
    isRollingKind(kind)
      ? [
          workloadAccess(kind, { verb: 'patch', namespace: place.name, name }),
          {
            verb: 'list',
            group: 'apps',
            resource: kind === 'Deployment' ? 'replicasets' : 'controllerrevisions',
            namespace: place.name,
          },
        ]
      : [],
  async plan({ target, input, signal }, tools) {
    const { live, kube } = await readWorkload(target, tools, signal);
    const revisions = await readRevisions(live, kube, signal);
    const wanted = findRevision(live, revisions, input['revision'] ?? '');
    const label = hashLabelOf(live.kind);
    const title = text(
      `roll ${live.kind} ${live.name} back to rollout revision ${wanted.number}`,
      `${live.kind} ${live.name} 롤아웃 리비전 ${wanted.number}(으)로 롤백`,
    );
    const put = (template: KeptRevision['template']) => [
      { op: 'replace', path: '/spec/template', value: toJson(template) },
    ];
    const [{ steps, restore, warnings }, starting] = await Promise.all([
      rollTemplate(
        {
          workload: target,
          live,
          title,
          set: put(wanted.template),
          undo: put(live.template),
          isNew: ({ labels }) => labels[label] === wanted.hash,
        },
        tools,
        signal,
      ),
      startWarnings(startingOfWorkload(target, tools.lookup), tools, signal),
    ]);
    const lines = diffTemplateFields(live.template, wanted.template);
    const before = targetOf(target, live).before;
    const current = revisions.find(({ isCurrent }) => isCurrent)?.number;
    return {
      targets: [
        {
          ...targetOf(target, live),
          before: current === undefined ? before : { ...before, revision: String(current) },
          steps,
          restore,
          ...(current === undefined
            ? {}
            : { wayBack: commandBack('rollback', target.ref, `--to ${current}`) }),
        },
      ],
      warnings: [
        ...starting,
        ...warnings,
        ...sameWarnings(lines, { name: live.name, number: wanted.number }),
        ...(templateIdOf(wanted.template) === undefined
          ? templateKeptWarnings(live.name, target.environment)
          : []),
      ],
      diff: [
        {
          title: `${live.kind} ${live.namespace}/${live.name}, rollout revision ${current ?? '?'} → ${wanted.number}`,
          lines,
        },
      ],
    };
  },
  after: workloadAfter,
};

/** Says where a rollback changes nothing that a server would do otherwise. */
function sameWarnings(
  lines: readonly string[],
  { name, number }: { readonly name: string; readonly number: number },
): readonly PlanWarning[] {
  if (lines.length === 0) {
    const same = text(
      `Rollout revision ${number} is what ${name} has now`,
      `롤아웃 리비전 ${number}은(는) ${name}의 현재와 같음`,
    );
    return [{ level: 'info', code: 'no-change', text: same }];
  }
  if (!isOnlyRestart(lines)) return [];
  const restarted = text(
    `Nothing but the restart mark differs in rollout revision ${number}: every server of ${name} is restarted, and nothing else changes`,
    `롤아웃 리비전 ${number}은(는) 재시작 표시만 다름: ${name}의 모든 서버가 재시작되고 다른 변경은 없음`,
  );
  return [{ level: 'warn', code: 'only-restart', text: restarted }];
}

/** Throws an AppError for a revision that is not kept, and for the one it is at. */
function findRevision(live: LiveWorkload, revisions: readonly KeptRevision[], asked: string): KeptRevision {
  assertKeepsSome(live, revisions);
  const found = revisions.find(({ number }) => String(number) === asked);
  const name = `${live.kind} ${live.namespace}/${live.name} of ${live.context}`;
  if (found === undefined) {
    const kept = revisions.map(({ number }) => number).join(', ');
    throw appError(
      'INPUT_INVALID',
      `${name} keeps no rollout revision ${asked || '(none given)'}: it keeps ${kept}`,
    );
  }
  if (found.isCurrent)
    throw appError('ACTION_IMPOSSIBLE', `Rollout revision ${found.number} of ${name} ${RUNS_NOW.en}`);
  if (Object.keys(found.template).length === 0)
    throw appError('ACTION_IMPOSSIBLE', `Rollout revision ${asked} of ${name} holds no pod template`);
  return found;
}

/** A template read from JSON can hold nothing else. */
const isJson = (template: KeptRevision['template']): template is JsonObject => typeof template === 'object';
const toJson = (template: KeptRevision['template']): JsonValue => (isJson(template) ? template : {});
