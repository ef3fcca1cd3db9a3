import { randomUUID } from 'node:crypto';
import { AppError, describeThrown } from '../../core/app-error.ts';
import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { ERRORS, sourceFailure } from '../../domain/errors.ts';
import type { PortCompanion } from '../../domain/port-companion.ts';
import type { Sink, Source } from '../../domain/ports.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import type { RelayHello } from '../../wire/relay/frames.ts';
import { socketFileOf } from '../socket-directory.ts';
import { createAllowList, DEFAULT_ALLOW } from './allow-list.ts';
import { DatagramReceiver, type TelemetryLimits } from './datagram-receiver.ts';
import { addressText } from './listen-text.ts';
import { type OwnerEnd, PortOwner } from './port-owner.ts';
import {
  type ListenAddress,
  listenError,
  openReceiverSocket,
  type ReceiverSocket,
} from './receiver-socket.ts';
import { askForPort } from './relay/find-relay.ts';
import { KnownSenders, type Lineage } from './relay/known-senders.ts';
import { PortNeighbours } from './relay/port-neighbours.ts';
import { RelayHost } from './relay/relay-host.ts';
import type { RelayOptions } from './relay/relay-options.ts';
import { openThreadedSocket } from './threaded-socket.ts';

export interface TelemetryOptions {
  /** Port 0 takes a free one. */
  readonly listen: ListenAddress;
  /** CIDR ranges that may send. @default loopback, private and link-local ranges */
  readonly allow?: readonly string[] | undefined;
  /** Every datagram that is let in is passed on there. @default nowhere */
  readonly forward?: readonly ListenAddress[] | undefined;
  /** How the port is shared with other processes of this host; absent: it is not. */
  readonly relay?: RelayOptions | undefined;
  /** File of the program that receives on a thread of its own; absent: the thread that decodes receives as well. */
  readonly receiverProgram?: string | undefined;
  /** What lives on the same address and port by TCP. @default nothing */
  readonly companion?: PortCompanion | undefined;
  readonly clock: Clock;
  /** Longest wait before a change reaches the sink. @default 250 */
  readonly flushMs?: number | undefined;
  readonly limits?: TelemetryLimits | undefined;
  /** @default udp */
  readonly context?: string | undefined;
  /** For the pauses between attempts to bind. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Told the real address whenever the socket is bound. */
  readonly onBound?: ((address: ListenAddress) => void) | undefined;
}
export interface TelemetrySource extends Source {
  /** Where it receives now; undefined while it does not, or another process does. */
  readonly address: ListenAddress | undefined;
}

/** While the port changes hands, nobody is told that it is taken. */
const HANDOVER_MS = 4_000;
/** Who leaves the port to a collector waits so long for it before binding again. */
const COLLECTOR_MS = 1_500;
const LOOK_MS = 150;
const JITTER_MS = 300;
/** A process that has just bound needs a moment to offer its socket. */
const FIRST_LOOKS = 2;
/** A collector waits so long for a console to leave it the port. */
const TURN_MS = 10_000;
const TURN_LOOK_MS = 250;
const NEVER = () => Promise.resolve(false);

/**
 * Receives datagrams of middleware servers and keeps one sender for each; where another l9s of this host owns the
 * port it reads along, and takes over when that one leaves. Throws on an allow-list that is none.
 */
