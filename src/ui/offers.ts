import type { Clock } from '../core/clock.ts';
import type { Ref } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { rowFor } from '../views/any-view.ts';
import type { OfferId, Target } from '../views/view.ts';
import type { Acting } from './acting.ts';
import { contextFacts } from './dialog/context-facts.ts';
import type { Dialogs } from './dialog/dialogs.ts';
import type { FormField } from './dialog/form.ts';
import { createFormDialog } from './dialog/form-dialog.ts';
import { createQuestion } from './dialog/question-dialog.ts';
import { createDumpOffers } from './dump-offers.ts';
import type { Flasher } from './flash.ts';
import type { ActingRow } from './navigate.ts';
import type { Screen } from './screen/screen.ts';
import { createTemplateOffers, type OpenReport } from './template-offers.ts';
import type { Verbs } from './verbs.ts';

export interface OfferOptions {
  readonly acting: Acting | undefined;
  readonly dialogs: Dialogs;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly clock: Clock;
  readonly verbs: Verbs;
  readonly actingRow: ActingRow;
  readonly openReport: OpenReport;
  readonly openTarget: (target: Target) => void;
  readonly leaveRows: (gone: readonly Ref[]) => void;
  readonly copy: (text: string) => void;
}

const HOUR_MS = 3_600_000;
const TIMES: readonly { readonly value: string; readonly label: string; readonly ms: number }[] = [
  { value: '1h', label: '1 h', ms: HOUR_MS },
  { value: '8h', label: '8 h', ms: 8 * HOUR_MS },
  { value: '1d', label: '1 d', ms: 24 * HOUR_MS },
  { value: '7d', label: '7 d', ms: 7 * 24 * HOUR_MS },
];
const REASON: FormField = {
  id: 'reason',
  title: text('Reason', '이유'),
  type: 'text',
  isRequired: true,
  initial: undefined,
  hint: text('for the audit', '감사 기록용'),
};

/** What the console itself does: acknowledging findings, cancelling jobs, asking for a lift, reading templates. */
export function createOffers(options: OfferOptions) {
  const { acting, dialogs, screen, flasher, clock, verbs, actingRow } = options;
  const acknowledge = (gate: Acting, refs: readonly Ref[]) => {
    const findings = refs.filter((ref): ref is Ref<'finding'> => ref.kind === 'finding');
    const { related } = screen.world().context;
    const count = findings.length;
    dialogs.open(
      createFormDialog({
        dialogs,
        title: text('Acknowledge', '확인 처리'),
        lines: findings.map((ref) => {
          const finding = related.get(ref);
          const words = `${finding?.code ?? ref.id} ${finding?.targetName ?? ''}`;
          return text(words, words);
        }),
        fields: [
          REASON,
          {
            id: 'time',
            title: text('For', '기간'),
            type: 'choice',
            isRequired: true,
            initial: '1h',
            isOpen: false,
            load: () => Promise.resolve(TIMES),
          },
        ],
        verb: text('acknowledges', '확인 처리'),
        async submit({ reason = '', time }) {
          const forMs = TIMES.find(({ value }) => value === time)?.ms ?? HOUR_MS;
          const until = clock.now() + forMs;
          for (const finding of findings) await gate.acknowledge({ finding, reason, until });
          flasher.show(
            text(
              `Acknowledged ${count} ${count === 1 ? 'finding' : 'findings'}`,
              `발견 사항 ${count}건 확인 처리함`,
            ),
          );
        },
      }),
    );
  };
  const cancelJob = (gate: Acting, refs: readonly Ref[]) => {
    const jobs = refs.filter((ref): ref is Ref<'job'> => ref.kind === 'job');
    const { related } = screen.world().context;
    dialogs.open(
      createQuestion({
        dialogs,
        title: text('Cancel jobs', '작업 취소'),
        lines: [
          text(
            'No further step or target is begun; what was sent already stays done.',
            '더 이상의 단계나 대상을 시작하지 않습니다. 이미 보낸 것은 그대로입니다.',
          ),
          ...jobs.map((ref) => {
            const title = related.get(ref)?.title;
            return text(`· ${title?.en ?? ref.id}`, `· ${title?.ko ?? ref.id}`);
          }),
        ],
        no: text('Let it run', '계속 실행'),
        yes: text('Cancel the job', '작업 취소'),
        onYes() {
          for (const ref of jobs) gate.executor.cancel(ref);
          flasher.show(text('Cancelling', '취소하는 중'));
        },
      }),
    );
    dialogs.guard();
  };
  const deeds: Readonly<Record<OfferId, (gate: Acting, refs: readonly Ref[]) => void>> = {
    acknowledge,
    'cancel-job': cancelJob,
    ...createTemplateOffers(options),
    ...createDumpOffers(options),
  };
  return {
    offer(id: OfferId): void {
      const view = screen.view();
      const offer = view?.offers?.find((one) => one.id === id);
      const found = verbs.targets();
      if (view === undefined || offer === undefined || found === undefined) return;
      if (acting === undefined) {
        flasher.show(text('Nothing can be done here', '여기서는 수행할 수 없음'), 'warn');
        return;
      }
      const { context } = screen.world();
      const judged = found.refs.map((ref) => {
        const row = context.related.get(ref);
        const reason = row === undefined ? undefined : offer.disabledReason?.(rowFor(view, row), context);
        return { ref, reason };
      });
      const able = judged.filter(({ reason }) => reason === undefined).map(({ ref }) => ref);
      const why = judged[0]?.reason;
      if (able.length > 0) deeds[id](acting, able);
      else if (why !== undefined) flasher.show(why, 'warn');
    },
    askForLift(): void {
      if (acting === undefined) {
        flasher.show(text('No lift is possible here', '여기서는 제한을 풀 수 없음'), 'warn');
        return;
      }
      const view = screen.view();
      const row = actingRow();
      if (view === undefined || row === undefined) return;
      const context = view.contextOf(rowFor(view, row));
      const reason = acting.lift.disabledReason(context);
      if (reason !== undefined) {
        flasher.show(
          text(`No lift for ${context}: ${reason.en}`, `${context} 제한 풀기 불가: ${reason.ko}`),
          'warn',
        );
        return;
      }
      dialogs.open(
        createFormDialog({
          dialogs,
          title: text(`Lift for ${context}`, `${context} 제한 풀기`),
          facts: (room) => contextFacts(room, acting, [context]),
          lines: [
            text(
              `For a while ${context} can be changed from here; it is shown in the header and audited.`,
              `잠시 동안 ${context}을(를) 여기서 변경할 수 있습니다. 머리글에 보이고 감사에 남습니다.`,
            ),
          ],
          fields: [
            REASON,
            {
              id: 'minutes',
              title: text('Minutes', '분'),
              type: 'count',
              isRequired: true,
              initial: String(Math.min(15, acting.lift.maxMinutes)),
              least: 1,
              most: acting.lift.maxMinutes,
            },
          ],
          verb: text('lifts', '풀기'),
          async submit({ reason: why = '', minutes }) {
            await acting.lift.begin({ context, reason: why, minutes: Number(minutes) });
            flasher.show(
              text(`${context} is lifted for ${minutes} min`, `${context}: ${minutes}분 동안 풀림`),
            );
          },
        }),
      );
    },
  };
}
