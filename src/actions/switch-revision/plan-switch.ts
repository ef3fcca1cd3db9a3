import { describeThrown } from '../../core/app-error.ts';
import { appError } from '../../domain/errors.ts';
import type { DiffBlock, PlanDraft, PlanTarget, PlanWarning } from '../../domain/plan.ts';
import type { Template } from '../../domain/remote.ts';
import { text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { runningRevision, serversOfWorkload, startingOfWorkload } from '../guards/starting.ts';
import { compareTemplates, DEFAULT_REVISION, readRevision } from '../template/diff-revisions.ts';
import { getTemplate, templateId } from '../template/get-template.ts';
import { surveyEcs } from './ecs-switch.ts';
import { surveyKube } from './kube-switch.ts';
import type { Reading, SwitchTo } from './survey.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';
/** Running revisions a wanted one is compared with. */
const MAX_COMPARED = 3;

export interface SwitchQuestion {
  readonly workloads: readonly Workload[];
  /** Only its sites; without it each workload must have one service cluster only. */
  readonly serviceCluster: string | undefined;
  /** Managers to check the revision at. */
  readonly managers: readonly string[];
  /** As the user writes it: a revision or `default`. */
  readonly written: string;
  /** What the verb was asked for, as a command would name it. */
  readonly target: string;
}
/** Plans a switch of the template revision of workloads; see the folder's README. */
export async function planSwitch(question: SwitchQuestion, reading: Reading): Promise<PlanDraft> {
  const { tools, signal } = reading;
  const revision = readRevision(question.written);
  const valueFor = (serviceCluster: string) => templateId({ serviceCluster, revision });
  const asked = { serviceCluster: question.serviceCluster, valueFor };
  const of = (kind: Workload['contextKind']) => ({
    ...asked,
    workloads: question.workloads.filter(({ contextKind }) => contextKind === kind),
  });
  const surveys = [...(await surveyKube(of('kube'), reading)), ...(await surveyEcs(of('ecs'), reading))];
  const [first] = surveys;
  if (first === undefined) {
    throw appError(
      'ACTION_IMPOSSIBLE',
      `${question.target} has ${TEMPLATE_ID} at template revision ${question.written.trim()} already`,
      { hint: 'Restart it if its servers run something else.' },
    );
  }
  const { serviceCluster } = first;
  const template = await getTemplate(question.managers, { serviceCluster, revision }, reading);
  const value = valueFor(serviceCluster);
  const seen = [...new Set(surveys.flatMap((survey) => survey.seen))];
  const wayBack = wayBackTo(question.target, seen.length === 1);
  const drafts: Pick<PlanDraft, 'targets' | 'warnings'>[] = [];
  for (const survey of surveys) {
    drafts.push(await survey.build({ value, revision: template.revision, wayBack }));
  }
  const workloads = surveys.flatMap((survey) => survey.workloads);
  const compared = await compareWithRunning(
    template,
    { workloads, seen, managers: question.managers },
    reading,
  );
  const starts = await Promise.all(
    workloads.map((workload) => startOf(workload, { template, tools, signal })),
  );
  return {
    targets: grouped(
      drafts.flatMap(({ targets }) => targets),
      serviceCluster,
    ),
    warnings: distinct([
      ...drafts.flatMap(({ warnings }) => warnings),
      ...compared.warnings,
      ...starts.flat(),
    ]),
    diff: [...surveys.flatMap((survey) => survey.diff(value)), ...compared.blocks],
  };
}

/** One after another, stopping at the first that fails: no more than one workload meets a bad template. */
const grouped = (targets: readonly PlanTarget[], serviceCluster: string): readonly PlanTarget[] =>
  targets.length < 2
    ? targets
    : targets.map((target) => ({ ...target, group: `switch-revision ${serviceCluster}` }));

const distinct = (warnings: readonly PlanWarning[]): readonly PlanWarning[] => [
  ...new Map(warnings.map((warning) => [`${warning.code} ${warning.text.en}`, warning])).values(),
];

/** The same command with what was set before; where that differs, each workload's own. */
const wayBackTo =
  (target: string, isUniform: boolean): SwitchTo['wayBack'] =>
  ({ context, id }, seen) =>
    `l9s switch-revision ${isUniform ? target : `${context}:${id}`} --to ${revisionIn(seen)}`;

function revisionIn(value: string): string {
  const colon = value.trim().lastIndexOf(':');
  return colon < 0 ? DEFAULT_REVISION : value.trim().slice(colon + 1) || DEFAULT_REVISION;
}

interface Start extends Reading {
  readonly template: Template;
}

/** The guards see the workload as it will be. */
function startOf(workload: Workload, { template, tools, signal }: Start): Promise<readonly PlanWarning[]> {
  const starting = startingOfWorkload(workload, tools.lookup);
  const environment = starting.environment.map((entry) =>
    entry.name === TEMPLATE_ID ? { ...entry, value: templateId(template) } : entry,
  );
  return startWarnings({ ...starting, environment }, tools, signal);
}

interface Running {
  readonly workloads: readonly Workload[];
  readonly seen: readonly string[];
  readonly managers: readonly string[];
}

/** What the switch brings, against each revision that runs now; where none is known, against the one set now. */
async function compareWithRunning(
  template: Template,
  { workloads, seen, managers }: Running,
  reading: Reading,
): Promise<{ readonly blocks: readonly DiffBlock[]; readonly warnings: readonly PlanWarning[] }> {
  const { lookup } = reading.tools;
  const servers = workloads.flatMap((workload) => serversOfWorkload(workload, lookup));
  const known = new Set(servers.map((server) => runningRevision(server, lookup)));
  known.delete(undefined);
  const wanted = known.size > 0 ? [...known] : seen.map(revisionIn).map(readRevision);
  const blocks: DiffBlock[] = [];
  const warnings: PlanWarning[] = [];
  for (const revision of [...new Set(wanted)].slice(0, MAX_COMPARED)) {
    const { serviceCluster } = template;
    try {
      const running = await getTemplate(managers, { serviceCluster, revision }, reading);
      blocks.push(...compareTemplates(running, template).blocks);
    } catch (error) {
      const id = templateId({ serviceCluster, revision });
      const why = describeThrown(error);
      blocks.push({ title: `Template ${id} → ${template.revision}`, lines: [` cannot be compared: ${why}`] });
      warnings.push({
        level: 'warn',
        code: 'running-not-readable',
        text: text(
          `What changes from ${id} cannot be shown, and going back to it may fail: ${why}`,
          `${id}에서 바뀌는 내용을 볼 수 없고 되돌리기가 실패할 수 있음: ${why}`,
        ),
      });
    }
  }
  return { blocks, warnings };
}
