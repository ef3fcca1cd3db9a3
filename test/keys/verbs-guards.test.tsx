import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IMAGES } from '../../fixtures/fleet/world/images.ts';
import { deployment } from '../../fixtures/fleet/world/manifests.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';
import { isTemplateExec } from '../support/known-reads.ts';

const OWNED = {
  namespace: 'shop',
  name: 'owned',
  image: IMAGES.tomcat,
  port: 8080,
  replicas: 2,
  labels: { 'app.kubernetes.io/managed-by': 'Helm', 'argocd.argoproj.io/instance': 'shop' },
};
const gate = gateOnFleet('normal', ({ kube }) => {
  kube.get('dr-eu')?.apply(deployment(OWNED));
  kube.get('dr-eu')?.apply({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'owned-scaler', namespace: 'shop' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'owned' },
      minReplicas: 2,
      maxReplicas: 6,
    },
  });
});

test('in a protected context the name is typed for everything', async () => {
  const app = gate.app();
  await app.rows('workloads', '@prod-eu /^ledger$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/Type ledger/);
  assert.match(app.screen(), /prod-eu protected/);
  await app.answer('<right>', '<enter>', '<enter>');
  assert.deepEqual(app.wrote(), []);
  await app.press('<c-u>');
  await app.typeName('ledger');
  await app.shows(/scale ledger.*: done/);
  assert.deepEqual(app.wrote(), ['prod-eu: PATCH /apis/apps/v1/namespaces/pay/deployments/ledger/scale']);
});

test('a Manager is never scaled above one', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-manager$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/its size is 1 at most, as a second Manager on the same repository would corrupt it/);
  await app.answer('<enter>');
  assert.deepEqual(app.wrote(), []);
});

test('a restart says the revision it will come up with', async () => {
  const app = gate.app();
  await app.rows('servers', '@prod-eu /^pay-was-', 2);
  await app.press('R');
  await app.shows(/pay-was-\S+ will come up with template revision 5 of 결제서비스 \(as set\)/);
  assert.match(app.screen(), /Manager mgr-eu answers/);
  await app.press('<esc>');
  assert.deepEqual(app.wrote(), []);
});

test('who else owns a workload is told: Argo CD, Helm, an autoscaler', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^owned$');
  await app.press('s', '<c-u>', '3', '<enter>');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.words(), /owned belongs to Argo CD.*: .* will put it back as its repository says/);
  assert.match(app.words(), /owned belongs to Helm.*: the next .* upgrade will put its own values back/);
  assert.match(app.screen(), /HorizontalPodAutoscaler owned-scaler keeps owned between 2–6/);
  await app.press('<esc>');
  assert.deepEqual(app.wrote(), []);
});

test('a WAS whose sessions nobody mirrors says so before it restarts', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  await app.press('R');
  await app.shows(/are not mirrored as far as its environment says/);
  await app.press('<esc>');
  assert.deepEqual(app.wrote(), []);
});

test('of a session pair on ECS the mirror is named, and waited for', async () => {
  const app = gate.app();
  await app.rows('servers', '@seoul /^lena-session-1-');
  await app.press('R');
  await app.shows(/alone, not lena-session-2-\S+, its mirror/);
  assert.match(app.words(), /wait until lena-session-1 and lena-session-2 are ready and mirrored/);
  await app.press('<esc>');
  const isLook = (line: string) => isTemplateExec(line.replace(/^[\w-]+: /, ''));
  assert.deepEqual(
    app.wrote().filter((line) => !isLook(line)),
    [],
    'looking at the mirror changes nothing',
  );
});

test('where no right is given the key is dim with the reason', async () => {
  const app = gate.app();
  await app.rows('workloads', '@lab /^lena-was$');
  await app.press('R');
  await app.shows(/no right to patch deployments\.apps/);
  await app.press('<esc>');
  assert.deepEqual(app.wrote(), []);
});

test('a Manager that does not answer is a danger to what starts: the name is typed', async () => {
  const app = gate.app();
  gate.fleet().fast.fleet.setFault('mgr-seoul', { kind: 'refuse' });
  await app.rows('servers', '@seoul -n lena-stage /type=embedded');
  await app.press('R');
  await app.shows(/Manager mgr-seoul does not answer .* download of .* will fail/);
  assert.match(app.screen(), /Type point-api-/);
  await app.answer('<right>', '<enter>', '<enter>');
  assert.deepEqual(app.wrote(), []);
});
