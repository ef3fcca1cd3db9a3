import type { PageContent } from '../../store/shell/page.ts';
import { type AnyRow, rowFor } from '../../views/any-view.ts';
import type { DetailSection, LooseView } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { wrap } from '../kit/width.ts';
import { detailLines } from './detail-lines.ts';
import { GONE_WORDS, NOTHING_KNOWN } from './gone-words.ts';
import type { ScrolledBody } from './scrolled-body.ts';
import type { World } from './world.ts';

type DetailContent = Extract<PageContent, { readonly kind: 'detail' }>;

/** What a page about one row is drawn from, as it is at that moment. */
export interface DetailStage {
  world(): World;
  /** The page's row; the last one known where it is gone. */
  detailRow(): AnyRow | undefined;
  /** Another number means other data. */
  dataVersion(): number;
}

/** The sections a page shows: all, or those of its part. */
export function sectionsOf(
  world: World,
  { view, row, content }: { view: LooseView; row: AnyRow; content: DetailContent },
): readonly DetailSection[] {
  const page = content.part === undefined ? undefined : view.pages?.[content.part];
  if (page !== undefined) return page(rowFor(view, row), world.context);
  const sections = view.detail?.(rowFor(view, row), world.context) ?? [];
  return content.part === undefined ? sections : sections.filter(({ part }) => part === content.part);
}

export const jsonOf = (world: World, view: LooseView, row: AnyRow): string =>
  JSON.stringify(view.json(rowFor(view, row), world.context), undefined, 2);

/** The page of one row. */
export function detailBody(
  stage: DetailStage,
  {
    world,
    view,
    content,
  }: { readonly world: World; readonly view: LooseView; readonly content: DetailContent },
): ScrolledBody {
  const row = stage.detailRow();
  const isGone = world.context.related.get(content.ref) === undefined;
  return {
    title: detailTitle(world, `${say(world.settings, view.title)}: ${content.name}`, isGone),
    key: [stage.dataVersion(), isGone, world.shell.isUtc],
    lines: () => detailPage(world, { view, row, content }),
  };
}

const detailTitle = ({ settings }: World, title: string, isGone: boolean): string =>
  isGone ? `${title} — ${say(settings, GONE_WORDS)}` : title;

/** Lines of a detail page. */
function detailPage(
  world: World,
  { view, row, content }: { view: LooseView; row: AnyRow | undefined; content: DetailContent },
): readonly string[] {
  if (row === undefined) {
    return [`  ${say(world.settings, NOTHING_KNOWN)}`];
  }
  if (content.form === 'json') {
    return jsonOf(world, view, row)
      .split('\n')
      .flatMap((line) => wrap(line, world.columns - 2).map((piece) => `  ${piece}`));
  }
  return detailLines(world, sectionsOf(world, { view, row, content }));
}
