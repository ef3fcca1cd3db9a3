import { createHash } from 'node:crypto';
import { AppError, describeThrown } from '../../core/app-error.ts';
import { isTimeout, withDeadline } from '../../core/deadline.ts';
import { cleanLine } from '../../core/text.ts';
import { DUMP_KINDS, type DumpKind } from '../../domain/dump.ts';
import { appError, type ErrorCode } from '../../domain/errors.ts';
import { encodeChunk, encodeMessage } from '../../wire/dump-channel/frames.ts';
import type { ChannelRequest, FromAgent } from '../../wire/dump-channel/messages.ts';
import { type AgentHeapStatus, agentStatusText } from '../../wire/dump-channel/status.ts';
import type { DumpMakers, DumpServer, MadeDump } from './dump-job.ts';
import { findHeapPlace } from './heap-place.ts';

export interface DumpAnswersOptions {
  readonly makers: DumpMakers;
  /** The agent was started so that heaps may be asked for. */
  readonly allowsHeap: boolean;
  readonly say: (line: string) => void;
}
/** Resolves when there is room for more; rejects when nobody takes it any more. */
export type SendFrame = (frame: Uint8Array) => Promise<void>;

/** A piece of an answer: small, so that answers of other servers pass between. */
const PIECE_BYTES = 131_072;
const MAX_RUNNING = 16;
const MESSAGE_LENGTH = 480;

const CODES: Partial<Record<ErrorCode, string>> = {
  DUMP_BUSY: 'busy',
  PERMISSION_DENIED: 'denied',
  NO_JVM: 'noJvm',
  DUMP_TOO_LARGE: 'tooLarge',
  TIMEOUT: 'timeout',
  TARGET_UNKNOWN: 'unknownServer',
  ACTION_IMPOSSIBLE: 'unsupported',
};

/** Answers what may be asked of this host's JVMs: one request of a kind at a time for a server, whoever asks. */
export class DumpAnswers {
  readonly #options: DumpAnswersOptions;
  /** `kind server`, until nothing of it goes on. */
  readonly #running = new Set<string>();
  readonly #lingering = new Set<Promise<void>>();

