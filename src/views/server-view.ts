import type { Server } from '../domain/server.ts';
import { isOutdated } from './freshness.ts';
import { jvmPage } from './jvm-page.ts';
import { isServerIn, serverLinks, serverNote } from './server-links.ts';
import { serverDetail } from './servers.detail.ts';
import { serverJson } from './servers.json.ts';
import type { Column, ViewContext, ViewSpec } from './view.ts';
import { whySections } from './why-sections.ts';
import { type Gap, gapText } from './words.ts';

export const isTroubled = ({ health }: Server): boolean =>
  health.level === 'warn' || health.level === 'error';

/** What every view of servers has in common. */
export const serverViewParts = {
  kind: 'server',
  isOutdated: ({ ref }, context) => isOutdated(ref.context, context),
  tally: { levelOf: ({ health }) => health.level, levels: ['error', 'warn'] },
  isFault: isTroubled,
  isIn: isServerIn,
  links: serverLinks,
  detail: serverDetail,
  pages: { why: whySections },
  chartPage: jvmPage,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ place }) => place?.name,
  labelsOf: ({ labels }) => labels,
  nameOf: ({ name }) => name,
  json: serverJson,
} as const satisfies Partial<ViewSpec<'server'>>;

/** A column at the place it has in one view. */
export const placed = (column: Column<Server>, dropOrder: number): Column<Server> => ({
  ...column,
  dropOrder,
});

/** What is wrong with a server; else what this view cannot say of it and how to get that. */
export const noteWithUnknown =
  (
    unknownOf: (server: Server, context: ViewContext) => Gap | undefined,
  ): NonNullable<ViewSpec<'server'>['note']> =>
  (server, context) => {
    const wrong = serverNote(server, context);
    if (wrong !== undefined) return wrong;
    const unknown = unknownOf(server, context);
    return unknown && { text: gapText(unknown, context), tone: 'muted' };
  };
