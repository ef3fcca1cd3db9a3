import type { Writable } from 'node:stream';
import { collectorSettings } from '../config/collector-settings.ts';
import type { Flags } from '../config/flags.ts';
import { expandHome, userPaths } from '../config/paths.ts';
import { systemClock } from '../core/clock.ts';
import { copyStream } from '../sources/telemetry/relay/copy-stream.ts';
import { relayDirectories } from './relay-options.ts';

export interface AttachStdioOptions {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** A socket that is named instead of looked for. */
  readonly socket: string | undefined;
  readonly version: string;
  readonly out: Writable;
  readonly signal: AbortSignal;
}

/** Copies what the owner of the port on this host hands on to `out`; connects to nothing else. */
export async function attachStdio(options: AttachStdioOptions): Promise<void> {
  const { flags, environment, home, socket, version, out, signal } = options;
  const { port } = collectorSettings({ flags, environment, paths: userPaths(home), home }, []);
  await copyStream(
    {
      file: socket === undefined ? undefined : expandHome(socket, home),
      lookIn: relayDirectories(environment),
      uid: process.getuid?.(),
      port,
      isPortGiven: flags.listen !== undefined,
      program: version,
      pid: process.pid,
      out,
      clock: systemClock,
    },
    signal,
  );
}
