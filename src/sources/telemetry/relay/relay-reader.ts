import type { AppError } from '../../../core/app-error.ts';
import { cleanLine } from '../../../core/text.ts';
import { appError, type ErrorCode } from '../../../domain/errors.ts';
import type { OpsEvent } from '../../../domain/event.ts';
import type { Change, Sink } from '../../../domain/ports.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import type { SenderHistory } from '../../../domain/series.ts';
import { decodeRelayLine } from '../../../wire/relay/decode.ts';
import {
  type EventRecord,
  type HistoryRecord,
  MAX_RELAY_SENDERS,
  RELAY_VERSION,
  type RelayFacts,
  type RelayFrame,
  type RelayHello,
  type SenderPatch,
  type SenderRecord,
} from '../../../wire/relay/frames.ts';
import { RelayLines } from '../../../wire/relay/lines.ts';
import { shiftBlock, shiftFullGc, shiftOf, shiftSender } from './clock-shift.ts';
import type { KnownSenders } from './known-senders.ts';
import { MAX_RELAY_PARTS, weightOf } from './sender-weight.ts';

export interface RelayReaderOptions {
  readonly context: string;
  readonly sink: Pick<Sink, 'changes' | 'history'>;
  readonly now: () => number;
  /** The owner's clock is another machine's. */
  readonly isRemote: boolean;
  readonly known: KnownSenders;
  /** Counters and entries of lists kept over all senders. @default 1280000 */
  readonly maxParts?: number | undefined;
  /** Everything there is has been told. */
  readonly onReady: () => void;
  readonly onFacts: (facts: RelayFacts) => void;
  readonly onBye: (reason: Extract<RelayFrame, { readonly type: 'bye' }>['reason']) => void;
}

/** What a login shell may print before the stream begins. */
const MAX_LINES_BEFORE = 20;
const MAX_BYTES_BEFORE = 65_536;

/** Turns one stream of an owner into changes of a context of ours; any bytes are answered. */
export class RelayReader {
  readonly #options: RelayReaderOptions;
  readonly #lines = new RelayLines();
  /** As the owner told them, by its clock: what patches change. */
  readonly #told = new Map<string, Sender>();
  #hello: RelayHello | undefined;
  #shiftMs = 0;
  #firstLine: string | undefined;
  #linesBefore = 0;
  #bytesBefore = 0;
  #bad = 0;
  /** Of all that were told. */
  #parts = 0;

