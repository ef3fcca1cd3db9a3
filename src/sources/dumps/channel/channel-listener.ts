import { constants } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { AppError, describeThrown, systemCode } from '../../../core/app-error.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import { hostPort } from '../../../core/host-port.ts';
import type { OwnedPort } from '../../../domain/port-companion.ts';
import { agentKey, isAgentIdentity } from '../../../wire/dump-channel/agent-key.ts';
import { CHANNEL_TLS } from '../../../wire/dump-channel/tls.ts';
import { AgentConnection } from './agent-connection.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { readCaller } from './first-bytes.ts';
import { lenaPeerId } from './lena-peer.ts';
import { LenaSocket } from './lena-socket.ts';
import { agentRow, lenaRow, type PeerBook, penalisedAgent } from './peer-book.ts';
import { RefusedKeys } from './refused-keys.ts';
import { plainAddress } from './target-names.ts';

export interface ListenerOptions {
  readonly book: PeerBook;
  /** Throws KEY_FILE_INVALID; absent: agents are not let in. */
  readonly masterKey: (() => Uint8Array) | undefined;
  readonly clock: Clock;
  /** @default 2000 */
  readonly maxConnections?: number | undefined;
  /** @default 16 */
  readonly maxOfOneAddress?: number | undefined;
}

/** To its first words. */
const FIRST_WORDS_MS = 5_000;
const HANDSHAKE_MS = 10_000;
const BIND_AGAIN_MS = 2_000;

const COUNTS = [
  'tcpDenied',
  'tcpLimited',
  'tcpUnknown',
  'tcpSilent',
  'tcpKeyRefused',
  'tcpLied',
  'tcpDead',
] as const;
type Count = (typeof COUNTS)[number];

