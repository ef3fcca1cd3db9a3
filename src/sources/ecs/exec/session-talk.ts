import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { parseObject } from '../../../core/json-read.ts';
import type { Secret } from '../../../core/secret.ts';
import { cleanLine } from '../../../core/text.ts';
import { appError, type ErrorCode } from '../../../domain/errors.ts';
import { maskWords } from '../../../domain/secret-name.ts';
import { type AgentMessage, decodeAgentMessage, encodeAgentMessage, PAYLOAD } from './agent-message.ts';
import { answerHandshake } from './handshake.ts';
import { InSequence } from './in-sequence.ts';

export interface SessionTalkOptions {
  /** A text or a binary message of the socket. */
  readonly send: (message: string | Buffer) => void;
  readonly clock: Clock;
  /** As messages name it. */
  readonly what: string;
  /** What the command wrote, in its order. */
  readonly onOutput: (bytes: Buffer) => void;
  /** Whether more output can be kept now; what cannot is not acknowledged, and sent again. */
  readonly hasRoom: () => boolean;
  /** The session is over. */
  readonly onClosed: (end: SessionEnd) => void;
  /** What the other side says cannot be understood, or it wants what we cannot give. */
  readonly onFailure: (error: Error) => void;
}
export interface SessionEnd {
  /** Nothing that was sent is missing. */
  readonly isWhole: boolean;
  /** What the agent said of the end; empty where the command just ended. */
  readonly words: string;
  /** Only where the agent tells. */
  readonly exitCode: number | undefined;
}

const RESEND_MS = 1_000;
const NUDGE_MS = 2_000;
const MOST_EARLY = 2_000;
const MOST_EARLY_BYTES = 4 * 2 ** 20;
const MAX_WORDS = 500;
const KMS_HINT =
  'Run the command with `aws ecs execute-command` and the session-manager-plugin, or take the KMS key out of the cluster’s executeCommandConfiguration.';
const FLAG_TERMINATE = 2;
const INTERRUPT = '\u0003';
/** Of the terminal the command runs on, as clients send it that have none of their own. */
const SIZE = { cols: 300, rows: 100 };
/** What our messages are flagged: an acknowledgement is the only one of its stream. */
const SINGLE = 3;

/** The client's side of one session: who we are, what we acknowledge, and what the command wrote. */
export class SessionTalk {
  readonly #options: SessionTalkOptions;
  readonly #output: InSequence<AgentMessage>;
  /** By number; sent again until it is acknowledged. */
  readonly #unacknowledged = new Map<number, Buffer>();
  #sequence = 0;
  #exitCode: number | undefined;
  #hasBegun: boolean = false;
  #isOver: boolean = false;
  #hasHeard: boolean = false;
  #cancelResend: (() => void) | undefined;
  #cancelNudge: (() => void) | undefined;

