import { cleanLine } from '../../core/text.ts';
import type { Report } from '../../store/shell/page.ts';
import { say } from '../../views/words.ts';
import type { Role } from '../kit/theme.ts';
import { wrap } from '../kit/width.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

/** How a line of a difference is shown, by its first character. */
export const DIFF_ROLES: Readonly<Record<string, Role>> = { '-': 'bad', '+': 'good', '@': 'accent' };

/** A report as painted lines: a rule over each block, long lines going on under themselves. */
export function reportLines({ theme, columns }: World, { blocks }: Report): string[] {
  return blocks.flatMap(({ title, lines }, index) => [
    ...(index === 0 ? [] : [' ']),
    titleLine(theme, { title, facts: [], columns }),
    ...lines.flatMap((line) => {
      const role = DIFF_ROLES[line[0] ?? ''];
      const [first = '', ...others] = wrap(line, Math.max(8, columns - 5));
      return [`  ${first}`, ...others.map((piece) => `    ${piece}`)].map((piece) =>
        role === undefined ? piece : theme.paint(role, piece),
      );
    }),
  ]);
}

/** The same to paste into a ticket. */
export const reportText = ({ settings }: World, { title, blocks }: Report): string =>
  `${[
    `# ${cleanLine(say(settings, title))}`,
    ...blocks.flatMap((block) => ['', `## ${cleanLine(block.title)}`, ...block.lines]),
  ].join('\n')}\n`;
