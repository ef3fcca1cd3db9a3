import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lenaConfigMap } from '../../fixtures/fleet/world/lena-workloads.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('normal', ({ kube }) => {
  kube.get('prod-eu')?.apply(
    lenaConfigMap({
      namespace: 'shop',
      name: 'lena-web',
      template: 'shop-web',
      more: { LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' },
    }),
  );
});

test('V switches a workload: ConfigMap and rollout, after the difference was shown and the name typed', async () => {
  const app = gate.app();
  await app.rows('workloads', '@prod-eu name=shop');
  await app.press('V');
  await app.shows(/▸ .*set now/);
  await app.press('2', '<enter>');
  await app.shows(/Type shop/);
  assert.match(app.words(), /Template shop-was 3 → 2: 7 changed/);
  assert.deepEqual(app.wrote(), []);
  await app.typeName('shop');
  await app.shows(/switch revision shop.*: done/);
  assert.deepEqual(app.wrote(), [
    'prod-eu: PATCH /api/v1/namespaces/shop/configmaps/configmap-shop',
    'prod-eu: PATCH /apis/apps/v1/namespaces/shop/deployments/shop',
  ]);
  await app.press('J');
  await app.shows(/● done +1\/1 .*switch revision shop/);
  assert.match(await app.audit('action=switch-revision'), /Result +● done/);
});

test('V on a service cluster names every workload it rolls', async () => {
  const app = gate.app();
  await app.rows('service-clusters', '/^cart$');
  await app.press('V');
  await app.shows(/▸ .*set now/);
  await app.press('3', '<enter>');
  await app.shows(/Type cart/);
  assert.match(app.words(), /Deployment shop\/cart-embedded prod-eu/);
  assert.match(app.words(), /cart-embedded runs template revision 2 of cart and will come up with 3/);
  assert.match(
    app.screen(),
    /NORMAL prod-eu protected/,
    'where it changes something, not only who was asked',
  );
  await app.typeName('cart');
  await app.shows(/switch revision cart.*: done/);
  assert.deepEqual(app.wrote(), [
    'prod-eu: PATCH /api/v1/namespaces/shop/configmaps/configmap-cart-embedded',
    'prod-eu: PATCH /apis/apps/v1/namespaces/shop/deployments/cart-embedded',
  ]);
  await app.rows('service-clusters', '/^cart$');
  await app.press('b');
  await app.shows(/● switch revision cart.*: done/);
});

test('a revision the Manager does not have is refused before anything is sent', async () => {
  const app = gate.app();
  await app.rows('workloads', '@prod-eu name=shop');
  await app.press('V');
  await app.shows(/▸ .*set now/);
  await app.press('99', '<enter>');
  await app.shows(/shop-was has no template revision 99 at mgr-eu/);
  await app.answer('<enter>');
  assert.deepEqual(app.wrote(), []);
});

test('where no template is downloaded there is nothing to switch', async () => {
  const app = gate.app();
  await app.rows('workloads', '@prod-eu /^lena-web$');
  await app.press('V');
  assert.match(app.words(), /switch revision lena-web: its LENA_CONFIG_TEMPLATE_DOWNLOAD is N/);
  assert.deepEqual(app.wrote(), []);
});

test('a workload without a template says so by verb and row', async () => {
  const app = gate.app();
  await app.rows('workloads', '@prod-eu /^batch-runner$');
  await app.press('V');
  assert.match(app.words(), /switch revision batch-runner: it has no LENA_CONFIG_TEMPLATE_ID/);
  assert.deepEqual(app.wrote(), []);
});
