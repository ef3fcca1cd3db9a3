import { startFleet } from '../../fixtures/fleet/start-fleet.ts';
import { writeFleetFiles } from '../../fixtures/fleet/world/config-files.ts';
import type { Fleet } from '../../fixtures/fleet/world/fleet.ts';

export interface FastFleet {
  readonly fleet: Fleet;
  readonly configPath: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Every request that could change something, of every simulated remote, oldest first in each. */
  writes(): readonly string[];
  /** All requests so far. */
  requestCount(): number;
  close(): Promise<void>;
}

const READS: readonly RegExp[] = [
  /^(GET|HEAD) (?!.*\/(exec|attach|portforward|proxy)\b)/,
  // Access reviews tell what one may; they are kept nowhere.
  /^POST \/apis\/authorization\.k8s\.io\/v1\/selfsubject/,
  /^POST \/(List|Describe)\w+$/,
];
export const isRead = (request: string): boolean => READS.some((read) => read.test(request));

/** The small fleet in this process, without a script, its containers and tasks quick to start and end. */
export async function startFastFleet(): Promise<FastFleet> {
  const fleet = await startFleet({ size: 'small', seed: 7, script: false, haste: 20 });
  const files = writeFleetFiles(fleet);
  const remotes = [...fleet.kube.values(), ...fleet.ecs.values(), ...fleet.managers.values()];
  const all = () =>
    remotes.flatMap(({ name, requests }) =>
      requests.map(({ method, path }) => ({ name, request: `${method} ${path}` })),
    );
  return {
    fleet,
    configPath: files.configPath,
    environment: files.environment,
    writes: () => all().flatMap(({ name, request }) => (isRead(request) ? [] : [`${name}: ${request}`])),
    requestCount: () => all().length,
    async close() {
      await fleet.close();
      files.remove();
    },
  };
}
