import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Text } from '../../domain/text.ts';
import { changePage, createHistory, type History } from './history.ts';
import type { Page } from './page.ts';
import type { Prompt } from './prompt.ts';

export type FlashTone = 'info' | 'warn' | 'error';
/** One line under the table that goes away by itself. */
export interface Flash {
  readonly text: Text;
  readonly tone: FlashTone;
}

/** State of the interface alone; what the world is like stands in the console store. */
export interface ShellState {
  readonly history: History;
  readonly prompt?: Prompt | undefined;
  readonly flash?: Flash | undefined;
  readonly isUtc: boolean;
  readonly hasHeader: boolean;
  readonly hasCrumbs: boolean;
  readonly recentCommands: readonly string[];
  readonly recentFilters: readonly string[];
}

export interface ShellOptions {
  readonly homeView: string;
  readonly isUtc: boolean;
}
export type Shell = StoreApi<ShellState>;

export const createShell = ({ homeView, isUtc }: ShellOptions): Shell =>
  createStore<ShellState>(() => ({
    history: createHistory(homeView),
    isUtc,
    hasHeader: true,
    hasCrumbs: true,
    recentCommands: [],
    recentFilters: [],
  }));

/** Replaces parts of the current page. */
export const updatePage = (shell: Shell, change: Partial<Omit<Page, 'id'>>): void => {
  shell.setState((state) => ({ history: changePage(state.history, change) }));
};
