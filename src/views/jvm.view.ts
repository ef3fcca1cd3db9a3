import { text } from '../domain/text.ts';
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
import { noteWithUnknown, placed, serverViewParts } from './server-view.ts';
import { ageColumn, contextColumn, healthColumn, nameColumn, seenColumn } from './servers.columns.ts';
import { defineView } from './view.ts';

export const jvmView = defineView({
  ...serverViewParts,
  id: 'jvm',
  title: text('JVM', 'JVM'),
  aliases: ['heap', 'gc'],
  help: text('Heap, collections, requests and pools of every JVM', '모든 JVM의 힙, GC, 요청, 풀'),
  columns: [
    nameColumn,
    placed(contextColumn, 42),
    placed(healthColumn, 15),
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
    ...wideJvmColumns,
  ],
  sort: { column: 'heap', descending: true },
  only: hasJvm,
  enter: (server) => ({ detail: server.ref, part: 'jvm' }),
  enterTitle: text('JVM page', 'JVM 페이지'),
  note: noteWithUnknown(whyNoJvm),
  favourites: ['heap>80%', 'aftergc>75%', 'gc>10', 'fullgc<10m', 'over8s>0', 'err>0', 'source=n/a'],
});
