import type { Heartbeat, JvmSample, SessionStoreUse, WebUse } from './jvm-sample.ts';
import type { Ref } from './ref.ts';
import type { SourceFailure } from './source-status.ts';

/** An application server that keeps its sessions in a session server, as that one's console names it. */
export interface SessionClient {
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly serverName?: string | undefined;
  readonly pid?: string | undefined;
  readonly hostName?: string | undefined;
  readonly jvmName?: string | undefined;
}

/** What a session server's console or a web server's status page says of itself, asked in its own container. */
export interface OwnWord {
  readonly way: 'console.sh' | 'cmx-status';
  /** Of the newest answer; absent until there was one. */
  readonly at?: number | undefined;
  readonly sessionStore?: SessionStoreUse | undefined;
  readonly web?: WebUse | undefined;
  /** Every counter under its own name. */
  readonly counters?: Readonly<Record<string, number>> | undefined;
  /** Who uses it; absent where that was not asked or not told. */
  readonly clients?: readonly SessionClient[] | undefined;
  readonly startedAt?: number | undefined;
  /** Why there is no newer answer. */
  readonly failure?: SourceFailure | undefined;
}

/**
 * What is read of a JVM from outside, by commands in its container: exactly one server's, so it joins by its ref. A
 * reading is advice as datagrams are.
 */
export interface ProbeReading {
  /** Context and id of the instance it is about. */
  readonly ref: Ref<'probe'>;
  /** `hsperfdata`, or `jstat` where that file is absent. */
  readonly way?: 'hsperfdata' | 'jstat' | undefined;
  /** Of the JVM that is read, as its container counts. */
  readonly pid?: number | undefined;
  /** How often another JVM (a new pid or a new start) was found in its place while it was read. */
  readonly restarts?: number | undefined;
  /** Newest reading; it stays while reading fails. */
  readonly jvm?: JvmSample | undefined;
  readonly heartbeat: Heartbeat;
  /** What the server says of itself beside its JVM; its figures are in `jvm` too. */
  readonly own?: OwnWord | undefined;
  /** Java processes of the container beside the one read, by what they run. */
  readonly others?: readonly string[] | undefined;
  /** Why there is no newer one. */
  readonly failure?: SourceFailure | undefined;
}
