import { type Clock, sleep } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import { readTemplateLine, type TemplateStart } from '../../diagnosis/entrypoint-log.ts';
import type { KubeConnection } from './kube-connection.ts';
import type { KubeLimits } from './kube-limits.ts';
import type { KubeModel, StartToRead } from './kube-model.ts';
import { readPodLog } from './pod-log.ts';
import { mayConcernAll, type ReachGate } from './reach-gate.ts';
import { transportError } from './request-error.ts';
import type { StatusBoard } from './status-board.ts';

export interface StartLogOptions {
  readonly model: KubeModel;
  readonly connection: KubeConnection;
  readonly gate: ReachGate;
  readonly board: StatusBoard;
  readonly clock: Clock;
  readonly limits: Pick<KubeLimits, 'startLogMs'>;
}

/** An idle context stays within its fifteen requests a minute, watches and ConfigMaps included. */
const BURST = 20;
const PER_SECOND = 0.1;
/** The entrypoint speaks first: what is not in here was not said, or is gone. */
const LIMIT_BYTES = 65_536;
const READ_TIMEOUT_MS = 10_000;
const DENIED_MS = 600_000;
const NOTHING_SAID: TemplateStart = { hasFailed: false };

/**
 * Reads the beginning of the log of LENA containers whose template revision nothing else tells, newest start first,
 * once a start, a few a minute.
 */
export class StartLogLoop {
  readonly #options: StartLogOptions;
  readonly #bucket: TokenBucket;
  #deniedUntil = 0;

  constructor(options: StartLogOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket({ clock: options.clock, burst: BURST, perSecond: PER_SECOND });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { gate, clock, model, limits } = this.#options;
    while (!signal.aborted) {
      await sleep(clock, limits.startLogMs, signal);
      await gate.pass(signal);
      if (signal.aborted) return;
      if (clock.now() < this.#deniedUntil) continue;
      const [next] = model.startsToRead();
      if (next === undefined) continue;
      await this.#bucket.take(signal);
      for (const start of model.startsToRead()) {
        if (signal.aborted || clock.now() < this.#deniedUntil) break;
        if (start !== next) await this.#bucket.take(signal);
        if (!signal.aborted) await this.#read(start, signal);
      }
    }
  }

  async #read(start: StartToRead, signal: AbortSignal): Promise<void> {
    const { model, connection, board, gate, clock } = this.#options;
    const { namespace, pod, container } = start;
    const enough = new AbortController();
    let said: TemplateStart = NOTHING_SAID;
    try {
      await readPodLog(
        connection,
        { namespace, pod, container, isFollowed: false, limitBytes: LIMIT_BYTES },
        {
          onLine(line) {
            const found = readTemplateLine(cleanLine(line, 2_000));
            if (found === undefined) return;
            said = found;
            enough.abort();
          },
          signal: AbortSignal.any([signal, enough.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]),
        },
      );
    } catch (thrown) {
      if (signal.aborted) return;
      if (!enough.signal.aborted) {
        const error = transportError('pod log', thrown);
        if (mayConcernAll(error)) gate.suspect();
        if (error.code === 'FORBIDDEN') {
          board.capability('get pods/log', namespace, { state: 'denied', detail: error.message });
          this.#deniedUntil = clock.now() + DENIED_MS;
        }
        // It is looked at again with its next start only: the log of a container that cannot be read stays so.
        model.setStart(start, NOTHING_SAID);
        return;
      }
    }
    board.capability('get pods/log', namespace, { state: 'found' });
    model.setStart(start, said);
  }
}
