import { isRecord, listOf, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { JsonObject, JsonValue } from '../../domain/call.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import { appError } from '../../domain/errors.ts';
import type { EcsRemote } from '../../domain/remote.ts';
import { isSecretName } from '../../domain/secret-name.ts';

/** A registered task definition as DescribeTaskDefinition gives it, with its tags. */
export interface TaskDefinition {
  readonly arn: string;
  /** `family:revision`. */
  readonly name: string;
  readonly family: string;
  readonly isActive: boolean;
  /** Epoch ms. */
  readonly registeredAt: number | undefined;
  readonly document: JsonObject;
  readonly tags: readonly JsonValue[];
}

/** What the service adds to a definition and does not take back; all else is registered as it was given. */
const READ_ONLY = new Set([
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
]);

/** By ARN or `family:revision`. Rejects with an AppError. */
export async function readTaskDefinition(
  ecs: Pick<EcsRemote, 'read' | 'context'>,
  taskDefinition: string,
  signal: AbortSignal,
): Promise<TaskDefinition> {
  const answer = await ecs.read('DescribeTaskDefinition', { taskDefinition, include: ['TAGS'] }, signal);
  const document = answer['taskDefinition'];
  const { taskDefinitionArn, family, revision, status, registeredAt } = recordOf(document);
  const arn = stringOf(taskDefinitionArn);
  const familyName = stringOf(family);
  if (!isObject(document) || arn === undefined || familyName === undefined) {
    throw appError(
      'UNEXPECTED_ANSWER',
      `DescribeTaskDefinition ${cleanLine(taskDefinition, 300)} of ${ecs.context}: the answer holds no task definition`,
    );
  }
  const seconds = numberOf(registeredAt);
  return {
    arn,
    name: `${familyName}:${numberOf(revision) ?? 'n/a'}`,
    family: familyName,
    isActive: status === 'ACTIVE',
    registeredAt: seconds === undefined ? undefined : seconds * 1_000,
    document,
    tags: listOf(answer['tags']).filter(isObject),
  };
}

/**
 * The input of RegisterTaskDefinition that makes the next revision the same but for one variable of one container.
 * Every other member is kept as it came, also one l9s does not know. Throws ACTION_IMPOSSIBLE where there is no such
 * container, or where the variable is a secret's.
 */
export function withVariable(
  definition: TaskDefinition,
  container: string,
  variable: { readonly name: string; readonly value: string },
): JsonObject {
  const { name, value } = variable;
  const of = `${name} of container ${container} in ${definition.name}`;
  let isFound = false;
  const containers = listOf(definition.document['containerDefinitions'])
    .filter(isObject)
    .map((each): JsonObject => {
      if (each['name'] !== container) return each;
      isFound = true;
      if (listOf(each['secrets']).some((secret) => recordOf(secret)['name'] === name)) {
        throw appError('ACTION_IMPOSSIBLE', `${of} comes from a secret: change it there`);
      }
      const pairs = listOf(each['environment']).filter(isObject);
      const environment = pairs.some((pair) => pair['name'] === name)
        ? pairs.map((pair) => (pair['name'] === name ? { ...pair, value } : pair))
        : [...pairs, { name, value }];
      return { ...each, environment };
    });
  if (!isFound) {
    throw appError('ACTION_IMPOSSIBLE', `Change ${of}: there is no such container`);
  }
  return { ...registrable(definition), containerDefinitions: containers };
}

/** What RegisterTaskDefinition takes of a definition. Tags that AWS sets itself are left to it. */
export function registrable({ document, tags }: TaskDefinition): JsonObject {
  const own = tags.filter(
    (tag) =>
      !String(recordOf(tag)['key'] ?? '')
        .toLowerCase()
        .startsWith('aws:'),
  );
  return {
    ...Object.fromEntries(Object.entries(document).filter(([member]) => !READ_ONLY.has(member))),
    ...(own.length === 0 ? {} : { tags: own }),
  };
}

/** The ARN that RegisterTaskDefinition answered. Throws UNEXPECTED_ANSWER where it holds none. */
export function registeredArn(answer: JsonValue | undefined): string {
  const arn = stringOf(recordOf(recordOf(answer)['taskDefinition'])['taskDefinitionArn']);
  if (arn === undefined)
    throw appError('UNEXPECTED_ANSWER', 'RegisterTaskDefinition: the answer names no task definition');
  return arn;
}

/** The variables LENA itself would read: of the first container that has one. Secrets are masked. */
export function lenaEnvironmentOf({ document }: TaskDefinition): readonly EnvironmentEntry[] {
  const containers = listOf(document['containerDefinitions']).map(recordOf);
  const names = (each: unknown) => stringOf(recordOf(each)['name']) ?? '';
  const main = containers.find((each) =>
    [...listOf(each['environment']), ...listOf(each['secrets'])].some((pair) =>
      names(pair).startsWith('LENA_'),
    ),
  );
  return [
    ...listOf(main?.['environment']).map((pair): EnvironmentEntry => {
      const name = cleanLine(names(pair));
      const origin = { kind: 'literal' } as const;
      return isSecretName(name)
        ? { name, isMasked: true, origin }
        : { name, value: cleanLine(stringOf(recordOf(pair)['value']) ?? '', 4_096), origin };
    }),
    ...listOf(main?.['secrets']).map(
      (secret): EnvironmentEntry => ({
        name: cleanLine(names(secret)),
        isMasked: true,
        origin: { kind: 'secret', name: cleanLine(stringOf(recordOf(secret)['valueFrom']) ?? '') },
      }),
    ),
  ];
}

/** Images of all containers, for lists. */
export const imagesOfDefinition = ({ document }: TaskDefinition): readonly string[] =>
  listOf(document['containerDefinitions']).flatMap((each) => {
    const image = stringOf(recordOf(each)['image']);
    return image === undefined ? [] : [cleanLine(image, 300)];
  });

/** Whether ECS knows of its tasks if they are healthy; without a check they only run. */
export const hasHealthCheck = ({ document }: TaskDefinition): boolean =>
  listOf(document['containerDefinitions']).some((each) => recordOf(each)['healthCheck'] !== undefined);

/** Of values that are JSON already. */
const isObject = (value: unknown): value is JsonObject => isRecord(value);
