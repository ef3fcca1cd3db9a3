import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { readAll } from './audit.ts';
import { type BuiltProgram, buildProgram } from './built.ts';
import { type FastFleet, startFastFleet } from './fast-fleet.ts';
import { type Finished, runProgram } from './run-program.ts';

/** What no screen, log or message may show: it stands in what peers, tools and files say. */
export const DUMP_SECRET = 'dump-hunter2-secret';
/** What a terminal would act on. */
export const DUMP_ESCAPES = '\u001b]0;owned\u0007\u001b[2J\u009b31m';
/** As a peer would say it: both, in the words of a failure. */
export const HOSTILE_WORDS = `it is${DUMP_ESCAPES} broken, password=${DUMP_SECRET} Bearer ${DUMP_SECRET}`;

/** A line feed is the only one a command may print. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** The built `l9s dump` on a fleet, with a state directory of its own. */
export interface DumpCommand {
  readonly built: BuiltProgram;
  readonly fast: FastFleet;
  readonly environment: Readonly<Record<string, string>>;
  readonly stateDirectory: string;
  readonly dumps: string;
  run(...args: readonly string[]): Promise<Finished>;
  /** Of a configuration of its own. */
  runWith(config: string, ...args: readonly string[]): Promise<Finished>;
  /** As the command line names one server. */
  server(start: string): string;
  audit(): Promise<readonly AuditEntry[]>;
  /** The log of the program, all of it. */
  log(): string;
  close(): Promise<void>;
}

export async function startDumpCommand(): Promise<DumpCommand> {
  // One after the other: of a build that fails no fleet is left running.
  const built = await buildProgram();
  const fast = await startFastFleet();
  const stateHome = path.join(built.home, 'dump-state');
  const stateDirectory = path.join(stateHome, 'l9s');
  const environment = { ...fast.environment, XDG_STATE_HOME: stateHome };
  const runWith: DumpCommand['runWith'] = (config, ...args) =>
    runProgram(built, [...args, '--config', config], environment, 60_000);
  const listed = await runWith(fast.configPath, 'get', 'servers', '-o', 'name');
  const servers = listed.stdout.split('\n').filter((line) => line !== '');
  return {
    built,
    fast,
    environment,
    stateDirectory,
    dumps: path.join(stateDirectory, 'dumps'),
    run: (...args) => runWith(fast.configPath, ...args),
    runWith,
    server: (start) =>
      servers.find((name) => name.startsWith(start)) ?? assert.fail(`no ${start}: ${servers}`),
    audit: async () => (await readAll(path.join(stateDirectory, 'audit'))).entries,
    log: () => {
      const file = path.join(stateDirectory, 'l9s.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    async close() {
      await fast.close();
      built.remove();
    },
  };
}

export const linesOf = (written: string): readonly string[] =>
  written.split('\n').filter((line) => line !== '');

/** Every dump there has its facts and every facts their dump; nothing else is there. */
export function assertNoHalfFiles(directory: string): readonly string[] {
  const names = existsSync(directory) ? readdirSync(directory).sort() : [];
  const dumps = names.filter((name) => !name.endsWith('.json'));
  assert.deepEqual(names, dumps.flatMap((name) => [name, `${name}.json`]).sort(), 'a half file is left');
  for (const name of dumps) assert.match(name, /^[A-Za-z0-9._-]{1,200}$/);
  for (const name of dumps) assert.doesNotMatch(name, /\.part$/);
  return dumps;
}

/** Nothing a terminal acts on, and no secret. */
export function assertHarmless(written: string): void {
  const [found] = RAW_CONTROL.exec(written) ?? [];
  assert.equal(found, undefined, `${JSON.stringify(found)} in ${JSON.stringify(written.slice(0, 2_000))}`);
  assert.ok(!written.includes(DUMP_SECRET), `a secret in ${written.slice(0, 2_000)}`);
}

/** Each record was begun and ended; the targets of those of `action`, by name. */
export function assertAllEnded(entries: readonly AuditEntry[]): void {
  for (const { result, endedAt, title } of entries) {
    assert.ok(
      endedAt !== undefined && result !== 'running' && result !== 'unfinished',
      `${title}: ${result}`,
    );
  }
}
