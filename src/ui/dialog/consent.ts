import type { Consent, Verdict } from '../../actions/acting.ts';
import type { Plan } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import { createPrompt, insertText, type Prompt } from '../../store/shell/prompt.ts';
import { say } from '../../views/words.ts';
import { editText } from '../input/edit-text.ts';
import type { KeyName } from '../input/keys.ts';
import { part } from '../kit/styled-line.ts';
import { displayWidth, fit } from '../kit/width.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { buttonParts, fieldParts } from './field-parts.ts';

type Item = 'reason' | 'name' | 'cancel' | 'confirm' | 'dry-run';

const isField = (item: Item): item is 'reason' | 'name' => item === 'reason' || item === 'name';

export interface ConsentOptions {
  readonly plan: Plan;
  readonly verdict: Extract<Verdict, { readonly state: 'allowed' }>;
  /** Label of the button that does it. */
  readonly verb: Text;
  readonly confirm: (consent: Consent) => void;
  readonly cancel: () => void;
  readonly dryRun: () => void;
  /** Says why something typed was not taken. */
  readonly say: (words: Text) => void;
}

/** True for a plan that only looks and that no rule asks about: it is shown, and the next enter takes it. */
export const isTakenAtOnce = (
  { effect }: Pick<Plan, 'effect'>,
  { confirm }: Pick<ConsentOptions['verdict'], 'confirm'>,
): boolean => effect === 'diagnose' && confirm === 'none';

/**
 * The end of a plan: reason, name to type where it is asked for, and buttons of which Cancel is chosen first; of what
 * only looks, the one that does it.
 */
export function createConsent(options: ConsentOptions) {
  const { plan, verdict, verb } = options;
  const isTyped = verdict.confirm === 'type-name';
  const first: Item = isTakenAtOnce(plan, verdict) ? 'confirm' : 'cancel';
  /** Only calls can be tried at the remotes. */
  const canTry = plan.targets.some(({ steps }) => steps.some(({ type }) => type === 'call'));
  const all: readonly Item[] = ['cancel', 'confirm', ...(canTry ? (['dry-run'] as const) : [])];
  /** Where `tab` stops: never on the button that changes something. */
  const stops: readonly Item[] = ['reason', ...(isTyped ? (['name'] as const) : []), first];
  const fields: Record<'reason' | 'name', Prompt> = {
    reason: createPrompt('command', ''),
    name: createPrompt('command', ''),
  };
  let focus: Item = verdict.needsReason ? 'reason' : isTyped ? 'name' : first;

  /** The button that does it is dead until the name is typed. */
  const isLocked = () => isTyped && fields.name.text !== plan.nameToType;
  const go = (by: number) => {
    const at = stops.indexOf(isField(focus) ? focus : first);
    focus = stops[(at + by + stops.length) % stops.length] ?? 'cancel';
  };
  const goButton = (by: number) => {
    const buttons = all.filter((item) => item !== 'confirm' || !isLocked());
    const at = buttons.indexOf(focus) + by;
    focus = buttons[Math.min(buttons.length - 1, Math.max(0, at))] ?? 'cancel';
  };
  const confirm = () => {
    const reason = fields.reason.text.trim();
    if (verdict.needsReason && reason === '') {
      focus = 'reason';
      options.say(text('A reason is asked for here', '여기서는 이유가 필요함'));
      return;
    }
    options.confirm({
      ...(isTyped ? { typedName: fields.name.text } : {}),
      ...(reason === '' ? {} : { reason }),
    });
  };
  const enter: Readonly<Record<Item, () => void>> = {
    reason: () => go(1),
    name() {
      if (!isLocked()) confirm();
      else {
        options.say(
          text(
            `Type ${plan.nameToType} exactly; nothing is done yet`,
            `${plan.nameToType} 을(를) 정확히 입력하세요`,
          ),
        );
      }
    },
    cancel: options.cancel,
    confirm,
    'dry-run': options.dryRun,
  };
  const labels: Readonly<Record<'cancel' | 'confirm' | 'dry-run', Text>> = {
    cancel: text('Cancel', '취소'),
    confirm: text(`${verb.en.charAt(0).toUpperCase()}${verb.en.slice(1)}`, verb.ko),
    'dry-run': text('Dry run', '모의 실행'),
  };

  return {
    isInField: () => isField(focus),
    press(key: KeyName): boolean {
      if (key === 'enter') {
        enter[focus]();
        return true;
      }
      if (key === 'tab' || key === 'shift-tab') {
        go(key === 'tab' ? 1 : -1);
        return true;
      }
      if (isField(focus)) {
        const next = editText(fields[focus], key);
        if (next !== undefined) fields[focus] = next;
        return next !== undefined;
      }
      if (key === 'left' || key === 'right') {
        goButton(key === 'right' ? 1 : -1);
        return true;
      }
      if (key !== 'D' || !canTry) return false;
      options.dryRun();
      return true;
    },
    paste(pasted: string): void {
      if (focus === 'reason') {
        fields.reason = insertText(fields.reason, pasted.slice(0, 1_024));
        return;
      }
      options.say(
        focus === 'name'
          ? text(
              'Paste ignored: the name is typed, so that it is read',
              '붙여넣기 무시: 이름은 직접 입력해야 함',
            )
          : text('Paste ignored: nothing here takes text', '붙여넣기 무시: 여기는 입력란이 아님'),
      );
    },
    lines(room: DialogRoom): readonly DialogLine[] {
      const { settings } = room.world;
      const reason = say(
        settings,
        verdict.needsReason
          ? text('Reason (required)', '이유 (필수)')
          : text('Reason (optional)', '이유 (선택)'),
      );
      const name = say(settings, text(`Type ${plan.nameToType}`, `${plan.nameToType} 입력`));
      const labelWidth = Math.min(
        Math.floor(room.width / 2),
        Math.max(displayWidth(reason), isTyped ? displayWidth(name) : 0),
      );
      const line = (item: 'reason' | 'name', label: string): DialogLine => [
        part(focus === item ? '▸ ' : '  ', 'accent'),
        part(fit(label, labelWidth), item === 'name' ? 'bad' : 'key'),
        part('  '),
        ...fieldParts(fields[item], focus === item, room.width - labelWidth - 4),
      ];
      return [
        line('reason', reason),
        ...(isTyped ? [line('name', name)] : []),
        [
          part(' '),
          ...buttonParts(
            all.map((item) => (isField(item) ? '' : say(settings, labels[item]))),
            all.indexOf(focus),
            isLocked() ? all.indexOf('confirm') : undefined,
          ),
        ],
      ];
    },
  };
}
export type ConsentForm = ReturnType<typeof createConsent>;
