import path from 'node:path';
import { AppError } from '../../core/app-error.ts';
import type { VerdictLine } from '../../domain/analysis.ts';
import { partsOfDumpName } from '../../domain/dump-name.ts';

/** What the dumps of a series show together; `undefined` where they cannot be read. */
export async function seriesVerdict(
  directory: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly VerdictLine[] | undefined> {
  const [{ analyzeDumps }, { readDumpFile }] = await Promise.all([
    import('../../diagnosis/dump-analysis/analyze-dumps.ts'),
    import('../../app/read-dump-file.ts'),
  ]);
  try {
    const inputs = [];
    for (const name of names) {
      const content = await readDumpFile(path.join(directory, name), { name }, signal);
      inputs.push({ name, content, takenAt: partsOfDumpName(name)?.at });
    }
    return analyzeDumps(inputs).verdict;
  } catch (thrown) {
    if (thrown instanceof AppError) return undefined;
    throw thrown;
  }
}
