import type { DumpStack, DumpThread } from '../../domain/thread-dump.ts';
import { methodOf } from './frame.ts';
import {
  type Doing,
  isKeptOpenFrame,
  isObjectPoolFrame,
  isRequestFrame,
  type Matter,
  matterOf,
  signOf,
} from './frame-signs.ts';
import { isLibraryCode, isPlatformCode } from './library-packages.ts';

/** What one stack says, whoever stands in it. */
export interface StackReading {
  /** Equal for equal stacks, of whatever dump; in order of appearance. */
  readonly id: number;
  readonly stack: DumpStack;
  /** Method of the topmost frame; `undefined` where there is no stack. */
  readonly top: string | undefined;
  /** Where that is, for a reader: the application's method, else a library's, else the topmost. */
  readonly place: string;
  /** Topmost method of the application, and its frame as written. */
  readonly application: string | undefined;
  readonly applicationFrame: string | undefined;
  /** As far as frames tell it. */
  readonly sign: Doing | undefined;
  readonly isRequest: boolean;
  readonly isKeptOpen: boolean;
  readonly matter: Matter | undefined;
}

/** Deeper frames than these say nothing about what a thread does now. */
const LOOKED_AT = 400;
const CLASS_INITIALISATION = /class initiali[sz]ation monitor/i;

/** Reads every stack once, over all dumps of an analysis. */
export class StackReader {
  readonly #readings = new Map<DumpStack, StackReading>();
  readonly #known = new Map<string, StackReading>();

  read(stack: DumpStack): StackReading {
    const known = this.#readings.get(stack);
    if (known !== undefined) return known;
    // Frames are the same although object numbers in lock lines differ; two files hold equal stacks as two objects.
    const key = stack.frames.join('\n');
    const same = this.#known.get(key);
    const reading = same ?? readStack(stack, this.#known.size);
    this.#known.set(key, reading);
    this.#readings.set(stack, reading);
    return reading;
  }
}

function readStack(stack: DumpStack, id: number): StackReading {
  const methods = stack.frames.slice(0, LOOKED_AT).map(methodOf);
  const applicationAt = methods.findIndex((method) => !isLibraryCode(method));
  const application = applicationAt < 0 ? undefined : methods[applicationAt];
  // What stands below the application's code called it: it says nothing about what the application waits for.
  const above = applicationAt < 0 ? methods : methods.slice(0, applicationAt);
  const isRequest = methods.some(isRequestFrame);
  return {
    id,
    stack,
    top: methods[0],
    place: application ?? methods.find((method) => !isPlatformCode(method)) ?? methods[0] ?? '',
    application,
    applicationFrame: applicationAt < 0 ? undefined : stack.frames[applicationAt],
    sign: signIn(above),
    isRequest,
    isKeptOpen: !isRequest && methods.some(isKeptOpenFrame),
    matter: stack.lines.slice(0, 12).some((line) => CLASS_INITIALISATION.test(line))
      ? 'class-init'
      : matterIn(above),
  };
}

/** Who takes from a queue for its pool is idle: the pool's frame stands below the queue's. */
function signIn(methods: readonly string[]): Doing | undefined {
  const sign = firstOf(methods, signOf);
  const isIdle = sign === 'queue' && methods.some((method) => signOf(method) === 'idle');
  return isIdle ? 'idle' : sign;
}

function matterIn(methods: readonly string[]): Matter | undefined {
  return firstOf(methods, matterOf) ?? (methods.some(isObjectPoolFrame) ? 'object-pool' : undefined);
}

function firstOf<Found>(
  methods: readonly string[],
  find: (method: string) => Found | undefined,
): Found | undefined {
  for (const method of methods) {
    const found = find(method);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a thread does: its stack's sign, or what its state and its lock say. */
export function doingOf(thread: DumpThread, reading: StackReading): Doing {
  const { state, waitsFor } = thread;
  if (state === undefined || state === 'NEW' || state === 'TERMINATED') return 'none';
  if (reading.top === undefined) return state === 'BLOCKED' ? 'lock' : 'none';
  if (reading.isKeptOpen) return 'idle';
  if (state === 'BLOCKED' || waitsFor?.kind === 'entry') return 'lock';
  const { sign } = reading;
  if (sign === 'queue') return reading.isRequest || isPool(reading.matter) ? 'await' : 'queue';
  if (sign === 'select' && reading.isRequest) return 'read';
  if (sign !== undefined) return isBackground(sign, reading) ? 'idle' : sign;
  if (state === 'RUNNABLE') return 'run';
  if (waitsFor?.kind === 'park' && isOwnable(waitsFor.className)) return 'lock';
  if (waitsFor?.ownerName !== undefined && waitsFor.kind === 'park') return 'lock';
  return isBackground('await', reading) ? 'idle' : 'await';
}

/** A library's own thread that sleeps or waits for a signal waits for its next turn. */
const isBackground = (doing: Doing, { application, isRequest, matter }: StackReading): boolean =>
  (doing === 'sleep' || doing === 'await') &&
  application === undefined &&
  !isRequest &&
  (matter === undefined || matter === 'database' || matter === 'remote-call');

/** What is waited for is handed out by a pool. */
const isPool = (matter: Matter | undefined): boolean =>
  matter === 'db-pool' || matter === 'http-pool' || matter === 'object-pool';

const OWNABLE = /^java\.util\.concurrent\.locks\.Reentrant(ReadWrite)?Lock\$/;
/** A synchronizer that one thread owns; conditions, latches and semaphores have no owner. */
export const isOwnable = (className: string | undefined): boolean =>
  className !== undefined && OWNABLE.test(className);

/** Works, or is held up in its work; waiting for work is not work. */
export const isBusy = (doing: Doing): boolean =>
  doing !== 'idle' && doing !== 'queue' && doing !== 'accept' && doing !== 'select' && doing !== 'none';
/** In the operating system, although the JVM calls it RUNNABLE. */
export const isNative = (doing: Doing): boolean =>
  doing === 'accept' ||
  doing === 'select' ||
  doing === 'read' ||
  doing === 'write' ||
  doing === 'connect' ||
  doing === 'resolve' ||
  doing === 'file' ||
  doing === 'process';
