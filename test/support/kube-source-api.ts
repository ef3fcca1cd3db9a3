import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly namespace: string;
  };
  readonly [field: string]: unknown;
}
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
}
interface OpenWatch {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly response: ServerResponse;
}

/** A Status answer as the API server writes it. */
export function answerStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      code,
    }),
  );
}

/** Just enough of an API server for tests that need to break one thing exactly; the simulator is the real judge. */
export class SmallApi {
  readonly objects = new Map<string, Map<string, ApiObject>>();
  readonly requests: {
    readonly at: number;
    readonly url: string;
    readonly authorization: string | undefined;
  }[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly #server: Server;
  readonly #isTls: boolean;
  readonly #emitter = new EventEmitter();
  #version = 100;
  /** Answers instead of the server when it returns true. */
  intercept: (request: ApiRequest) => boolean = () => false;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    this.#isTls = tls !== undefined;
    const listener = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }
  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `${this.#isTls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }
  /** Resolves when `condition` holds, checked at every request and every watch that ends. */
  async until(condition: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    while (!condition()) {
      await once(this.#emitter, 'activity', { signal }).catch(() => {
        throw new Error(`not within ${deadlineMs} ms: ${what}`);
      });
    }
  }
  get watches(): number {
    return this.#watches.size;
  }
  watchesOf(resource: string): number {
    return [...this.#watches].filter((watch) => watch.resource === resource).length;
  }
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }
  async close(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  put(resource: string, object: ApiObject): void {
    const table = this.objects.get(resource) ?? new Map<string, ApiObject>();
    this.objects.set(resource, table);
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const type = table.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    table.set(key, stored);
    this.#tell(resource, type, stored);
  }
  remove(resource: string, namespace: string, name: string): void {
    const stored = this.objects.get(resource)?.get(`${namespace}/${name}`);
    if (stored === undefined) return;
    this.objects.get(resource)?.delete(`${namespace}/${name}`);
    this.#tell(resource, 'DELETED', {
      ...stored,
      metadata: { ...stored.metadata, resourceVersion: String(++this.#version) },
    });
  }
  /** Writes a line into the open watches of a resource. */
  send(resource: string, line: string): void {
    for (const watch of this.#watches) if (watch.resource === resource) watch.response.write(`${line}\n`);
  }
  expireWatches(resource: string): void {
    const object = {
      kind: 'Status',
      status: 'Failure',
      message: 'too old resource version',
      reason: 'Expired',
      code: 410,
    };
    for (const watch of this.#watches) {
      if (watch.resource !== resource) continue;
      watch.response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    }
  }
  resetWatches(): void {
    for (const watch of this.#watches) watch.response.socket?.destroy();
  }

  #tell(resource: string, type: string, object: ApiObject): void {
    for (const watch of this.#watches) {
      if (watch.resource !== resource) continue;
      if (watch.namespace !== undefined && watch.namespace !== object.metadata.namespace) continue;
      watch.response.write(`${JSON.stringify({ type, object })}\n`);
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://api');
    this.requests.push({
      at: Date.now(),
      url: request.url ?? '',
      authorization: request.headers.authorization,
    });
    const match = /^\/(?:api\/v1|apis\/apps\/v1)(?:\/namespaces\/([^/]+))?\/(\w+)(?:\/([^/]+))?$/.exec(
      url.pathname,
    );
    const [, namespace, resource = '', name] = match ?? [];
    // After this request has been answered or its watch is open.
    setImmediate(() => this.#emitter.emit('activity'));
    const query = url.searchParams;
    const isWatch = query.get('watch') === 'true';
    if (this.intercept({ request, response, resource, namespace, name, query, isWatch })) return;
    if (url.pathname === '/version') {
      this.#json(response, { gitVersion: 'v1.30.0' });
      return;
    }
    if (match === null) {
      answerStatus(response, 404, 'NotFound', 'the server could not find the requested resource');
      return;
    }
    if (isWatch) {
      const watch: OpenWatch = { resource, namespace, response };
      this.#watches.add(watch);
      response.on('close', () => {
        this.#watches.delete(watch);
        this.#emitter.emit('activity');
      });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      // What changed since the version asked for is told first, as a real one does.
      const since = Number(query.get('resourceVersion') ?? 0);
      for (const object of this.objects.get(resource)?.values() ?? []) {
        const isWanted = namespace === undefined || namespace === object.metadata.namespace;
        const isNewer = Number(object.metadata['resourceVersion'] ?? 0) > since;
        if (isWanted && isNewer) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
      }
      return;
    }
    const all = [...(this.objects.get(resource)?.values() ?? [])];
    if (name !== undefined) {
      const found = all.find((one) => one.metadata.name === name && one.metadata.namespace === namespace);
      if (found === undefined) answerStatus(response, 404, 'NotFound', `${resource} "${name}" not found`);
      else this.#json(response, found);
      return;
    }
    const visible = all.filter((one) => namespace === undefined || one.metadata.namespace === namespace);
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? visible.length);
    const isLast = from + limit >= visible.length;
    this.#json(response, {
      kind: 'List',
      metadata: {
        resourceVersion: String(this.#version),
        ...(!isLast && { continue: String(from + limit) }),
      },
      items: visible.slice(from, from + limit),
    });
  }
  #json(response: ServerResponse, body: unknown): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}

/** A directory for kubeconfigs and plugins of one test. */
export async function createWorkspace() {
  const directory = await mkdtemp(path.join(tmpdir(), 'l9s-kube-'));
  return {
    directory,
    async write(name: string, text: string, mode = 0o600): Promise<string> {
      const file = path.join(directory, name);
      await writeFile(file, text, { mode });
      return file;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A kubeconfig of one context named `main`; `user` and `cluster` are the bodies of its entries. */
export function kubeconfigText({
  server,
  user = {},
  cluster = {},
  namespace,
}: {
  readonly server: string;
  readonly user?: unknown;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly namespace?: string;
}): string {
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'main',
      clusters: [{ name: 'c', cluster: { server, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'main', context: { cluster: 'c', user: 'u', namespace } }],
    },
    undefined,
    2,
  );
}

/** A pod that runs and is ready. */
export function podObject(
  name: string,
  over: { readonly namespace?: string; readonly spec?: object; readonly status?: object } = {},
): ApiObject {
  return {
    metadata: {
      name,
      namespace: over.namespace ?? 'shop',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'shop', 'pod-template-hash': '5d4f8' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'shop-5d4f8', uid: 'rs', controller: true }],
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'shop', image: 'registry.example/shop:1', ports: [{ containerPort: 8180 }] }],
      ...over.spec,
    },
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:30Z' }],
      containerStatuses: [
        {
          name: 'shop',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: '2026-01-01T00:00:10Z' } },
        },
      ],
      ...over.status,
    },
  };
}
