import type { DryRunResult, Verdict } from '../../actions/acting.ts';
import { maskDeep } from '../../actions/mask.ts';
import type { Call, CallRequest, JsonValue } from '../../domain/call.ts';
import { failureText } from '../../domain/errors.ts';
import type { Plan, PlanTarget, PlanWarning } from '../../domain/plan.ts';
import { MODE_TITLES } from '../../domain/policy.ts';
import { type Ref, refOf } from '../../domain/ref.ts';
import { type Text, text } from '../../domain/text.ts';
import { factsText } from '../../views/acted-words.ts';
import { say } from '../../views/words.ts';
import type { Acting } from '../acting.ts';
import { type Part, part, partsWidth } from '../kit/styled-line.ts';
import type { Role } from '../kit/theme.ts';
import { displayWidth, wrap } from '../kit/width.ts';
import { nameOfRef } from '../screen/crumb-names.ts';
import { DIFF_ROLES } from '../screen/report-lines.ts';
import type { World } from '../screen/world.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';

const LEVEL_SIGNS = { info: '·', warn: '▲', danger: '✖' } as const;
const LEVEL_ROLES = { info: 'accent', warn: 'warn', danger: 'bad' } as const;
const LEVELS: readonly PlanWarning['level'][] = ['danger', 'warn', 'info'];

/** Mode and contexts an order concerns; protected contexts in their own colour. */
export function contextFacts(world: World, acting: Acting, contexts: readonly string[]): readonly Part[] {
  const { settings, context } = world;
  return [...new Set(contexts)].flatMap((name, index): readonly Part[] => {
    const { mode } = acting.modeOf(name);
    const isProtected = context.related.get(refOf('context', name, name))?.isProtected === true;
    const sign = isProtected ? ` ${say(settings, text('protected', '보호됨'))}` : '';
    return [
      part(index === 0 ? ' ' : '· '),
      part(`${say(settings, MODE_TITLES[mode])} `, mode === 'normal' ? 'good' : 'warn'),
      part(`${name}${sign} `, isProtected ? 'protected' : 'normal'),
    ];
  });
}

/** Words over as many lines as they need, with a sign before the first. */
export function saidLines(
  { world, width }: Pick<DialogRoom, 'world' | 'width'>,
  words: Text | string,
  { role = 'normal', sign = '' }: { readonly role?: Role; readonly sign?: string } = {},
): readonly DialogLine[] {
  const spoken = typeof words === 'string' ? words : say(world.settings, words);
  const indent = sign === '' ? 0 : 2;
  return wrap(spoken, width - indent).map((piece, index) => [
    part(`${indent === 0 ? '' : index === 0 ? `${sign} ` : '  '}${piece}`, role),
  ]);
}

const heading = ({ world }: DialogRoom, words: Text): DialogLine => [
  part(say(world.settings, words), 'heading'),
];

export interface PlanShown {
  readonly plan: Plan;
  readonly verdict: Verdict;
  /** Rows the order is about. */
  readonly rows: readonly Ref[];
  /** What was left out of the order, and why. */
  readonly notes: readonly Text[];
  /** Bodies of the calls too. */
  readonly isUnfolded: boolean;
}

/** A plan as the operator reads it: what, where, what he must know, the exact calls, the difference. */
export function planLines(room: DialogRoom, shown: PlanShown): readonly DialogLine[] {
  const { plan, verdict, notes } = shown;
  const blocks: readonly (readonly DialogLine[])[] = [
    [
      ...goneLines(room, shown.rows),
      ...notes.flatMap((note) => saidLines(room, note, { role: 'warn', sign: '▲' })),
      ...warningLines(room, plan.warnings),
      ...(verdict.state === 'allowed'
        ? verdict.because
            .filter((why) => !plan.warnings.some(({ text: said }) => said.en === why.en))
            .flatMap((why) => saidLines(room, why, { role: 'protected', sign: '!' }))
        : []),
    ],
    targetLines(room, plan.targets),
    callLines(room, shown),
    diffLines(room, plan),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : [[], ...block]));
}

/** A plan is about things, not about rows: what vanished since it was ordered is told. */
export function goneLines(room: DialogRoom, rows: readonly Ref[]): readonly DialogLine[] {
  const { related } = room.world.context;
  const gone = rows.filter((ref) => related.get(ref) === undefined).map((ref) => nameOfRef(related, ref));
  if (gone.length === 0) return [];
  const names = gone.join(', ');
  return saidLines(room, text(`Gone meanwhile: ${names}`, `그사이 사라짐: ${names}`), {
    role: 'bad',
    sign: '✖',
  });
}

const warningLines = (room: DialogRoom, warnings: readonly PlanWarning[]): readonly DialogLine[] =>
  LEVELS.flatMap((level) =>
    warnings
      .filter((warning) => warning.level === level)
      .flatMap((warning) =>
        saidLines(room, warning.text, { role: LEVEL_ROLES[level], sign: LEVEL_SIGNS[level] }),
      ),
  );

