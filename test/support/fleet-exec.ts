import type { TestContext } from 'node:test';
import { Agent, WebSocket } from 'undici';
import type { KubeSimulator } from '../../fixtures/fleet/simulator.ts';
import { waitFor } from './fleet-wait.ts';

export interface ExecAsked {
  readonly pod: string;
  readonly command: readonly string[];
  /** @default 'stdout=true&stderr=true' */
  readonly streams?: string;
  /** @default ['v5.channel.k8s.io', 'v4.channel.k8s.io'] */
  readonly protocols?: readonly string[];
  readonly as?: string;
}
/** One command in a simulated container and what it has said so far. */
export interface OpenExec {
  readonly protocol: string;
  /** Text of a channel: 1 output, 2 errors, 3 the status. */
  text(channel: number): string;
  /** The status, parsed; undefined until it comes. */
  readonly status: unknown;
  /** The close code; undefined while the connection is open. */
  readonly closeCode: number | undefined;
  readonly messages: number;
  send(channel: number, data: string | Buffer): void;
  close(): void;
  /** Waits for the end of the connection. */
  ended(): Promise<OpenExec>;
}

export const execPath = ({ pod, command, streams }: Pick<ExecAsked, 'pod' | 'command' | 'streams'>): string =>
  `/api/v1/namespaces/lena/pods/${pod}/exec?${command
    .map((word) => `command=${encodeURIComponent(word)}`)
    .join('&')}&${streams ?? 'stdout=true&stderr=true'}`;

/** Opens a command; rejects when the connection is not upgraded. */
export async function openExec(
  context: TestContext,
  kube: { readonly simulator: Pick<KubeSimulator, 'url' | 'caPem' | 'credentials'> },
  asked: ExecAsked,
): Promise<OpenExec> {
  const dispatcher = new Agent({ connect: { ca: kube.simulator.caPem } });
  context.after(() => dispatcher.destroy());
  const url = kube.simulator.url.replace('https:', 'wss:') + execPath(asked);
  const socket = new WebSocket(url, {
    protocols: [...(asked.protocols ?? ['v5.channel.k8s.io', 'v4.channel.k8s.io'])],
    headers: { authorization: `Bearer ${kube.simulator.credentials(asked.as ?? 'admin').token}` },
    dispatcher,
  });
  socket.binaryType = 'arraybuffer';
  const channels = new Map<number, Buffer[]>();
  let messages = 0;
  let closeCode: number | undefined;
  let hasFailed = false;
  socket.addEventListener('message', ({ data }) => {
    if (!(data instanceof ArrayBuffer)) return;
    messages++;
    const bytes = Buffer.from(data);
    const channel = bytes[0] ?? 0;
    channels.set(channel, [...(channels.get(channel) ?? []), bytes.subarray(1)]);
  });
  socket.addEventListener('close', ({ code }) => {
    closeCode = code;
  });
  socket.addEventListener('error', () => {
    hasFailed = true;
  });
  context.after(() => socket.close());
  await waitFor('the upgrade', () => socket.readyState === WebSocket.OPEN || hasFailed || closeCode);
  if (socket.protocol === '' && closeCode !== undefined && messages === 0) {
    throw new Error('The connection was not upgraded.');
  }
  const opened: OpenExec = {
    protocol: socket.protocol,
    text: (channel) => Buffer.concat(channels.get(channel) ?? []).toString('utf8'),
    get status() {
      const text = opened.text(3);
      return text === '' ? undefined : JSON.parse(text);
    },
    get closeCode() {
      return closeCode;
    },
    get messages() {
      return messages;
    },
    send: (channel, data) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)])),
    close: () => socket.close(),
    async ended() {
      await waitFor('the end of the command', () => closeCode !== undefined);
      return opened;
    },
  };
  return opened;
}
