import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildProgram } from '../support/built.ts';
import { startInPty } from '../support/pty.ts';

const RUNS = 10;

/** Milliseconds from exec to the first painted frame of the built console, in a pty, with nothing that answers. */
export async function run(): Promise<object> {
  const built = await buildProgram();
  const home = mkdtempSync(path.join(tmpdir(), 'l9s-bench-'));
  const config = path.join(home, 'config.yaml');
  writeFileSync(
    config,
    'contexts:\n  - name: vms\n    hosts: {servers: [{name: was1, address: 127.0.0.1, type: was, port: 9}]}\n',
  );
  const times: number[] = [];
  for (let index = 0; index <= RUNS; index++) {
    const pty = startInPty([process.execPath, built.program, '--config', config], {
      environment: { ...process.env, HOME: home },
    });
    const elapsedMs = await pty.until((screen) => /vms/.test(screen));
    pty.write('\u0003');
    await pty.exited;
    // The first run fills the compile cache, as the first start on a machine does.
    if (index > 0) times.push(elapsedMs);
  }
  built.remove();
  rmSync(home, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { runs: RUNS, minMs: at(0), medianMs: at(0.5), maxMs: at(1), targetMs: 150 };
}
