import type { Text } from '../../domain/text.ts';
import { text } from '../../domain/text.ts';
import type { Controller } from '../controller.ts';
import type { KeyName } from '../input/keys.ts';

/** Where a binding holds: on every page, on tables, on scrolled pages (details, help), on pages of charts. */
export type Scope = 'everywhere' | 'table' | 'scroll' | 'detail' | 'charts';

/** What a key does; help, the README's keys and `l9s keys` are made from these. */
export interface Binding {
  /** Command name, stable, for rebinding. */
  readonly id: string;
  readonly keys: readonly KeyName[];
  readonly scope: Scope;
  readonly title: Text;
  readonly run: (controller: Controller, key: KeyName) => void;
}

export const SCOPE_TITLES: Readonly<Record<Scope, Text>> = {
  everywhere: text('Everywhere', '모든 화면'),
  table: text('On a table', '표에서'),
  scroll: text('On a page', '페이지에서'),
  detail: text('On a detail page', '상세 페이지에서'),
  charts: text('On a page of charts', '차트 페이지에서'),
};
