import type { AnyAction } from '../../actions/action.ts';
import { backEndOfServer } from '../../actions/back-end.ts';
import type { Lookup } from '../../actions/tools.ts';
import type { Plan } from '../../domain/plan.ts';
import { MODE_TITLES } from '../../domain/policy.ts';
import { type Ref, refOf } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import type { Acting } from '../acting.ts';
import { type Part, part, partsWidth } from '../kit/styled-line.ts';
import { fit } from '../kit/width.ts';
import type { DialogRoom } from './dialog.ts';

/** Cells the border beside the facts needs. */
const BORDER_CELLS = 12;

/** Every context a plan changes or calls. */
export const planContexts = ({ targets }: Pick<Plan, 'targets'>): readonly string[] => [
  ...new Set(
    targets.flatMap(({ context, steps, restore = [] }) => [
      context,
      ...[...steps, ...restore].flatMap((step) =>
        step.type === 'call' ? [step.call.context] : step.type === 'take' ? [step.request.context] : [],
      ),
    ]),
  ),
];

/** Contexts that acting on rows concerns, as far as the rows tell before there is a plan. */
export const rowContexts = (
  refs: readonly Ref<'server' | 'workload' | 'serviceCluster'>[],
  lookup: Lookup,
  action?: AnyAction,
): readonly string[] => [
  ...new Set(
    refs.flatMap((ref): readonly string[] => {
      const row = lookup.get(ref);
      if (row === undefined) return [ref.context];
      if ('contexts' in row) return row.contexts.length === 0 ? [ref.context] : row.contexts;
      if (!('records' in row)) return [ref.context];
      // A machine's server is changed by the Manager that has it registered; what reaches it itself asks nobody else.
      const reach = action?.kind === 'server' ? action.backEndOf(row, lookup) : backEndOfServer(row);
      return [(reach === 'manager' ? row.records.registration?.context : undefined) ?? ref.context];
    }),
  ),
];

/** Mode and contexts an order concerns: protected ones first and in their own colour, as many as there is room for. */
export function contextFacts(
  room: Pick<DialogRoom, 'world' | 'width'>,
  acting: Acting,
  contexts: readonly string[],
): readonly Part[] {
  const { settings, context } = room.world;
  const known = contexts.map((name) => ({
    name,
    mode: acting.modeOf(name).mode,
    isProtected: context.related.get(refOf('context', name, name))?.isProtected === true,
  }));
  const ordered = [
    ...known.filter(({ isProtected }) => isProtected),
    ...known.filter(({ isProtected }) => !isProtected),
  ];
  const partsOf = (count: number, nameWidth?: number): readonly Part[] => {
    const shown = ordered.slice(0, count).flatMap(({ name, mode, isProtected }, index): readonly Part[] => {
      const sign = isProtected ? ` ${say(settings, text('protected', '보호됨'))}` : '';
      const cut = nameWidth === undefined ? name : fit(name, nameWidth, { cut: 'middle' });
      return [
        part(index === 0 ? ' ' : '· '),
        ...(ordered[index - 1]?.mode === mode
          ? []
          : [part(`${say(settings, MODE_TITLES[mode])} `, mode === 'normal' ? 'good' : 'warn')]),
        part(`${cut}${sign} `, isProtected ? 'protected' : 'normal'),
      ];
    });
    return count < ordered.length ? [...shown, part(`+${ordered.length - count} `, 'warn')] : shown;
  };
  for (let count = ordered.length; count > 0; count--) {
    const parts = partsOf(count);
    if (partsWidth(parts) <= Math.max(room.width / 2, room.width - 40)) return parts;
  }
  const [first] = ordered;
  if (first === undefined) return [];
  const over = partsWidth(partsOf(1)) - (room.width - BORDER_CELLS);
  return over <= 0 ? partsOf(1) : partsOf(1, Math.max(4, first.name.length - over));
}
