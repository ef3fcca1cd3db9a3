import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import { truncate } from '../kit/width.ts';
import type { World } from '../screen/world.ts';
import type { Dialog, DialogLine } from './dialog.ts';
import type { DialogScroll } from './dialogs.ts';

/** Cells the frame takes of a line: a border and a blank at either side. */
const FRAME_CELLS = 4;
const SPINNER = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];
const PLAIN_SPINNER = ['|', '/', '-', '\\'];

export interface FrameOptions {
  readonly scroll: DialogScroll;
  /** Lines there are at most. */
  readonly height: number;
  /** Turns the spinner, ms. */
  readonly now: number;
}

/** A dialog as painted lines, at most `height` of them, each exactly as wide as the screen. */
export function dialogFrame(world: World, dialog: Dialog, options: FrameOptions): readonly string[] {
  const { columns, settings } = world;
  const { scroll, height, now } = options;
  const signs = settings.isUnicode === false ? PLAIN_SPINNER : SPINNER;
  const spinner = signs[Math.floor(now / 250) % signs.length] ?? '-';
  const width = Math.max(1, columns - FRAME_CELLS);
  const content = dialog.draw({ world, width, spinner });
  const room = Math.max(1, height - 2);
  const footer = content.footer.slice(-room);
  const bodyRoom = room - footer.length;
  const hasRule = footer.length > 0 && bodyRoom > 1 && content.body.length > 0;
  const bodyHeight = Math.min(content.body.length, bodyRoom - (hasRule ? 1 : 0));
  settleScroll(scroll, { ...content, height: bodyHeight, length: content.body.length });
  const shown = content.body.slice(scroll.top, scroll.top + bodyHeight);
  const place =
    bodyHeight > 0 && content.body.length > bodyHeight
      ? ` ${scroll.top + 1}–${scroll.top + bodyHeight} / ${content.body.length} `
      : '';
  return [
    rule(world, ['┌', '┐'], { left: [part(` ${content.title} `, 'title')], right: content.facts }),
    ...shown.map((line) => inside(world, line, width)),
    ...(hasRule ? [rule(world, ['├', '┤'], { left: [], right: [part(place, 'muted')] })] : []),
    ...footer.map((line) => inside(world, line, width)),
    rule(world, ['└', '┘'], {
      left: [part(` ${content.hint} `, 'muted')],
      right: hasRule ? [] : [part(place, 'muted')],
    }),
  ].slice(0, height);
}

function settleScroll(
  scroll: DialogScroll,
  {
    focusLine,
    height,
    length,
  }: { readonly focusLine?: number | undefined; readonly height: number; readonly length: number },
): void {
  if (focusLine !== undefined && focusLine !== scroll.focusLine) {
    if (focusLine < scroll.top) scroll.top = focusLine;
    if (focusLine >= scroll.top + height) scroll.top = focusLine - height + 1;
  }
  scroll.focusLine = focusLine;
  scroll.height = Math.max(1, height);
  scroll.top = Math.max(0, Math.min(scroll.top, length - height));
}

function inside({ theme }: World, line: DialogLine, width: number): string {
  const border = theme.paint('border', '│');
  const blank = ' '.repeat(Math.max(0, width - partsWidth(line)));
  return `${border} ${paintParts(theme, line, width)}${blank} ${border}`;
}

/** A border with words at both ends; those at the left are cut first where both do not fit. */
function rule(
  { theme, columns }: World,
  [start, end]: readonly [string, string],
  { left, right }: { readonly left: readonly Part[]; readonly right: readonly Part[] },
): string {
  const room = columns - 4;
  const kept = partsWidth(right) + 8 <= room ? right : [];
  const leftRoom = room - partsWidth(kept);
  const cut = left.map(({ text, role }) => part(truncate(text, leftRoom), role));
  const fill = Math.max(0, room - partsWidth(cut) - partsWidth(kept));
  return paintParts(
    theme,
    [
      part(`${start}─`, 'border'),
      ...cut,
      part('─'.repeat(fill), 'border'),
      ...kept,
      part(`─${end}`, 'border'),
    ],
    columns,
  );
}
