import type { Prepared, RunningJob } from '../actions/acting.ts';
import type { ActionKind, AnyAction, InputOption, VerbMenu } from '../actions/action.ts';
import { describeThrown } from '../core/app-error.ts';
import { failureText } from '../domain/errors.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import type { Acting } from './acting.ts';
import { createActionDialog } from './dialog/action-dialog.ts';
import type { Dialogs } from './dialog/dialogs.ts';
import { createFormDialog } from './dialog/form-dialog.ts';
import { createQuestion } from './dialog/question-dialog.ts';
import type { Flasher } from './flash.ts';
import { jobEndWords } from './job-words.ts';
import type { ActingRow } from './navigate.ts';
import { nameOfRef } from './screen/crumb-names.ts';
import type { Screen } from './screen/screen.ts';
import { type Choice, chooseVerb, formFields, isActionRef } from './verb-targets.ts';

export interface VerbOptions {
  readonly acting: Acting | undefined;
  readonly dialogs: Dialogs;
  readonly screen: Screen;
  readonly flasher: Flasher;
  readonly actingRow: ActingRow;
  readonly quit: () => void;
}

/** How it came to a verb. */
interface From {
  /** Marked rows that are not shown. */
  readonly hidden: number;
  readonly isFromMenu: boolean;
}
interface MenuOf {
  readonly menu: VerbMenu;
  readonly actions: readonly AnyAction[];
  readonly refs: readonly Ref<ActionKind>[];
  readonly hidden: number;
}

/** Names told one by one; more are counted. */
const NAMED = 3;

