import type { AnyAction } from './action.ts';
import { deleteServer } from './delete.action.ts';
import { dumpFetch } from './dump-fetch.action.ts';
import { dumpHeap } from './dump-heap.action.ts';
import { dumpHistogram, dumpHistogramLive } from './dump-histogram.action.ts';
import { dumpSeries } from './dump-series.action.ts';
import { dumpService } from './dump-service.action.ts';
import { dumpThread } from './dump-thread.action.ts';
import { restart } from './restart.action.ts';
import { rollback } from './rollback.action.ts';
import { rollingRestart } from './rolling-restart.action.ts';
import { scale } from './scale.action.ts';
import { start } from './start.action.ts';
import { stop } from './stop.action.ts';
import { switchClusterRevision, switchRevision } from './switch-revision.action.ts';

/** Every verb; a verb is one file and one line here. */
export const ACTIONS: readonly AnyAction[] = [
  restart,
  deleteServer,
  start,
  stop,
  rollingRestart,
  scale,
  rollback,
  switchRevision,
  switchClusterRevision,
  dumpThread,
  dumpSeries,
  dumpService,
  dumpHistogram,
  dumpHeap,
  dumpHistogramLive,
  dumpFetch,
];
