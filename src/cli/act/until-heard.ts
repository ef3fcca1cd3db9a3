import { AppError } from '../../core/app-error.ts';
import { sleep, systemClock } from '../../core/clock.ts';
import { cleanText } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { ContextView } from '../../domain/source-status.ts';
import { text } from '../../domain/text.ts';
import type { CommandEnvironment } from '../environment.ts';
import type { Settled } from '../observe.ts';

const POLL_MS = 100;
/** A round of senders: each speaks every two seconds. */
const ROUND_MS = 3_000;

export interface HeardCall<T> {
  readonly observed: Settled;
  readonly env: CommandEnvironment;
  /** As written: `[context:][namespace/]name`, or patterns. */
  readonly written: readonly string[];
  /** Throws TARGET_UNKNOWN where one of them is not known. */
  readonly find: () => T;
  /** How many there are of what was found by patterns; grows while more are heard. @default not waited for more */
  readonly countOf?: ((found: T) => number | undefined) | undefined;
}

/**
 * What is named, as soon as it is known. A name nobody knows is listened for until the settling time is over, where
 * this process receives datagrams: whoever sends them is known only once it has spoken. Throws what `find` throws, or
 * TARGET_UNSEEN where nothing at all was heard.
 */
export async function untilHeard<T>(call: HeardCall<T>): Promise<T> {
  const { observed, env, find } = call;
  const look = (): { readonly found: T } | { readonly unknown: AppError } => {
    observed.runtime.flush();
    try {
      return { found: find() };
    } catch (error) {
      if (error instanceof AppError && error.code === 'TARGET_UNKNOWN') return { unknown: error };
      throw error;
    }
  };
  let isTold = false;
  for (;;) {
    const looked = look();
    if ('found' in looked) return await untilAllHeard(looked.found, call);
    const ears = listeningTo(call);
    if (ears.length === 0) throw looked.unknown;
    if (systemClock.now() >= observed.settlesUntil) throw neverHeard(looked.unknown, ears);
    if (!isTold) env.output.warn(cleanText(`l9s: ${waitsWords(looked.unknown, ears, observed)}`));
    isTold = true;
    await sleep(systemClock, POLL_MS, env.signal);
    env.signal.throwIfAborted();
  }
}

/** Patterns mean all that send: nobody new for a round, and they are all there. */
async function untilAllHeard<T>(
  first: T,
  { observed, env, find, countOf, written }: HeardCall<T>,
): Promise<T> {
  let found = first;
  let count = countOf?.(found);
  if (count === undefined || listeningTo({ observed, written }).length === 0) return found;
  let newAt = systemClock.now();
  while (systemClock.now() < Math.min(newAt + ROUND_MS, observed.settlesUntil)) {
    await sleep(systemClock, POLL_MS, env.signal);
    env.signal.throwIfAborted();
    observed.runtime.flush();
    found = find();
    const now = countOf?.(found);
    if (now !== count) newAt = systemClock.now();
    count = now;
  }
  return found;
}

/** Receivers that may yet hear one of the names; whoever reads along was told at once what was heard before. */
function listeningTo({
  observed,
  written,
}: Pick<HeardCall<unknown>, 'observed' | 'written'>): readonly ContextView[] {
  const contexts = observed.contexts();
  const mayMean = ({ name }: ContextView) =>
    written.some((one) => {
      const context = one.slice(0, Math.max(0, one.indexOf(':')));
      return context === name || !contexts.some((known) => known.name === context);
    });
  return contexts.filter((context) => context.kind === 'udp' && isListening(context) && mayMean(context));
}

const heardBy = ({ facts }: ContextView): number => facts.counts?.['senders'] ?? 0;
const isListening = (context: ContextView): boolean =>
  (context.status.state === 'live' || context.status.state === 'connecting') &&
  !(context.facts.isReadAlong === true && heardBy(context) > 0);

const namesOf = (ears: readonly ContextView[]): string =>
  ears.map(({ name, facts }) => facts.target ?? name).join(', ');

function waitsWords({ message }: AppError, ears: readonly ContextView[], observed: Settled): string {
  const seconds = Math.max(1, Math.ceil((observed.settlesUntil - systemClock.now()) / 1_000));
  const where = namesOf(ears);
  return text(
    `${message}; listening on ${where} for ${seconds} s more (--settle)`,
    `${message}; ${where}에서 ${seconds}초 더 수신 대기(--settle)`,
  )[observed.settings.language];
}

/** That nothing was heard says nothing about the name. */
function neverHeard(unknown: AppError, ears: readonly ContextView[]): AppError {
  if (ears.some((context) => heardBy(context) > 0)) return unknown;
  return appError(
    'TARGET_UNSEEN',
    `${unknown.message} among what answered; ${namesOf(ears)} heard nothing yet`,
    {
      cause: unknown,
      hint: 'Does it send here (`l9s doctor --server NAME --listen ADDRESS`)? Wait longer with --settle 30s; nothing was done.',
    },
  );
}
