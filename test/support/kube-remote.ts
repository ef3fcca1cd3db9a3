import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { KubeRemote } from '../../src/domain/remote.ts';
import { createKubeRemote, type KubeRemoteOptions } from '../../src/sources/kube/kube-remote.ts';
import { createWorkspace, kubeconfigText } from './kube-source-api.ts';
import { inMode } from './modes.ts';

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export interface RecordingApi {
  readonly url: string;
  readonly requests: readonly Recorded[];
  /** Answers the next requests; 200 with an empty object until it is set. */
  answer: (request: Recorded, response: ServerResponse) => void;
}

/** A server that keeps what arrives: it proves what is sent, and how often. */
export async function startRecordingApi(context: TestContext): Promise<RecordingApi> {
  const requests: Recorded[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const recorded = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      requests.push(recorded);
      api.answer(recorded, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const api: RecordingApi = {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (_, response) => answerJson(response, 200, {}),
  };
  return api;
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export interface RemoteSettings extends Partial<Omit<KubeRemoteOptions, 'kubeconfig'>> {
  readonly server: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
}

/** A remote of context `dev` with a kubeconfig of its own. */
export async function openRemote(
  context: TestContext,
  { server, cluster = {}, user = { token: 'EXAMPLE-TOKEN' }, ...options }: RemoteSettings,
): Promise<KubeRemote> {
  const workspace = await createWorkspace();
  const text = kubeconfigText({ server, cluster, user, namespace: 'lena' });
  const remote = createKubeRemote({
    context: 'dev',
    kubeconfig: await workspace.write('config', text),
    clock: systemClock,
    random: () => 0.5,
    mode: inMode(),
    environment: {},
    ...options,
    limits: { requestMs: 2_000, writeMs: 2_000, ...options.limits },
  });
  context.after(async () => {
    await remote.close();
    await workspace.remove();
  });
  return remote;
}
