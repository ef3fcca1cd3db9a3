import { Worker } from 'node:worker_threads';
import { describeThrown, systemCode } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { AnalysisMessage, AnalysisResult, AnalysisStart } from './analysis-messages.ts';

/** A file of 200 MB needs less than half of it. */
const MAX_HEAP_MB = 400;
const RESOURCES = { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: 48 };
/** Ten times what the largest file takes on a slow machine. */
const DEADLINE_MS = 180_000;

export type AnalysisEnd =
  | { readonly state: 'done'; readonly result: AnalysisResult }
  | { readonly state: 'failed'; readonly failure: SourceFailure }
  | { readonly state: 'aborted' };

export interface AnalysisThreadOptions {
  /** File of the thread's program. */
  readonly program: string;
  readonly clock: Clock;
  readonly onProgress?: ((readBytes: number, sizeBytes: number) => void) | undefined;
}

/** One analysis on a thread of its own, which is ended with it; an abort ends it at once. Never rejects. */
export function analyzeOnThread(
  start: AnalysisStart,
  { program, clock, onProgress }: AnalysisThreadOptions,
  signal: AbortSignal,
): Promise<AnalysisEnd> {
  if (signal.aborted) return Promise.resolve({ state: 'aborted' });
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(program, {
        workerData: start,
        // Nothing of the program's own: no loader, no NODE_OPTIONS, and no word on the screen.
        execArgv: [],
        env: {},
        stdout: true,
        stderr: true,
        resourceLimits: RESOURCES,
      });
    } catch (error) {
      resolve({ state: 'failed', failure: sourceFailure('INTERNAL', cleanLine(describeThrown(error))) });
      return;
    }
    worker.stdout.resume();
    worker.stderr.resume();
    let isOver = false;
    const finish = (end: AnalysisEnd) => {
      // Its end is what `terminate` brings about too.
      if (isOver) return;
      isOver = true;
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      // Resolved when the thread is gone: the next one must not share its memory with it.
      worker.terminate().then(
        () => resolve(end),
        () => resolve(end),
      );
    };
    const fail = (failure: SourceFailure) => finish({ state: 'failed', failure });
    const onAbort = () => finish({ state: 'aborted' });
    const cancelDeadline = clock.after(DEADLINE_MS, () =>
      fail(sourceFailure('TIMEOUT', `the analysis took longer than ${DEADLINE_MS / 1_000} s`, BY_HAND)),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: AnalysisMessage) => {
      switch (message.kind) {
        case 'progress':
          onProgress?.(message.readBytes, message.sizeBytes);
          return;
        case 'done':
          finish({ state: 'done', result: message.result });
          return;
        case 'failed':
          fail(message.failure);
      }
    });
    worker.on('error', (error) => fail(failureOfThread(error)));
    worker.on('exit', (code) =>
      fail(sourceFailure('INTERNAL', `the thread that analyses ended with ${code} and no word`)),
    );
  });
}

const BY_HAND = 'Read it with `l9s analyze FILE`, on a machine with more memory if need be.';

function failureOfThread(error: unknown): SourceFailure {
  return systemCode(error) === 'ERR_WORKER_OUT_OF_MEMORY'
    ? sourceFailure('DUMP_TOO_LARGE', `the analysis needs more than ${MAX_HEAP_MB} MB`, BY_HAND)
    : sourceFailure('INTERNAL', `the analysis failed: ${cleanLine(describeThrown(error))}`);
}
