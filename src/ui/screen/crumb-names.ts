import type { Ref } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import { crumbs } from '../../store/shell/history.ts';
import type { PageContent } from '../../store/shell/page.ts';
import { rowFor } from '../../views/any-view.ts';
import { viewOfKind } from '../../views/index.ts';
import type { Related } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import type { World } from './world.ts';

/** The name of the thing, or the end of its id once it is gone. */
export function nameOfRef(related: Related, ref: Ref): string {
  const row = related.get(ref);
  const view = viewOfKind(ref.kind);
  // What has rows of its own but no view of itself is named by itself.
  if (row !== undefined && view === undefined && 'name' in row) return row.name;
  if (row === undefined || view === undefined) return ref.id.split('/').at(-1) ?? ref.id;
  return view.nameOf(rowFor(view, row));
}

function crumbName({ settings, context }: World, content: PageContent): string {
  switch (content.kind) {
    case 'table':
      return content.scope === undefined
        ? content.view
        : `${content.view} (${nameOfRef(context.related, content.scope)})`;
    case 'detail': {
      const part = content.form === 'json' ? 'json' : content.part;
      return part === undefined ? content.name : `${content.name} (${part})`;
    }
    case 'compare':
      return `${say(settings, text(`${content.names.length} compared`, `${content.names.length}개 비교`))} (${content.part})`;
    case 'help':
      return say(settings, text('help', '도움말'));
    case 'report':
      return content.report.name;
  }
}

/** From the root to the page shown. */
export const crumbNames = (world: World): readonly string[] =>
  crumbs(world.shell.history).map(({ content }) => crumbName(world, content));
