import type { DumpWay } from '../../domain/dump-way.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { refOf } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import type { Lookup } from '../tools.ts';

const THROUGH_CONTEXT: ReadonlySet<DumpWay['id']> = new Set(['pod-exec', 'ecs-exec']);

/** That the context a way goes through did not answer when it was last asked: the row may still be shown. */
export function contextWarning(context: string, { id }: DumpWay, lookup: Lookup): readonly PlanWarning[] {
  if (!THROUGH_CONTEXT.has(id)) return [];
  const status = lookup.get(refOf('context', context, context))?.status;
  if (status === undefined || !('error' in status) || status.error === undefined) return [];
  const { code, message } = status.error;
  return [
    {
      level: 'warn',
      code: 'context-down',
      text: text(
        `${context} does not answer, and this goes through it: ${code}: ${message}`,
        `${context}이(가) 응답하지 않으며 이 경로는 그곳을 거칩니다: ${code}: ${message}`,
      ),
    },
  ];
}
