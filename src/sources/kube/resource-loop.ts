import { createBackoff } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { isRecord, type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';
import type { KubeConnection } from './kube-connection.ts';
import type { KubeLimits } from './kube-limits.ts';
import { createLineSplitter, LineTooLongError } from './line-splitter.ts';
import { mayConcernAll, type ReachGate } from './reach-gate.ts';
import { KubeRequestError, statusError, transportError } from './request-error.ts';
import type { ResourceTable } from './resource-table.ts';
import { acceptOf, EVERYWHERE, pathOf, type ResourceName } from './resources.ts';
import type { StatusBoard } from './status-board.ts';

export interface ResourceLoopOptions {
  readonly resource: ResourceName;
  /** A namespace, or EVERYWHERE. */
  readonly scope: string;
  readonly table: Pick<ResourceTable<unknown>, 'startList' | 'apply' | 'removeScope'>;
  readonly connection: KubeConnection;
  readonly gate: ReachGate;
  readonly board: StatusBoard;
  readonly clock: Clock;
  readonly random: () => number;
  readonly limits: KubeLimits;
  readonly count: (name: string, by: number) => void;
  /** Waits; ends early at the abort or when fresh data is asked for. */
  readonly pause: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

/** A stream that broke after it had been open for a while is simply reopened; sooner, it counts as a failure. */
const SETTLED_MS = 1_000;
/** After so many failures in a row a watch starts over with a list. */
const RELIST_AFTER = 3;

export const partOf = (resource: string, scope: string): string =>
  scope === EVERYWHERE ? resource : `${resource}@${scope}`;

/** List, then watch, for ever: one resource in one scope. Ends at the abort, or with `forbidden` (lists everywhere only). */
export class ResourceLoop {
  readonly #options: ResourceLoopOptions;
  /** Where the watch goes on; `undefined` = list first. */
  #version: string | undefined;
  #canWatch: boolean;
  #expired = 0;
  #failures = 0;
  #hasLanded: boolean;

  constructor(options: ResourceLoopOptions) {
    this.#options = options;
    this.#canWatch = true;
    this.#hasLanded = false;
    options.board.expect(partOf(options.resource, options.scope));
  }

  async run(signal: AbortSignal): Promise<'aborted' | 'forbidden'> {
    const { gate, pause, random, limits, scope } = this.#options;
    const backoff = createBackoff({ firstMs: limits.backoffFirstMs, maxMs: limits.backoffMaxMs, random });
    while (!signal.aborted) {
      await gate.pass(signal);
      if (signal.aborted) break;
      let waitMs: number | undefined;
      try {
        if (this.#version === undefined) await this.#list(signal);
        else if (!this.#canWatch) {
          await pause(this.#pollMs(), signal);
          this.#version = undefined;
        } else if (await this.#watch(this.#version, signal)) {
          backoff.reset();
          this.#failures = 0;
        } else waitMs = backoff.next();
      } catch (thrown) {
        if (signal.aborted) break;
        const error = transportError(`list ${this.#options.resource}`, thrown);
        if (error.code === 'FORBIDDEN' && this.#version === undefined && scope === EVERYWHERE)
          return 'forbidden';
        waitMs = this.#judge(error, backoff.next());
      }
      if (waitMs !== undefined) await pause(waitMs, signal);
    }
    return 'aborted';
  }

  #pollMs(): number {
    const { resource, limits, random } = this.#options;
    return (resource === 'pods' ? limits.pollMs : 4 * limits.pollMs) * (1 + random() / 5);
  }

  /** What follows from a failure: how long to wait, and whether to list again. */
  #judge(error: KubeRequestError, backoffMs: number): number {
    const { gate, board, clock, resource, scope, limits } = this.#options;
    const part = partOf(resource, scope);
    const isListing = this.#version === undefined;
    this.#failures++;
    if (error.isGone) {
      this.#version = undefined;
      this.#expired++;
      // The first time at once, spread a little over the resources that lost their version together.
      return this.#expired <= 1 ? backoffMs / 10 : backoffMs;
    }
    if (error.code === 'FORBIDDEN' || error.code === 'NOT_FOUND' || error.status === 405) {
      const state = error.code === 'FORBIDDEN' ? 'denied' : 'absent';
      board.capability(`${isListing ? 'list' : 'watch'} ${resource}`, scope, {
        state,
        detail: error.message,
      });
      if (!isListing) {
        this.#canWatch = false;
        return 0;
      }
      board.denied(part, state, error.message);
      return 10 * limits.deniedMs;
    }
    if (mayConcernAll(error)) gate.suspect();
    if (!isListing && (this.#failures >= RELIST_AFTER || error.code === 'UNEXPECTED_ANSWER'))
      this.#version = undefined;
    const waitMs = Math.max(backoffMs, error.retryAfterMs ?? 0);
    // One stumble of what has worked is no news: it is retried at once.
    if (!this.#hasLanded || this.#failures > 1) board.failing(part, error, clock.now() + waitMs);
    return waitMs;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { connection, table, board, resource, scope, limits } = this.#options;
    const path = pathOf(resource, scope);
    const intake = table.startList(scope);
    // A list that keeps expiring between its pages is asked for in one go, as client-go does.
    const limit = this.#expired >= 2 ? undefined : limits.pageSize;
    let next: string | undefined;
    let version: string | undefined;
    do {
      const body: Json = await connection.getJson({
        path,
        query: { limit, continue: next },
        accept: acceptOf(resource, 'list'),
        signal,
      });
      const metadata = recordOf(body['metadata']);
      version = stringOf(metadata['resourceVersion']);
      // An empty list may be written as null.
      if (version === undefined || (body['items'] !== null && !Array.isArray(body['items']))) {
        throw new KubeRequestError('UNEXPECTED_ANSWER', `GET ${path}: the answer is not a Kubernetes list`);
      }
      intake.page(listOf(body['items']));
      board.good();
      next = stringOf(metadata['continue']);
    } while (next !== undefined);
    intake.finish();
    this.#version = version;
    this.#hasLanded = true;
    this.#expired = 0;
    this.#failures = 0;
    board.capability(`list ${resource}`, scope, { state: 'found' });
    board.landed(partOf(resource, scope));
  }

  /** One watch from `version`; true when it was open for a while. */
  async #watch(version: string, signal: AbortSignal): Promise<boolean> {
    const { connection, board, clock, random, resource, scope, limits, count } = this.#options;
    const timeoutSeconds = Math.max(1, Math.round((limits.watchMs * (0.9 + random() / 5)) / 1_000));
    const chunks = await connection.openWatch({
      path: pathOf(resource, scope),
      query: { watch: 'true', resourceVersion: version, allowWatchBookmarks: 'true', timeoutSeconds },
      accept: acceptOf(resource, 'watch'),
      signal,
    });
    const openedAt = clock.now();
    board.capability(`watch ${resource}`, scope, { state: 'found' });
    board.landed(partOf(resource, scope));
    const lines = createLineSplitter(limits.maxLineBytes);
    let hadEvents = false;
    try {
      for await (const chunk of chunks) {
        hadEvents = this.#take(lines.push(chunk)) || hadEvents;
      }
    } catch (thrown) {
      if (signal.aborted || thrown instanceof KubeRequestError) throw thrown;
      if (thrown instanceof LineTooLongError) {
        count('badLines', 1);
        throw new KubeRequestError(
          'UNEXPECTED_ANSWER',
          `watch ${resource}: an event is longer than ${limits.maxLineBytes} bytes`,
        );
      }
      // Reset or silent: the resume version is still good, only the stream is not.
    }
    return hadEvents || clock.now() - openedAt >= SETTLED_MS;
  }

  #take(lines: readonly string[]): boolean {
    const { table, board, scope, resource, count } = this.#options;
    const events: { isDeleted: boolean; object: unknown }[] = [];
    let failure: KubeRequestError | undefined;
    let version: string | undefined;
    for (const line of lines) {
      const event = parseLine(line);
      const type = event?.['type'];
      const object = recordOf(event?.['object']);
      if (type === 'ERROR') {
        failure = statusError(`watch ${resource}`, object, { status: 500 });
        break;
      }
      if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
        // An event that cannot be read may have been one that counts: only a list makes it whole again.
        count('badLines', 1);
        failure = new KubeRequestError(
          'UNEXPECTED_ANSWER',
          `watch ${resource}: an event is not Kubernetes JSON`,
        );
        break;
      }
      version = stringOf(recordOf(object['metadata'])['resourceVersion']) ?? version;
      if (type !== 'BOOKMARK') events.push({ isDeleted: type === 'DELETED', object });
    }
    if (events.length > 0) table.apply(scope, events);
    if (version !== undefined) {
      this.#version = version;
      board.good();
    }
    if (failure !== undefined) throw failure;
    return version !== undefined;
  }
}

function parseLine(line: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
