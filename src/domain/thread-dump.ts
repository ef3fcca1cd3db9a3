export const THREAD_STATES = [
  'NEW',
  'RUNNABLE',
  'BLOCKED',
  'WAITING',
  'TIMED_WAITING',
  'TERMINATED',
] as const;
export type ThreadState = (typeof THREAD_STATES)[number];

/** A monitor or a synchronizer of java.util.concurrent. */
export interface DumpLock {
  /** As the dump names it: an address (`0x00000000e0a1b2c3`) or, without one, the class and its hash. */
  readonly id: string;
  readonly className?: string | undefined;
}
export interface LockWait extends DumpLock {
  /** `entry`: to lock a monitor; `wait`: in Object.wait; `park`: for a synchronizer. */
  readonly kind: 'entry' | 'wait' | 'park';
  /** Name of the owner where the dump says it itself. */
  readonly ownerName?: string | undefined;
}

/** A stack shared by all threads that stand the same; equal stacks are one object. */
export interface DumpStack {
  /** `com.shop.Cart.add(Cart.java:42)`, topmost first, without lock lines. */
  readonly frames: readonly string[];
  /** Stack lines as they stand in the dump with their lock lines, without addresses of objects. */
  readonly lines: readonly string[];
}

/** One thread of a dump. */
export interface DumpThread {
  readonly name: string;
  /** `#12` of the header, or LENA's Id. */
  readonly id?: number | undefined;
  /** Native id, as written. */
  readonly nid?: string | undefined;
  readonly isDaemon?: boolean | undefined;
  readonly isVirtual?: boolean | undefined;
  readonly priority?: number | undefined;
  /** Of the JVM's own threads without Java state (GC, compiler): `undefined`. */
  readonly state?: ThreadState | undefined;
  /** Words of the header, e.g. `waiting on condition`. */
  readonly detail?: string | undefined;
  readonly cpuMs?: number | undefined;
  readonly elapsedMs?: number | undefined;
  readonly stack: DumpStack;
  readonly waitsFor?: LockWait | undefined;
  /** Objects its stack's lock lines name, in their order; `undefined` for one that names none. */
  readonly lockIds?: readonly (string | undefined)[] | undefined;
  /** Monitors it locked and synchronizers it owns. */
  readonly holds: readonly DumpLock[];
  /** The service it works on, where the dump says so (LENA). */
  readonly service?: string | undefined;
}

/** What could not be read, counted by its kind. */
export interface DumpProblem {
  /** `truncated`, `unread-header`, `unread-line`, `thread-cut`, `too-many-threads` … */
  readonly code: string;
  readonly count: number;
  /** Line of the first, from 1, in its file. */
  readonly line: number;
  /** The first, cleaned, at most 200 characters. */
  readonly sample: string;
}

/** One thread dump; a file may hold several. */
export interface ThreadDump {
  /** Epoch ms by its own time line, which has no zone: read as UTC. */
  readonly saidAt?: number | undefined;
  /** `Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):` without the colon. */
  readonly title?: string | undefined;
  readonly form: 'hotspot' | 'lena';
  readonly threads: readonly DumpThread[];
  /** Names in each Java-level deadlock the JVM itself found. */
  readonly deadlocks: readonly (readonly string[])[];
  /** It ends in the middle. */
  readonly isTruncated: boolean;
  readonly problems: readonly DumpProblem[];
}

/** One line of a class histogram. */
export interface ClassCount {
  /** As Java writes it: `byte[]`, `java.lang.String`. */
  readonly className: string;
  readonly instances: number;
  readonly bytes: number;
}
export interface ClassHistogram {
  readonly classes: readonly ClassCount[];
  readonly totalInstances?: number | undefined;
  readonly totalBytes?: number | undefined;
  readonly isTruncated: boolean;
  readonly problems: readonly DumpProblem[];
}
