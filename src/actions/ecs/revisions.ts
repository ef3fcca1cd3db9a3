import { listOf, recordOf, stringOf } from '../../core/json-read.ts';
import { environmentValue } from '../../domain/environment.ts';
import { appError } from '../../domain/errors.ts';
import { joinWords, type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { InputOption } from '../action.ts';
import { ageText } from '../age-text.ts';
import { RUNS_NOW } from '../rollback-words.ts';
import type { ActionTools, ReadingOf } from '../tools.ts';
import { definitionName, type LiveService, openService } from './live-service.ts';
import {
  imagesOfDefinition,
  lenaEnvironmentOf,
  readTaskDefinition,
  type TaskDefinition,
} from './task-definition.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';
/** So many of a family are offered. */
const FAMILY_SHOWN = 15;
/** ECS describes at most 20 deployments and service revisions a call. */
const DEPLOYMENTS_SHOWN = 20;

/** The task definitions a service can go back to, newest first, those it really ran marked. */
export async function ecsRevisions(
  workload: Workload,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly InputOption[]> {
  const { ecs, live } = await openService(workload, tools, signal);
  const [family, ran] = await Promise.all([
    familyRevisions(ecs, familyOf(live.taskDefinition), signal),
    deployedDefinitions(ecs, live, signal),
  ]);
  const arns = [...new Set([...family, ...ran.keys()])];
  const read = await Promise.all(arns.map((arn) => readTaskDefinition(ecs, arn, signal)));
  const definitions = read
    .filter(({ isActive, arn }) => isActive || arn === live.taskDefinition)
    .sort((a, b) => (b.registeredAt ?? 0) - (a.registeredAt ?? 0));
  if (!definitions.some(({ arn }) => arn !== live.taskDefinition)) {
    throw appError(
      'ACTION_IMPOSSIBLE',
      `${familyOf(live.taskDefinition)} has no other active task definition revision for ${live.cluster}/${live.name} of ${live.context}`,
      { hint: 'A deregistered revision cannot be deployed: register it again.' },
    );
  }
  const now = tools.clock.now();
  return definitions.map((definition) => ({
    value: definition.name,
    label: definition.name,
    ...(definition.arn === live.taskDefinition ? { unfit: RUNS_NOW } : {}),
    detail: detailOf(definition, { live, ranAt: ran.get(definition.arn), now }),
  }));
}

function detailOf(
  definition: TaskDefinition,
  facts: { readonly live: LiveService; readonly ranAt: number | undefined; readonly now: number },
): Text {
  const { live, ranAt, now } = facts;
  const { registeredAt } = definition;
  const ago = (at: number) => ageText(now - at);
  return joinWords(
    [
      registeredAt === undefined
        ? undefined
        : text(`registered ${ago(registeredAt)} ago`, `${ago(registeredAt)} 전 등록`),
      imagesOfDefinition(definition).join(', '),
      environmentValue(lenaEnvironmentOf(definition), TEMPLATE_ID),
      definition.arn === live.taskDefinition ? text('now', '현재') : undefined,
      ranAt === undefined
        ? undefined
        : text(`deployed here ${ago(ranAt)} ago`, `${ago(ranAt)} 전 여기 배포됨`),
    ],
    ' · ',
  );
}

/** Family of an ARN or of `family:revision`. */
const familyOf = (taskDefinition: string): string => definitionName(taskDefinition).replace(/:\d+$/, '');

async function familyRevisions(
  ecs: ReadingOf<'ecs'>,
  family: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answer = await ecs.read(
    'ListTaskDefinitions',
    { familyPrefix: family, status: 'ACTIVE', sort: 'DESC', maxResults: FAMILY_SHOWN },
    signal,
  );
  return arnsOf(answer['taskDefinitionArns']);
}

/**
 * Definitions this service ran in the last 90 days, with when (epoch ms). Never rejects but by abort: the history is
 * a help, and older rights do not cover it.
 */
async function deployedDefinitions(
  ecs: ReadingOf<'ecs'>,
  { cluster, name }: LiveService,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const ran = new Map<string, number>();
  try {
    const listed = await ecs.read(
      'ListServiceDeployments',
      { cluster, service: name, maxResults: DEPLOYMENTS_SHOWN },
      signal,
    );
    const deployedAt = new Map<string, number>();
    for (const item of listOf(listed['serviceDeployments']).map(recordOf)) {
      const revision = stringOf(item['targetServiceRevisionArn']);
      const at = item['createdAt'];
      if (revision !== undefined && typeof at === 'number')
        deployedAt.set(revision, Math.max(at * 1_000, deployedAt.get(revision) ?? 0));
    }
    if (deployedAt.size === 0) return ran;
    const revisions = [...deployedAt.keys()].slice(0, DEPLOYMENTS_SHOWN);
    const described = await ecs.read('DescribeServiceRevisions', { serviceRevisionArns: revisions }, signal);
    for (const item of listOf(described['serviceRevisions']).map(recordOf)) {
      const definition = stringOf(item['taskDefinition']);
      const at = deployedAt.get(stringOf(item['serviceRevisionArn']) ?? '');
      if (definition !== undefined && at !== undefined)
        ran.set(definition, Math.max(at, ran.get(definition) ?? 0));
    }
  } catch (error) {
    if (signal.aborted) throw error;
  }
  return ran;
}

const arnsOf = (value: unknown): readonly string[] => listOf(value).flatMap((arn) => stringOf(arn) ?? []);
