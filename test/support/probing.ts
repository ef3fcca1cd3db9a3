import assert from 'node:assert/strict';
import type { FleetProcess } from '../../fixtures/fleet/process.ts';
import type { ProbeReading } from '../../src/domain/probe-reading.ts';
import { refKey, refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { waitFor } from './fleet-wait.ts';
import type { OpenedFleet } from './opened-fleet.ts';

/** The first server of a workload (`context/workload`), its reading, and the process behind it. */
export function probed(fleet: OpenedFleet, workload: string) {
  const { opened, fast } = fleet;
  const [context = '', name = ''] = workload.split('/');
  const tables = () => opened.store.state.getState().tables;
  const servers = [...tables().server.rows.values()].filter(
    (row) => row.ref.context === context && row.workload?.name === name,
  );
  const [first] = servers.sort((a, b) => (a.name < b.name ? -1 : 1));
  const { ref } = first ?? assert.fail(`no server of ${workload}`);
  const reading = (): ProbeReading | undefined =>
    tables().probe.rows.get(refKey(refOf('probe', ref.context, ref.id)));
  return {
    ref,
    server: (): Server => tables().server.rows.get(refKey(ref)) ?? assert.fail(`${ref.id} is gone`),
    reading,
    /** Waits for a reading that fits. */
    until: (what: string, fits: (reading: ProbeReading) => boolean): Promise<ProbeReading> =>
      waitFor(what, () => {
        const now = reading();
        return now !== undefined && fits(now) ? now : undefined;
      }),
    process: (): FleetProcess =>
      fast.fleet.processes.all().find(({ process }) => `${process.namespace}/${process.hostName}` === ref.id)
        ?.process ?? assert.fail(`no process of ${ref.id}`),
    /** Commands asked for in its pod so far. */
    commands: (): readonly string[] =>
      (fast.fleet.kube.get(context)?.requests ?? [])
        .filter(({ path }) => path.includes(`/pods/${ref.id.split('/')[1]}/exec?`))
        .map(({ path }) => new URL(path, 'https://x').searchParams.getAll('command').join(' ')),
  };
}

/** Entries of the audit about probes, oldest first. */
export const probeEntries = ({ opened }: OpenedFleet) =>
  [...opened.store.state.getState().tables.audit.rows.values()]
    .filter(({ action }) => action === 'probe')
    .sort((a, b) => a.at - b.at);
