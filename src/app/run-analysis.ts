import { stat } from 'node:fs/promises';
import { AppError, describeThrown } from '../core/app-error.ts';
import { cleanLine } from '../core/text.ts';
import { analyzeDumps } from '../diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpInput } from '../diagnosis/dump-analysis/analyze-server.ts';
import { failureText, sourceFailure } from '../domain/errors.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import type { AnalysisMessage, AnalysisStart } from './analysis-messages.ts';
import { readDumpFile } from './read-dump-file.ts';

const PROGRESS_BYTES = 4 * 1_048_576;

/** Reads files and says what they show; a file that cannot be read is told, the others go on. Never rejects. */
export async function runAnalysis(
  { files, withEvidence }: AnalysisStart,
  say: (message: AnalysisMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const sizes = await Promise.all(files.map(({ path }) => sizeOf(path)));
    const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
    const inputs: DumpInput[] = [];
    const failures: SourceFailure[] = [];
    let doneBytes = 0;
    for (const [index, { path, ...file }] of files.entries()) {
      let toldBytes = 0;
      const onProgress = (readBytes: number) => {
        if (readBytes - toldBytes < PROGRESS_BYTES) return;
        toldBytes = readBytes;
        say({ kind: 'progress', readBytes: doneBytes + readBytes, sizeBytes });
      };
      try {
        const content = await readDumpFile(path, { name: file.name, onProgress }, signal);
        inputs.push({ ...file, content });
      } catch (error) {
        signal.throwIfAborted();
        failures.push(failureOf(error));
      }
      doneBytes += sizes[index] ?? 0;
      say({ kind: 'progress', readBytes: doneBytes, sizeBytes });
    }
    const [failure] = failures;
    if (inputs.length === 0) {
      say({ kind: 'failed', failure: failure ?? sourceFailure('NOT_A_DUMP', 'no file was given') });
      return;
    }
    const { verdict, evidence, problems } = analyzeDumps(inputs);
    const unread = failures.map((each) => text(failureText(each), failureText(each)));
    say({
      kind: 'done',
      result: { verdict, evidence: withEvidence ? evidence : [], problems: [...unread, ...problems] },
    });
  } catch (error) {
    say({ kind: 'failed', failure: failureOf(error) });
  }
}

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
};

export const failureOf = (error: unknown): SourceFailure =>
  error instanceof AppError
    ? { code: error.code, message: cleanLine(error.message), hint: error.hint }
    : sourceFailure('INTERNAL', cleanLine(describeThrown(error)));