  constructor(options: RelayReaderOptions) {
    this.#options = options;
  }
  get hello(): RelayHello | undefined {
    return this.#hello;
  }
  /** Added to the owner's instants. */
  get shiftMs(): number {
    return this.#shiftMs;
  }
  /** Frames and parts of frames that were left out. */
  get bad(): number {
    return this.#bad + this.#lines.tooLong;
  }
  /** Something came that was no stream. */
  get hasHeard(): boolean {
    return this.#linesBefore > 0;
  }
  /** The error where this is no stream we can read; nothing more is to be given then. */
  take(bytes: Uint8Array): AppError<ErrorCode> | undefined {
    if (this.#hello === undefined) this.#bytesBefore += bytes.length;
    for (const text of this.#lines.push(bytes)) {
      const line = decodeRelayLine(text);
      if (line.kind === 'version') return wrongVersion(line.version);
      if (line.kind === 'frame' && (this.#hello !== undefined || line.frame.type === 'hello')) {
        this.#bad += line.bad;
        this.#takeFrame(line.frame);
      } else if (line.kind !== 'unknown') this.#takeBad(text);
    }
    const isNoStream = this.#linesBefore > MAX_LINES_BEFORE || this.#bytesBefore > MAX_BYTES_BEFORE;
    return this.#hello === undefined && isNoStream ? this.noStream() : undefined;
  }
  /** What is to be said where it ended before it began. */
  noStream(): AppError<ErrorCode> {
    const first = this.#firstLine === undefined ? '' : `: "${this.#firstLine}"`;
    return appError('ATTACH_FAILED', `what came is no stream of l9s${first}`);
  }
  #takeBad(text: string): void {
    if (this.#hello !== undefined) this.#bad++;
    else {
      this.#firstLine ??= cleanLine(text, 80);
      this.#linesBefore++;
    }
  }
  #takeFrame(frame: RelayFrame): void {
    const { sink, onReady, onFacts, onBye } = this.#options;
    switch (frame.type) {
      case 'hello':
        this.#begin(frame);
        return;
      case 'senders':
        this.#change(frame.senders.map((record) => this.#senderOf(record)));
        return;
      case 'patches':
        this.#change(frame.patches.map((patch) => this.#patched(patch)));
        return;
      case 'drops':
        this.#drop(frame.ids);
        return;
      case 'events': {
        const changes = frame.events.map(
          (record): Change => ({
            type: 'put',
            kind: 'event',
            entity: this.#eventOf(record),
          }),
        );
        if (changes.length > 0) sink.changes(changes);
        return;
      }
      case 'history': {
        const known = frame.history.filter(({ id }) => this.#told.has(id));
        if (known.length > 0) sink.history?.(known.map((record) => this.#historyOf(record)));
        return;
      }
      case 'ready':
        onReady();
        return;
      case 'facts':
        onFacts(this.#factsOf(frame));
        return;
      case 'bye':
        onBye(frame.reason);
        return;
      case 'beat':
        return;
    }
  }
  /** Also within a stream: the port changed hands behind it. */
  #begin(hello: RelayHello): void {
    const { now, isRemote, known } = this.#options;
    if (hello.instance !== this.#hello?.instance) {
      this.#told.clear();
      this.#parts = 0;
    }
    this.#hello = hello;
    const at = now();
    this.#shiftMs = isRemote ? shiftOf(hello.at, at) : 0;
    known.begin(hello, at);
  }
  #senderOf({ id, ...fields }: SenderRecord): Sender | undefined {
    return this.#keep({ ref: refOf('sender', this.#options.context, id), ...fields });
  }
  /** A change of somebody we were not told of is of no use. */
  #patched({ id, set, gone }: SenderPatch): Sender | undefined {
    const before = this.#told.get(id);
    if (before === undefined) {
      this.#bad++;
      return undefined;
    }
    const fields = Object.entries(set).filter(([, value]) => value !== undefined);
    const after: Sender = { ...before, ...Object.fromEntries(fields) };
    for (const name of gone) Reflect.deleteProperty(after, name);
    return this.#keep(after);
  }
  /** As the newest word of a sender; `undefined` where a stream tells more than is kept. */
  #keep(sender: Sender): Sender | undefined {
    const { id } = sender.ref;
    const before = this.#told.get(id);
    const parts = this.#parts + weightOf(sender) - (before === undefined ? 0 : weightOf(before));
    const isTooMany = before === undefined && this.#told.size >= MAX_RELAY_SENDERS;
    if (isTooMany || parts > (this.#options.maxParts ?? MAX_RELAY_PARTS)) {
      this.#bad++;
      return undefined;
    }
    this.#parts = parts;
    this.#told.set(id, sender);
    return sender;
  }
  #forget(id: string): void {
    const before = this.#told.get(id);
    if (before !== undefined) this.#parts -= weightOf(before);
    this.#told.delete(id);
  }
  #change(senders: readonly (Sender | undefined)[]): void {
    const { known, sink, now } = this.#options;
    const at = now();
    const changes: Change[] = [];
    for (const sender of senders) {
      const entity = sender && known.put(shiftSender(sender, this.#shiftMs), at);
      if (entity !== undefined) changes.push({ type: 'put', kind: 'sender', entity });
      else if (sender !== undefined) this.#forget(sender.ref.id);
    }
    if (changes.length > 0) sink.changes(changes);
  }
  #drop(ids: readonly string[]): void {
    const { known, sink, context } = this.#options;
    for (const id of ids) this.#forget(id);
    const gone = ids.filter((id) => known.drop(id));
    if (gone.length > 0) {
      sink.changes(gone.map((id) => ({ type: 'drop', kind: 'sender', ref: refOf('sender', context, id) })));
    }
  }
  #eventOf({ id, target, at, ...event }: EventRecord): OpsEvent {
    const { context } = this.#options;
    return {
      ref: refOf('event', context, id),
      at: at + this.#shiftMs,
      ...event,
      target: target === undefined ? undefined : refOf('sender', context, target),
    };
  }
  #historyOf({ id, blocks, fullGcs }: HistoryRecord): SenderHistory {
    return {
      sender: refOf('sender', this.#options.context, id),
      blocks: blocks.map((block) => shiftBlock(block, this.#shiftMs)),
      fullGcs: fullGcs.map((gc) => shiftFullGc(gc, this.#shiftMs)),
    };
  }
  #factsOf(facts: RelayFacts): RelayFacts {
    const { lastGoodAt } = facts;
    return lastGoodAt === undefined ? facts : { ...facts, lastGoodAt: lastGoodAt + this.#shiftMs };
  }
}

const wrongVersion = (version: number) =>
  appError(
    'ATTACH_VERSION',
    `the other l9s speaks version ${version} of the stream, this one version ${RELAY_VERSION}`,
  );
