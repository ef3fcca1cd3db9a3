import { dumpThread } from '../../actions/dump-thread.action.ts';
import { AppError } from '../../core/app-error.ts';
import { cleanText } from '../../core/text.ts';
import { failureText } from '../../domain/errors.ts';
import type { Ref } from '../../domain/ref.ts';
import type { CommandEnvironment } from '../environment.ts';
import type { Observed } from '../observe.ts';
import { createProgressPrinter } from './progress.ts';

/**
 * Takes a thread dump of one server through the gate and waits for its verdict; progress, and why there is none, on
 * stderr: whatever is to be printed is printed all the same.
 */
export async function takeFreshDump(
  server: Ref<'server'>,
  { acting: { executor }, settings: { language }, dumps }: Observed,
  env: CommandEnvironment,
): Promise<void> {
  const warn = (words: string) => env.output.warn(cleanText(`l9s: ${words}`));
  try {
    const order = { action: dumpThread, targets: [server], input: {} };
    const prepared = await executor.prepare(order, env.signal);
    const { verdict } = prepared;
    if (verdict.state === 'allowed' && (verdict.confirm !== 'none' || verdict.needsReason)) {
      warn(`a rule asks before a dump is taken: use \`l9s dump thread\` first`);
      return;
    }
    const running = await executor.run(prepared, {});
    const printer = createProgressPrinter(env.output, language);
    const stop = executor.onJob((job) => {
      if (job.ref.id === running.ref.id) printer.show(job);
    });
    env.signal.addEventListener('abort', () => executor.cancel(running.ref), { once: true });
    const job = await running.done;
    stop();
    for (const { error } of job.targets) if (error !== undefined) warn(failureText(error));
    await dumps.load();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    warn(failureText(thrown));
  }
}
