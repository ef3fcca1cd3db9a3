import { type Ref, refKey } from '../domain/ref.ts';
import { crumbs } from '../store/shell/history.ts';
import type { Shell } from '../store/shell/shell.ts';
import { viewOfKind } from '../views/index.ts';
import { chartsOn } from './chart-pages.ts';

const isServer = (ref: Ref): ref is Ref<'server'> => ref.kind === 'server';

/** Servers whose charts are looked at: help over a page of charts leaves it as it is. */
function lookedAt(shell: Shell): readonly Ref<'server'>[] {
  const page = crumbs(shell.getState().history).findLast(({ content }) => content.kind !== 'help');
  if (page === undefined) return [];
  const { content } = page;
  const kind =
    content.kind === 'detail'
      ? content.ref.kind
      : content.kind === 'compare'
        ? content.refs[0]?.kind
        : undefined;
  const view = kind === undefined ? undefined : viewOfKind(kind);
  return view === undefined ? [] : (chartsOn(view, content)?.refs.filter(isServer) ?? []);
}

/** Tells whenever another set of servers is looked at, and at the end that none is. */
export function watchLook(shell: Shell, onLook: (servers: readonly Ref<'server'>[]) => void): () => void {
  let told = '';
  const look = (servers: readonly Ref<'server'>[]) => {
    const key = servers.map(refKey).sort().join('\n\n');
    if (key === told) return;
    told = key;
    onLook(servers);
  };
  const stop = shell.subscribe(() => look(lookedAt(shell)));
  look(lookedAt(shell));
  return () => {
    stop();
    look([]);
  };
}

/** The analysis whose rows are shown, or one of whose rows is: the page of a stack leaves it as it is. */
function analysisShown(shell: Shell): Ref<'analysis'> | undefined {
  for (const { content } of crumbs(shell.getState().history).toReversed()) {
    const scope = content.kind === 'table' ? content.scope : undefined;
    if (scope?.kind === 'analysis') return { ...scope, kind: scope.kind };
    if (content.kind === 'table') return undefined;
  }
  return undefined;
}

/** Tells whenever another analysis is shown, and at the end that none is. */
export function watchAnalysis(
  shell: Shell,
  onAnalysis: (analysis: Ref<'analysis'> | undefined) => void,
): () => void {
  let told: string | undefined;
  const look = (analysis: Ref<'analysis'> | undefined) => {
    const key = analysis === undefined ? undefined : refKey(analysis);
    if (key === told) return;
    told = key;
    onAnalysis(analysis);
  };
  const stop = shell.subscribe(() => look(analysisShown(shell)));
  look(analysisShown(shell));
  return () => {
    stop();
    look(undefined);
  };
}
