import type { DetailGrid } from '../../views/view.ts';
import { lineSign } from '../kit/chart-lines.ts';
import { displayWidth, fit } from '../kit/width.ts';
import { roleOfLine } from './chart-inks.ts';
import type { World } from './world.ts';

const INDENT = 2;
const GAP = 2;
const SIGN_CELLS = 2;
const FIRST_LEAST = 16;

/** A table as wide as its cells need; where that is too much the first column is cut, then the last ones go. */
export function gridLines({ theme, columns }: World, { columns: heads, rows }: DetailGrid): string[] {
  const signCells = rows.some(({ line }) => line !== undefined) ? SIGN_CELLS : 0;
  const widths = heads.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map(({ cells }) => displayWidth(cells[index] ?? ''))),
  );
  const room = columns - INDENT - signCells;
  const total = (shown: number) =>
    widths.slice(0, shown).reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, shown - 1);
  let shown = heads.length;
  const least = () => total(shown) - Math.max(0, (widths[0] ?? 0) - FIRST_LEAST);
  while (shown > 1 && least() > room) shown--;
  widths[0] = Math.max(1, (widths[0] ?? 0) - Math.max(0, total(shown) - room));
  const joined = (cells: readonly string[]): string =>
    heads
      .slice(0, shown)
      .map(({ align }, index) => {
        const options =
          align === 'right' ? ({ align } as const) : index === 0 ? ({ cut: 'middle' } as const) : {};
        return fit(cells[index] ?? '', widths[index] ?? 0, options);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const indent = ' '.repeat(INDENT);
  return [
    indent + ' '.repeat(signCells) + theme.paint('heading', joined(heads.map(({ title }) => title))),
    ...rows.map(({ cells, line, tone }) => {
      const words = joined(cells);
      const sign =
        line === undefined
          ? ' '.repeat(signCells)
          : `${theme.paint(roleOfLine(line), lineSign(line))}${' '.repeat(signCells - 1)}`;
      return indent + sign + (tone === undefined ? words : theme.paint(tone, words));
    }),
  ];
}