export function createTelemetrySource(options: TelemetryOptions): TelemetrySource {
  const {
    clock,
    listen,
    flushMs = 250,
    context = 'udp',
    random = Math.random,
    relay,
    receiverProgram,
    companion,
  } = options;
  const isAllowed = createAllowList(options.allow ?? DEFAULT_ALLOW);
  const backoff = createBackoff({ firstMs: 1_000, random });
  const known = new KnownSenders();
  const neighbours =
    relay === undefined || listen.port === 0
      ? undefined
      : new PortNeighbours({
          relay,
          port: listen.port,
          listen: addressText(listen),
          context,
          clock,
          known,
          notes: notesOf(options),
          companion,
        });
  /** Until another process owned the port in between, all counts go on. */
  let receiving: { readonly receiver: DatagramReceiver; readonly lineage: Lineage } | undefined;
  let address: ListenAddress | undefined;
  let retryNow: AbortController | undefined;
  let lastGoodAt: number | undefined;

  const hostOf = (lineage: Lineage, onCollector?: () => void): RelayHost | undefined =>
    relay && new RelayHost({ relay, listen, clock, lineage, onCollector });

  function receivingNow() {
    receiving ??= {
      receiver: new DatagramReceiver(context, options.limits),
      lineage: { instance: randomUUID(), inherits: known.instance },
    };
    return receiving;
  }

  async function own(sink: Sink, { socket, waiting }: Port, signal: AbortSignal): Promise<OwnerEnd> {
    const { receiver, lineage } = receivingNow();
    let owner: PortOwner | undefined;
    const isConsole = relay?.role === 'console';
    const host = waiting ?? hostOf(lineage, () => isConsole && owner?.yield());
    known.begin({ instance: lineage.instance }, clock.now());
    host?.server.seed(known.senders.values());
    owner = new PortOwner({
      socket,
      receiver,
      known,
      isAllowed,
      clock,
      flushMs,
      forgetMs: options.limits?.forgetMs,
      forward: options.forward ?? [],
      host,
      companion,
      isAskedFor: isConsole && neighbours !== undefined ? (ended) => neighbours.hasCollector(ended) : NEVER,
      sink,
      onGood: (at) => {
        lastGoodAt = at;
      },
    });
    address = socket.address;
    lastGoodAt ??= clock.now();
    backoff.reset();
    host?.receiving(socket.address);
    const running = owner.run(signal);
    if (!signal.aborted) {
      sink.status({ state: 'live', lastGoodAt });
      options.onBound?.(socket.address);
    }
    const end = await running;
    address = undefined;
    return end;
  }

  /** Reads along where somebody offers it; `undefined` where nobody does. */
  async function attach(sink: Sink, signal: AbortSignal) {
    const life = new AbortController();
    const following = companion?.follow(listen, sink, AbortSignal.any([signal, life.signal]));
    const end = await neighbours?.attach(sink, signal, (at) => {
      lastGoodAt = at;
      backoff.reset();
    });
    life.abort();
    await following;
    if (end?.wasReady === true) receiving = undefined;
    return end;
  }

  /** Tries to bind; what the error table says of it where that fails. */
  const bind = (signal: AbortSignal): Promise<Port | SourceFailure> => {
    const opening =
      receiverProgram === undefined
        ? openReceiverSocket(listen)
        : openThreadedSocket({ listen, program: receiverProgram, signal });
    return opening.then((socket) => ({ socket }), failureOf);
  };

  /** A collector's way to a port that is taken: it says that it waits, and consoles leave it the port. */
  async function bindInTurn(failure: SourceFailure, signal: AbortSignal): Promise<Port | SourceFailure> {
    const waiting = hostOf(receivingNow().lineage);
    const turn = new AbortController();
    const whole = AbortSignal.any([signal, turn.signal]);
    const until = clock.now() + TURN_MS;
    let bound: Port | SourceFailure = failure;
    let opening: Promise<void> | undefined;
    const asked = new Set<string>();
    while (isTaken(bound) && clock.now() < until && !signal.aborted) {
      const others = (await neighbours?.all(whole)) ?? [];
      const owner = others.find(({ role, isWaiting }) => role === 'collector' && !isWaiting);
      if (owner !== undefined) {
        bound = takenBy(owner, failure);
        break;
      }
      opening ??= waiting?.keepOpen(whole);
      const unasked = others.filter(({ role, instance }) => role === 'console' && !asked.has(instance));
      for (const { instance } of unasked) asked.add(instance);
      await askForPort(unasked, waiting?.hello(), whole);
      await sleep(clock, TURN_LOOK_MS, signal);
      bound = await bind(signal);
    }
    turn.abort();
    await opening;
    if ('socket' in bound) return { ...bound, waiting };
    await waiting?.server.close('leaving');
    return bound;
  }

  async function pauseAfter(sink: Sink, failure: SourceFailure, signal: AbortSignal): Promise<void> {
    const pauseMs = backoff.next();
    const retryAt = clock.now() + pauseMs;
    if (failure.code === 'PORT_DENIED') sink.status({ state: 'denied', error: failure, lastGoodAt });
    else sink.status({ state: 'failed', error: failure, retryAt, lastGoodAt });
    retryNow = new AbortController();
    await sleep(clock, pauseMs, AbortSignal.any([signal, retryNow.signal]));
  }

  return {
    context,
    get address() {
      return address;
    },
    refresh() {
      retryNow?.abort();
    },
    async run(sink, signal) {
      sink.status({ state: 'connecting', since: clock.now() });
      let quietUntil = 0;
      let collectorUntil = 0;
      let looks = 0;
      while (!signal.aborted) {
        const isCollectorDue = clock.now() < collectorUntil;
        let bound = isCollectorDue ? undefined : await bind(signal);
        if (relay?.role === 'collector' && isTaken(bound)) bound = await bindInTurn(bound, signal);
        if (bound !== undefined && 'socket' in bound) {
          const end = await own(sink, bound, signal);
          if (end.kind === 'aborted') return;
          if (end.kind === 'yielded') {
            collectorUntil = clock.now() + COLLECTOR_MS;
            quietUntil = clock.now() + HANDOVER_MS;
          } else await pauseAfter(sink, failureOf(listenError(listen, end.cause)), signal);
          continue;
        }
        if (signal.aborted) return;
        const mayAttach = neighbours !== undefined && relay?.role === 'console';
        if (bound !== undefined && (bound.code !== 'PORT_TAKEN' || !mayAttach)) {
          await pauseAfter(sink, bound, signal);
          continue;
        }
        const end = await attach(sink, signal);
        if (signal.aborted) return;
        if (end?.wasReady === true) {
          quietUntil = clock.now() + HANDOVER_MS;
          looks = 0;
          // A collector that is started again gets the port back; else whoever is first.
          if (end.hello?.role === 'collector') collectorUntil = clock.now() + COLLECTOR_MS;
          await sleep(clock, random() * JITTER_MS, signal);
        } else if (end?.failure !== undefined) await pauseAfter(sink, end.failure, signal);
        else if (clock.now() < quietUntil || isCollectorDue || looks++ < FIRST_LOOKS) {
          await sleep(clock, LOOK_MS * (0.5 + random()), signal);
        } else if (bound !== undefined) {
          await pauseAfter(
            sink,
            unshared(withProblems(bound, neighbours?.problems() ?? []), options),
            signal,
          );
        }
      }
    },
  };
}

