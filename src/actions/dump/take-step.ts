import type { AppError } from '../../core/app-error.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { DUMP_TITLES, type Dump } from '../../domain/dump.ts';
import type { Facts, PlanTarget, TakeProgress, TakeRequest, TakeStep } from '../../domain/plan.ts';
import { inLanguage, joinWords, text } from '../../domain/text.ts';
import { createAuditId } from '../audit/audit-id.ts';
import { holding } from './busy.ts';
import { isCut, keptWords, takeFailure } from './take-failure.ts';
import { type FileOrder, resultWords, takeFile } from './take-file.ts';

const NEWS_MS = 1_000;
/** Keeping, and reading what is in it. */
const AFTER_MS = 60_000;

export interface Interval {
  readonly count: number;
  /** From one beginning to the next. */
  readonly everyMs: number;
}

export interface DumpStepOptions {
  readonly request: TakeRequest;
  readonly order: FileOrder;
  /** Longest for one. */
  readonly timeoutMs: number;
  /** @default one */
  readonly series?: Interval | undefined;
  /** One of these at a time for a server. @default the kind of dump */
  readonly what?: string | undefined;
}

/** A plan's step that takes one dump, or several at an interval. */
export function dumpStep({ request, order, timeoutMs, series, what }: DumpStepOptions): TakeStep {
  const { count, everyMs } = series ?? { count: 1, everyMs: 0 };
  const { ref, name } = order.target.server;
  const kept: Dump[] = [];
  const hold = { server: ref, name, what: what ?? DUMP_TITLES[order.kind].en };
  return {
    type: 'take',
    request,
    timeoutMs: count * (timeoutMs + AFTER_MS) + (count - 1) * everyMs,
    run: (report, signal, { reason }) =>
      holding(order.dumps, hold, async () => {
        const beganAt = order.clock.now();
        const id = createAuditId(beganAt);
        const isNews = newsFilter(order.clock);
        for (let number = 1; number <= count; number++) {
          const pauseMs = beganAt + (number - 1) * everyMs - order.clock.now();
          if (pauseMs > 0) await sleep(order.clock, pauseMs, signal);
          if (signal.aborted) {
            if (count > 1) report({ detail: keptWords(kept.length, count) });
            throw signal.reason;
          }
          const tell = (detail: TakeProgress['detail'], isRare = true) => {
            if (!isRare && !isNews(detail)) return;
            report({
              detail: count === 1 ? detail : joinWords([`${number} / ${count}`, detail], ': '),
              taken: kept.map((dump) => dump.ref),
            });
          };
          const takeOne = () =>
            takeFile(order, {
              report: (detail) => tell(detail, false),
              signal,
              reason,
              ...(series === undefined ? {} : { series: { id, number, count } }),
            });
          try {
            tell(undefined);
            if (number > 1) await order.untilConnected?.(signal);
            const dump = await takeOne().catch(async (thrown: unknown) => {
              if (count === 1 || signal.aborted || !isCut(thrown)) throw thrown;
              // Nothing of it was kept: once more, when the server has dialled in again.
              tell(
                text(
                  'the connection was cut; waiting for it to dial in again',
                  '연결이 끊겨 다시 연결되기를 기다림',
                ),
              );
              await order.untilConnected?.(signal);
              return await takeOne();
            });
            kept.push(dump);
            tell(resultWords(dump));
          } catch (thrown) {
            if (count > 1) report({ detail: keptWords(kept.length, count) });
            if (signal.aborted) throw thrown;
            throw takeFailure(thrown, order, { kept: kept.length, count });
          }
        }
      }),
    result: () => resultOf(kept),
  };
}

/** Figures that run are told once a second; what says something else at once. */
function newsFilter({ now }: Clock): (detail: TakeProgress['detail']) => boolean {
  let form: string | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (detail) => {
    const next = detail === undefined ? '' : inLanguage(detail, 'en').replace(/\d+(?:\.\d+)?/g, '#');
    if (next === form && now() - toldAt < NEWS_MS) return false;
    form = next;
    toldAt = now();
    return true;
  };
}

const resultOf = (kept: readonly Dump[]): Facts =>
  Object.fromEntries(
    kept.map(({ ref, sizeBytes, sha256, how }, at) => [
      kept.length === 1 ? 'dump' : `dump ${at + 1}`,
      `${ref.id}, ${sizeBytes} bytes, sha256 ${sha256 ?? 'not known'}, by ${how}`,
    ]),
  );

/** What the audit records of a target: names, sizes and hashes of what was taken. */
export const afterDump = async ({ steps }: PlanTarget): Promise<Facts> =>
  Object.assign({}, ...steps.map((step) => (step.type === 'take' ? step.result() : {})));

/** A step for a server no way leads to, among others: the job says so, and the others are taken. */
export const failingStep = (request: TakeRequest, error: AppError): TakeStep => ({
  type: 'take',
  request,
  timeoutMs: 1_000,
  run: () => Promise.reject(error),
  result: () => ({}),
});

/** What a step asks for, in words. */
export function takeTitle(kind: FileOrder['kind'], name: string, series?: Interval): TakeRequest['title'] {
  const { en, ko } = DUMP_TITLES[kind];
  if (series === undefined) return text(`take a ${en} of ${name}`, `${name} ${ko} 받기`);
  const { count, everyMs } = series;
  const seconds = everyMs / 1_000;
  return text(
    `take ${count} ${en}s of ${name}, one every ${seconds} s`,
    `${name} ${ko} ${count}개 받기, ${seconds}초마다`,
  );
}
