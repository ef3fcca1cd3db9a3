import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import type { Theme } from '../kit/theme.ts';
import { truncate } from '../kit/width.ts';

/** `─ Servers ───── 14 of 300 · /heap>60% · HEAP↓ ─`: a rule with words at both ends. */
export function titleLine(
  theme: Theme,
  {
    title,
    facts,
    columns,
  }: { readonly title: string; readonly facts: readonly Part[]; readonly columns: number },
): string {
  const left = [
    part('─ ', 'border'),
    part(truncate(title, Math.max(8, columns - 8)), 'title'),
    part(' ', 'border'),
  ];
  const separated = facts.flatMap((fact, index) => (index === 0 ? [fact] : [part(' · ', 'border'), fact]));
  const right = separated.length === 0 ? [] : [part(' '), ...separated, part(' ─', 'border')];
  const fill = columns - partsWidth(left) - partsWidth(right);
  if (fill < 1) {
    const short = facts[0];
    const words = short === undefined ? [] : [part('─ ', 'border'), short];
    return paintParts(theme, [...left, ...words], columns);
  }
  return paintParts(theme, [...left, part('─'.repeat(fill), 'border'), ...right], columns);
}
