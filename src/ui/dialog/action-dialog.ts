import type { Consent, DryRunResult, Order, Prepared, RunningJob } from '../../actions/acting.ts';
import { failureText } from '../../domain/errors.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import { type Text, text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import type { Acting } from '../acting.ts';
import type { KeyName } from '../input/keys.ts';
import { part } from '../kit/styled-line.ts';
import { type ConsentForm, createConsent, isTakenAtOnce } from './consent.ts';
import { contextFacts, planContexts, rowContexts } from './context-facts.ts';
import type { Dialog, DialogContent, DialogLine, DialogRoom } from './dialog.ts';
import type { Dialogs } from './dialogs.ts';
import { failureFrom, failureOfThrown } from './failure.ts';
import { buttonParts } from './field-parts.ts';
import { createForm, type Form, type FormField } from './form.ts';
import { dryRunLines, goneLines, planLines } from './plan-lines.ts';
import { saidLines } from './said-lines.ts';

export interface ActionDialogOptions {
  readonly acting: Acting;
  readonly dialogs: Dialogs;
  /** Without its input. */
  readonly order: Omit<Order, 'input'>;
  readonly fields: readonly FormField[];
  /** Verb and targets, until the plan says it better. */
  readonly title: Text;
  /** What was left out of the order. */
  readonly notes: readonly Text[];
  readonly say: (words: Text) => void;
  /** The job runs; the dialog is closed. */
  readonly onStarted: (job: RunningJob, prepared: Prepared) => void;
  /** It was refused after the dialog was left. */
  readonly onRefused: (error: SourceFailure) => void;
}

type Stage =
  | { readonly name: 'inputs'; readonly form: Form }
  | { readonly name: 'planning' }
  | { readonly name: 'plan'; readonly prepared: Prepared; readonly consent: ConsentForm }
  | { readonly name: 'starting'; readonly prepared: Prepared }
  | {
      readonly name: 'refused';
      readonly error: SourceFailure;
      readonly prepared?: Prepared | undefined;
      /** The other button: back to the inputs. */
      readonly isBack?: boolean | undefined;
    };
type DryRun =
  | { readonly state: 'none' | 'running' }
  | { readonly state: 'done'; readonly results: readonly DryRunResult[] }
  | { readonly state: 'failed'; readonly why: string };

/** What the last enter of the inputs does. */
const PLANS = text('plans', '계획');
const HINTS = {
  planning: text('esc leaves · nothing is changed yet', 'esc 나가기 · 아직 바뀐 것 없음'),
  confirm: text(
    'esc leaves · → then enter confirms · ^x calls · D dry run · tab reason',
    'esc 나가기 · → 다음 enter 확인 · ^x 호출 · D 모의 실행 · tab 이유',
  ),
  take: text(
    'enter takes it · esc leaves · tab reason · ^x shows all',
    'enter 받기 · esc 나가기 · tab 이유 · ^x 모두 보기',
  ),
  name: text(
    'esc leaves · type the name, then enter · ^x calls · tab buttons',
    'esc 나가기 · 이름 입력 후 enter · ^x 호출 · tab 버튼',
  ),
  starting: text('it is being started', '시작하는 중'),
  refused: text('enter or esc closes · nothing was done', 'enter, esc 닫기 · 수행된 것 없음'),
  again: text(
    'enter or esc closes · → then enter changes the input · nothing was done',
    'enter, esc 닫기 · → 다음 enter 입력 변경 · 수행된 것 없음',
  ),
};

function hintOf({ plan, verdict }: Prepared): 'take' | 'name' | 'confirm' {
  if (verdict.state !== 'allowed') return 'confirm';
  if (isTakenAtOnce(plan, verdict)) return 'take';
  return verdict.confirm === 'type-name' ? 'name' : 'confirm';
}

