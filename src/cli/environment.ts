import type { Output } from './output.ts';

/** What a command may use of the machine; handed in by the bin. */
export interface CommandEnvironment {
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** File of the simulated fleet's program. */
  readonly fleetProgram: string;
  /** File of the program that receives datagrams on a thread of its own. @default received on the main thread */
  readonly receiverProgram?: string | undefined;
  /** File of the program that analyses dumps on a thread of its own. @default they are not analysed */
  readonly analysisProgram?: string | undefined;
  /** Aborted by SIGINT, SIGTERM, SIGHUP, or when the reader of stdout is gone. */
  readonly signal: AbortSignal;
  /**
   * Lets a command answer a SIGTERM itself: `ask` tells whether it did, and is called once; the next one ends the
   * program. The answer takes it back.
   */
  readonly onTerminate: (ask: () => boolean) => () => void;
  readonly version: string;
  /** Columns of the terminal, where there is one. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}
