import { type Text, text } from '../../domain/text.ts';
import type { Prompt } from '../../store/shell/prompt.ts';
import type { RowNote, Tone } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import type { Completion } from '../command/complete.ts';
import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import { displayWidth, fit, truncate, wrap } from '../kit/width.ts';
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
  readonly note: RowNote | undefined;
  /** Lines below that row, which a longer note may cover. */
  readonly noteRoom: number;
}

/** Lines that words may take where one is too short. */
const MOST_LINES = 4;

/** Prompt, else flash, else what the user should know just now; answers to the user are never cut to one line. */
export function bottomLines(world: World, facts: BottomFacts): readonly string[] {
  const { shell, settings, columns } = world;
  const { filterError } = facts;
  const { prompt, flash } = shell;
  if (prompt !== undefined) {
    const beside = displayWidth(prompt.text) + displayWidth(filterError ?? '') + 8 <= columns;
    if (filterError === undefined || beside) return [promptLine(world, prompt, facts)];
    return [
      ...wrapped(world, 'bad', `✖ ${filterError}`),
      promptLine(world, prompt, { ...facts, filterError: undefined }),
    ];
  }
  if (flash !== undefined)
    return wrapped(world, FLASH_ROLES[flash.tone], `${FLASH_SIGNS[flash.tone]} ${say(settings, flash.text)}`);
  if (filterError !== undefined) return wrapped(world, 'bad', `✖ ${filterError}`);
  const { note, noteRoom, goneName } = facts;
  if (note?.isWhole === true && goneName === undefined && isComfortable(world))
    return wrapped(world, note.tone, note.text, 1 + noteRoom);
  return [standingLine(world, facts)];
}

function wrapped(
  { theme, columns, rows }: World,
  role: Tone,
  words: string,
  room = MOST_LINES,
): readonly string[] {
  const most = Math.min(MOST_LINES, room, Math.max(1, rows - SMALLEST.rows));
  const pieces = wrap(words, columns - 3);
  const kept = pieces.slice(0, most - 1);
  if (pieces.length >= most) kept.push(pieces.slice(most - 1).join(' '));
  return kept.map((piece, index) => theme.paint(role, fit(`${index === 0 ? ' ' : '   '}${piece}`, columns)));
}

const isComfortable = ({ columns, rows }: World): boolean =>
  columns >= COMFORTABLE.columns && rows >= COMFORTABLE.rows;

/** What the user should know just now, where nothing was asked. */
function standingLine(world: World, { goneName, note }: BottomFacts): string {
  const { settings, theme, columns, rows } = world;
  const say1 = (role: Tone, words: string) => theme.paint(role, fit(` ${words}`, columns));
  if (goneName !== undefined) {
    return say1(
      'warn',
      `▲ ${say(settings, text(`${goneName} is gone or filtered out: move the cursor`, `${goneName}: 사라졌거나 필터됨, 커서를 옮기세요`))}`,
    );
  }
  if (!isComfortable(world)) {
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

const REPLACES = (before: string): Text =>
  text(
    `esc keeps /${before} · ↑ brings it here · enter shows all`,
    `esc: /${before} 유지 · ↑ 불러오기 · enter: 전체`,
  );

function promptLine(
  { theme, columns, settings }: World,
  prompt: Prompt,
  { completion, filterError: error }: Pick<BottomFacts, 'completion' | 'filterError'>,
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
  const spare = columns - used - displayWidth(tail) - 1;
  const side: readonly Part[] =
    error !== undefined
      ? [part('  ✖ ', 'bad'), part(error, 'bad')]
      : prompt.kind === 'filter' && prompt.text === '' && prompt.before !== ''
        ? [part('  '), part(say(settings, REPLACES(prompt.before)), 'muted')]
        : candidateParts(completion?.candidates ?? [], spare);
  const hints = partsWidth(side) === 0 || spare < 6 ? '' : paintParts(theme, side, spare);
  return `${theme.paint('accent', ` ${sign}`)}${head}\u001B[7m${under}\u001B[27m${tail}${hints}`;
}

/** As many candidates as fit whole, the first in any case. */
function candidateParts(candidates: readonly string[], spare: number): readonly Part[] {
  const parts: Part[] = [];
  let used = 0;
  for (const name of candidates) {
    used += 2 + displayWidth(name);
    if (used > spare && parts.length > 0) break;
    parts.push(part('  '), part(name, parts.length === 0 ? 'accent' : 'muted'));
  }
  return parts;
}
