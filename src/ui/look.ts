import { type Ref, refKey } from '../domain/ref.ts';
import { crumbs, currentPage } from '../store/shell/history.ts';
import type { Shell } from '../store/shell/shell.ts';
import { viewByName, viewOfKind } from '../views/index.ts';
import { chartsOn } from './chart-pages.ts';
import type { Screen } from './screen/screen.ts';

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

/** Servers that are asked for their own word: the one of the page, or those whose rows are shown. */
function ownWordOf(shell: Shell, screen: Pick<Screen, 'shownRefs'>): readonly Ref<'server'>[] {
  const { content } = currentPage(shell.getState().history);
  if (content.kind === 'detail')
    return isServer(content.ref) && content.form === 'sections' && lookedAt(shell).length === 0
      ? [content.ref]
      : [];
  if (content.kind !== 'table' || viewByName(content.view)?.readsOwnWord !== true) return [];
  return screen.shownRefs().filter(isServer);
}

type OnLook = (servers: readonly Ref<'server'>[], own: readonly Ref<'server'>[]) => void;

/** Tells whenever another set of servers is looked at, and at the end that none is. */
export function watchLook(
  shell: Shell,
  screen: Pick<Screen, 'subscribe' | 'shownRefs'>,
  onLook: OnLook,
): () => void {
  let told = '\n\n\n';
  const keyOf = (servers: readonly Ref[]): string => servers.map(refKey).sort().join('\n\n');
  const look = (servers: readonly Ref<'server'>[], own: readonly Ref<'server'>[]) => {
    const key = `${keyOf(servers)}\n\n\n${keyOf(own)}`;
    if (key === told) return;
    told = key;
    onLook(servers, own);
  };
  const lookNow = () => look(lookedAt(shell), ownWordOf(shell, screen));
  const stops = [shell.subscribe(lookNow), screen.subscribe(lookNow)];
  lookNow();
  return () => {
    for (const stop of stops) stop();
    look([], []);
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
