import { isMiddleware } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { noServers } from './empty-words.ts';
import { serverNote } from './server-links.ts';
import { serverViewParts } from './server-view.ts';
import { serverColumns } from './servers.columns.ts';
import { defineView } from './view.ts';

export const serversView = defineView({
  ...serverViewParts,
  id: 'servers',
  title: text('Servers', '서버'),
  aliases: ['srv', 'server'],
  help: text('Every middleware server of every context, joined', '모든 컨텍스트의 서버를 한 표로'),
  columns: serverColumns,
  sort: { column: 'name' },
  only: isMiddleware,
  whenEmpty: noServers,
  enter: (server) => ({ detail: server.ref }),
  enterTitle: text('server page', '서버 페이지'),
  note: serverNote,
  favourites: ['health=error', 'health=warn', 'heap>80%', 'state!=ready', 'age<1h', 'restarts>0', 'type=was'],
});
