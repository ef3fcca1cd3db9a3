import type { Heartbeat, JvmSample } from './jvm-sample.ts';
import type { Ref } from './ref.ts';
import type { SourceFailure } from './source-status.ts';

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
  /** Java processes of the container beside the one read, by what they run. */
  readonly others?: readonly string[] | undefined;
  /** Why there is no newer one. */
  readonly failure?: SourceFailure | undefined;
}
