import type { TestContext } from 'node:test';
import { EVERYTHING, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { startKube } from './fleet-kube.ts';

/** A simulated cluster with the pod `lena/l9s-collector-0`; what its l9s finds is said by variables. */
export async function startCollectorPod(context: TestContext, env: Readonly<Record<string, string>>) {
  const users = [
    { name: 'admin', rules: EVERYTHING },
    { name: 'viewer', rules: READ_ONLY },
  ];
  const containers = [
    {
      name: 'collector',
      image: 'docker.io/library/node:24',
      env: Object.entries(env).map(([name, value]) => ({ name, value })),
    },
    { name: 'side', image: 'docker.io/library/busybox:1' },
  ];
  const { simulator } = await startKube(context, { users }, (kube) => {
    kube.apply({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'l9s-collector', namespace: 'lena' },
      spec: {
        serviceName: 'l9s-collector',
        replicas: 1,
        selector: { matchLabels: { app: 'l9s' } },
        template: { metadata: { labels: { app: 'l9s' } }, spec: { containers } },
      },
    });
  });
  return simulator;
}

/** Of its kubeconfig, as a cluster and user of it. */
export const clusterOf = ({ caPem }: { readonly caPem: string }) => ({
  'certificate-authority-data': Buffer.from(caPem).toString('base64'),
});
