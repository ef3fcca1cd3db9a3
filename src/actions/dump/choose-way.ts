import { type Clock, sleep } from '../../core/clock.ts';
import { DUMP_TITLES, DUMP_WAY_TITLES } from '../../domain/dump.ts';
import {
  type DumpAsk,
  type DumpOffer,
  type DumpTarget,
  type DumpWay,
  isOffer,
  type NoOffer,
} from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { joinWords, type Text, text } from '../../domain/text.ts';
import { createLimit, orAborted } from '../executor/concurrency.ts';
import { failureOf } from '../executor/failure.ts';

/** Longest for one way to say what it would do. */
const OFFER_TIMEOUT_MS = 10_000;
/** What the other ways get once the one that is taken is known: they are told of, nothing more. */
const OTHERS_MS = 1_000;

/** Whichever is the best that offers. */
export const ANY_WAY = 'auto';

const AGAIN = text('ask again', '다시 시도');

/** What one way answered. */
export interface WayAnswer {
  readonly way: DumpWay;
  readonly answer: DumpOffer | NoOffer;
}
/** The way that is taken, and what the others said. */
export interface ChosenWay {
  readonly way: DumpWay;
  readonly offer: DumpOffer;
  readonly others: readonly WayAnswer[];
}
export interface WayQuestion {
  readonly ways: readonly DumpWay[];
  readonly target: DumpTarget;
  readonly ask: DumpAsk;
  /** Id of the only way wanted; absent or `auto` takes the best. */
  readonly wanted?: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks all ways at once; a slow one keeps nobody from a better one. Rejects with the signal's reason only. */
export async function askWays(question: WayQuestion): Promise<readonly WayAnswer[]> {
  const { ways, clock, signal } = question;
  const known = new Map<DumpWay, DumpOffer | NoOffer>();
  const asked = ways.map(async (way) => {
    const answer = await askOne(way, question);
    known.set(way, answer);
    return answer;
  });
  const decided = async () => {
    for (const [at, answer] of asked.entries()) {
      const { wanted = ANY_WAY } = question;
      const isMeant = wanted === ANY_WAY || ways[at]?.id === wanted;
      if (isMeant && isOffer(await answer)) return;
    }
    await Promise.all(asked);
  };
  await decided();
  await Promise.race([Promise.all(asked), sleep(clock, OTHERS_MS, signal)]);
  signal.throwIfAborted();
  return ways.map((way) => ({
    way,
    answer: known.get(way) ?? {
      way: way.id,
      why: text('it has not answered yet', '아직 응답이 없음'),
      next: AGAIN,
    },
  }));
}

async function askOne(
  way: DumpWay,
  { target, ask, clock, signal }: WayQuestion,
): Promise<DumpOffer | NoOffer> {
  const limit = createLimit(signal, OFFER_TIMEOUT_MS, clock);
  try {
    return await orAborted(way.offer(target, ask, limit.signal), limit.signal);
  } catch (thrown) {
    const seconds = OFFER_TIMEOUT_MS / 1_000;
    if (limit.isOver()) {
      return {
        way: way.id,
        why: text(`no answer in ${seconds} s`, `${seconds}초 안에 응답이 없음`),
        next: AGAIN,
      };
    }
    const { message, hint } = failureOf(thrown);
    return { way: way.id, why: text(message, message), next: text(hint, hint) };
  } finally {
    limit.clear();
  }
}

/** The best way that offers, or the one asked for. Throws NO_WAY_TO_DUMP with what each said, or INPUT_INVALID. */
export function chooseWay(question: WayQuestion, answers: readonly WayAnswer[]): ChosenWay {
  const { wanted = ANY_WAY, target, ask } = question;
  const meant = wanted === ANY_WAY ? answers : answers.filter(({ way }) => way.id === wanted);
  const what = `${DUMP_TITLES[ask.kind].en} of ${target.server.name}`;
  if (meant.length === 0) {
    const known = [ANY_WAY, ...answers.map(({ way }) => way.id)].join(', ');
    throw appError('INPUT_INVALID', `${what}: "${wanted}" is none of ${known}`);
  }
  for (const { way, answer } of meant) {
    if (!isOffer(answer)) continue;
    return { way, offer: answer, others: answers.filter((other) => other.way !== way) };
  }
  const said = meant.flatMap(({ answer }) => (isOffer(answer) ? [] : refusalText(answer).en));
  throw appError(
    'NO_WAY_TO_DUMP',
    `${what}: no way leads there:\n${said.map((one) => `· ${one}`).join('\n')}`,
  );
}

/** `pod exec: no right to create pods/exec (ask for it)`. */
function refusalText({ way, why, next }: NoOffer): Text {
  const { en, ko } = DUMP_WAY_TITLES[way];
  const open = (words: Text | undefined, language: keyof Text) =>
    words === undefined ? '' : ` (${words[language]})`;
  return text(`${en}: ${why.en}${open(next, 'en')}`, `${ko}: ${why.ko}${open(next, 'ko')}`);
}

/** What to know of the way that is taken. */
export function wayWarnings({ offer }: ChosenWay): readonly PlanWarning[] {
  const { missing, notes = [], isAuthenticated, through } = offer;
  const lacks = joinWords(missing, '; ');
  return [
    ...notes.map((note) => info('dump-note', note)),
    ...(missing.length === 0
      ? []
      : [info('dump-lacks', text(`It will lack: ${lacks.en}`, `빠지는 것: ${lacks.ko}`))]),
    ...(isAuthenticated
      ? []
      : [
          info(
            'unauthenticated',
            text(
              `${through} proves nothing of who it is; the file will say so`,
              `${through}: 신원이 확인되지 않음; 파일에 기록됨`,
            ),
          ),
        ]),
  ];
}

/** The ways that are not taken: those that could, too, and what would open the others that something can open. */
export const otherWays = ({ others }: ChosenWay): readonly PlanWarning[] =>
  others.flatMap(({ way, answer }): readonly PlanWarning[] => {
    if (isOffer(answer)) {
      const { en, ko } = DUMP_WAY_TITLES[way.id];
      const { through } = answer;
      return [info('other-way', text(`${en} could, too: ${through}`, `${ko}도 가능: ${through}`))];
    }
    if (answer.next === undefined) return [];
    const refused = refusalText(answer);
    return [info('other-way', text(`Not by ${refused.en}`, `사용 불가: ${refused.ko}`))];
  });

const info = (code: string, words: Text): PlanWarning => ({ level: 'info', code, text: words });
