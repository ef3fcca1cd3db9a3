import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import { bar } from './format-bar.ts';
import { formatBytes, formatNumber, formatOf, NOT_KNOWN } from './format-number.ts';
import { countColumn, heard } from './jvm.columns.ts';
import { cpuColumn } from './jvm-only.columns.ts';
import { levelTone } from './jvm-reading.ts';
import { reasonTone } from './reason-tone.ts';
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
  typeColumn,
} from './servers.columns.ts';
import { type Column, defineView } from './view.ts';
import {
  isWebServer,
  requestsPerSecond,
  threadPercent,
  unknownOfWeb,
  webThreads,
  workerCounts,
} from './web-reading.ts';

const BAR_CELLS = 8;

function threadsText(server: Server): string {
  const { active, max } = webThreads(server);
  const percent = threadPercent(server);
  const counts = formatOf(active, max);
  return percent === undefined ? counts : `${bar(percent, BAR_CELLS)} ${counts.padStart(8)}`;
}

const columns: readonly Column<Server>[] = [
  nameColumn,
  placed(typeColumn, 78),
  placed(contextColumn, 30),
  placed(placeColumn, 76),
  placed(serviceClusterColumn, 74),
  stateColumn,
  placed(healthColumn, 8),
  heard({
    id: 'threads',
    title: 'THREADS',
    width: BAR_CELLS + 9,
    dropOrder: 10,
    unit: 'count',
    sortKey: 'H',
    sortsDown: true,
    value: (server) => webThreads(server).active,
    text: threadsText,
    tone: (server, context) =>
      reasonTone(server, ['web-threads-full']) ?? levelTone(threadPercent(server), context),
  }),
  heard({
    id: 'busy',
    title: 'BUSY%',
    width: 5,
    align: 'right',
    wide: true,
    dropOrder: 90,
    unit: 'percent',
    sortsDown: true,
    value: threadPercent,
    text: (server) =>
      threadPercent(server) === undefined ? NOT_KNOWN : `${Math.round(threadPercent(server) ?? 0)}%`,
  }),
  countColumn({ id: 'idle', title: 'IDLE', dropOrder: 65, read: (server) => webThreads(server).idle }),
  heard({
    id: 'rps',
    title: 'REQ/S',
    width: 7,
    align: 'right',
    dropOrder: 14,
    unit: 'count',
    sortKey: 'C',
    sortsDown: true,
    value: requestsPerSecond,
    text: (server) => formatNumber(requestsPerSecond(server)),
  }),
  heard({
    id: 'traffic',
    title: 'TRAFFIC/S',
    width: 9,
    align: 'right',
    dropOrder: 25,
    unit: 'bytes',
    sortsDown: true,
    value: ({ jvm }) => jvm?.web?.bytesPerSecond,
    text: ({ jvm }) => formatBytes(jvm?.web?.bytesPerSecond),
  }),
  heard({
    id: 'workers',
    title: 'WORKERS',
    width: 7,
    align: 'right',
    dropOrder: 27,
    unit: 'count',
    value: (server) => workerCounts(server)?.all,
    text: workersText,
    tone: (server) => {
      const counts = workerCounts(server);
      if (counts === undefined || counts.down === 0) return 'normal';
      return counts.down === counts.all ? 'bad' : 'warn';
    },
  }),
  countColumn({
    id: 'down',
    title: 'DOWN',
    wide: true,
    dropOrder: 90,
    read: (server) => workerCounts(server)?.down,
  }),
  placed(cpuColumn, 35),
  placed(managerColumn, 60),
  placed(ageColumn, 40),
  placed(seenColumn, 20),
];

/** `3/4`: those that get requests, of all. */
function workersText(server: Server): string {
  const counts = workerCounts(server);
  if (counts === undefined) return NOT_KNOWN;
  const { all, down, unsaid } = counts;
  return unsaid === all && all > 0 ? `?/${all}` : `${all - down}/${all}`;
}

const noWebServers = (): Text => text('No web server is known', '알려진 웹 서버 없음');

export const webView = defineView({
  ...serverViewParts,
  id: 'web',
  title: text('Web servers', '웹 서버'),
  aliases: ['webs', 'httpd'],
  help: text('Web servers: threads, requests, traffic, back ends', '웹 서버: 스레드, 요청, 트래픽, 백엔드'),
  columns,
  readsOwnWord: true,
  sort: { column: 'name' },
  only: isWebServer,
  isFault: (server) => isTroubled(server) || (workerCounts(server)?.down ?? 0) > 0,
  whenEmpty: noWebServers,
  enter: (server) => ({ detail: server.ref }),
  enterTitle: text('server page', '서버 페이지'),
  note: noteWithUnknown(unknownOfWeb),
  favourites: ['busy>80%', 'down>0', 'state!=ready', 'rps>100', 'health=error'],
});
