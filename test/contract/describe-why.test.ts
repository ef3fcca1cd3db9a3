import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let fast: FastFleet;
let name: string;
before(async () => {
  [built, fast] = await Promise.all([buildProgram(), startFastFleet()]);
  const { stdout } = await run('get', 'servers', '-o', 'name');
  name = stdout.split('\n').find((line) => line.startsWith('prod-eu:pay/pay-was')) ?? assert.fail(stdout);
});
after(async () => {
  await fast.close();
  built.remove();
});
const run = (...args: readonly string[]) =>
  runProgram(
    built,
    [...args, '--config', fast.configPath],
    { ...fast.environment, XDG_STATE_HOME: path.join(built.home, 'why-state') },
    60_000,
  );

test('--why puts on one page why a server is as it is, secrets masked', async () => {
  const { code, stdout, stderr } = await run('describe', 'servers', name, '--why');
  assert.equal(code, 0, stderr);
  for (const title of ['Health', 'Thread dump', 'Restarts and containers', 'Rollout', 'Recent events'])
    assert.match(stdout, new RegExp(`^${title}`, 'm'), title);
  assert.match(stdout, /Deployment pay-was/);
  assert.ok(!`${stdout}${stderr}`.includes('\u001b'));
  assert.doesNotMatch(`${stdout}${stderr}`, /LENA_MANAGER_KEY=(?!\*)/);
  const json = await run('describe', 'servers', name, '--why', '-o', 'json');
  const { sections } = JSON.parse(json.stdout);
  assert.ok(sections.some(({ title }: { title: string }) => title === 'Rollout'));
});

test('--dump takes one first, and its verdict stands there', async () => {
  const { code, stdout, stderr } = await run('describe', 'servers', name, '--why', '--dump', '--triage');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Newest thread dump \(<10s\)$/m);
  assert.match(stdout, /● healthy +nothing stands out: \d+ threads/);
  assert.match(stdout, /File +\S+_tdump\.txt/);
  assert.match(stderr, /take a thread dump of pay-was/);
});

test('in readonly the page comes without it, and says how to allow it', async () => {
  const { code, stdout, stderr } = await run('describe', 'servers', name, '--why', '--dump', '--readonly');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Rollout/m);
  assert.match(stderr, /MODE_REFUSED: .*Triage allows it/);
});

for (const args of [
  ['servers', '--dump'],
  ['workloads', '--why'],
] as const) {
  test(`${args.join(' ')} is a wrong call`, async () => {
    const [kind, ...flags] = args;
    const target = kind === 'servers' ? name : 'prod-eu:pay/pay-was';
    const { code, stderr } = await run('describe', kind, target, ...flags);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /l9s describe servers NAME --why/);
  });
}
