import type { Heartbeat, JvmSample } from './jvm-sample.ts';
import type { Ref } from './ref.ts';
import type { ServerType } from './server-type.ts';

/** Somebody who sends datagrams to us; its content is advice and is never read by anything that acts. */
export interface Sender {
  /** Context is the receiver's name, `udp`. */
  readonly ref: Ref<'sender'>;
  /** Codec that read its last datagram; `heartbeat` where none could. */
  readonly codec: 'lena' | 'l9s' | 'statsd' | 'collectd' | 'heartbeat';
  /** Row name where nobody claims it, e.g. `vm/tomcat1`. */
  readonly name: string;
  readonly hostName?: string | undefined;
  readonly serverName?: string | undefined;
  /** Where its datagrams come from. */
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** What it says its address is. */
  readonly reportedAddress?: string | undefined;
  readonly serverType?: ServerType | undefined;
  readonly serviceCluster?: string | undefined;
  readonly revision?: string | undefined;
  readonly version?: string | undefined;
  /** STARTED, STOPPING … as sent. */
  readonly appStatus?: string | undefined;
  /** When it said goodbye (`bye`, or LENA's STOPPING), epoch ms. */
  readonly byeAt?: number | undefined;
  readonly restarts: number;
  readonly jvm?: JvmSample | undefined;
  readonly heartbeat: Heartbeat;
  /** Everything sent that has no field of its own, by name as it came. */
  readonly counters: Readonly<Record<string, string | number | boolean | readonly number[]>>;
}
