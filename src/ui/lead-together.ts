import { type Ref, refKey } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import { rowFor } from '../views/any-view.ts';
import { viewOfKind } from '../views/index.ts';
import type { LooseView, RowLink, Target } from '../views/view.ts';
import type { Screen } from './screen/screen.ts';

/** Where marked rows lead together, and what is to be said of those left out. */
export interface LedTogether {
  readonly target?: Target | undefined;
  readonly words?: Text | undefined;
}

/** The marked rows the table shows, in its order, on one page of charts: as many as it takes. */
export function leadTogether(screen: Screen, view: LooseView, link: RowLink<never>): LedTogether {
  const { page, context } = screen.world();
  const marked = screen.rowSet().rows.filter(({ ref }) => page.marks.has(refKey(ref)));
  const led: Led[] = [];
  let part: string | undefined;
  const refused: Text[] = [];
  const charts = viewOfKind(view.kind)?.chartPage;
  for (const any of marked) {
    const row = rowFor(view, any);
    const target = link.target(row, context);
    if ('disabledReason' in target) refused.push(target.disabledReason);
    else if ('detail' in target) {
      const isSilent = charts?.isSilent(row, context) === true;
      led.push({ ref: target.detail, name: view.nameOf(row), isSilent });
      part ??= target.part;
    }
  }
  const chosen = new Set([...led].sort(heardFirst).slice(0, charts?.mostRows ?? 1));
  const taken = led.filter((one) => chosen.has(one));
  const words = leftOutWords({
    taken: taken.length,
    silent: taken.flatMap(({ name, isSilent }) => (isSilent ? [name] : [])),
    refused,
    hidden: page.marks.size - marked.length,
    beyond: led.length - taken.length,
    isReordered: taken.some((one, index) => one !== led[index]),
  });
  const [first] = taken;
  if (first === undefined || part === undefined) return { words };
  return {
    target: taken.length === 1 ? { detail: first.ref, part } : { compare: taken.map(({ ref }) => ref), part },
    words,
  };
}

interface Led {
  readonly ref: Ref;
  readonly name: string;
  readonly isSilent: boolean;
}
/** Those that are heard before those that are not, else as the table has them. */
const heardFirst = (a: Led, b: Led): number => Number(a.isSilent) - Number(b.isSilent);

interface LeftOut {
  readonly taken: number;
  /** Names of those taken that nothing is heard of. */
  readonly silent: readonly string[];
  readonly refused: readonly Text[];
  readonly hidden: number;
  readonly beyond: number;
  /** Silent ones gave way to others further down. */
  readonly isReordered: boolean;
}

function leftOutWords({ taken, silent, refused, hidden, beyond, isReordered }: LeftOut): Text | undefined {
  const parts: Text[] = [];
  if (beyond > 0) {
    const [which, whichKo] = isReordered
      ? [`the first ${taken} heard`, `수신되는 처음 ${taken}개`]
      : [`the first ${taken} shown`, `보이는 처음 ${taken}개`];
    parts.push(
      text(
        `${taken} can be compared: ${which} of ${taken + beyond} marked`,
        `${taken}개까지 비교: 표시한 ${taken + beyond}개 중 ${whichKo}`,
      ),
    );
  }
  if (silent.length > 0 && taken > 1) {
    const names = silent.slice(0, 3).join(', ');
    const more = silent.length > 3 ? ` +${silent.length - 3}` : '';
    parts.push(text(`not heard now: ${names}${more}`, `지금 수신 없음: ${names}${more}`));
  }
  parts.push(...refused.slice(0, 3));
  if (refused.length > 3) {
    parts.push(text(`${refused.length - 3} more cannot either`, `그 밖에 ${refused.length - 3}개도 불가`));
  }
  if (hidden > 0) {
    parts.push(text(`${hidden} marked but not shown: left out`, `표시했지만 안 보이는 ${hidden}개는 제외`));
  }
  if (parts.length === 0) return undefined;
  return text(parts.map(({ en }) => en).join('; '), parts.map(({ ko }) => ko).join('; '));
}
