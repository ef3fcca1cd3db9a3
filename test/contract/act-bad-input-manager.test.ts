import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TemplateFault } from '../../fixtures/fleet/simulator.ts';
import {
  type AuditedEntry,
  assertCode,
  openStage,
  outcomesOf,
  resultsOf,
  type Stage,
} from '../support/act-stage.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const VMS = ['--context', 'mgr-seoul,vms'] as const;
const SHOP = ['--context', 'prod-eu,mgr-eu'] as const;
const CART = 'prod-eu:shop/deployment/cart-embedded';

async function newest(stage: Stage): Promise<AuditedEntry> {
  const [entry] = await stage.audit();
  assert.ok(entry !== undefined);
  return entry;
}
const posts = (stage: Stage) => stage.writes('mgr-seoul', '/action');

describe('the built program on a Manager', { concurrency: 3 }, () => {
  test('a Manager that answers N: failed, asked once, and the other server is stopped', async (context) => {
    const stage = await openStage(context, built);
    const place = { type: 'was', node: 'old-01', system: 'IDC', address: '127.0.0.1', port: 8180 } as const;
    // Nothing answers for its node agent.
    stage.manager('mgr-seoul').addVmServer({ ...place, serverId: 'ghost', isStarted: true });
    const ended = await stage.run(['stop', 'ghost', 'vm-was-02', '--yes', ...VMS]);
    assertCode(ended, 5);
    assert.match(ended.stdout, /ghost +failed +ACTION_IMPOSSIBLE.*not done/);
    const entry = await newest(stage);
    assert.equal(entry.result, 'partial');
    assert.deepEqual(
      entry.targets.map(({ result }) => result),
      ['failed', 'done'],
    );
    assert.deepEqual(outcomesOf(entry), ['failed', 'done']);
    assert.equal(posts(stage).length, 2);
  });

  test('a standby takes nothing: failed before anything was sent', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.confirm(['stop', 'vm-was-02', ...VMS], () =>
      stage.manager('mgr-seoul').setHaMode('STANDBY'),
    );
    assertCode(ended, 5);
    assert.match(ended.screen, /standby/i);
    assert.deepEqual(posts(stage), []);
    assert.deepEqual(outcomesOf(await newest(stage)), ['notSent']);
  });

  test('a role that may not act is refused: exit 4, asked once', async (context) => {
    const stage = await openStage(context, built);
    stage.manager('mgr-seoul').setPermissions(['READ']);
    const ended = await stage.run(['stop', 'vm-was-02', '--yes', ...VMS]);
    assertCode(ended, 4);
    assert.match(ended.stdout, /failed +PERMISSION_DENIED/);
    assert.equal(posts(stage).length, 1);
    assert.match(resultsOf(await newest(stage)).join(), /failed PERMISSION_DENIED/);
  });

  test('an answer lost after it was sent is unknown: exit 6, and the start does not follow', async (context) => {
    const stage = await openStage(context, built);
    stage.manager('mgr-seoul').loseAnswers(1);
    const ended = await stage.run(['restart', 'vm-was-02', '--yes', ...VMS]);
    assertCode(ended, 6);
    assert.equal(posts(stage).length, 1);
    const entry = await newest(stage);
    assert.equal(entry.result, 'unknown');
    assert.deepEqual(outcomesOf(entry), ['unknown', 'not begun']);
  });

  test('down before anything was sent is failed: exit 5', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.confirm(['stop', 'vm-was-02', ...VMS], () =>
      stage.fast.fleet.setFault('mgr-seoul', { kind: 'refuse' }),
    );
    assertCode(ended, 5);
    assert.deepEqual(posts(stage), []);
    assert.deepEqual(outcomesOf(await newest(stage)), ['notSent']);
  });

  test('stopped by somebody while the plan was shown: the Manager’s N is told, and asked for once', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.confirm(['stop', 'vm-was-02', ...VMS], async () => {
      assertCode(await stage.run(['stop', 'vm-was-02', '--yes', ...VMS]), 0);
    });
    assertCode(ended, 5);
    assert.match(ended.screen, /failed +ACTION_IMPOSSIBLE/);
    assert.equal(posts(stage).length, 2);
    assert.deepEqual(
      (await stage.audit()).map(({ result }) => result),
      ['failed', 'done'],
    );
  });

  test('a server that never gets up is timed out, and is not started twice', async (context) => {
    const stage = await openStage(context, built);
    stage.manager('mgr-seoul').addVmServer({
      serverId: 'stuck',
      type: 'was',
      node: 'old-01',
      system: 'IDC',
      address: '127.0.0.1',
      port: 8180,
      isStarted: false,
      machine: { start: () => {}, stop: () => {}, kill: () => {} },
    });
    const ended = await stage.run(['start', 'stuck', '--yes', '--timeout', '4s', ...VMS]);
    assertCode(ended, 5);
    assert.match(ended.stdout, /stuck +timed out +ACTION_TIMEOUT/);
    assert.equal(posts(stage).length, 1);
    assert.deepEqual(outcomesOf(await newest(stage)), ['done']);
  });
});

