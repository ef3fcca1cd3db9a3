import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { VIEWS } from '../../src/views/index.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { strayRequests, WATCHING } from '../support/known-reads.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let fast: FastFleet;
before(async () => {
  [built, fast] = await Promise.all([buildProgram(), startFastFleet()]);
});
after(async () => {
  await fast.close();
  built.remove();
});

/** Commands that only look, with the code they end with. */
const LOOKS: readonly (readonly [command: readonly string[], code: number])[] = [
  ...VIEWS.map(({ id }) => [['get', id, '-o', 'json'], 0] as const),
  [['get', 'servers', 'prod-eu:lena-manager-0', '-o', 'wide'], 0],
  [['describe', 'server', 'prod-eu:lena-session-0'], 0],
  [['describe', 'workload', 'prod-eu:shop/lena-was'], 0],
  [['describe', 'context', 'mgr-eu'], 0],
  [['events', '-o', 'csv'], 0],
  [['diff-revision', 'mgr-eu:shop-was', '2', 'default'], 0],
  [['doctor'], 0],
  [['doctor', '--server', 'prod-eu:lena-session-0'], 0],
  [['audit'], 0],
  [['config', 'show'], 0],
  [['config', 'check'], 0],
  [['keys'], 0],
  [['completion', 'bash'], 0],
  [['version'], 0],
];

const OTHER_VIEWS = new Set(VIEWS.slice(1).map(({ id }) => `get ${id}`));

for (const flag of ['--readonly', '--triage']) {
  describe(`the command line with ${flag}`, { concurrency: 4 }, () => {
    // What a view shows is read whatever the view: in the other mode one of them tells as much.
    const looks = LOOKS.filter(
      ([command]) => flag === '--readonly' || !OTHER_VIEWS.has(command.slice(0, 2).join(' ')),
    );
    for (const [command, expected] of looks) {
      test(`${command.join(' ')} only reads`, async () => {
        const args = [...command, flag, '--config', fast.configPath];
        const { code, stderr } = await runProgram(built, args, fast.environment);
        assert.equal(code, expected, stderr);
        assert.deepEqual(strayRequests(fast, WATCHING), []);
        assert.deepEqual(fast.writes(), []);
      });
    }
  });
}

test('what those commands read did arrive at every remote', () => {
  const { kube, ecs, managers } = fast.fleet;
  for (const { name, requests } of [...kube.values(), ...ecs.values(), ...managers.values()]) {
    assert.ok(requests.length > 0, name);
  }
});
