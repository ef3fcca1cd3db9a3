import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { temporaryDirectory } from '../support/acting.ts';
import { auditFiles, readAll } from '../support/audit.ts';

/** `L9S_KILLS=1000` for the whole proof; each child is a process of its own. */
const KILLS = Number(process.env['L9S_KILLS'] ?? '40');
const AT_ONCE = 4;
const CALLS_BEFORE_KILL = 9;

interface Line {
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

/** The lines of a file; only the last may be torn. */
function linesOf(file: string): readonly Line[] {
  const written = readFileSync(file, 'utf8').split('\n');
  return written.flatMap((text, at) => {
    if (text === '') return [];
    try {
      const { type = '', id = '' }: { type?: string; id?: string } = JSON.parse(text);
      return [{ type, id, text }];
    } catch {
      assert.equal(at, written.length - 1, `${file}:${at + 1} is torn in the middle`);
      return [];
    }
  });
}

test('killed at any point, what left is in the audit: its begin, and that it was about to leave', async (t) => {
  const home = temporaryDirectory(t);
  const program = path.join(home, 'child.mjs');
  await build({
    entryPoints: [path.resolve(import.meta.dirname, '../support/audit-kill-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
  });
  const arrivals = new Map<string, (() => void)[]>();
  const received: string[] = [];
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    received.push(url);
    arrivals.get(url.split('/')[1] ?? '')?.shift()?.();
    request.resume();
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;

  /** Ends a child some turns of the event loop after its n-th call arrived, so that no point of its life is spared. */
  async function killOne(directory: string): Promise<void> {
    const child = spawn(process.execPath, [program, directory, String(port)], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const arrived = Promise.withResolvers<void>();
    const calls = 1 + Math.floor(Math.random() * CALLS_BEFORE_KILL);
    const waiting = [...Array.from({ length: calls - 1 }, () => () => {}), arrived.resolve];
    arrivals.set(String(child.pid), waiting);
    await Promise.race([arrived.promise, ended.then(() => assert.fail('the child ended by itself'))]);
    for (let turns = Math.floor(Math.random() * 40); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill('SIGKILL');
    await ended;
  }

  const directories = Array.from({ length: KILLS }, (_, at) => path.join(home, `audit-${at}`));
  const left = [...directories];
  const lane = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await killOne(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));

  const begun = new Set<string>();
  const announced = new Set<string>();
  for (const directory of directories) {
    const lines = auditFiles(directory).flatMap(linesOf);
    for (const { type, text } of lines) {
      const paths = [...text.matchAll(/\/\d+\/\d+\/[ab]\/[12]/g)].map(([found]) => found);
      const into = type === 'begin' ? begun : type === 'sending' ? announced : undefined;
      for (const found of paths) into?.add(found);
    }
    const { entries } = await readAll(directory);
    const begins = lines.filter(({ type }) => type === 'begin').map(({ id }) => id);
    assert.deepEqual(entries.map(({ ref }) => ref.id).sort(), begins.sort());
    const ends = new Set(lines.filter(({ type }) => type === 'end').map(({ id }) => id));
    for (const { ref, result } of entries) {
      assert.equal(result, ends.has(ref.id) ? 'done' : 'unfinished');
    }
  }
  assert.ok(received.length >= KILLS);
  assert.equal(new Set(received).size, received.length, 'a call left twice');
  assert.deepEqual(
    received.filter((url) => !begun.has(url) || !announced.has(url)),
    [],
  );
  t.diagnostic(`${KILLS} kills, ${received.length} calls arrived, ${announced.size} were announced`);
});
