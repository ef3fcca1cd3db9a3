import { text } from '../../../domain/text.ts';
import { threadBlock } from '../evidence-blocks.ts';
import type { DumpRule } from '../finding.ts';
import { placeOf, readingDoing } from '../words.ts';

/** One thread finalizes for all: what holds it up lets garbage pile up. */
export const finalizer: DumpRule = ({ threads }) =>
  threads
    .filter(
      ({ thread, doing, stack }) =>
        thread.name === 'Finalizer' && doing !== 'idle' && stack.top !== undefined,
    )
    .map((reading) => ({
      code: 'finalizer-held-up',
      subject: 'Finalizer',
      level: reading.doing === 'run' ? 'warn' : 'error',
      text: text(
        `the Finalizer is ${readingDoing(reading).en} in ${placeOf(reading)}: objects that wait for it are not freed`,
        `Finalizer 지연: ${placeOf(reading)}에서 ${readingDoing(reading).ko}, 객체가 해제되지 않음`,
      ),
      next: text(
        'Look at the finalize() in its stack; what is never finalized fills the heap',
        '스택의 finalize()를 확인하십시오. 힙이 차게 됩니다',
      ),
      weight: 1,
      blocks: () => [threadBlock(reading)],
    }));
