import type { IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TestContext } from 'node:test';
import {
  createKubeSimulator,
  EVERYTHING,
  type KubeSimulatorControl,
  type KubeSimulatorOptions,
} from '../../fixtures/fleet/kube/kube-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { createRandom } from '../../fixtures/fleet/random.ts';
import type { KubeManifest } from '../../fixtures/fleet/simulator.ts';
import { systemClock } from '../../src/core/clock.ts';

export interface KubeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
}
export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A user's name, `bad` for a wrong token, `none` for no credentials. @default 'admin' */
  readonly as?: string;
}
export interface RunningKube {
  readonly simulator: KubeSimulatorControl;
  readonly processes: ProcessTable;
  ask(path: string, options?: AskOptions): Promise<KubeAnswer>;
  /** The body, parsed; fails when the status is not 200. */
  json(path: string, options?: AskOptions): Promise<Json>;
  /** Opens a stream and gathers its lines as they come. */
  watch(path: string, options?: AskOptions): Promise<OpenStream>;
}
export interface OpenStream {
  readonly status: number;
  readonly lines: readonly string[];
  /** Watch lines, parsed. */
  readonly events: readonly WatchLine[];
  readonly isEnded: boolean;
  close(): void;
}
export interface WatchLine {
  readonly type: string;
  readonly object: Json;
}

/** JSON nobody has looked into; a test reads it with `at`. */
export type Json = unknown;
/** Follows names and indices into JSON; undefined where they lead nowhere. */
export function at(value: Json, ...path: readonly (string | number)[]): Json {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}
export const items = (value: Json, ...path: readonly (string | number)[]): readonly Json[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
export const names = (list: Json): readonly Json[] =>
  items(list, 'items').map((item) => at(item, 'metadata', 'name'));

/** A simulated cluster with quick kubelets; it is closed when the test ends. */
export async function startKube(
  context: TestContext,
  options: Partial<KubeSimulatorOptions> = {},
  prepare: (simulator: KubeSimulatorControl) => void = () => undefined,
): Promise<RunningKube> {
  const processes = options.processes ?? new ProcessTable();
  const simulator = createKubeSimulator({
    name: 'prod',
    processes,
    clock: systemClock,
    random: createRandom(7).next,
    users: [{ name: 'admin', rules: EVERYTHING }],
    startAfterMs: 0,
    readyAfterMs: 0,
    stopAfterMs: 0,
    ...options,
  });
  prepare(simulator);
  await simulator.listen();
  context.after(() => simulator.close());
  const open = (path: string, { method = 'GET', headers = {}, as = 'admin', body }: AskOptions) => {
    // Node sends no length of its own for a DELETE.
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const token =
      as === 'bad' ? 'nobody-has-this' : as === 'none' ? undefined : simulator.credentials(as).token;
    return httpsRequest(`${simulator.url}${path}`, {
      method,
      ca: simulator.caPem,
      headers: {
        ...headers,
        ...length,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
  };
  const ask = (path: string, asking: AskOptions = {}): Promise<KubeAnswer> =>
    new Promise((resolve, reject) => {
      const request = open(path, asking);
      request.once('error', reject);
      request.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, bytes });
        });
      });
      request.end(asking.body);
    });
  return {
    simulator,
    processes,
    ask,
    async json(path, asking) {
      const answer = await ask(path, asking);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      return JSON.parse(answer.text);
    },
    watch: (path, asking = {}) =>
      new Promise((resolve, reject) => {
        const request = open(path, asking);
        request.on('error', reject);
        request.once('response', (response) => {
          const lines: string[] = [];
          let rest = '';
          let isEnded = false;
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            const parts = `${rest}${chunk}`.split('\n');
            rest = parts.pop() ?? '';
            lines.push(...parts);
          });
          response.once('close', () => {
            isEnded = true;
          });
          response.on('error', () => undefined);
          context.after(() => request.destroy());
          resolve({
            status: response.statusCode ?? 0,
            lines,
            get events() {
              return lines.map((line): WatchLine => JSON.parse(line));
            },
            get isEnded() {
              return isEnded;
            },
            close: () => request.destroy(),
          });
        });
        request.end();
      }),
  };
}

const probe = (port: number) => ({
  httpGet: { path: '/', port, scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds: 5,
});
const HEALTH = {
  exec: { command: ['/usr/local/lena/servers/sessionServer/health.sh'] },
  initialDelaySeconds: 20,
};
const template = (type: string, image: string, port: number, check: object = probe(port)) => ({
  metadata: { labels: { type } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: type,
        image: `docker.io/lenacloud/${image}:1.3.2`,
        imagePullPolicy: 'Always',
        ports: [{ containerPort: port }],
        envFrom: [{ configMapRef: { name: `configmap-${type}` } }],
        livenessProbe: check,
        readinessProbe: check,
      },
    ],
  },
});
const inLena = (name: string) => ({ name, namespace: 'lena' });

/** The guide's sample workloads, as they were when the answers were recorded. */
export const LENA_MANIFESTS: readonly KubeManifest[] = [
  ...['lena-was', 'lena-session', 'lena-web'].map((type) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: inLena(`configmap-${type}`),
    data: { LENA_MANAGER_ADDRESS: 'lena-manager.lena.svc.cluster.local:7700' },
  })),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: inLena('lena-session'),
    spec: { selector: { type: 'lena-session' }, clusterIP: 'None' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: inLena('lena-web'),
    spec: {
      selector: { type: 'lena-web' },
      type: 'NodePort',
      ports: [{ nodePort: 31180, port: 7180, targetPort: 7180 }],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: inLena('lena-was'),
    spec: {
      selector: { matchLabels: { type: 'lena-was' } },
      replicas: 2,
      strategy: { type: 'RollingUpdate' },
      revisionHistoryLimit: 1,
      minReadySeconds: 0,
      template: template('lena-was', 'lena-cluster', 8180),
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: inLena('lena-session'),
    spec: {
      serviceName: 'lena-session',
      replicas: 2,
      selector: { matchLabels: { type: 'lena-session' } },
      template: template('lena-session', 'lena-session', 5180, HEALTH),
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: inLena('lena-web'),
    spec: {
      selector: { matchLabels: { type: 'lena-web' } },
      revisionHistoryLimit: 1,
      minReadySeconds: 0,
      template: template('lena-web', 'lena-web', 7180),
    },
  },
];

export const applyLena = (simulator: KubeSimulatorControl): void => {
  for (const manifest of LENA_MANIFESTS) simulator.apply(manifest);
};
