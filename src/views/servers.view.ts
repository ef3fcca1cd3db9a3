import { isMiddleware } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { noServers } from './empty-words.ts';
import { isOutdated } from './freshness.ts';
import { isServerIn, serverLinks, serverNote } from './server-links.ts';
import { serverColumns } from './servers.columns.ts';
import { serverDetail } from './servers.detail.ts';
import { serverJson } from './servers.json.ts';
import { defineView } from './view.ts';

export const serversView = defineView({
  id: 'servers',
  kind: 'server',
  title: text('Servers', '서버'),
  aliases: ['srv', 'server'],
  help: text('Every middleware server of every context, joined', '모든 컨텍스트의 서버를 한 표로'),
  columns: serverColumns,
  isOutdated: ({ ref }, context) => isOutdated(ref.context, context),
  sort: { column: 'name' },
  only: isMiddleware,
  tally: { levelOf: ({ health }) => health.level, levels: ['error', 'warn'] },
  isFault: ({ health }) => health.level === 'warn' || health.level === 'error',
  isIn: isServerIn,
  whenEmpty: noServers,
  enter: (server) => ({ detail: server.ref }),
  enterTitle: text('server page', '서버 페이지'),
  links: serverLinks,
  note: serverNote,
  favourites: ['health=error', 'health=warn', 'heap>80%', 'state!=ready', 'age<1h', 'restarts>0', 'type=was'],
  detail: serverDetail,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ place }) => place?.name,
  labelsOf: ({ labels }) => labels,
  nameOf: ({ name }) => name,
  json: serverJson,
});
