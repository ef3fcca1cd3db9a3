import { parentPort, workerData } from 'node:worker_threads';
import type { AnalysisStart } from './analysis-messages.ts';
import { runAnalysis } from './run-analysis.ts';

/** Run as a thread of its own by `analysis-thread.ts`, so that the screen goes on while 200 MB are read. */
const start: AnalysisStart = workerData;

await runAnalysis(start, (message) => parentPort?.postMessage(message), new AbortController().signal);