  constructor(options: SessionTalkOptions) {
    this.#options = options;
    this.#output = new InSequence({
      hand: (message) => this.#act(message),
      maxMessages: MOST_EARLY,
      maxBytes: MOST_EARLY_BYTES,
    });
  }
  /** The other side has said something. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }
  /** The first message of all: the token proves that the session is ours. */
  open(token: Secret): void {
    this.#options.send(
      JSON.stringify({
        MessageSchemaVersion: '1.0',
        RequestId: randomUUID(),
        TokenValue: token.reveal(),
        ClientId: randomUUID(),
      }),
    );
    // An agent that asks for no handshake may begin with the terminal's size alone.
    this.#cancelNudge = this.#options.clock.after(NUDGE_MS, () => {
      if (!this.#isOver && !this.#hasBegun) this.#sendSize();
    });
  }
  take(bytes: Buffer): void {
    if (this.#isOver) return;
    const message = decodeAgentMessage(bytes);
    if (typeof message === 'string') {
      this.#fail('UNEXPECTED_ANSWER', `the session sent a message that cannot be read: ${message}`);
      return;
    }
    this.#hasHeard = true;
    if (message.type === 'output_stream_data') this.#takeOutput(message);
    else if (message.type === 'acknowledge') this.#takeAcknowledgement(message);
    else if (message.type === 'channel_closed') this.#takeClosed(message);
    // Others (start_publication, pause_publication) are for who publishes more than we do.
  }
  /** Ends what runs there: as ^C on its terminal, then the session. */
  interrupt(): void {
    if (this.#isOver) return;
    this.#sendInput(PAYLOAD.output, Buffer.from(INTERRUPT));
    const flag = Buffer.alloc(4);
    flag.writeUInt32BE(FLAG_TERMINATE);
    this.#sendInput(PAYLOAD.flag, flag);
    this.stop();
  }
  stop(): void {
    this.#isOver = true;
    this.#cancelResend?.();
    this.#cancelNudge?.();
    this.#unacknowledged.clear();
  }

  #takeOutput(message: AgentMessage): void {
    const { sequence, payload } = message;
    if (message.payloadType === PAYLOAD.output && !this.#options.hasRoom()) return;
    if (!this.#output.canTake(sequence, payload.length)) return;
    // Before it is acted on: the answer to a handshake follows its acknowledgement.
    this.#acknowledge(message);
    this.#output.take(sequence, message, payload.length);
  }
  #acknowledge({ type, id, sequence }: AgentMessage): void {
    const payload = Buffer.from(
      JSON.stringify({
        AcknowledgedMessageType: type,
        AcknowledgedMessageId: id,
        AcknowledgedMessageSequenceNumber: sequence,
        IsSequentialMessage: true,
      }),
    );
    this.#options.send(
      encodeAgentMessage({
        type: 'acknowledge',
        sequence: 0,
        flags: SINGLE,
        at: this.#options.clock.now(),
        payloadType: 0,
        payload,
      }),
    );
  }
  #act({ payloadType, payload }: AgentMessage): void {
    if (this.#isOver) return;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    switch (payloadType) {
      case PAYLOAD.output:
      case PAYLOAD.stderr:
        if (isFirst) this.#sendSize();
        this.#options.onOutput(payload);
        return;
      case PAYLOAD.exitCode:
        this.#exitCode = readExitCode(payload.toString('latin1'));
        return;
      case PAYLOAD.handshakeRequest:
        this.#answerHandshake(payload);
        return;
      case PAYLOAD.handshakeComplete:
        this.#sendSize();
        return;
      default:
    }
  }
  #answerHandshake(request: Buffer): void {
    const answer = answerHandshake(request);
    if (answer === undefined) {
      this.#fail('UNEXPECTED_ANSWER', 'the session began with a request that cannot be read');
      return;
    }
    this.#sendInput(PAYLOAD.handshakeResponse, answer.payload);
    if (!answer.isEncrypted) return;
    this.#fail(
      'NO_TOOL',
      'the cluster encrypts its exec sessions with a key of KMS, which l9s cannot use',
      KMS_HINT,
    );
  }
  #sendSize(): void {
    this.#sendInput(PAYLOAD.size, Buffer.from(JSON.stringify(SIZE)));
  }
  #sendInput(payloadType: number, payload: Buffer): void {
    const sequence = this.#sequence++;
    const message = encodeAgentMessage({
      type: 'input_stream_data',
      sequence,
      flags: sequence === 0 ? 1 : 0,
      at: this.#options.clock.now(),
      payloadType,
      payload,
    });
    this.#unacknowledged.set(sequence, message);
    this.#options.send(message);
    this.#cancelResend ??= this.#resendLater();
  }
  #resendLater(): () => void {
    return this.#options.clock.after(RESEND_MS, () => {
      this.#cancelResend = undefined;
      if (this.#isOver) return;
      const [oldest] = this.#unacknowledged.values();
      if (oldest === undefined) return;
      this.#options.send(oldest);
      this.#cancelResend = this.#resendLater();
    });
  }
  #takeAcknowledgement({ payload }: AgentMessage): void {
    const sequence = parseObject(payload.toString('utf8'))?.['AcknowledgedMessageSequenceNumber'];
    if (typeof sequence === 'number') this.#unacknowledged.delete(sequence);
  }
  #takeClosed({ payload }: AgentMessage): void {
    const output = parseObject(payload.toString('utf8'))?.['Output'];
    const words = typeof output === 'string' ? cleanLine(maskWords(oneLine(output)), MAX_WORDS) : '';
    this.stop();
    this.#options.onClosed({ isWhole: this.#output.waiting === 0, words, exitCode: this.#exitCode });
  }
  #fail(code: ErrorCode, words: string, hint?: string): void {
    this.stop();
    const { what, onFailure } = this.#options;
    onFailure(appError(code, `${what}: ${words}`, { hint }));
  }
}

/** The agent writes its errors over several lines. */
const oneLine = (text: string): string =>
  text
    .slice(0, 4 * MAX_WORDS)
    .trim()
    .replace(/\s*\n\s*/g, ' ');

function readExitCode(text: string): number | undefined {
  const found = /(\d{1,3})\s*$/.exec(text);
  return found === null ? undefined : Number(found[1]);
}
