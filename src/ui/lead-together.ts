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
  const refs: Ref[] = [];
  let part: string | undefined;
  const refused: Text[] = [];
  for (const row of marked) {
    const target = link.target(rowFor(view, row), context);
    if ('disabledReason' in target) refused.push(target.disabledReason);
    else if ('detail' in target) {
      refs.push(target.detail);
      part ??= target.part;
    }
  }
  const most = viewOfKind(view.kind)?.chartPage?.mostRows ?? 1;
  const taken = refs.slice(0, most);
  const words = leftOutWords({
    taken: taken.length,
    refused,
    hidden: page.marks.size - marked.length,
    beyond: refs.length - taken.length,
  });
  const [first] = taken;
  if (first === undefined || part === undefined) return { words };
  return {
    target: taken.length === 1 ? { detail: first, part } : { compare: taken, part },
    words,
  };
}

interface LeftOut {
  readonly taken: number;
  readonly refused: readonly Text[];
  readonly hidden: number;
  readonly beyond: number;
}

function leftOutWords({ taken, refused, hidden, beyond }: LeftOut): Text | undefined {
  const parts: Text[] = [];
  if (beyond > 0) {
    parts.push(
      text(
        `${taken} can be compared: the first ${taken} shown of ${taken + beyond} marked`,
        `${taken}개까지 비교: 표시한 ${taken + beyond}개 중 보이는 처음 ${taken}개`,
      ),
    );
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
