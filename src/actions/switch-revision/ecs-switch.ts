import { listOf, recordOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { JsonObject } from '../../domain/call.ts';
import type { DiffBlock, PlanDraft, PlanTarget, PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import {
  assertRollsOut,
  type LiveService,
  openService,
  targetOfService,
  unchangedCheck,
} from '../ecs/live-service.ts';
import { tasksOfService } from '../ecs/live-task.ts';
import { percentWarnings, runningDeployment } from '../ecs/service-rollout.ts';
import { rolloutWait } from '../ecs/service-waits.ts';
import {
  hasHealthCheck,
  readTaskDefinition,
  registeredArn,
  type TaskDefinition,
  withVariable,
} from '../ecs/task-definition.ts';
import { mirrorUnseen } from '../guards/session-pair.ts';
import { typeOfWorkload } from '../guards/starting.ts';
import type { ReadingOf } from '../tools.ts';
import { evidenceWait, withWayBack } from './evidence.ts';
import type { Reading, Survey, SurveyQuestion, SwitchTo } from './survey.ts';
import { requireSites, splitId, type TemplateSite, type TemplateSites } from './template-sites.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';
const DOWNLOAD = 'LENA_CONFIG_TEMPLATE_DOWNLOAD';

interface SurveyedService {
  readonly workload: Workload;
  readonly live: LiveService;
  readonly ecs: ReadingOf<'ecs'>;
  readonly definition: TaskDefinition;
  readonly sites: readonly TemplateSite[];
}

/** Surveys services, each of which has a task definition of its own; those that need no change are left out. */
export async function surveyEcs(
  { workloads, serviceCluster, valueFor }: SurveyQuestion,
  reading: Reading,
): Promise<readonly Survey[]> {
  const surveys: Survey[] = [];
  for (const workload of workloads) {
    const { ecs, live } = await openService(workload, reading.tools, reading.signal);
    assertRollsOut(live);
    const definition = await readTaskDefinition(ecs, live.taskDefinition, reading.signal);
    const name = `Service ${live.cluster}/${live.name} of ${live.context} (${definition.name})`;
    const sites = requireSites(name, sitesOfDefinition(definition), serviceCluster).filter(
      (site) => site.value.trim() !== valueFor(site.serviceCluster),
    );
    const [site] = sites;
    if (site === undefined) continue;
    const surveyed = { workload, live, ecs, definition, sites };
    surveys.push({
      serviceCluster: site.serviceCluster,
      seen: [...new Set(sites.map(({ value }) => value))],
      workloads: [workload],
      diff: (value) => diffOf(surveyed, value),
      build: async (to) => build(surveyed, to, reading),
    });
  }
  return surveys;
}

/** Where the containers of a task definition get their template id. Files of variables in S3 are not read. */
export function sitesOfDefinition({ document }: TaskDefinition): TemplateSites {
  const sites: TemplateSite[] = [];
  const fixed: { readonly container: string; readonly where: string }[] = [];
  for (const container of listOf(document['containerDefinitions']).map(recordOf)) {
    const name = stringOf(container['name']) ?? '';
    const pairs = listOf(container['environment']).map(recordOf);
    const valueOfVariable = (variable: string) =>
      stringOf(pairs.findLast((pair) => pair['name'] === variable)?.['value']);
    const secret = listOf(container['secrets'])
      .map(recordOf)
      .find((each) => each['name'] === TEMPLATE_ID);
    const value = valueOfVariable(TEMPLATE_ID);
    if (secret !== undefined) {
      fixed.push({ container: name, where: `secret ${cleanLine(stringOf(secret['valueFrom']) ?? '', 200)}` });
    } else if (value !== undefined) {
      sites.push({
        container: name,
        place: { kind: 'literal', path: name },
        value,
        ...splitId(value),
        maybeIn: [],
        download: valueOfVariable(DOWNLOAD)?.trim(),
      });
    }
  }
  return { sites, fixed };
}

function build(
  { workload, live, ecs, definition, sites }: SurveyedService,
  to: SwitchTo,
  { tools }: Reading,
): Pick<PlanDraft, 'targets' | 'warnings'> {
  const update = (taskDefinition: string) =>
    ({
      system: 'ecs',
      operation: 'UpdateService',
      input: { cluster: live.cluster, service: live.name, taskDefinition },
    }) as const;
  const wayBack = to.wayBack(workload.ref, sites[0]?.value ?? '');
  const base = targetOfService(workload, live);
  const target: PlanTarget = {
    ...base,
    wayBack: text(wayBack, wayBack),
    before: { ...base.before, templateId: [...new Set(sites.map(({ value }) => value))].join(', ') },
    steps: [
      unchangedCheck(live, 'deployment', ecs),
      {
        type: 'call',
        call: {
          context: live.context,
          title: text(
            `register the next task definition revision of ${definition.family} with ${TEMPLATE_ID} ${to.value}`,
            `${definition.family} 다음 태스크 정의 리비전 등록 (${TEMPLATE_ID} ${to.value})`,
          ),
          request: {
            system: 'ecs',
            operation: 'RegisterTaskDefinition',
            input: changed(definition, sites, to.value),
          },
        },
      },
      {
        type: 'call',
        call: {
          context: live.context,
          title: text(`deploy it to service ${live.name}`, `서비스 ${live.name}에 배포`),
          // The revision it got is known from the answer of the call before.
          request: update(definition.family),
        },
        complete: (answers) => update(registeredArn(answers[0])),
      },
      withWayBack(rolloutWait({ live, ecs, isChecked: hasHealthCheck(definition) }), wayBack),
      evidenceWait(
        {
          context: live.context,
          name: live.name,
          revision: to.revision,
          wayBack,
          servers: async (signal) =>
            (await tasksOfService(ecs, live, signal)).map((task) => `${live.cluster}/${task.id}`),
        },
        tools,
      ),
    ],
  };
  const isSession = typeOfWorkload(workload, tools.lookup) === 'session';
  const warnings: readonly PlanWarning[] = [
    ...runningDeployment(live),
    ...percentWarnings(live),
    ...(isSession ? [mirrorUnseen(live.name, 'ECS has no exec here')] : []),
  ];
  return { targets: [target], warnings };
}

/** The input of RegisterTaskDefinition with the variable of every container that has it changed. */
function changed(definition: TaskDefinition, sites: readonly TemplateSite[], value: string): JsonObject {
  let input: JsonObject = {};
  let current = definition;
  for (const { container } of sites) {
    input = withVariable(current, container, { name: TEMPLATE_ID, value });
    const { containerDefinitions } = input;
    if (containerDefinitions === undefined) continue;
    current = { ...current, document: { ...current.document, containerDefinitions } };
  }
  return input;
}

const diffOf = ({ live, definition, sites }: SurveyedService, value: string): readonly DiffBlock[] =>
  sites.map(({ container, value: seen }) => ({
    title: `Task definition ${definition.name} of ${live.cluster}/${live.name}, container ${container}`,
    lines: [`-${TEMPLATE_ID}: ${seen}`, `+${TEMPLATE_ID}: ${value}`],
  }));
