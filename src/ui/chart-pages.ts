import type { Ref } from '../domain/ref.ts';
import type { PageContent } from '../store/shell/page.ts';
import type { ChartPage } from '../views/chart.ts';
import type { LooseView } from '../views/view.ts';

/** The page of charts a content asks for, and the rows it is about. */
export interface ChartsOn {
  readonly page: ChartPage<never>;
  readonly refs: readonly Ref[];
  readonly names: readonly string[];
}

/** `undefined` where the content is no page of charts. */
export function chartsOn(view: LooseView, content: PageContent): ChartsOn | undefined {
  const { chartPage: page } = view;
  if (page === undefined) return undefined;
  if (content.kind === 'compare' && content.part === page.part) {
    return { page, refs: content.refs, names: content.names };
  }
  if (content.kind !== 'detail' || content.form !== 'sections' || content.part !== page.part)
    return undefined;
  return { page, refs: [content.ref], names: [content.name] };
}
