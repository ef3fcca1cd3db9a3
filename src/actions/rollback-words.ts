import { type EnvironmentEntry, environmentValue } from '../domain/environment.ts';
import type { PlanWarning } from '../domain/plan.ts';
import { type Text, text } from '../domain/text.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';

/** Why a rollback to the revision that is deployed is refused. */
export const RUNS_NOW: Text = text('is what runs now', '현재 실행 중인 것임');

/**
 * Says that a rollback leaves the template revision as it is, where what is rolled back does not hold it: a ConfigMap
 * keeps one value for all revisions of its readers.
 */
export function templateKeptWarnings(
  name: string,
  environment: readonly EnvironmentEntry[],
): readonly PlanWarning[] {
  const origin = environment.find((entry) => entry.name === TEMPLATE_ID)?.origin;
  if (origin?.kind !== 'configMap') return [];
  const value = environmentValue(environment, TEMPLATE_ID);
  const now = value === undefined ? '' : ` (${value})`;
  return [
    {
      level: 'info',
      code: 'template-revision-kept',
      text: text(
        `The template revision of ${name} stays as it is${now}: ConfigMap ${origin.name} holds it; switch-revision changes it`,
        `${name}의 템플릿 리비전은 바뀌지 않음${now}: ConfigMap ${origin.name}에 있으며 switch-revision으로 변경`,
      ),
    },
  ];
}