/** What verbs do when their keys are pressed: find the targets, open the dialog, tell how it went. */
export function createVerbs({ acting, dialogs, screen, flasher, actingRow, quit }: VerbOptions) {
  const nameOf = (ref: Ref): string => nameOfRef(screen.world().context.related, ref);
  const namesOf = (refs: readonly Ref[]): string => {
    const names = refs.slice(0, NAMED).map(nameOf).join(', ');
    return refs.length > NAMED ? `${names} +${refs.length - NAMED}` : names;
  };

  /** Marked rows that are shown, else the row under the cursor; says why where there is none. */
  const targets = (): { readonly refs: readonly Ref[]; readonly hidden: number } | undefined => {
    screen.settle();
    const { content, marks } = screen.world().page;
    if (content.kind === 'table' && marks.size > 0) {
      const refs = screen.rowSet().refs.filter((ref) => marks.has(refKey(ref)));
      if (refs.length > 0) return { refs, hidden: marks.size - refs.length };
      flasher.show(
        text(
          `None of the ${marks.size} marked rows is shown: clear the filter, or the marks with ^\\`,
          `표시한 ${marks.size}개 행이 모두 안 보임: 필터나 표시(^\\)를 지우세요`,
        ),
        'warn',
      );
      return undefined;
    }
    const row = actingRow();
    return row === undefined ? undefined : { refs: [row.ref], hidden: 0 };
  };

  const notesOf = (hidden: number, { blocked }: Choice): readonly Text[] => [
    ...(hidden === 0
      ? []
      : [
          text(
            `${hidden} marked ${hidden === 1 ? 'row is' : 'rows are'} not shown and left out`,
            `안 보이는 표시 행 ${hidden}개는 제외됨`,
          ),
        ]),
    ...blocked.map(({ ref, reason }) =>
      text(`Left out: ${nameOf(ref)} (${reason.en})`, `제외: ${nameOf(ref)} (${reason.ko})`),
    ),
  ];

  /** Which verb cannot act on which row, and why: the row may be one of many marked. */
  const blockedWords = ({ title }: AnyAction, { ref, reason }: Choice['blocked'][number]): Text =>
    text(`${title.en} ${nameOf(ref)}: ${reason.en}`, `${nameOf(ref)} ${title.ko}: ${reason.ko}`);

  const tellStart = (job: RunningJob, { plan }: Prepared) => {
    flasher.show(text(`${plan.title.en}: started; J shows jobs`, `${plan.title.ko}: 시작됨; J: 작업`));
    job.done.then(
      (ended) => {
        const { words, tone } = jobEndWords(ended);
        flasher.show(words, tone);
      },
      (thrown: unknown) => {
        const why = describeThrown(thrown);
        flasher.show(text(`${plan.title.en}: ${why}`, `${plan.title.ko}: ${why}`), 'error');
      },
    );
  };

  const open = (gate: Acting, choice: Choice, { hidden, isFromMenu }: From) => {
    const { action, targets: refs } = choice;
    const [first] = refs;
    if (first === undefined) return;
    const order = { action, targets: refs };
    const row = screen.world().context.related.get<ActionKind>(first);
    const names = namesOf(refs);
    dialogs.open(
      createActionDialog({
        acting: gate,
        dialogs,
        order,
        fields: formFields(order, { executor: gate.executor, lookup: gate.lookup, row, isFromMenu }),
        title: text(`${action.title.en} ${names}`, `${names} ${action.title.ko}`),
        notes: notesOf(hidden, choice),
        say: (words) => flasher.show(words, 'warn'),
        onStarted: tellStart,
        onRefused: (error) => flasher.show(text(failureText(error), failureText(error)), 'error'),
      }),
    );
  };

  const act = (actions: readonly AnyAction[], menu?: VerbMenu) => {
    const found = acting === undefined ? undefined : targets();
    if (acting === undefined || found === undefined) return;
    const refs = found.refs.filter(isActionRef);
    if (menu !== undefined && actions.some((action) => canAct(acting, action, refs))) {
      openMenu(acting, { menu, actions, refs, hidden: found.hidden });
      return;
    }
    begin(acting, chooseVerb(acting.executor, actions, refs), { hidden: found.hidden, isFromMenu: false });
  };
  const canAct = ({ executor }: Acting, action: AnyAction, refs: readonly Ref<ActionKind>[]) =>
    refs.some((ref) => executor.disabledReason(action, ref) === undefined);

  const openMenu = (gate: Acting, { menu, actions, refs, hidden }: MenuOf) => {
    const { language } = screen.world().settings;
    const names = namesOf(refs);
    const options = actions.map((action): InputOption => {
      const { title, help, key, id } = action;
      const label = key === menu.key ? title[language] : `${title[language]} (${key})`;
      const why = canAct(gate, action, refs)
        ? undefined
        : chooseVerb(gate.executor, [action], refs)?.blocked[0]?.reason;
      return { value: id, label, detail: why ?? help, ...(why === undefined ? {} : { unfit: why }) };
    });
    dialogs.open(
      createFormDialog({
        dialogs,
        title: text(`${menu.title.en} ${names}`, `${names} ${menu.title.ko}`),
        lines: [],
        fields: [
          {
            id: 'what',
            title: text('What', '무엇을'),
            type: 'choice',
            isRequired: true,
            initial: undefined,
            isOpen: false,
            load: () => Promise.resolve(options),
          },
        ],
        verb: text('goes on', '계속'),
        async submit({ what }) {
          const action = actions.find(({ id }) => id === what);
          if (action !== undefined) {
            begin(gate, chooseVerb(gate.executor, [action], refs), { hidden, isFromMenu: true });
          }
        },
      }),
    );
  };

  const begin = (gate: Acting, choice: Choice | undefined, from: From) => {
    if (choice === undefined) return;
    const [blocked] = choice.blocked;
    if (choice.targets.length === 0) {
      if (blocked !== undefined) flasher.show(blockedWords(choice.action, blocked), 'warn');
      return;
    }
    const { action } = choice;
    if (!action.takesMany && choice.targets.length > 1) {
      flasher.show(
        text(
          `${action.title.en} takes one row; ${choice.targets.length} are marked`,
          `${action.title.ko}: 한 행만 가능, ${choice.targets.length}개가 표시됨`,
        ),
        'warn',
      );
      return;
    }
    open(gate, choice, from);
  };

  const runningJobs = () => (acting?.executor.jobs() ?? []).filter(({ state }) => state === 'running');
  return {
    targets,
    nameOf,
    act,
    /** Leaves at once, or asks where that would interrupt something. */
    quit(): void {
      const running = runningJobs();
      if (running.length === 0) {
        quit();
        return;
      }
      dialogs.open(
        createQuestion({
          dialogs,
          title: text('Leave l9s', 'l9s 종료'),
          lines: [
            text(
              `${running.length === 1 ? 'A job is' : `${running.length} jobs are`} running. Leaving starts nothing further; what is on its way gets 5 s, and the audit says interrupted.`,
              `작업 ${running.length}개가 실행 중입니다. 나가면 더 시작하지 않고, 보낸 것은 5초 기다리며, 감사에는 중단으로 남습니다.`,
            ),
            ...running.map(({ title }) => text(`· ${title.en}`, `· ${title.ko}`)),
          ],
          no: text('Stay', '머무르기'),
          yes: text('Leave', '나가기'),
          onYes: quit,
        }),
      );
      dialogs.guard();
    },
  };
}
export type Verbs = ReturnType<typeof createVerbs>;
