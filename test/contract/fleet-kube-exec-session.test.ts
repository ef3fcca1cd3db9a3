import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { createFakeClock } from '../support/fake-clock.ts';
import { openExec } from '../support/fleet-exec.ts';
import { applyLena, at, type RunningKube, startKube } from '../support/fleet-kube.ts';
import { SESSION_COUNTERS } from '../support/session-counters.ts';

const HOME = '/usr/local/lena/servers/sessionServer';
const DAY_MS = 86_400_000;
const TIMES = { startAfterMs: 1_000, readyAfterMs: 5_000, stopAfterMs: 2_000, mirrorMs: 20_000 };

/** The session pair of the guide, a day old, on a clock of the test's own. */
async function sessionPair(context: TestContext) {
  const clock = createFakeClock(Date.UTC(2026, 10, 21, 4, 30));
  const kube = await startKube(context, { clock, ...TIMES, ageAtStartMs: DAY_MS }, applyLena);
  return { clock, kube };
}
async function run(context: TestContext, kube: RunningKube, pod: string, ...command: readonly string[]) {
  const { status, ...ran } = await (await openExec(context, kube, { pod, command })).ended();
  const code = at(status, 'status') === 'Success' ? 0 : Number(at(status, 'details', 'causes', 0, 'message'));
  return { out: ran.text(1), code };
}
async function counters(context: TestContext, kube: RunningKube, pod: string) {
  const { out, code } = await run(context, kube, pod, `${HOME}/console.sh`, 'status');
  assert.equal(code, 0);
  assert.match(out, /^\{\w+=\d+(, \w+=\d+)*\}\n$/);
  return new Map(
    out
      .slice(1, -2)
      .split(', ')
      .map((pair): [string, number] => {
        const [name = '', value = ''] = pair.split('=');
        return [name, Number(value)];
      }),
  );
}
const sessions = async (context: TestContext, kube: RunningKube, pod: string) =>
  (await counters(context, kube, pod)).get('session_count') ?? Number.NaN;

describe('the console of a simulated session server', () => {
  test('prints every counter in one brace list', async (context) => {
    const { kube } = await sessionPair(context);
    const known = await counters(context, kube, 'lena-session-0');
    assert.deepEqual([...known.keys()], SESSION_COUNTERS);
    assert.deepEqual([known.get('session_max_count'), known.get('session_timeout')], [2_000_000, 1800]);
  });

  test('counts more sessions as time goes, the same on both', async (context) => {
    const { clock, kube } = await sessionPair(context);
    const before = await sessions(context, kube, 'lena-session-0');
    await clock.advance(60_000);
    const after = await sessions(context, kube, 'lena-session-0');
    assert.ok(before > 0 && after > before, `${before} → ${after}`);
    assert.equal(await sessions(context, kube, 'lena-session-1'), after);
  });

  test('lists the servers that keep their sessions there, and explains itself otherwise', async (context) => {
    const { clock, kube } = await sessionPair(context);
    const console = (word: string) => run(context, kube, 'lena-session-0', `${HOME}/console.sh`, word);
    assert.deepEqual(await console('was_list'), { out: '', code: 0 });
    assert.equal((await console('nonsense')).code, 1);
    kube.simulator.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'shop', namespace: 'lena' },
      spec: {
        containers: [
          {
            name: 'was',
            image: 'lenacloud/lena-cluster:1',
            env: [{ name: 'LENA_SESSION_0_ADDRESS', value: 'lena-session-0.lena-session:5180' }],
          },
        ],
      },
    });
    await clock.advance(1_000);
    const { out } = await console('was_list');
    assert.match(out, /^\{addr=\/10\.20\.\d+\.\d+:8180, name=shop, .*hostname=shop, jvmName=\d+@shop\}\n$/);
  });

  test('is not in other containers', async (context) => {
    const { kube } = await sessionPair(context);
    const web = String(
      at(
        await kube.json('/api/v1/namespaces/lena/pods?labelSelector=type%3Dlena-web'),
        'items',
        0,
        'metadata',
        'name',
      ),
    );
    const { out, code } = await run(context, kube, web, 'sh', '-c', `ls ${HOME}/console.sh`);
    assert.deepEqual([out, code], ['', 2]);
  });
});

describe('a simulated session server that restarts', () => {
  test('has no sessions at first, copies those of its partner, and is healthy when it is ready', async (context) => {
    const { clock, kube } = await sessionPair(context);
    const health = async () => (await run(context, kube, 'lena-session-1', `${HOME}/health.sh`)).code;
    assert.equal(await health(), 0);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'lena-session-1' });
    await clock.advance(1_000);
    assert.equal(await health(), 1);
    assert.equal(await sessions(context, kube, 'lena-session-1'), 0);
    const counted: number[] = [];
    for (let step = 0; step < 5; step++) {
      counted.push(await sessions(context, kube, 'lena-session-1'));
      await clock.advance(5_000);
    }
    assert.deepEqual(
      counted,
      [...counted].sort((a, b) => a - b),
    );
    assert.equal(new Set(counted).size, counted.length);
    assert.equal(await health(), 0);
    assert.equal(
      await sessions(context, kube, 'lena-session-1'),
      await sessions(context, kube, 'lena-session-0'),
    );
  });

  test('copies nothing while the link to its partner is cut', async (context) => {
    const { clock, kube } = await sessionPair(context);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'lena-session-1' });
    await clock.advance(1_000);
    kube.simulator.setMirroring({ namespace: 'lena', name: 'lena-session-1' }, false);
    await clock.advance(60_000);
    assert.equal(await sessions(context, kube, 'lena-session-1'), 0);
    kube.simulator.setMirroring({ namespace: 'lena', name: 'lena-session-1' }, true);
    await clock.advance(20_000);
    assert.equal(
      await sessions(context, kube, 'lena-session-1'),
      await sessions(context, kube, 'lena-session-0'),
    );
  });

  test('loses the sessions it had not copied when its partner restarts too early', async (context) => {
    const { clock, kube } = await sessionPair(context);
    const whole = await sessions(context, kube, 'lena-session-0');
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'lena-session-1' });
    await clock.advance(11_000);
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: 'lena-session-0' });
    await clock.advance(60_000);
    const left = await sessions(context, kube, 'lena-session-0');
    assert.ok(left > 0 && left < whole * 0.6, `${left} of ${whole}`);
    assert.equal(await sessions(context, kube, 'lena-session-1'), left);
  });
});