/** Takes connections on the receiver's TCP port and finds out who they are from. */
export class ChannelListener {
  readonly #options: ListenerOptions;
  readonly #limits: ConnectionLimits;
  readonly #sockets = new Set<Socket>();
  readonly #identities = new WeakMap<TLSSocket, string>();
  readonly #refusedKeys = new RefusedKeys();
  readonly #counts = new Map<Count, number>();
  /** Where it listens now. */
  #port: number | undefined;
  #problem: string | undefined;
  #keyProblem: string | undefined;
  #tls: TlsServer | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = new ConnectionLimits(options.maxConnections, options.maxOfOneAddress);
  }
  get port(): number | undefined {
    return this.#port;
  }
  counts(): Readonly<Record<string, number>> {
    const { book } = this.#options;
    return {
      ...(this.#port !== undefined && { tcpPort: this.#port, tcpPeers: book.size }),
      ...Object.fromEntries(this.#counts),
    };
  }
  notes(): readonly string[] {
    const problems = [this.#problem, this.#keyProblem].filter((problem) => problem !== undefined);
    return [...problems, ...this.#refusedKeys.notes(this.#options.clock.now())];
  }
  /** Listens until the signal aborts; where the port is taken it tries again. Never rejects. */
  async run(owned: OwnedPort, signal: AbortSignal): Promise<void> {
    this.#tls = this.#tlsServer();
    while (!signal.aborted) {
      try {
        const server = await listenOn(owned, (socket) => void this.#accept(socket, owned));
        this.#problem = undefined;
        this.#port = owned.port;
        await failureOf(server, signal);
        await this.#close(server);
      } catch (error) {
        const where = hostPort(owned.host, owned.port);
        const why = systemCode(error) === 'EADDRINUSE' ? 'another program has it' : describeThrown(error);
        this.#problem = `cannot listen on TCP ${where} for dumps: ${why}`;
      }
      await sleep(this.#options.clock, BIND_AGAIN_MS, signal);
    }
    this.#problem = undefined;
  }
  #close(server: Server): Promise<void> {
    this.#port = undefined;
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
  #count(name: Count): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
  #refuse(socket: Socket, name: Count): void {
    this.#count(name);
    socket.destroy();
  }
  async #accept(socket: Socket, owned: OwnedPort): Promise<void> {
    const { clock } = this.#options;
    socket.on('error', () => socket.destroy());
    const address = plainAddress(socket.remoteAddress ?? '');
    if (!owned.isAllowed(address)) {
      this.#refuse(socket, 'tcpDenied');
      return;
    }
    if (!this.#limits.take(address)) {
      this.#refuse(socket, 'tcpLimited');
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#limits.release(address);
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, HANDSHAKE_MS);
    const caller = await readCaller(socket, clock, FIRST_WORDS_MS);
    switch (caller.kind) {
      case 'gone':
        return;
      case 'silent':
        this.#refuse(socket, 'tcpSilent');
        return;
      case 'unknown':
        this.#refuse(socket, 'tcpUnknown');
        return;
      case 'tls':
        if (this.#options.masterKey === undefined) {
          this.#keyProblem = 'agents dial in, but telemetry.agentKey names no key: none is let in';
          this.#refuse(socket, 'tcpKeyRefused');
        } else this.#tls?.emit('connection', socket);
        return;
      case 'lena':
        if (caller.rest.length > 0) this.#refuse(socket, 'tcpLied');
        else this.#takeLena(socket, address, caller.objHash);
        return;
    }
  }
  #takeLena(socket: Socket, address: string, objHash: number): void {
    const { book, clock } = this.#options;
    if (book.isPenalised(lenaPeerId(objHash, address))) {
      this.#refuse(socket, 'tcpLied');
      return;
    }
    const peer = book.addLena(objHash, address);
    const lena: LenaSocket = new LenaSocket({
      socket,
      address,
      port: socket.remotePort ?? 0,
      objHash,
      clock,
      onIdle: () => peer.serve(),
      onLie: (what) => {
        this.#count('tcpLied');
        book.penalise(lenaRow(peer), what);
      },
      onClosed: () => {
        if (lena.wasDead) this.#count('tcpDead');
        book.removeLena(peer, lena);
      },
    });
    peer.add(lena);
  }
  #tlsServer(): TlsServer {
    const server = createTlsServer({
      ...CHANNEL_TLS,
      // Every connection proves its key anew.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
      handshakeTimeout: HANDSHAKE_MS,
      pskCallback: (socket, identity) => this.#keyOf(socket, identity),
    });
    server.on('secureConnection', (socket) => this.#takeAgent(socket));
    server.on('tlsClientError', (_error, socket) => {
      const { clock } = this.#options;
      this.#count('tcpKeyRefused');
      const address = plainAddress(socket.remoteAddress ?? '?');
      this.#refusedKeys.add(address, this.#identities.get(socket), clock.now());
      socket.destroy();
    });
    return server;
  }
  #keyOf(socket: TLSSocket, identity: string): Uint8Array | null {
    if (!isAgentIdentity(identity)) return null;
    this.#identities.set(socket, identity);
    try {
      const master = this.#options.masterKey?.();
      this.#keyProblem = undefined;
      return master === undefined ? null : agentKey(master, identity);
    } catch (error) {
      const why = error instanceof AppError ? `${error.code}: ${error.message}` : describeThrown(error);
      this.#keyProblem = `no agent is let in: ${why}`;
      return null;
    }
  }
  #takeAgent(socket: TLSSocket): void {
    const { book, clock } = this.#options;
    socket.on('error', () => socket.destroy());
    const identity = this.#identities.get(socket);
    const address = plainAddress(socket.remoteAddress ?? '');
    const port = socket.remotePort;
    if (identity === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    if (book.isPenalised(penalisedAgent(identity, address))) {
      this.#count('tcpLied');
      socket.destroy();
      return;
    }
    const agent: AgentConnection = new AgentConnection({
      socket,
      address,
      port,
      identity,
      clock,
      onHello: () => book.addAgent(agent),
      onLie: (what) => {
        this.#count('tcpLied');
        book.penaliseAgent(agentRow(agent), what);
      },
      onClosed: () => {
        if (agent.wasDead) this.#count('tcpDead');
        book.removeAgent(agent);
      },
    });
  }
}

function listenOn({ host, port }: OwnedPort, onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

/** Until the signal aborts, or the server fails. */
function failureOf(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    server.on('error', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
