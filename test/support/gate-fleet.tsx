import { after, before } from 'node:test';
import type { Mode } from '../../src/domain/policy.ts';
import { type GateConsole, openGateConsole } from './gate-console.tsx';
import { type OpenedFleet, openFleet } from './opened-fleet.ts';

export interface GateFleet {
  fleet(): OpenedFleet;
  app(): GateConsole;
}

/** One fleet and one console over it for all tests of a file: starting them costs seconds. */
export function gateOnFleet(mode: Mode, prepare?: Parameters<typeof openFleet>[1]): GateFleet {
  let fleet: OpenedFleet | undefined;
  let app: GateConsole | undefined;
  before(async () => {
    fleet = await openFleet(mode, prepare);
    app = await openGateConsole(fleet, mode);
  });
  after(async () => {
    app?.close();
    await fleet?.close();
  });
  const started = <T,>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the fleet did not start');
    return value;
  };
  return { fleet: () => started(fleet), app: () => started(app) };
}
