import type { Clock } from '../../../core/clock.ts';
import type { ExecResult, StreamEnd } from '../../../domain/remote.ts';
import type { Text } from '../../../domain/text.ts';

export interface RunLimits {
  readonly timeoutMs: number;
  /** Of stdout and stderr together. */
  readonly maxBytes: number;
}

/**
 * Runs tools in the container of one server, each an argv of `domain/exec-template.ts`, without a shell between.
 * Whoever speaks through a terminal (ECS exec) takes `\r` out of the line ends and, as no exit code reaches it, tells
 * one by what the tool said: 1 with its words in `stderr` for a refusal (`cat: /x: No such file or directory`),
 * `notStarted` for a tool that is not there, 0 where the channel was closed in order.
 */
export interface ContainerRunner {
  /** The container, for messages: `shop/was-1 (lena-was)`. */
  readonly name: string;
  /** Output comes byte by byte as the tool wrote it; false over a terminal: then no heap dump is fetched. */
  readonly isExact: boolean;
  /** With whom, e.g. `pod exec in shop/was-1 (lena-was)`. */
  describe(): string;
  /** Rejects with an AppError where it cannot begin, or with the signal's reason. */
  run(argv: readonly string[], limits: RunLimits, signal: AbortSignal): Promise<ExecResult>;
  /**
   * Hands over stdout as it comes and waits for each promise before it reads on. Rejects as `run` does, and with what
   * `onBytes` rejected with.
   */
  stream(
    argv: readonly string[],
    onBytes: (bytes: Uint8Array) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<StreamEnd>;
}

/** What a container writes to its output, where the dump of a SIGQUIT goes. */
export interface ContainerLog {
  /** The end of the log now, for {@link follow} to begin behind it. Rejects with an AppError. */
  mark(signal: AbortSignal): Promise<LogMark>;
  /** Hands over each line behind the mark until the signal aborts or the log ends. Rejects with an AppError. */
  follow(mark: LogMark, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
}
export interface LogMark {
  /** By our clock, epoch ms. */
  readonly at: number;
  /** The last line with the stamp of its machine in front; absent where the log is empty. */
  readonly line?: string | undefined;
}

export interface ContainerDumpsOptions {
  readonly runner: ContainerRunner;
  readonly clock: Clock;
  /** As a service dump names it. */
  readonly serverName: string;
  /** Or why nobody can follow it from here. */
  readonly log: ContainerLog | { readonly missing: Text };
  /** What the container may call itself, of the folders LENA keeps its dumps in. */
  readonly hostNames: readonly string[];
  /** `LENA_DUMP_OUTPUT_DIR`, where it is set. */
  readonly outputFolder?: string | undefined;
}
