import type { Clock } from '../../core/clock.ts';
import { attach } from '../attach/attach-jvm.ts';
import { type AttachCommand, commandText } from '../attach/attach-socket.ts';
import type { DumpJob, DumpMaker, MadeDump } from './dump-job.ts';

/** With the locks of java.util.concurrent; every version since 8 knows it. */
export const THREAD_DUMP: AttachCommand = { name: 'threaddump', args: ['-l'] };
const histogram = (isLive: boolean): AttachCommand => ({
  name: 'inspectheap',
  args: [isLive ? '-live' : '-all'],
});

/** Passes on what the JVM answers, as it answers it. */
async function passOn(command: AttachCommand, job: DumpJob, clock: Clock): Promise<MadeDump> {
  for await (const bytes of attach(job.server.target, command, job.signal, { clock })) await job.write(bytes);
  return { how: commandText(command), missing: [] };
}

export const threadMaker =
  (clock: Clock): DumpMaker =>
  (job) =>
    passOn(THREAD_DUMP, job, clock);

export const histogramMaker =
  (clock: Clock): DumpMaker =>
  (job) =>
    passOn(histogram(job.isLive), job, clock);
