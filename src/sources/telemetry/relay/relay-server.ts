import type { Server, Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { OpsEvent } from '../../../domain/event.ts';
import type { Change, TelemetryStock } from '../../../domain/ports.ts';
import type { Sender } from '../../../domain/sender.ts';
import {
  dropItem,
  encodeFrame,
  encodeHello,
  encodeList,
  eventItem,
  type ListFrame,
  patchItem,
  patchOf,
  type RelayItem,
  senderItem,
} from '../../../wire/relay/encode.ts';
import { BEAT_MS, type RelayFacts, type RelayFrame, type RelayHello } from '../../../wire/relay/frames.ts';
import { listenOn } from '../../socket-listener.ts';
import { wouldCollide } from '../listen-text.ts';
import { RelayClient } from './relay-client.ts';
import { stockLines } from './stock-lines.ts';

const MAX_CLIENTS = 32;
/** Half of what is promised, so that a busy moment does not break it. */
const BEAT_EVERY_MS = BEAT_MS / 2;

export interface RelayServerOptions {
  readonly hello: () => RelayHello;
  readonly stock: TelemetryStock | undefined;
  readonly clock: Clock;
  /** Readers at once. @default 32 */
  readonly maxClients?: number | undefined;
  /** A reader with more unsent is cut off. @default 8 MiB */
  readonly maxUnsentBytes?: number | undefined;
  /** A process that is to own the port for several users asks for it. */
  readonly onCollector?: (() => void) | undefined;
}

/** Hands on what one receiver learns to every process that reads along. */
export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #clients = new Set<RelayClient>();
  readonly #senders = new Map<string, Sender>();
  #server: Server | undefined;
  #facts: RelayFacts | undefined;
  #cancelBeat: (() => void) | undefined;
  /** Readers that were cut off because they were too slow. */
  slowReaders = 0;

  constructor(options: RelayServerOptions) {
    this.#options = options;
  }
  get clients(): number {
    return this.#clients.size;
  }
  get isOpen(): boolean {
    return this.#server !== undefined;
  }
  /** False where another process listens on that file; throws SOCKET_UNSAFE. */
  async open(file: string, isForGroup: boolean, signal: AbortSignal): Promise<boolean> {
    const server = await listenOn({
      file,
      isForGroup,
      onConnection: (socket) => this.#accept(socket),
      signal,
    });
    if (server === undefined) return false;
    server.on('error', () => undefined);
    this.#server = server;
    this.#beat();
    return true;
  }
  /** What is known before the first datagram, e.g. from the owner before. */
  seed(senders: Iterable<Sender>): void {
    for (const sender of senders) this.#senders.set(sender.ref.id, sender);
  }
  publish(changes: readonly Change[]): void {
    const news: News = { drops: [], senders: [], patches: [], events: [] };
    const isHeard = this.#clients.size > 0;
    for (const change of changes) {
      if (change.kind === 'sender' && change.type === 'put')
        this.#put(change.entity, isHeard ? news : undefined);
      else if (change.kind === 'sender' && change.type === 'drop') {
        this.#senders.delete(change.ref.id);
        if (isHeard) news.drops.push(dropItem(change.ref.id));
      } else if (isHeard && change.kind === 'event' && change.type === 'put') {
        news.events.push(eventItem(change.entity satisfies OpsEvent));
      }
    }
    if (isHeard) this.#tell(news);
  }
  /** The same hello again, as it is now: the port is ours, or another's counts go on here. */
  helloAgain(): void {
    this.#broadcast(encodeHello(this.#options.hello()));
  }
  facts(facts: RelayFacts): void {
    this.#facts = facts;
    if (this.#clients.size > 0) this.#broadcast(encodeFrame(facts));
  }
  close(reason: Extract<RelayFrame, { readonly type: 'bye' }>['reason']): Promise<void> {
    this.#cancelBeat?.();
    const server = this.#server;
    this.#server = undefined;
    for (const client of this.#clients) client.bye(reason, 200);
    if (server === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
    });
  }

  #put(sender: Sender, news: News | undefined): void {
    const { id } = sender.ref;
    const before = this.#senders.get(id);
    this.#senders.set(id, sender);
    if (news === undefined) return;
    if (before === undefined) {
      news.senders.push(senderItem(sender));
      return;
    }
    const patch = patchOf(before, sender);
    if (patch !== undefined) news.patches.push(patchItem(patch));
  }
  #tell(news: News): void {
    const shared = encodeNews(news);
    for (const client of this.#clients) {
      if (client.isCaughtUp) {
        client.send(shared);
        continue;
      }
      for (const { id } of news.drops) client.forget(id);
      // Of whom it will be told as a whole it needs no changes.
      const patches = news.patches.filter(({ id }) => !client.isWaitingFor(id));
      client.send(encodeNews({ ...news, patches }));
    }
  }
  #broadcast(text: string): void {
    for (const client of this.#clients) client.send(text);
  }
  #beat(): void {
    this.#cancelBeat = this.#options.clock.after(BEAT_EVERY_MS, () => {
      if (this.#clients.size > 0) {
        this.#broadcast(encodeFrame({ type: 'beat', at: this.#options.clock.now() }));
      }
      this.#beat();
    });
  }
  #accept(socket: Socket): void {
    const { hello, stock, maxClients = MAX_CLIENTS, maxUnsentBytes, onCollector } = this.#options;
    const client = new RelayClient({
      socket,
      maxUnsentBytes,
      onHello: ({ role, instance, listen }) => {
        const own = hello();
        const isOther = instance !== own.instance;
        if (role === 'collector' && isOther && wouldCollide(listen, own.listen)) onCollector?.();
      },
      onSlow: () => {
        this.slowReaders++;
      },
      onClosed: (closed) => this.#clients.delete(closed),
    });
    client.send(encodeHello(hello()));
    if (this.#server === undefined || this.#clients.size >= maxClients) {
      client.bye(this.#server === undefined ? 'leaving' : 'full');
      return;
    }
    this.#clients.add(client);
    if (this.#facts !== undefined) client.send(encodeFrame(this.#facts));
    client
      .sendStock(this.#senders, stockLines(this.#senders, stock))
      // A fault of ours costs one reader, who comes again.
      .catch(() => client.destroy());
  }
}

type News = Record<Exclude<ListFrame, 'history'>, RelayItem[]>;

const ORDER = ['drops', 'senders', 'patches', 'events'] as const satisfies readonly (keyof News)[];

function encodeNews(news: News): string {
  let text = '';
  for (const type of ORDER) for (const line of encodeList(type, news[type])) text += line.text;
  return text;
}