/** 5 where what came is no template of that name, 1 where none came. */
const FAULTS: readonly (readonly [TemplateFault, number, RegExp])[] = [
  ['page', 5, /NOT_FOUND/],
  ['cut', 5, /CONNECTION_LOST/],
  ['brokenZip', 5, /TEMPLATE_INVALID/],
  ['zipBomb', 5, /TEMPLATE_INVALID/],
  ['lyingSize', 5, /TEMPLATE_INVALID/],
  ['tooManyEntries', 5, /TEMPLATE_INVALID/],
  ['pathOutside', 5, /TEMPLATE_INVALID/],
  ['wrongVersion', 5, /TEMPLATE_INVALID/],
];

describe('the built program on templates', { concurrency: 3 }, () => {
  for (const [fault, code, words] of FAULTS)
    test(`${fault} in place of a template changes nothing`, async (context) => {
      const stage = await openStage(context, built);
      stage.manager('mgr-eu').setTemplateFault('cart', fault);
      const ended = await stage.run(['switch-revision', CART, '--to', '3', '--yes', ...SHOP]);
      assertCode(ended, code);
      assert.match(ended.stderr, words);
      assert.deepEqual(stage.writes('prod-eu'), []);
      assert.deepEqual(stage.writes('mgr-eu'), []);
    });

  test('a revision the Manager does not have changes nothing', async (context) => {
    const stage = await openStage(context, built);
    const ended = await stage.run(['switch-revision', CART, '--to', '99', '--yes', ...SHOP]);
    assertCode(ended, 5);
    assert.match(ended.stderr, /NOT_FOUND: cart has no template revision 99 at mgr-eu/);
    assert.deepEqual(stage.writes('prod-eu'), []);
  });

  test('a Manager that is down changes nothing', async (context) => {
    const stage = await openStage(context, built);
    stage.fast.fleet.setFault('mgr-eu', { kind: 'refuse' });
    const ended = await stage.run(['switch-revision', CART, '--to', '3', '--yes', ...SHOP]);
    assertCode(ended, 5);
    assert.deepEqual(stage.writes('prod-eu'), []);
  });

  test('a ConfigMap somebody changed while the plan was shown is a conflict, and nothing is rolled', async (context) => {
    const stage = await openStage(context, built);
    const order = ['switch-revision', CART, ...SHOP];
    const ended = await stage.confirm([...order, '--to', '3'], async () => {
      assertCode(await stage.run([...order, '--to', '1', '--yes', '--no-wait']), 0);
    });
    assertCode(ended, 5);
    assert.match(ended.screen, /failed +CONFLICT/);
    assert.equal(stage.writes('prod-eu', 'configmaps/').length, 2);
    assert.equal(stage.writes('prod-eu', 'deployments/').length, 1);
    assert.deepEqual(
      (await stage.audit()).map(({ result }) => result),
      ['failed', 'sent'],
    );
  });

  test('an answer lost on the ConfigMap ends there: put back, unknown, exit 6, and nothing is rolled', async (context) => {
    const stage = await openStage(context, built);
    stage.kube('prod-eu').loseAnswers(1);
    const ended = await stage.run(['switch-revision', CART, '--to', '3', '--yes', ...SHOP]);
    assertCode(ended, 6);
    assert.deepEqual(stage.writes('prod-eu', 'deployments/'), []);
    const entry = await newest(stage);
    assert.equal(entry.result, 'unknown');
    const sent = outcomesOf(entry).filter((outcome) => outcome !== 'not begun');
    assert.deepEqual(sent, ['unknown', 'done']);
    assert.equal(stage.writes('prod-eu', 'configmaps/').length, 2);
    assert.match(entry.calls.at(-1)?.request ?? '', /"replace".*"cart:2"/);
  });
});