/** A verb from its inputs over its plan to its start. Refs name what it is about, whatever the rows do meanwhile. */
export function createActionDialog(options: ActionDialogOptions): Dialog {
  const { acting, dialogs, order, fields } = options;
  const { executor } = acting;
  const ended = new AbortController();
  let input: Readonly<Record<string, string>> = {};
  let isUnfolded = false;
  let dryRun: DryRun = { state: 'none' };
  let stage: Stage = { name: 'planning' };
  const enter = (next: Stage) => {
    stage = next;
    if (next.name === 'plan' || next.name === 'refused') dialogs.guard();
    dialogs.changed();
  };
  const whole = (): Order => ({ ...order, input });

  const plan = () => {
    stage = { name: 'planning' };
    dryRun = { state: 'none' };
    executor.prepare(whole(), ended.signal).then(
      (prepared) => {
        if (ended.signal.aborted) return;
        const { plan: made, verdict } = prepared;
        if (verdict.state === 'refused') return enter({ name: 'refused', error: verdict.error, prepared });
        const consent = createConsent({
          plan: made,
          verdict,
          verb: order.action.title,
          say: options.say,
          cancel: () => dialogs.close(dialog),
          confirm: (given) => run(prepared, given),
          dryRun: () => askDryRun(prepared),
        });
        enter({ name: 'plan', prepared, consent });
      },
      (thrown: unknown) => {
        if (!ended.signal.aborted) enter({ name: 'refused', error: failureFrom(thrown) });
      },
    );
  };
  const run = (prepared: Prepared, consent: Consent) => {
    enter({ name: 'starting', prepared });
    executor.run(prepared, consent).then(
      (job) => {
        dialogs.finish(dialog);
        options.onStarted(job, prepared);
      },
      (thrown: unknown) => {
        const error = failureFrom(thrown);
        if (ended.signal.aborted) options.onRefused(error);
        else enter({ name: 'refused', error, prepared });
      },
    );
  };
  const askDryRun = (prepared: Prepared) => {
    if (dryRun.state === 'running') return;
    const show = (next: DryRun) => {
      if (ended.signal.aborted) return;
      dryRun = next;
      dialogs.scroll.top = 0;
      dialogs.changed();
    };
    show({ state: 'running' });
    executor.dryRun(prepared, ended.signal).then(
      (results) => show({ state: 'done', results }),
      (thrown: unknown) => show({ state: 'failed', why: failureOfThrown(thrown) }),
    );
  };

  const factsOf = (room: DialogRoom) => {
    const prepared = 'prepared' in stage ? stage.prepared : undefined;
    return contextFacts(
      room,
      acting,
      prepared === undefined
        ? rowContexts(order.targets, acting.lookup, order.action)
        : planContexts(prepared.plan),
    );
  };
  const dryLines = (room: DialogRoom): readonly DialogLine[] => {
    switch (dryRun.state) {
      case 'none':
        return [];
      case 'running':
        return [
          [part(`${room.spinner} `), part(say(room.world.settings, text('dry run …', '모의 실행 …')))],
          [],
        ];
      case 'done':
        return [...dryRunLines(room, dryRun.results), []];
      case 'failed':
        return [...saidLines(room, dryRun.why, { role: 'bad', sign: '✖' }), []];
    }
  };
  const preparedLines = (room: DialogRoom, { plan: made, verdict }: Prepared) =>
    planLines(room, {
      action: order.action,
      plan: made,
      verdict,
      rows: order.targets,
      notes: options.notes,
      isUnfolded,
    });
  /** `x` is a letter where a field is typed into, `^x` never. */
  const unfold = (key: KeyName, isInField: boolean): boolean => {
    if (key !== '^x' && (key !== 'x' || isInField)) return false;
    isUnfolded = !isUnfolded;
    return true;
  };
  const waitingLine = (room: DialogRoom, words: Text): DialogLine => [
    part(`${room.spinner} `, 'accent'),
    part(say(room.world.settings, words)),
  ];

  const content = (room: DialogRoom): Omit<DialogContent, 'title' | 'facts'> => {
    const { settings } = room.world;
    const before = (): readonly DialogLine[] => [
      ...goneLines(room, order.targets),
      ...options.notes.flatMap((note) => saidLines(room, note, { role: 'warn', sign: '▲' })),
    ];
    switch (stage.name) {
      case 'inputs': {
        const lead = before();
        const { lines, focusLine } = stage.form.lines(room);
        const body = [...lead, ...lines];
        return {
          body,
          focusLine: lead.length + focusLine,
          footer: [],
          hint: say(settings, stage.form.hint(PLANS)),
        };
      }
      case 'planning':
        return {
          body: [
            ...before(),
            waitingLine(room, text('Planning: reading what is there', '계획 중: 현재 상태 읽기')),
          ],
          footer: [],
          hint: say(settings, HINTS.planning),
        };
      case 'plan': {
        return {
          body: [...dryLines(room), ...preparedLines(room, stage.prepared)],
          footer: stage.consent.lines(room),
          hint: say(settings, HINTS[hintOf(stage.prepared)]),
        };
      }
      case 'starting':
        return {
          body: preparedLines(room, stage.prepared),
          footer: [waitingLine(room, text('Starting', '시작하는 중'))],
          hint: say(settings, HINTS.starting),
        };
      case 'refused': {
        const close = say(settings, text('Close', '닫기'));
        const labels = canGoBack() ? [close, say(settings, text('Change input', '입력 변경'))] : [close];
        return {
          body: [
            ...saidLines(room, failureText(stage.error).trim(), { role: 'bad', sign: '✖' }),
            ...(stage.prepared === undefined ? [] : [[], ...preparedLines(room, stage.prepared)]),
          ],
          footer: [[part(' '), ...buttonParts(labels, stage.isBack === true ? 1 : 0)]],
          hint: say(settings, canGoBack() ? HINTS.again : HINTS.refused),
        };
      }
    }
  };

  const dialog: Dialog = {
    draw(room) {
      const { settings } = room.world;
      const prepared = 'prepared' in stage ? stage.prepared : undefined;
      return {
        ...content(room),
        title: say(settings, prepared?.plan.title ?? options.title),
        facts: factsOf(room),
      };
    },
    press(key: KeyName) {
      switch (stage.name) {
        case 'inputs':
          return stage.form.press(key);
        case 'plan':
          if (stage.consent.press(key)) return true;
          return unfold(key, stage.consent.isInField());
        case 'refused':
          if (canGoBack() && (key === 'left' || key === 'right')) {
            stage = { ...stage, isBack: key === 'right' };
            return true;
          }
          if (key === 'enter') {
            if (stage.isBack === true) ask();
            else dialogs.close(dialog);
          }
          return key === 'enter' || unfold(key, false);
        case 'planning':
        case 'starting':
          return false;
      }
    },
    paste(pasted) {
      if (stage.name === 'inputs') stage.form.paste(pasted);
      else if (stage.name === 'plan') stage.consent.paste(pasted);
    },
    isWaiting: () =>
      dryRun.state === 'running' ||
      stage.name === 'planning' ||
      stage.name === 'starting' ||
      (stage.name === 'inputs' && stage.form.isWaiting()),
    end() {
      ended.abort();
      if (stage.name === 'inputs') stage.form.end();
    },
  };
  /** Only what was asked for is wrong, and can be asked for again. */
  function canGoBack(): boolean {
    return stage.name === 'refused' && stage.prepared === undefined && fields.length > 0;
  }
  function ask(): void {
    const form = createForm({
      fields: fields.map((field) => ({ ...field, initial: input[field.id] ?? field.initial })),
      changed: dialogs.changed,
      submit(values) {
        input = values;
        form.end();
        plan();
      },
    });
    stage = { name: 'inputs', form };
  }
  if (fields.length === 0) plan();
  else ask();
  return dialog;
}
