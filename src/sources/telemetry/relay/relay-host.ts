import { AppError } from '../../../core/app-error.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import type { RelayHello } from '../../../wire/relay/frames.ts';
import { prepareDirectory, socketFileOf } from '../../socket-directory.ts';
import { addressText } from '../listen-text.ts';
import type { ListenAddress } from '../receiver-socket.ts';
import type { Lineage } from './known-senders.ts';
import type { RelayOptions } from './relay-options.ts';
import { RelayServer } from './relay-server.ts';

const RETRY_MS = 500;

export interface RelayHostOptions {
  readonly relay: RelayOptions;
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly lineage: Lineage;
  /** Another process that serves several users wants the port. */
  readonly onCollector?: (() => void) | undefined;
}

/** One process's offer to others to read along: its socket, from before it owns the port until it leaves it. */
export class RelayHost {
  readonly server: RelayServer;
  readonly #options: RelayHostOptions;
  #isWaiting = true;
  #listen: ListenAddress;
  /** Why nobody can read along, in one line. */
  problem: string | undefined;

  constructor(options: RelayHostOptions) {
    const { listen, clock, relay, onCollector } = options;
    this.#options = options;
    this.#listen = listen;
    this.server = new RelayServer({ hello: () => this.hello(), stock: relay.stock, clock, onCollector });
  }
  get file(): string {
    return socketFileOf(this.#options.relay.serveIn.path, this.#options.listen.port || this.#listen.port);
  }
  hello(): RelayHello {
    const { relay, clock, lineage } = this.#options;
    return {
      type: 'hello',
      program: relay.program,
      ...lineage,
      role: relay.role,
      pid: relay.pid,
      listen: addressText(this.#listen),
      isWaiting: this.#isWaiting,
      at: clock.now(),
    };
  }
  /** The port is ours. */
  receiving(address: ListenAddress): void {
    this.#isWaiting = false;
    this.#listen = address;
    this.server.helloAgain();
  }
  /** Opens the socket; while another process listens on that file it tries again. Never rejects. */
  async keepOpen(signal: AbortSignal): Promise<void> {
    const { relay, clock } = this.#options;
    while (!signal.aborted && !this.server.isOpen) {
      try {
        prepareDirectory(relay.serveIn, relay.uid);
        const isForGroup = relay.serveIn.kind === 'shared';
        if (await this.server.open(this.file, isForGroup, signal)) {
          this.problem = undefined;
          return;
        }
        this.problem = `others cannot read along: another process serves ${this.file}`;
      } catch (error) {
        const why = error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
        this.problem = `others cannot read along: ${why}`;
        return;
      }
      await sleep(clock, RETRY_MS, signal);
    }
  }
}
