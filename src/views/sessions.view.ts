import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import { formatCount, NOT_KNOWN } from './format-number.ts';
import { countColumn, heapColumn, heard } from './jvm.columns.ts';
import { levelTone } from './jvm-reading.ts';
import { isTroubled, noteWithUnknown, placed, serverViewParts } from './server-view.ts';
import {
  ageColumn,
  contextColumn,
  healthColumn,
  managerColumn,
  nameColumn,
  placeColumn,
  seenColumn,
  serviceClusterColumn,
  stateColumn,
} from './servers.columns.ts';
import {
  isSessionServer,
  lostMessages,
  partnerOf,
  sessionPercent,
  sessionsOf,
  unknownOfSession,
} from './session-reading.ts';
import { type Column, defineView } from './view.ts';

const columns: readonly Column<Server>[] = [
  nameColumn,
  placed(contextColumn, 30),
  placed(placeColumn, 75),
  placed(serviceClusterColumn, 73),
  stateColumn,
  placed(healthColumn, 8),
  placed(heapColumn, 16),
  heard({
    id: 'sessions',
    title: 'SESSIONS',
    width: 17,
    align: 'right',
    dropOrder: 10,
    unit: 'count',
    sortKey: 'C',
    sortsDown: true,
    value: sessionsOf,
    text: (server) => sessionsText(server),
    tone: (server, context) => {
      const percent = sessionPercent(server);
      return percent === undefined || percent < context.levels.middle * 100
        ? 'normal'
        : levelTone(percent, context);
    },
  }),
  countColumn({
    id: 'expired',
    title: 'EXPIRED',
    width: 8,
    dropOrder: 71,
    read: ({ jvm }) => jvm?.sessionStore?.expired,
  }),
  heard({
    id: 'mirror',
    title: 'MIRROR',
    width: 11,
    dropOrder: 12,
    value: mirrorState,
    text: (server) => {
      const state = mirrorState(server);
      return state === undefined ? NOT_KNOWN : `${state === 'connected' ? '●' : '✖'} ${state}`;
    },
    tone: (server) => {
      const state = mirrorState(server);
      return state === undefined ? 'muted' : state === 'connected' ? 'good' : 'bad';
    },
  }),
  {
    id: 'partner',
    title: 'PARTNER',
    width: 20,
    min: 16,
    cut: 'middle',
    dropOrder: 35,
    value: (server, context) => partnerOf(server, context)?.name,
    text: (server, context) => {
      const partner = partnerOf(server, context);
      if (partner === undefined) return NOT_KNOWN;
      return partner.state === 'ready' ? partner.name : `${partner.name} ${partner.state}`;
    },
    tone: (server, context) => {
      const partner = partnerOf(server, context);
      if (partner === undefined) return 'muted';
      return partner.state === 'ready' ? 'normal' : 'bad';
    },
  },
  heard({
    id: 'peer',
    title: 'PEER',
    width: 21,
    min: 12,
    cut: 'middle',
    dropOrder: 72,
    value: ({ jvm }) => jvm?.sessionStore?.mirrorAddress,
  }),
  countColumn({
    id: 'lost',
    title: 'LOST',
    dropOrder: 45,
    read: lostMessages,
    tone: (server) => ((lostMessages(server) ?? 0) > 0 ? 'warn' : 'normal'),
  }),
  placed(managerColumn, 60),
  placed(ageColumn, 40),
  placed(seenColumn, 20),
];

/** `1 480/2 000 000`; without the limit where it is not told. */
function sessionsText(server: Server): string {
  const max = server.jvm?.sessionStore?.maxSessions;
  const count = formatCount(sessionsOf(server));
  return max === undefined ? count : `${count}/${formatCount(max)}`;
}

function mirrorState({ jvm }: Server): 'connected' | 'lost' | undefined {
  const isConnected = jvm?.sessionStore?.isMirrorConnected;
  return isConnected === undefined ? undefined : isConnected ? 'connected' : 'lost';
}

const noSessionServers = (): Text => text('No session server is known', '알려진 세션 서버 없음');

export const sessionsView = defineView({
  ...serverViewParts,
  id: 'sessions',
  title: text('Session servers', '세션 서버'),
  aliases: ['session', 'ses'],
  help: text(
    'Session servers: sessions held, mirror, partner, messages lost',
    '세션 서버: 보유 세션, 미러, 상대 서버, 유실 메시지',
  ),
  columns,
  readsOwnWord: true,
  sort: { column: 'name' },
  only: isSessionServer,
  isFault: (server) => isTroubled(server) || mirrorState(server) === 'lost',
  whenEmpty: noSessionServers,
  enter: (server) => ({ detail: server.ref }),
  enterTitle: text('server page', '서버 페이지'),
  note: noteWithUnknown(unknownOfSession),
  favourites: ['mirror=lost', 'state!=ready', 'heap>80%', 'lost>0', 'partner=n/a'],
});
