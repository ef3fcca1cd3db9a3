import { text } from '../../domain/text.ts';
import type { Prompt } from '../../store/shell/prompt.ts';
import type { Tone } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import type { Completion } from '../command/complete.ts';
import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import { displayWidth, fit, truncate } from '../kit/width.ts';
import type { World } from './world.ts';

/** Below this the screen says that something is cut; much below, it says only that. */
export const COMFORTABLE = { columns: 80, rows: 24 };
export const SMALLEST = { columns: 40, rows: 8 };

const FLASH_ROLES = { info: 'accent', warn: 'warn', error: 'bad' } as const;
const FLASH_SIGNS = { info: '·', warn: '▲', error: '✖' } as const;

/** The one line when nothing else fits. */
export const tooSmall = ({ settings, columns, rows }: World): string =>
  truncate(
    say(
      settings,
      text(`l9s needs 80×24; this is ${columns}×${rows}`, `l9s는 80×24 필요; 지금 ${columns}×${rows}`),
    ),
    Math.max(1, columns),
  );

export interface BottomFacts {
  readonly completion: Completion | undefined;
  readonly filterError: string | undefined;
  /** The cursor's row vanished. */
  readonly goneName: string | undefined;
  /** About the row under the cursor. */
  readonly note: { readonly text: string; readonly tone: Tone } | undefined;
}

/** Prompt, else flash, else what the user should know just now. */
export function bottomLine(world: World, { completion, filterError, goneName, note }: BottomFacts): string {
  const { shell, settings, theme, columns, rows } = world;
  if (shell.prompt !== undefined) return promptLine(world, shell.prompt, { completion, error: filterError });
  const { flash } = shell;
  const say1 = (role: Tone, words: string) => theme.paint(role, fit(` ${words}`, columns));
  if (flash !== undefined) {
    return say1(FLASH_ROLES[flash.tone], `${FLASH_SIGNS[flash.tone]} ${say(settings, flash.text)}`);
  }
  if (filterError !== undefined) return say1('bad', `✖ ${filterError}`);
  if (goneName !== undefined) {
    return say1(
      'warn',
      `▲ ${say(settings, text(`${goneName} is gone or filtered out: move the cursor`, `${goneName}: 사라졌거나 필터됨, 커서를 옮기세요`))}`,
    );
  }
  if (columns < COMFORTABLE.columns || rows < COMFORTABLE.rows) {
    return say1(
      'muted',
      say(
        settings,
        text(`80×24 shows more; this is ${columns}×${rows}`, `80×24면 더 보임; 지금 ${columns}×${rows}`),
      ),
    );
  }
  return note === undefined ? ' ' : say1(note.tone, note.text);
}

function promptLine(
  { theme, columns }: World,
  prompt: Prompt,
  { completion, error }: { readonly completion: Completion | undefined; readonly error: string | undefined },
): string {
  const sign = prompt.kind === 'command' ? ':' : '/';
  const room = Math.max(8, columns - 3);
  // A long text scrolls so that its cursor stays in sight.
  let head = prompt.text.slice(0, prompt.cursor);
  while (displayWidth(head) > room - 1) head = head.slice(Math.max(1, Math.floor(head.length / 8)));
  const at = prompt.text.slice(prompt.cursor);
  const [under = ' '] = at;
  const rest = at.slice(under.length);
  const left = ` ${sign}${head}`;
  const used = displayWidth(left) + displayWidth(under);
  const tail = truncate(rest, Math.max(0, columns - used));
  const side: Part[] =
    error !== undefined
      ? [part('  ✖ ', 'bad'), part(error, 'bad')]
      : (completion?.candidates ?? []).flatMap((name, index) => [
          part('  '),
          part(name, index === 0 ? 'accent' : 'muted'),
        ]);
  const spare = columns - used - displayWidth(tail) - 1;
  const hints = partsWidth(side) === 0 || spare < 6 ? '' : paintParts(theme, side, spare);
  return `${theme.paint('accent', ` ${sign}`)}${head}\u001B[7m${under}\u001B[27m${tail}${hints}`;
}
