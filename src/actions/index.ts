import type { AnyAction } from './action.ts';

/** Every verb; a verb is one file and one line here. */
export const ACTIONS: readonly AnyAction[] = [];
