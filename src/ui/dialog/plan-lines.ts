import type { DryRunResult, Verdict } from '../../actions/acting.ts';
import type { AnyAction } from '../../actions/action.ts';
import { failureText } from '../../domain/errors.ts';
import type { Plan, PlanTarget, PlanWarning } from '../../domain/plan.ts';
import type { Ref } from '../../domain/ref.ts';
import { type Text, text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import { part, partsWidth } from '../kit/styled-line.ts';
import { displayWidth } from '../kit/width.ts';
import { nameOfRef } from '../screen/crumb-names.ts';
import { DIFF_ROLES } from '../screen/report-lines.ts';
import { callLines } from './call-lines.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { targetFactsText } from './plan-facts.ts';
import { indented, saidLines } from './said-lines.ts';
import { verdictLines } from './verdict-line.ts';

const LEVEL_SIGNS = { info: '·', warn: '▲', danger: '✖' } as const;
const LEVEL_ROLES = { info: 'accent', warn: 'warn', danger: 'bad' } as const;

const heading = ({ world }: DialogRoom, words: Text): DialogLine => [
  part(say(world.settings, words), 'heading'),
];

export interface PlanShown {
  readonly action: AnyAction;
  readonly plan: Plan;
  readonly verdict: Verdict;
  /** Rows the order is about. */
  readonly rows: readonly Ref[];
  /** What was left out of the order, and why. */
  readonly notes: readonly Text[];
  /** Bodies of the calls and identifiers of the targets too. */
  readonly isUnfolded: boolean;
}

/** A plan as the operator reads it, what decides first: what, dangers, targets, calls; then remarks and the difference. */
export function planLines(room: DialogRoom, shown: PlanShown): readonly DialogLine[] {
  const { plan, verdict, notes, isUnfolded } = shown;
  const because = verdict.state === 'allowed' ? verdict.because : [];
  const warned = new Set(plan.warnings.map(({ text: { en } }) => en));
  const blocks: readonly (readonly DialogLine[])[] = [
    [
      ...verdictLines(room, plan, shown.action),
      ...goneLines(room, shown.rows),
      ...warningLines(room, plan.warnings, 'danger'),
      ...because
        // A danger asks for the name too; it is read once.
        .filter(({ en }) => !warned.has(en))
        .flatMap((why) => saidLines(room, why, { role: 'protected', sign: '▲' })),
      ...notes.flatMap((note) => saidLines(room, note, { role: 'warn', sign: '▲' })),
      ...warningLines(room, plan.warnings, 'warn'),
    ],
    targetLines(room, plan.targets, isUnfolded),
    callLines(room, plan, isUnfolded),
    warningLines(room, plan.warnings, 'info'),
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

/** Warnings of one level; several targets may give the same, which is read once. */
const warningLines = (
  room: DialogRoom,
  warnings: readonly PlanWarning[],
  level: PlanWarning['level'],
): readonly DialogLine[] =>
  Array.from(
    new Map(warnings.filter((one) => one.level === level).map(({ text: said }) => [said.en, said])).values(),
  ).flatMap((said) => saidLines(room, said, { role: LEVEL_ROLES[level], sign: LEVEL_SIGNS[level] }));

function targetLines(
  room: DialogRoom,
  targets: readonly PlanTarget[],
  isUnfolded: boolean,
): readonly DialogLine[] {
  return [
    heading(room, text(`Targets (${targets.length})`, `대상 (${targets.length})`)),
    ...targets.flatMap(({ kind, name, namespace, context, before }): readonly DialogLine[] => {
      const head = [
        part(`  ${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`),
        part(`  ${context}`, 'accent'),
      ];
      const facts = targetFactsText(before, isUnfolded);
      if (facts === undefined) return [head];
      if (partsWidth(head) + displayWidth(facts) + 2 <= room.width)
        return [[...head, part(`  ${facts}`, 'muted')]];
      const below = saidLines({ ...room, width: room.width - 6 }, facts, { role: 'muted' });
      return [head, ...below.map(indented)];
    }),
  ];
}

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
