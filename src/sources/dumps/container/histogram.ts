import { appError } from '../../../domain/errors.ts';
import { NO_JCMD_HINT } from './container-failure.ts';
import { assertSameJvm } from './container-jvm.ts';
import { DumpText, HISTOGRAM_MARKS } from './dump-text.ts';
import { JavaTools } from './java-tools.ts';
import type { ContainerDumpsOptions } from './runner.ts';
import { roomShortage, type TakingOf } from './thread-dump.ts';

/**
 * A class histogram by jcmd; where only what is reachable is wanted the JVM collects first. Resolves with what
 * answered; rejects with NO_TOOL or DUMP_FAILED, or as a dump tool does.
 */
export async function takeHistogram(
  { runner, clock }: ContainerDumpsOptions,
  { isLive, ...taking }: TakingOf & { readonly isLive: boolean },
  signal: AbortSignal,
): Promise<string> {
  const { jvm, looking, maxBytes, write, onAttempt } = taking;
  const words = [`${jvm.pid}`, 'GC.class_histogram', ...(isLive ? [] : ['-all'])];
  const asked = ['jcmd', ...words].join(' ');
  const failed = (why: string, code: 'DUMP_FAILED' | 'NO_TOOL', hint?: string) =>
    appError(code, `no class histogram of ${runner.name}: ${asked}: ${why}`, { hint });
  const shortage = await roomShortage(looking, signal);
  if (shortage !== undefined)
    throw failed(shortage, 'DUMP_FAILED', 'Give the container more memory, or use our agent beside it.');
  await assertSameJvm(jvm, looking, signal);
  onAttempt(asked);
  const dump = new DumpText({ marks: HISTOGRAM_MARKS, what: `${asked} in ${runner.name}`, maxBytes, write });
  const { how, end } = await new JavaTools(jvm, { runner, clock }).run('jcmd', words, dump, signal);
  if (end.kind === 'whole') return how;
  throw end.reason === 'noTool' ? failed(end.why, 'NO_TOOL', NO_JCMD_HINT) : failed(end.why, 'DUMP_FAILED');
}