/** A bound socket, and the offer to read along that was made while waiting for it. */
interface Port {
  readonly socket: ReceiverSocket;
  readonly waiting?: RelayHost | undefined;
}

/** What this process would do with datagrams, and does not while another one receives them. */
const notesOf = ({ forward = [] }: TelemetryOptions): readonly string[] =>
  forward.length === 0
    ? []
    : ['telemetry.forward waits: datagrams are passed on by the process that receives them'];

const isTaken = (bound: Port | SourceFailure | undefined): bound is SourceFailure =>
  bound !== undefined && 'code' in bound && bound.code === 'PORT_TAKEN';

const takenBy = ({ pid, program }: RelayHello, { message }: SourceFailure): SourceFailure =>
  sourceFailure(
    'PORT_TAKEN',
    `${message}; it belongs to the collector with pid ${pid} (l9s ${program})`,
    'One collector serves everybody on this host: stop that one first, or give another port with --listen.',
  );

/** Nobody in the directories looked through has the port: a collector may have it in one of its own. */
const unshared = (failure: SourceFailure, { relay, listen }: TelemetryOptions): SourceFailure =>
  relay?.role !== 'console' || relay.lookIn.length === 0
    ? failure
    : {
        ...failure,
        hint: `${failure.hint} No l9s shares it in ${relay.lookIn.map(({ path }) => path).join(' or ')}: a collector with another --directory is read by telemetry.attach: [{socket: ${socketFileOf('DIRECTORY', listen.port)}}].`,
      };

const withProblems = (failure: SourceFailure, problems: readonly string[]): SourceFailure =>
  problems.length === 0
    ? failure
    : { ...failure, message: `${failure.message}; cannot look for its owner: ${problems.join(', ')}` };

function failureOf(thrown: unknown): SourceFailure {
  if (thrown instanceof AppError) return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  return sourceFailure('INTERNAL', describeThrown(thrown), ERRORS.INTERNAL.hint);
}
