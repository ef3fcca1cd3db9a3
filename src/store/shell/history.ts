import type { Page, PageContent, PageOptions } from './page.ts';
import { createPage } from './page.ts';

/** Pages kept; the oldest go first. */
const HISTORY_LIMIT = 64;

/** Pages in the order they were opened, one of them current, like a browser's. */
export interface History {
  /** Never empty. */
  readonly pages: readonly Page[];
  readonly position: number;
  /** Id of the page that was current before, for `-`. */
  readonly lastId?: number | undefined;
  readonly nextId: number;
  readonly homeView: string;
}

export const createHistory = (homeView: string): History => ({
  pages: [createPage(0, { kind: 'table', view: homeView })],
  position: 0,
  nextId: 1,
  homeView,
});

export function currentPage(history: History): Page {
  const page = history.pages[history.position];
  if (page === undefined) throw new RangeError('The history is never empty');
  return page;
}

const pageById = (history: History, id: number | undefined): Page | undefined =>
  id === undefined ? undefined : history.pages.find((page) => page.id === id);

/** From the root to the current page. */
export function crumbs(history: History): readonly Page[] {
  const trail: Page[] = [];
  for (
    let page: Page | undefined = currentPage(history);
    page !== undefined;
    page = pageById(history, page.parent)
  ) {
    trail.unshift(page);
  }
  return trail;
}

function moveTo(history: History, position: number): History {
  if (position === history.position || history.pages[position] === undefined) return history;
  return { ...history, position, lastId: currentPage(history).id };
}

/** Opens a page below the current one, or a root (`isRoot`) as commands do; what was ahead is dropped. */
export function openPage(
  history: History,
  content: PageContent,
  { isRoot = false, ...options }: PageOptions & { readonly isRoot?: boolean } = {},
): History {
  const from = currentPage(history);
  const page: Page = {
    ...createPage(history.nextId, content, options),
    ...(isRoot ? {} : { parent: from.id }),
  };
  const pages = [...history.pages.slice(0, history.position + 1), page].slice(-HISTORY_LIMIT);
  return { ...history, pages, position: pages.length - 1, lastId: from.id, nextId: history.nextId + 1 };
}

const isHome = (history: History, { content }: Page): boolean =>
  content.kind === 'table' && content.view === history.homeView && content.scope === undefined;

/** True where `back` has nowhere to go. */
export function isAtRoot(history: History): boolean {
  const page = currentPage(history);
  return pageById(history, page.parent) === undefined && isHome(history, page);
}

/** To the page this one was opened from; from another root to home. */
export function back(history: History): History {
  if (isAtRoot(history)) return history;
  const parent = pageById(history, currentPage(history).parent);
  if (parent !== undefined) return moveTo(history, history.pages.indexOf(parent));
  const home = history.pages.findLastIndex(
    (page, index) => index < history.position && page.parent === undefined && isHome(history, page),
  );
  if (home !== -1) return moveTo(history, home);
  return openPage(history, { kind: 'table', view: history.homeView }, { isRoot: true });
}

export const step = (history: History, by: -1 | 1): History => moveTo(history, history.position + by);

/** To the page shown before this one. */
export function last(history: History): History {
  const page = pageById(history, history.lastId);
  return page === undefined ? history : moveTo(history, history.pages.indexOf(page));
}

/** Replaces parts of the current page. */
export function changePage(history: History, change: Partial<Omit<Page, 'id'>>): History {
  const page = { ...currentPage(history), ...change };
  return { ...history, pages: history.pages.with(history.position, page) };
}
