import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Opened } from '../../src/app/open.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { type FastFleet, startFastFleet } from './fast-fleet.ts';

export interface OpenedFleet {
  readonly fast: FastFleet;
  readonly opened: Opened;
  readonly environment: Readonly<Record<string, string>>;
  /** Where everything of this run is written. */
  readonly stateDirectory: string;
  /** Ends the application, so that nothing is on its way any more; the simulated remotes go on. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

const SETTLE_MS = 15_000;

const root = mkdtempSync(path.join(tmpdir(), 'l9s-opened-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
process.env['XDG_STATE_HOME'] = path.join(root, 'state');
process.env['XDG_CONFIG_HOME'] = path.join(root, 'config');
let count = 0;

/**
 * The application as the program composes it, on a simulated fleet of its own, with every table filled. Its state
 * goes to a temporary folder of the process: the variable that says so is read when a module is loaded, so that
 * nothing a test file imports may load `src/config/paths.ts` before this.
 */
export async function openFleet(
  mode: Mode,
  prepare: (fleet: FastFleet['fleet'], configPath: string) => void = () => undefined,
): Promise<OpenedFleet> {
  const [{ open }, { userPaths }, { silentLog }, fast] = await Promise.all([
    import('../../src/app/open.ts'),
    import('../../src/config/paths.ts'),
    import('../../src/app/log-file.ts'),
    startFastFleet(),
  ]);
  prepare(fast.fleet, fast.configPath);
  const home = path.join(root, `home-${count++}`);
  mkdirSync(home);
  const { stateDirectory } = userPaths(home);
  if (!stateDirectory.startsWith(root)) throw new Error(`state would be written to ${stateDirectory}`);
  // As with the demo: the AWS SDK finds its shared files through the process's own environment only.
  Object.assign(process.env, fast.environment);
  const { environment } = fast;
  const stop = new AbortController();
  const opened = await open({
    flags: {
      config: fast.configPath,
      ...(mode === 'readonly' ? { readonly: true } : {}),
      ...(mode === 'triage' ? { triage: true } : {}),
    },
    environment,
    home,
    isLookedAt: true,
    fleetProgram: '',
    log: silentLog,
    signal: stop.signal,
  });
  let leaving: Promise<void> | undefined;
  const leave = () => {
    stop.abort();
    leaving ??= opened.close();
    return leaving;
  };
  const close = async () => {
    await leave();
    await fast.close();
  };
  opened.runtime.start();
  const isSettled = await opened.runtime.settled(SETTLE_MS, stop.signal);
  opened.runtime.flush();
  if (!isSettled) {
    await close();
    throw new Error(`no answer of ${opened.runtime.unanswered().join(', ')}`);
  }
  return { fast, opened, environment, stateDirectory, leave, close };
}
