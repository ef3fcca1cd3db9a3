import type { FleetSize } from '../../fixtures/fleet/world/topology.ts';
import type { BuiltProgram } from '../support/built.ts';
import {
  countsOf,
  cpuMs,
  medianOf,
  pause,
  residentMiB,
  startConsole,
  startFleetProcess,
  withBuilt,
} from './console-on-fleet.ts';

const RUNS = 3;
/** How long the fleet's datagrams are heard before memory is read. */
const HEARD_MS = 20_000;

async function measure(built: BuiltProgram, size: FleetSize, servers: number) {
  const fleet = await startFleetProcess(built, size);
  const listed: number[] = [];
  const live: number[] = [];
  let listedMiB = 0;
  let heardMiB = 0;
  let heardCpuPercent = 0;
  for (let index = 0; index <= RUNS; index++) {
    const pty = startConsole(built, fleet, 180_000);
    const counted = await pty.until((screen) => countsOf(screen)[1] >= servers, 30_000);
    const settled = await pty.until((screen) => !/connecting|syncing/.test(screen), 30_000);
    const processId = pty.processIds().at(-1) ?? 0;
    if (index > 0) {
      listed.push(counted);
      live.push(settled);
    }
    if (index === RUNS) {
      await pause(2_000);
      listedMiB = residentMiB(processId);
      fleet.send();
      await pause(HEARD_MS / 2);
      const before = cpuMs(processId);
      await pause(HEARD_MS / 2);
      heardCpuPercent = Math.round((cpuMs(processId) - before) / (HEARD_MS / 200));
      heardMiB = residentMiB(processId);
    }
    pty.write('\u0003');
    await pty.exited;
  }
  await fleet.close();
  return {
    servers,
    runs: RUNS,
    allListedMs: medianOf(listed),
    allLiveMs: medianOf(live),
    listedMiB,
    afterDatagramsMiB: heardMiB,
    cpuPercentWithDatagrams: heardCpuPercent,
  };
}

/** Milliseconds from exec until every server of the fleet is listed and joined, and what that takes of memory. */
export async function run(): Promise<object> {
  return await withBuilt(async (built) => ({
    large: await measure(built, 'large', 2_000),
    huge: await measure(built, 'huge', 10_000),
    targets: { allListedMs: 3_000, largeMiB: 180, hugeMiB: 400 },
  }));
}
