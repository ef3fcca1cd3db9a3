import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { isOutdated } from './freshness.ts';
import {
  afterGcColumn,
  busyColumn,
  errorsColumn,
  gcColumn,
  meanMsColumn,
  poolsColumn,
  tpsColumn,
} from './jvm.columns.ts';
import { whyNoJvm } from './jvm-absence.ts';
import {
  activeByAgeColumn,
  fullGcColumn,
  fullGcsColumn,
  heapOrWhyColumn,
  maxColumn,
  sourceColumn,
  wideJvmColumns,
} from './jvm-only.columns.ts';
import { hasJvm } from './jvm-reading.ts';
import { isServerIn, serverLinks, serverNote } from './server-links.ts';
import { ageColumn, contextColumn, healthColumn, nameColumn, seenColumn } from './servers.columns.ts';
import { serverDetail } from './servers.detail.ts';
import { serverJson } from './servers.json.ts';
import { type Column, defineView, type ViewContext } from './view.ts';
import { say } from './words.ts';

const placed = (column: Column<Server>, dropOrder: number): Column<Server> => ({ ...column, dropOrder });

/** What is wrong with it; else why nothing is known of its JVM and how to change that. */
function note(server: Server, context: ViewContext) {
  const wrong = serverNote(server, context);
  if (wrong !== undefined) return wrong;
  const absence = whyNoJvm(server, context);
  if (absence === undefined) return undefined;
  return { text: `${say(context, absence.why)} → ${say(context, absence.next)}`, tone: 'muted' as const };
}

export const jvmView = defineView({
  id: 'jvm',
  kind: 'server',
  title: text('JVM', 'JVM'),
  aliases: ['heap', 'gc'],
  help: text('Heap, collections, requests and pools of every JVM', '모든 JVM의 힙, GC, 요청, 풀'),
  columns: [
    nameColumn,
    placed(contextColumn, 42),
    placed(heapOrWhyColumn, 10),
    placed(afterGcColumn, 20),
    placed(gcColumn, 25),
    fullGcColumn,
    placed(busyColumn, 35),
    activeByAgeColumn,
    placed(tpsColumn, 40),
    placed(meanMsColumn, 50),
    placed(errorsColumn, 52),
    placed(poolsColumn, 60),
    placed(ageColumn, 58),
    fullGcsColumn,
    sourceColumn,
    maxColumn,
    placed(seenColumn, 78),
    placed(healthColumn, 80),
    ...wideJvmColumns,
  ],
  isOutdated: ({ ref }, context) => isOutdated(ref.context, context),
  sort: { column: 'heap', descending: true },
  only: hasJvm,
  tally: { levelOf: ({ health }) => health.level, levels: ['error', 'warn'] },
  isFault: ({ health }) => health.level === 'warn' || health.level === 'error',
  isIn: isServerIn,
  enter: (server) => ({ detail: server.ref, part: 'jvm' }),
  enterTitle: text('JVM page', 'JVM 페이지'),
  links: serverLinks,
  note,
  favourites: ['heap>80%', 'aftergc>75%', 'gc>10', 'fullgc<10m', 'over8s>0', 'err>0', 'source=n/a'],
  detail: serverDetail,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ place }) => place?.name,
  labelsOf: ({ labels }) => labels,
  nameOf: ({ name }) => name,
  json: serverJson,
});