  constructor(options: DumpAnswersOptions) {
    this.#options = options;
  }
  /** What can be asked of a JVM. */
  kindsOf({ target }: DumpServer): readonly DumpKind[] {
    if (target.refusesAttach) return [];
    return DUMP_KINDS.filter((kind) => kind !== 'heap' || this.#options.allowsHeap);
  }
  /** Sends the whole answer, which ends with `done` or `error`. Never rejects. */
  async answer(
    request: ChannelRequest,
    server: DumpServer | undefined,
    { send, signal }: { readonly send: SendFrame; readonly signal: AbortSignal },
  ): Promise<void> {
    const { id, what } = request;
    const key = `${what} ${request.server}`;
    const deadline = withDeadline(signal, request.deadlineMs);
    const lingering: Promise<void>[] = [];
    try {
      if (server === undefined)
        throw appError('TARGET_UNKNOWN', `${request.server} is no JVM of this agent (any more)`);
      if (this.#running.has(key))
        throw appError('DUMP_BUSY', `a ${what} of ${server.id} is being taken already`);
      if (this.#running.size >= MAX_RUNNING) throw appError('DUMP_BUSY', 'this agent is busy with others');
      this.#running.add(key);
      const answer = new Answer(request, send, deadline);
      let made: MadeDump;
      try {
        made = await answer.of((write) =>
          what === 'status'
            ? this.#status(server, write)
            : this.#make(what, server, {
                isLive: request.options.isLive === true,
                maxBytes: request.options.maxBytes,
                signal: deadline,
                write,
                report: (doneBytes, sizeBytes) => {
                  send(encodeMessage({ type: 'progress', id, doneBytes, sizeBytes })).catch(() => undefined);
                },
                linger: (rest) => lingering.push(rest),
              }),
        );
      } finally {
        // Before whoever asked hears that it is over: the next request may follow at once.
        this.#release(key, lingering);
      }
      await answer.end(made);
      if (what !== 'status') this.#options.say(`dumps: gave a ${what} of ${server.id} (${made.how})`);
    } catch (thrown) {
      const refusal = refusalOf(id, deadline.aborted ? deadline.reason : thrown);
      if (!signal.aborted && what !== 'status')
        this.#options.say(`dumps: no ${what} of ${cleanLine(request.server, 128)}: ${refusal.message}`);
      await send(encodeMessage(refusal)).catch(() => undefined);
    }
  }
  /** Resolves when nothing goes on any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#lingering);
  }
  #release(key: string, lingering: readonly Promise<void>[]): void {
    if (lingering.length === 0) {
      this.#running.delete(key);
      return;
    }
    const rest: Promise<void> = Promise.allSettled(lingering).then(() => {
      this.#running.delete(key);
      this.#lingering.delete(rest);
    });
    this.#lingering.add(rest);
  }
  async #make(
    what: DumpKind,
    server: DumpServer,
    job: Omit<Parameters<DumpMakers['thread']>[0], 'server'>,
  ): Promise<MadeDump> {
    if (!this.kindsOf(server).includes(what)) {
      if (server.target.refusesAttach)
        throw appError('ACTION_IMPOSSIBLE', `${server.id} runs with -XX:+DisableAttachMechanism`, {
          hint: '',
        });
      throw appError('PERMISSION_DENIED', 'the agent was started without --allow-heap-dumps', { hint: '' });
    }
    return this.#options.makers[what]({ ...job, server });
  }
  async #status(server: DumpServer, write: (bytes: Uint8Array) => Promise<void>): Promise<MadeDump> {
    const running = [...this.#running].flatMap((key) => {
      const [what = ''] = key.split(' ', 1);
      return key === `${what} ${server.id}` && isDumpKind(what) ? [what] : [];
    });
    const can = this.kindsOf(server);
    const heap = can.includes('heap') ? await heapStatusOf(server) : undefined;
    await write(Buffer.from(agentStatusText({ running, can, heap })));
    return { how: 'status', missing: [] };
  }
}

/** Counts, hashes and cuts into frames what one request is answered. */
class Answer {
  readonly #request: ChannelRequest;
  readonly #send: SendFrame;
  readonly #signal: AbortSignal;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(request: ChannelRequest, send: SendFrame, signal: AbortSignal) {
    this.#request = request;
    this.#send = send;
    this.#signal = signal;
  }
  of(make: (write: (bytes: Uint8Array) => Promise<void>) => Promise<MadeDump>): Promise<MadeDump> {
    return make((bytes) => this.#write(bytes));
  }
  async end({ how, missing }: MadeDump): Promise<void> {
    this.#signal.throwIfAborted();
    const sha256 = this.#hash.digest('hex');
    const { id } = this.#request;
    await this.#send(encodeMessage({ type: 'done', id, sha256, bytes: this.#bytes, how, missing }));
  }
  async #write(bytes: Uint8Array): Promise<void> {
    const { maxBytes } = this.#request.options;
    this.#bytes += bytes.length;
    if (this.#bytes > maxBytes)
      throw appError('DUMP_TOO_LARGE', `it is larger than the ${maxBytes} bytes taken`);
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#signal.throwIfAborted();
      await this.#send(encodeChunk(this.#request.id, bytes.subarray(at, at + PIECE_BYTES)));
    }
  }
}

const isDumpKind = (what: string): what is DumpKind => DUMP_KINDS.some((kind) => kind === what);

async function heapStatusOf(server: DumpServer): Promise<AgentHeapStatus> {
  try {
    return await findHeapPlace(server);
  } catch (thrown) {
    return { why: cleanLine(describeThrown(thrown), MESSAGE_LENGTH) };
  }
}

function refusalOf(id: number, thrown: unknown): Extract<FromAgent, { type: 'error' }> {
  if (isTimeout(thrown))
    return { type: 'error', id, code: 'timeout', message: 'it was not ready within the time that was given' };
  const code =
    thrown instanceof AppError
      ? (Object.entries(CODES).find(([known]) => known === thrown.code)?.[1] ?? 'failed')
      : 'failed';
  const hint = thrown instanceof AppError && thrown.hint !== '' ? `. ${thrown.hint}` : '';
  return { type: 'error', id, code, message: cleanLine(`${describeThrown(thrown)}${hint}`, MESSAGE_LENGTH) };
}
