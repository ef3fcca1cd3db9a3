import type { Reading, Survey, SurveyQuestion } from './plan-switch.ts';

export async function surveyEcs(
  { workloads }: SurveyQuestion,
  _reading: Reading,
): Promise<readonly Survey[]> {
  return workloads.length === 0 ? [] : [];
}
