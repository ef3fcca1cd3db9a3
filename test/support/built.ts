import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAll } from '../../src/tooling/build.ts';

/** The program as users run it, built into a folder of its own: tests never touch dist/. */
export interface BuiltProgram {
  /** `node program …` */
  readonly program: string;
  readonly fleetProgram: string;
  /** An empty home, so that nothing of this machine's is read or written. */
  readonly home: string;
  /** Environment without this machine's configuration, clouds or colours. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): void;
}

export async function buildProgram(): Promise<BuiltProgram> {
  const root = mkdtempSync(path.join(tmpdir(), 'l9s-built-'));
  const dist = path.join(root, 'dist');
  await buildAll(dist);
  copyFileSync(path.resolve(import.meta.dirname, '../../package.json'), path.join(root, 'package.json'));
  const home = mkdtempSync(path.join(tmpdir(), 'l9s-home-'));
  return {
    program: path.join(dist, 'l9s.js'),
    fleetProgram: path.join(dist, 'fleet.js'),
    home,
    environment: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      TMPDIR: tmpdir(),
      LANG: 'C.UTF-8',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    remove() {
      rmSync(root, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
