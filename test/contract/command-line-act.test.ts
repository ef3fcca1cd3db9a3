import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as z from 'zod';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { type Finished, runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let fast: FastFleet;
before(async () => {
  [built, fast] = await Promise.all([buildProgram(), startFastFleet()]);
});
after(async () => {
  await fast.close();
  built.remove();
});

const LONG_MS = 110_000;
const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runProgram(built, [...args, '--config', fast.configPath], { ...fast.environment, ...environment }, LONG_MS);

const auditSchema = z.object({
  audit: z.array(
    z.looseObject({
      action: z.string(),
      result: z.string(),
      reason: z.string().optional(),
      targets: z.array(z.looseObject({ name: z.string(), result: z.string().optional() })),
    }),
  ),
});
/** Entries of one action on one target, newest first. */
async function audited(action: string, target: string) {
  const { code, stdout, stderr } = await run(['audit', '--action', action, '-o', 'json']);
  assert.equal(code, 0, stderr);
  return auditSchema
    .parse(JSON.parse(stdout))
    .audit.filter(({ targets }) => targets.some(({ name }) => name === target));
}
/** Writes to one remote that hold these words. */
const writesOf = (remote: string, word: string) =>
  fast.writes().filter((line) => line.startsWith(`${remote}: `) && line.includes(word));

const assertExit = (finished: Finished, code: number) =>
  assert.equal(finished.code, code, `${finished.stdout}\n${finished.stderr}`);

async function workload(name: string, field: 'ready' | 'desired'): Promise<number | undefined> {
  const { stdout } = await run(['get', 'workloads', name, '-o', 'json']);
  const { workloads } = z.object({ workloads: z.array(z.looseObject({})) }).parse(JSON.parse(stdout));
  const value = workloads[0]?.[field];
  return typeof value === 'number' ? value : undefined;
}

describe('verbs on Kubernetes from the command line', { concurrency: 4 }, () => {
  test('restart rolls a workload, waits for every pod and is audited with its reason', async () => {
    const done = await run(['restart', 'prod-eu:pay/ledger', '--yes', '--reason', 'leak in the pool']);
    assertExit(done, 0);
    assert.match(done.stdout, /prod-eu:ledger +done/);
    assert.equal(writesOf('prod-eu', 'deployments/ledger').length, 1);
    const [entry] = await audited('rolling-restart', 'ledger');
    assert.equal(entry?.result, 'done');
    assert.equal(entry.reason, 'leak in the pool');
    const rolledBack = await run(['rollback', 'prod-eu:pay/ledger', '--to', '1', '--yes', '-o', 'json']);
    assertExit(rolledBack, 0);
    assert.equal((await audited('rollback', 'ledger'))[0]?.result, 'done');
  });

  test('scale sends one change and ends when the servers are ready', async () => {
    const done = await run(['scale', 'prod-eu:pay/gateway', '--replicas', '3', '--yes']);
    assertExit(done, 0);
    assert.equal(await workload('prod-eu:pay/gateway', 'ready'), 3);
    assert.equal(writesOf('prod-eu', 'deployments/gateway').length, 1);
    assert.equal((await audited('scale', 'gateway'))[0]?.result, 'done');
  });

  test('switch-revision changes the ConfigMap, rolls what reads it and says the way back', async () => {
    const done = await run(['switch-revision', 'prod-eu:shop/cart-embedded', '--to', '3', '--yes']);
    assertExit(done, 0);
    assert.match(done.stdout, /switch-revision \S*cart-embedded --to 2/);
    assert.equal(writesOf('prod-eu', 'configmaps/').length, 1);
    assert.equal((await audited('switch-revision', 'cart-embedded'))[0]?.result, 'done');
  });

  test('delete removes one pod by name, and its workload makes another', async () => {
    const { stdout } = await run(['get', 'servers', '-o', 'json']);
    const { servers } = z
      .object({ servers: z.array(z.looseObject({ name: z.string() })) })
      .parse(JSON.parse(stdout));
    const pod = servers.find(({ name }) => name.startsWith('orders-api-'))?.name ?? '';
    const done = await run(['delete', `prod-eu:pay/${pod}`, '--yes']);
    assertExit(done, 0);
    assert.equal(writesOf('prod-eu', `DELETE /api/v1/namespaces/pay/pods/${pod}`).length, 1);
    assert.equal((await audited('delete', pod))[0]?.result, 'done');
  });

  test('a dry run lets the server check and changes nothing', async () => {
    const { code, stdout } = await run(['scale', 'prod-eu:pay/settlement', '--replicas', '2', '--dry-run']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /PATCH \S*deployments\/settlement/);
    assert.match(stdout, /would be accepted/);
    assert.ok(writesOf('prod-eu', 'settlement').every((line) => line.includes('dryRun=All')));
    assert.equal(await workload('prod-eu:pay/settlement', 'desired'), 1);
  });
});

describe('verbs on ECS and Managers from the command line', { concurrency: 3 }, () => {
  test('restart forces a new deployment of an ECS service', async () => {
    assertExit(await run(['restart', 'seoul:lena-prod/member-web', '--yes']), 0);
    assert.equal(writesOf('seoul', 'UpdateService').length >= 1, true);
    assert.equal((await audited('rolling-restart', 'member-web'))[0]?.result, 'done');
  });

  test('stop and start a VM server through its Manager', async () => {
    assertExit(await run(['stop', 'vm-was-02', '--yes']), 0);
    assertExit(await run(['start', 'vm-was-02', '--yes']), 0);
    const results = [...(await audited('stop', 'vm-was-02')), ...(await audited('start', 'vm-was-02'))];
    assert.deepEqual(
      results.map(({ result }) => result),
      ['done', 'done'],
    );
  });
});

describe('what the command line refuses', () => {
  test('a name that means two is exit 2 with the candidates as they can be given again', async () => {
    const refused = await run(['restart', 'lena-web', '--yes']);
    assertExit(refused, 2);
    assert.match(refused.stderr, /dr-eu:shop\/deployment\/lena-web\n.*prod-eu:shop\/deployment\/lena-web/);
  });

  test('a pattern needs --all-matching, no more targets than it says, and the typed name', async () => {
    assertExit(await run(['delete', 'prod-eu:shop/lena-was-*', '--yes']), 2);
    const many = await run(['delete', 'prod-eu:shop/lena-was-*', '--yes', '--all-matching', '2']);
    assertExit(many, 2);
    assert.match(many.stderr, /means 3, more than --all-matching 2/);
    const untyped = await run(['delete', 'prod-eu:shop/lena-was-*', '--yes', '--all-matching', '3']);
    assertExit(untyped, 2);
    assert.match(untyped.stderr, /--confirm '[^']+'/);
    assert.deepEqual(writesOf('prod-eu', 'DELETE /api/v1/namespaces/shop'), []);
  });

  test('without a terminal and --yes nothing is done: exit 2', async () => {
    const refused = await run(['scale', 'prod-eu:pay/static-docs', '--replicas', '2']);
    assertExit(refused, 2);
    assert.match(refused.stderr, /CONSENT_MISSING/);
    assert.deepEqual(writesOf('prod-eu', 'static-docs'), []);
  });

  test('a missing input is named: exit 2', async () => {
    const refused = await run(['scale', 'prod-eu:shop/lena-was', '--yes']);
    assertExit(refused, 2);
    assert.match(refused.stderr, /scale needs --replicas <n>/);
  });

  test('a rollback says when nothing is kept to go back to', async () => {
    const refused = await run(['rollback', 'prod-eu:pay/settlement', '--yes']);
    assertExit(refused, 5);
    assert.match(refused.stderr, /keeps no earlier rollout revision/);
  });

  test('an input of another verb is not dropped in silence', async () => {
    const refused = await run(['restart', 'prod-eu:shop/deployment/lena-was', '--yes', '--replicas', '3']);
    assertExit(refused, 2);
  });

  test('a rule of the configuration refuses with exit 4, and that is audited', async () => {
    const config = path.join(built.home, 'denied.yaml');
    const rule =
      'policy: {rules: [{namespaces: [pay], actions: [scale], confirm: deny, reason: "ask pay"}]}\n';
    writeFileSync(
      config,
      readFileSync(fast.configPath, 'utf8').replace(/^policy:.*\n(?: .*\n)*/m, '') + rule,
    );
    const args = ['scale', 'prod-eu:pay/batch-runner', '--replicas', '2', '--yes', '--config', config];
    const refused = await runProgram(built, args, fast.environment);
    assertExit(refused, 4);
    assert.match(refused.stderr, /POLICY_REFUSED.*ask pay/s);
    assert.deepEqual(writesOf('prod-eu', 'batch-runner'), []);
    assert.equal((await audited('scale', 'batch-runner'))[0]?.result, 'refused');
  });
});

describe('the true result of what goes wrong', () => {
  test('a name is not called unknown while a target it may be in does not answer: exit 3', async () => {
    fast.fleet.setFault('seoul', { kind: 'refuse' });
    const unseen = await run(['restart', 'seoul:lena-prod/point-api', '--yes']);
    fast.fleet.setFault('seoul', undefined);
    assertExit(unseen, 3);
    assert.match(unseen.stderr, /TARGET_UNSEEN.*seoul did not/);
  });

  test('carried out and cut before the answer is exit 6, and nothing is sent again', async () => {
    const simulator = fast.fleet.kube.get('dr-eu');
    assert.ok(simulator !== undefined);
    simulator.loseAnswers(1);
    const unknown = await run(['scale', 'dr-eu:shop/lena-was-standby', '--replicas', '2', '--yes']);
    assertExit(unknown, 6);
    assert.match(unknown.stdout, /outcome unknown/);
    assert.equal(writesOf('dr-eu', 'lena-was-standby').length, 1);
    assert.equal((await audited('scale', 'lena-was-standby'))[0]?.result, 'unknown');
  });

  test('an admission webhook’s refusal is told in its words: exit 5', async () => {
    const simulator = fast.fleet.kube.get('dr-eu');
    assert.ok(simulator !== undefined);
    simulator.refuseAdmission({ resources: ['deployments'], message: 'change freeze until Monday' });
    const refused = await run(['restart', 'dr-eu:shop/lena-web', '--yes']);
    simulator.refuseAdmission(undefined);
    assertExit(refused, 5);
    assert.match(refused.stdout, /ADMISSION_REFUSED.*change freeze until Monday/);
  });

  test('a right that is missing refuses with exit 4 before anything is sent', async () => {
    const refused = await run(['restart', 'lab:lab/spike-tomcat', '--yes']);
    assertExit(refused, 4);
    assert.match(refused.stderr, /PERMISSION_DENIED.*patch deployments\.apps/);
    assert.deepEqual(writesOf('lab', 'spike-tomcat'), []);
  });

  test('an audit that cannot be written refuses the action', async () => {
    const state = path.join(built.home, 'no-state');
    writeFileSync(state, 'a file where a folder should be');
    const refused = await run(['scale', 'prod-eu:pay/static-docs', '--replicas', '2', '--yes'], {
      XDG_STATE_HOME: state,
    });
    assertExit(refused, 4);
    assert.match(refused.stderr, /AUDIT_UNWRITABLE/);
    assert.deepEqual(writesOf('prod-eu', 'static-docs'), []);
  });

  test('no secret of the fleet is in the audit, and its files are the user’s alone', () => {
    const folder = path.join(built.home, '.local/state/l9s/audit');
    const files = readdirSync(folder);
    assert.ok(files.length > 0);
    for (const file of files) {
      const whole = path.join(folder, file);
      assert.doesNotMatch(readFileSync(whole, 'utf8'), /EXAMPLE-/);
      assert.equal(statSync(whole).mode & 0o777, 0o600);
    }
  });
});
