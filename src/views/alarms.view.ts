import { alarmLevelOf, isAlarm } from '../diagnosis/health/alarm-codes.ts';
import type { HealthReason } from '../domain/health.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { ageOf, formatAge } from './format-age.ts';
import { NOT_KNOWN } from './format-number.ts';
import { noteWithUnknown, placed, serverViewParts } from './server-view.ts';
import {
  ageColumn,
  contextColumn,
  healthColumn,
  nameColumn,
  placeColumn,
  serviceClusterColumn,
  stateColumn,
  typeColumn,
} from './servers.columns.ts';
import { type Column, defineView } from './view.ts';
import { say } from './words.ts';

/** Its alarms, worst first. */
const alarmsOf = ({ health }: Server): readonly HealthReason[] => health.reasons.filter(isAlarm);
const worstOf = (server: Server): HealthReason | undefined => alarmsOf(server)[0];

const columns: readonly Column<Server>[] = [
  nameColumn,
  placed(typeColumn, 70),
  placed(contextColumn, 30),
  placed(placeColumn, 72),
  placed(serviceClusterColumn, 74),
  placed(stateColumn, 40),
  { ...healthColumn, dropOrder: 8 },
  {
    id: 'alarm',
    title: 'ALARM',
    width: 18,
    dropOrder: 20,
    value: (server) => worstOf(server)?.code,
    text: (server) => {
      const [worst, ...others] = alarmsOf(server);
      return worst === undefined
        ? NOT_KNOWN
        : `${worst.code}${others.length > 0 ? ` +${others.length}` : ''}`;
    },
  },
  {
    id: 'since',
    title: 'SINCE',
    width: 6,
    align: 'right',
    dropOrder: 35,
    unit: 'age',
    value: (server, { now }) => ageOf(worstOf(server)?.since, now),
    text: (server, { now }) => {
      const ageMs = ageOf(worstOf(server)?.since, now);
      return ageMs === undefined ? NOT_KNOWN : formatAge(ageMs);
    },
  },
  {
    id: 'reason',
    title: 'REASON',
    width: 'grow',
    min: 24,
    value: (server, context) => {
      const worst = worstOf(server);
      return worst === undefined ? undefined : say(context, worst.text);
    },
  },
  placed(ageColumn, 76),
];

export const alarmsView = defineView({
  ...serverViewParts,
  id: 'alarms',
  title: text('Alarms', '경보'),
  aliases: ['alarm', 'al'],
  help: text('Servers with an alarm now, and why', '지금 경보가 있는 서버와 이유'),
  columns,
  sort: { column: 'health', descending: true },
  only: ({ health }) => health.reasons.length > 0 && alarmLevelOf(health) !== undefined,
  whenEmpty: () => text('No server has an alarm', '경보가 있는 서버 없음'),
  enter: (server) => ({ detail: server.ref }),
  enterTitle: text('server page', '서버 페이지'),
  note: noteWithUnknown(() => undefined),
  favourites: ['health=error', 'alarm~gc', 'since<10m', 'type=was'],
});
