import {
  countsOf,
  cpuMs,
  pause,
  residentMiB,
  startConsole,
  startFleetProcess,
  withBuilt,
} from './console-on-fleet.ts';

const SETTLE_MS = 8_000;
const WINDOW_MS = 10_000;
const LISTED = 2_000;
/** Every frame that is sent begins a synchronized update. */
const FRAME_BEGINS = '\u001b[?2026h';

/** Frames, bytes and processor time with 2,000 servers: while nothing changes, then under their datagrams. */
export async function run(): Promise<object> {
  return await withBuilt(async (built) => {
    const fleet = await startFleetProcess(built, 'large');
    const pty = startConsole(built, fleet);
    await pty.until((screen) => countsOf(screen)[1] >= LISTED);
    const processId = pty.processIds().at(-1) ?? 0;
    const watch = async () => {
      const bytes = pty.raw().length;
      const cpu = cpuMs(processId);
      await pause(WINDOW_MS);
      const sent = pty.raw().slice(bytes);
      const frames = sent.split(FRAME_BEGINS).length - 1;
      return {
        frames,
        bytes: sent.length,
        bytesPerFrame: frames === 0 ? 0 : Math.round(sent.length / frames),
        cpuPercent: Math.round(((cpuMs(processId) - cpu) / WINDOW_MS) * 1_000) / 10,
        residentMiB: residentMiB(processId),
      };
    };
    await pause(SETTLE_MS);
    const still = await watch();
    fleet.send();
    await pause(SETTLE_MS);
    const heard = await watch();
    pty.write('\u0003');
    await pty.exited;
    await fleet.close();
    return { servers: 2_000, windowMs: WINDOW_MS, still, heard, targets: { stillFrames: 0, cpuPercent: 6 } };
  });
}
