import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  assertCode,
  createObject,
  NO_IMAGE,
  openStage,
  outcomesOf,
  plainDeployment,
  plainPod,
  resultsOf,
} from '../support/act-stage.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const DR = ['--context', 'dr-eu'] as const;
const PODS = '/api/v1/namespaces/shop/pods';
const shop = (name: string) => `dr-eu:shop/deployment/${name}`;

describe('the built program on Kubernetes', { concurrency: 4 }, () => {
  describe('when others act too', { concurrency: 1 }, () => {
    test('what somebody scaled while the plan was shown is a conflict, and stays as he left it', async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
      const late = await stage.confirm(['scale', shop('cart'), '--replicas', '2', ...DR], async () => {
        assertCode(await stage.run(['scale', shop('cart'), '--replicas', '3', '--yes', ...DR]), 0);
      });
      assertCode(late, 5);
      assert.match(late.screen, /dr-eu:cart +failed +CONFLICT/);
      assert.equal(stage.writes('dr-eu', 'deployments/cart').length, 2);
      const [mine, his] = await stage.audit();
      assert.ok(mine !== undefined && his !== undefined);
      assert.deepEqual([resultsOf(mine), outcomesOf(mine)], [['cart failed CONFLICT'], ['failed']]);
      assert.deepEqual([resultsOf(his), outcomesOf(his)], [['cart done'], ['done']]);
      const { stdout } = await stage.run(['get', 'workloads', shop('cart'), '-o', 'json', ...DR]);
      assert.match(stdout, /"desired": 3/);
    });

    test('of two operators who restart the same workload at once one does it and the other is told', async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart', replicas: 2 }));
      const asked = await Promise.all([0, 1].map(() => stage.ask(['restart', shop('cart'), ...DR])));
      const ended = await Promise.all(asked.map(({ answer }) => answer()));
      assert.deepEqual(ended.map(({ code }) => code).sort(), [0, 5]);
      assert.match(ended.find(({ code }) => code === 5)?.screen ?? '', /failed +CONFLICT/);
      assert.equal(stage.writes('dr-eu', 'deployments/cart').length, 2);
      assert.deepEqual((await stage.audit()).flatMap(resultsOf).sort(), [
        'cart done',
        'cart failed CONFLICT',
      ]);
    });

    test('a number changed again while it is waited for ends the wait as a conflict', async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart', image: NO_IMAGE }));
      const waiting = stage.start(['scale', shop('cart'), '--replicas', '3', '--yes', ...DR]);
      await waiting.until((stderr) => /0 of 3 ready/.test(stderr));
      const other = ['scale', shop('cart'), '--replicas', '2', '--yes', '--no-wait', ...DR];
      assertCode(await stage.run(other), 0);
      const ended = await waiting.finished;
      assertCode(ended, 5);
      assert.match(ended.stdout, /CONFLICT: .*is to have 2 now/);
      assert.equal(stage.writes('dr-eu', 'deployments/cart').length, 2);
      const byId = new Map(
        (await stage.audit()).map((entry) => [resultsOf(entry).join(), outcomesOf(entry)]),
      );
      assert.deepEqual(byId.get('cart failed CONFLICT'), ['done']);
    });

    test('a workload deleted while the plan was shown is not found, and the others are done', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      for (const name of ['cart', 'lists']) simulator.apply(plainDeployment({ name }));
      const order = ['scale', shop('cart'), shop('lists'), '--replicas', '2', ...DR];
      const ended = await stage.confirm(order, () =>
        simulator.delete({ kind: 'Deployment', namespace: 'shop', name: 'cart' }),
      );
      assertCode(ended, 5);
      assert.equal(stage.writes('dr-eu', 'deployments/').length, 2);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.equal(entry.result, 'partial');
      assert.deepEqual(resultsOf(entry), ['cart failed NOT_FOUND', 'lists done']);
      assert.deepEqual(outcomesOf(entry), ['failed', 'done']);
    });

    test('a pod replaced under the same order is not deleted in place of the one that was meant', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      simulator.apply(plainPod('lone'));
      const order = ['delete', 'dr-eu:shop/lone', '--how', 'force', ...DR];
      const ended = await stage.confirm(order, async () => {
        assertCode(await stage.run([...order, '--yes']), 0);
        simulator.apply(plainPod('lone'));
      });
      assertCode(ended, 5);
      assert.equal(stage.writes('dr-eu', 'DELETE').length, 2);
      assert.deepEqual((await stage.audit()).map(resultsOf), [['lone failed CONFLICT'], ['lone done']]);
      const { stdout } = await stage.run(['get', 'servers', 'dr-eu:shop/lone', '-o', 'name', ...DR]);
      assert.match(stdout, /lone/);
    });
  });

  describe('when it refuses', { concurrency: 1 }, () => {
    test('where only looking is allowed every verb is refused, and none leaves', async (context) => {
      const stage = await openStage(context, built);
      const servers = await stage.run(['get', 'servers', '-o', 'json', '--context', 'lab']);
      const pod = /spike-tomcat-[a-z0-9]+-[a-z0-9]+/.exec(servers.stdout)?.[0];
      assert.ok(pod !== undefined, servers.stdout);
      const orders = [
        ['restart', 'lab:lab/deployment/spike-tomcat'],
        ['scale', 'lab:lab/deployment/spike-tomcat', '--replicas', '2'],
        ['restart', `lab:lab/${pod}`],
        ['delete', `lab:lab/${pod}`],
      ];
      for (const order of orders) {
        const refused = await stage.run([...order, '--yes', '--context', 'lab']);
        assertCode(refused, 4);
        assert.match(refused.stderr, /PERMISSION_DENIED/, order.join(' '));
      }
      assert.deepEqual(stage.writes('lab'), []);
      assert.deepEqual(
        (await stage.audit()).map(({ result, error }) => [result, error?.split(':')[0]]),
        orders.map(() => ['refused', 'PERMISSION_DENIED']),
      );
    });

    test('what a webhook refuses is failed in its words, and the others are done', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      for (const name of ['cart', 'lists']) simulator.apply(plainDeployment({ name }));
      simulator.refuseAdmission({
        resources: ['deployments'],
        names: ['cart'],
        message: 'frozen until Monday',
      });
      const ended = await stage.run(['restart', shop('cart'), shop('lists'), '--yes', ...DR]);
      assertCode(ended, 5);
      assert.match(ended.stdout, /dr-eu:cart +failed +ADMISSION_REFUSED.*frozen until Monday/);
      assert.equal(stage.writes('dr-eu', 'deployments/').length, 2);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(resultsOf(entry), ['cart failed ADMISSION_REFUSED', 'lists done']);
      assert.match(entry.targets.find(({ name }) => name === 'cart')?.error ?? '', /frozen until Monday/);
    });

    for (const { verb, kind } of [
      { verb: 'scale', kind: 'deployment' },
      { verb: 'delete', kind: 'pod' },
    ])
      test(`throttled in the middle of ten, ${verb} fails the rest, repeats none and does the others`, async (context) => {
        const stage = await openStage(context, built);
        const simulator = stage.kube('dr-eu');
        const names = kind === 'pod' ? ['ten'] : Array.from({ length: 10 }, (_, at) => `ten-${at}`);
        for (const name of names) simulator.apply(plainDeployment({ name, replicas: 10 / names.length }));
        simulator.throttleWrites(6);
        const pattern = kind === 'pod' ? 'dr-eu:shop/pod/ten-*' : shop('ten-*');
        const more = kind === 'pod' ? ['--confirm', '10 in dr-eu'] : ['--replicas', '2'];
        const order = [verb, pattern, ...more, '--all-matching', '10', '--yes', ...DR];
        const ended = await stage.run(order);
        assertCode(ended, 5);
        const [entry] = await stage.audit();
        assert.ok(entry !== undefined);
        const results = resultsOf(entry).map((line) => line.split(' ').slice(1).join(' '));
        assert.equal(results.filter((result) => result === 'done').length, 6);
        assert.equal(results.filter((result) => result === 'failed THROTTLED').length, 4);
        const sent = stage.writes('dr-eu', '/namespaces/shop/');
        assert.equal(sent.length, 10);
        assert.equal(new Set(sent).size, 10);
        assert.equal(ended.stdout.match(/THROTTLED/g)?.length, 4);
      });

    test('a pod its disruption budget holds is not evicted, and asked for once', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      simulator.apply(plainDeployment({ name: 'cart' }));
      simulator.apply({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'cart', namespace: 'shop' },
        spec: { minAvailable: 1, selector: { matchLabels: { type: 'cart' } } },
      });
      const ended = await stage.run([
        'restart',
        'dr-eu:shop/pod/cart-*',
        '--all-matching',
        '1',
        '--yes',
        ...DR,
      ]);
      assertCode(ended, 5);
      assert.match(ended.stdout, /failed +DISRUPTION_BUDGET/);
      assert.equal(stage.writes('dr-eu', '/eviction').length, 1);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.match(resultsOf(entry).join(), /^cart-\S+ failed DISRUPTION_BUDGET$/);
      assert.deepEqual(outcomesOf(entry), ['failed']);
    });

    test('a revision that is not kept is refused with those that are, before anything is sent', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      for (const image of [undefined, NO_IMAGE]) simulator.apply(plainDeployment({ name: 'cart', image }));
      const ended = await stage.run(['rollback', shop('cart'), '--to', '99', '--yes', ...DR]);
      assertCode(ended, 2);
      assert.match(ended.stderr, /"99" is none of 2, 1/);
      assert.deepEqual(stage.writes('dr-eu'), []);
    });
  });

  describe('when the way there breaks', { concurrency: 1 }, () => {
    test('one answer lost of three: that one is unknown, nothing is sent again, exit 6', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      const names = ['cart', 'lists', 'stock'];
      for (const name of names) simulator.apply(plainDeployment({ name }));
      simulator.loseAnswers(1);
      const ended = await stage.run(['scale', ...names.map(shop), '--replicas', '2', '--yes', ...DR]);
      assertCode(ended, 6);
      assert.equal(stage.writes('dr-eu', 'deployments/').length, 3);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(outcomesOf(entry).toSorted(), ['done', 'done', 'unknown']);
      const results = resultsOf(entry).map((line) => line.split(' ').slice(1).join(' '));
      assert.deepEqual(results.toSorted(), ['done', 'done', 'unknown OUTCOME_UNKNOWN']);
      assert.match(ended.stdout, /sent, outcome unknown +OUTCOME_UNKNOWN/);
    });

    test('down before anything was sent is failed and not unknown, and the other cluster is done', async (context) => {
      const stage = await openStage(context, built);
      for (const name of ['dr-eu', 'prod-eu']) stage.kube(name).apply(plainDeployment({ name: 'cart' }));
      const both = [shop('cart'), 'prod-eu:shop/deployment/cart'];
      const ended = await stage.confirm(
        ['scale', ...both, '--replicas', '2', '--context', 'dr-eu,prod-eu'],
        () => stage.fast.fleet.setFault('dr-eu', { kind: 'refuse' }),
      );
      assertCode(ended, 5);
      assert.deepEqual(stage.writes('dr-eu'), []);
      assert.equal(stage.writes('prod-eu', 'deployments/cart').length, 1);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.equal(entry.result, 'partial');
      const byContext = Object.fromEntries(entry.targets.map(({ context: name, result }) => [name, result]));
      assert.deepEqual(byContext, { 'dr-eu': 'failed', 'prod-eu': 'done' });
      assert.deepEqual(outcomesOf(entry).toSorted(), ['done', 'notSent']);
    });

    for (const [words, fault] of [
      ['a gateway’s 502', { kind: 'status', status: 502, body: 'bad gateway' }],
      ['a sign-in page', { kind: 'html', status: 200 }],
      ['a reset connection', { kind: 'reset' }],
    ] as const)
      test(`${words} in place of the answer is unknown, exit 6, and sent once`, async (context) => {
        const stage = await openStage(context, built);
        stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
        const ended = await stage.confirm(['scale', shop('cart'), '--replicas', '2', ...DR], () =>
          stage.fast.fleet.setFault('dr-eu', fault),
        );
        assertCode(ended, 6);
        assert.equal(stage.writes('dr-eu', 'deployments/cart').length, 1);
        const [entry] = await stage.audit();
        assert.ok(entry !== undefined);
        assert.deepEqual(
          [resultsOf(entry), outcomesOf(entry)],
          [['cart unknown OUTCOME_UNKNOWN'], ['unknown']],
        );
      });
  });

  describe('when it never ends', { concurrency: 2 }, () => {
    test('a rollout that is not ready in the time given is timed out, exit 5', async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart', image: NO_IMAGE }));
      const ended = await stage.run(['restart', shop('cart'), '--yes', '--timeout', '3s', ...DR]);
      assertCode(ended, 5);
      assert.match(ended.stdout, /dr-eu:cart +timed out +ACTION_TIMEOUT/);
      assert.equal(stage.writes('dr-eu', 'deployments/cart').length, 1);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(resultsOf(entry), ['cart timedOut ACTION_TIMEOUT']);
      assert.deepEqual(outcomesOf(entry), ['done']);
    });

    test('a rollout beyond its own deadline is failed, and the pod that holds it up is named', async (context) => {
      const stage = await openStage(context, built);
      stage
        .kube('dr-eu')
        .apply(plainDeployment({ name: 'cart', image: NO_IMAGE, progressDeadlineSeconds: 2 }));
      const ended = await stage.run(['restart', shop('cart'), '--yes', ...DR]);
      assertCode(ended, 5);
      assert.match(ended.stdout, /dr-eu:cart +failed +ROLLOUT_FAILED.*cart-[a-z0-9]+-[a-z0-9]+ .*Pull/);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(resultsOf(entry), ['cart failed ROLLOUT_FAILED']);
      assert.deepEqual(outcomesOf(entry), ['done']);
    });

    test('a pod that never goes is timed out, and the ones beside it are done', async (context) => {
      const stage = await openStage(context, built);
      const simulator = stage.kube('dr-eu');
      simulator.apply(plainPod('free'));
      await createObject(simulator, PODS, plainPod('held', ['example.org/hold']));
      const pods = ['dr-eu:shop/held', 'dr-eu:shop/free'];
      const ended = await stage.run(['delete', ...pods, '--yes', '--timeout', '5s', ...DR]);
      assertCode(ended, 5);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(resultsOf(entry), ['free done', 'held timedOut ACTION_TIMEOUT']);
      assert.equal(stage.writes('dr-eu', 'DELETE').length, 2);
    });

    test('an order that is never answered is unknown when its time is over', async (context) => {
      const stage = await openStage(context, built);
      stage.kube('dr-eu').apply(plainDeployment({ name: 'cart' }));
      const order = ['scale', shop('cart'), '--replicas', '2', '--timeout', '1s', ...DR];
      const ended = await stage.confirm(order, () => stage.fast.fleet.setFault('dr-eu', { kind: 'hang' }));
      assertCode(ended, 6);
      const [entry] = await stage.audit();
      assert.ok(entry !== undefined);
      assert.deepEqual(
        [resultsOf(entry), outcomesOf(entry)],
        [['cart unknown OUTCOME_UNKNOWN'], ['unknown']],
      );
    });
  });
});