function targetLines(room: DialogRoom, targets: readonly PlanTarget[]): readonly DialogLine[] {
  return [
    heading(room, text(`Targets (${targets.length})`, `대상 (${targets.length})`)),
    ...targets.flatMap(({ kind, name, namespace, context, before }): readonly DialogLine[] => {
      const head = [
        part(`  ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`),
        part(`  ${context}`, 'accent'),
      ];
      const facts = factsText(before);
      if (facts === undefined) return [head];
      if (partsWidth(head) + displayWidth(facts) + 2 <= room.width)
        return [[...head, part(`  ${facts}`, 'muted')]];
      const below = saidLines({ ...room, width: room.width - 6 }, facts, { role: 'muted' });
      return [head, ...below.map(indented)];
    }),
  ];
}

/** One request in a line, e.g. `PATCH /apis/apps/v1/namespaces/shop/deployments/was`. */
export function requestLine(request: CallRequest): string {
  switch (request.system) {
    case 'kube': {
      const query = new URLSearchParams(request.query ?? {}).toString();
      return `${request.method} ${request.path}${query === '' ? '' : `?${query}`}`;
    }
    case 'ecs':
      return request.operation;
    case 'manager':
      return `${request.method} ${request.path}`;
  }
}
function bodyOf(request: CallRequest): JsonValue | undefined {
  const body = request.system === 'ecs' ? request.input : request.body;
  return body === undefined ? undefined : maskDeep(body);
}

function callLines(room: DialogRoom, { plan, isUnfolded }: PlanShown): readonly DialogLine[] {
  const calls = plan.targets.flatMap(({ steps }) => steps.filter((step) => step.type === 'call'));
  const fold = isUnfolded ? text('x hides bodies', 'x: 본문 숨기기') : text('x shows bodies', 'x: 본문 보기');
  const lineOf = (call: Call, sign: string): readonly DialogLine[] => {
    const body = isUnfolded ? bodyOf(call.request) : undefined;
    return [
      [
        part(`  ${sign} `, 'muted'),
        part(say(room.world.settings, call.title)),
        part(`  ${call.context}`, 'accent'),
      ],
      ...saidLines({ ...room, width: room.width - 6 }, requestLine(call.request), { role: 'muted' }).map(
        indented,
      ),
      ...(body === undefined
        ? []
        : JSON.stringify(body, undefined, 2)
            .split('\n')
            .flatMap((line) => saidLines({ ...room, width: room.width - 8 }, line, { role: 'muted' }))
            .map(indented)),
    ];
  };
  const steps = plan.targets.flatMap((target) => [
    ...target.steps.flatMap((step): readonly DialogLine[] =>
      step.type === 'call'
        ? lineOf(step.call, '→')
        : [[part('  … ', 'muted'), part(say(room.world.settings, step.title), 'muted')]],
    ),
    ...(target.restore ?? []).flatMap(({ call }) => lineOf(call, '↺')),
  ]);
  const restores = plan.targets.some(({ restore = [] }) => restore.length > 0);
  return [
    [
      part(say(room.world.settings, text(`Calls (${calls.length})`, `호출 (${calls.length})`)), 'heading'),
      part(`  ${say(room.world.settings, fold)}`, 'muted'),
      ...(restores
        ? [part(`  ${say(room.world.settings, text('↺ only if it fails', '↺ 실패할 때만'))}`, 'muted')]
        : []),
    ],
    ...steps,
  ];
}
const indented = (line: DialogLine): DialogLine => [part('      '), ...line];

function diffLines(room: DialogRoom, { diff }: Plan): readonly DialogLine[] {
  if (diff.length === 0) return [];
  return [
    heading(room, text('Difference', '차이')),
    ...diff.flatMap(({ title, lines }): readonly DialogLine[] => [
      [part(`  ${title}`, 'key')],
      ...lines.map((line): DialogLine => [part(`  ${line}`, DIFF_ROLES[line[0] ?? ''] ?? 'muted')]),
    ]),
  ];
}

/** What the remotes said they would do. */
export function dryRunLines(room: DialogRoom, results: readonly DryRunResult[]): readonly DialogLine[] {
  return [
    heading(room, text('Dry run: nothing was changed', '모의 실행: 바뀐 것 없음')),
    ...results.flatMap(({ call, context, sent }): readonly DialogLine[] => {
      const where = `${call} (${context})`;
      if (sent === undefined) {
        const words = text(`${where}: cannot be asked ahead`, `${where}: 미리 물을 수 없음`);
        return saidLines(room, words, { role: 'muted', sign: '?' });
      }
      if (sent.outcome === 'done') {
        return saidLines(room, text(`${where}: would be accepted`, `${where}: 받아들여짐`), {
          role: 'good',
          sign: '●',
        });
      }
      return saidLines(room, `${where}: ${failureText(sent.error)}`, { role: 'bad', sign: '✖' });
    }),
  ];
}
