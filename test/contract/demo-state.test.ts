import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const run = (...args: readonly string[]) => runProgram(built, args, {}, 60_000);

test('what is done on the simulated fleet is kept beside the user’s own, never among it', async () => {
  const own = path.join(built.home, '.local', 'state', 'l9s');
  const demo = path.join(own, 'demo');
  const names = await run('get', 'servers', '--demo', '-o', 'name');
  const ledger = names.stdout.split('\n').find((line) => line.includes('ledger')) ?? assert.fail('no ledger');
  const taken = await run('dump', 'thread', ledger, '--demo', '--yes');
  assert.equal(taken.code, 0, taken.stderr);
  const [file = ''] = taken.stdout.split('\n');
  assert.equal(path.dirname(file), path.join(demo, 'dumps'));
  assert.ok(existsSync(file), file);
  assert.deepEqual(readdirSync(own).sort(), ['demo', 'l9s.log']);
  assert.ok(readdirSync(demo).includes('audit'));

  const ofDemo = await run('audit', '--demo', '-o', 'json');
  assert.match(ofDemo.stdout, /dump-thread/);
  // Nothing is configured for the user: his audit is empty all the same.
  const ofUser = await run('audit', '-o', 'json');
  assert.doesNotMatch(ofUser.stdout, /dump-thread/);
});
