import { sleep } from '../../core/clock.ts';
import { isOffer } from '../../domain/dump-way.ts';
import { text } from '../../domain/text.ts';
import type { DialInPatience } from '../tools.ts';
import { ANY_WAY, askWays, type WayAnswer, type WayQuestion } from './choose-way.ts';

const ASK_AGAIN_MS = 250;

/**
 * Asks the ways; while none that is wanted leads there, those of a server that may dial in yet are asked again until the
 * patience is over. Rejects with the signal's reason only.
 */
export async function askPatiently(
  question: WayQuestion,
  patience: DialInPatience | undefined,
): Promise<readonly WayAnswer[]> {
  let answers = await askWays(question);
  if (patience === undefined) return answers;
  const { clock, signal, target, wanted = ANY_WAY } = question;
  const isMeant = ({ way }: WayAnswer) => wanted === ANY_WAY || way.id === wanted;
  const awaited = () => answers.filter((one) => isMeant(one) && mayDialIn(one));
  const isClosed = () => !answers.some((one) => isMeant(one) && isOffer(one.answer));
  const leftOf = () => (isClosed() && awaited().length > 0 ? patience.untilAt - clock.now() : 0);
  const firstMs = leftOf();
  if (firstMs > 0) patience.tell(waitWords(target.server.name, firstMs));
  for (let leftMs = firstMs; leftMs > 0; leftMs = leftOf()) {
    await sleep(clock, Math.min(ASK_AGAIN_MS, leftMs), signal);
    signal.throwIfAborted();
    const again = await askWays({ ...question, ways: awaited().map(({ way }) => way) });
    answers = answers.map((one) => again.find(({ way }) => way === one.way) ?? one);
  }
  return answers;
}

const mayDialIn = ({ answer }: WayAnswer): boolean => !isOffer(answer) && answer.mayDialIn === true;

const waitWords = (name: string, leftMs: number) => {
  const seconds = Math.ceil(leftMs / 1_000);
  return text(
    `nothing leads to ${name} yet; waiting for it to dial in, ${seconds} s at most (--settle)`,
    `${name}: 아직 경로 없음, 연결해 오기를 최대 ${seconds}초 기다립니다(--settle)`,
  );
};
