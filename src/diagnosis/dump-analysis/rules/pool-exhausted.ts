import { type Text, text } from '../../../domain/text.ts';
import { placeBlocks } from '../evidence-blocks.ts';
import type { DumpRule, Finding } from '../finding.ts';
import type { Place, ThreadPool } from '../pools.ts';
import { spokenPool } from '../thread-names.ts';
import { doingText, percent } from '../words.ts';

/** Smaller pools are busy by chance. */
const FEWEST = 4;
/** Above this share few are left, of a pool large enough for shares to mean something. */
const NEARLY = 0.9;
const FEWEST_FOR_NEARLY = 20;

/** Request workers: none idle, or hardly any. How many there may be no dump tells. */
export const poolExhausted: DumpRule = ({ pools }) =>
  pools
    .filter(({ isWorkers, busy, members }) => isWorkers && busy > 0 && members.length >= FEWEST)
    .flatMap((pool) => judge(pool));

function judge(pool: ThreadPool): readonly Finding[] {
  const size = pool.members.length;
  const { busy } = pool;
  const isFull = busy === size;
  if (!isFull && (size < FEWEST_FOR_NEARLY || busy < NEARLY * size)) return [];
  const name = spokenPool(pool.name);
  const [most] = pool.places;
  const where = most === undefined ? text('', '') : placeWords(most, busy);
  const isStuck = most !== undefined && most.doing !== 'run' && most.members.length >= busy / 2;
  return [
    {
      code: isFull ? 'pool-exhausted' : 'pool-nearly-exhausted',
      subject: pool.name,
      level: isFull && (isStuck || size >= FEWEST_FOR_NEARLY) ? 'error' : 'warn',
      text: isFull
        ? text(
            `no worker of ${name} is idle: ${busy} of ${size} are busy${where.en}`,
            `${name}: 유휴 스레드 없음, ${size}개 중 ${busy}개 사용 중${where.ko}`,
          )
        : text(
            `${percent(busy / size)} of the workers of ${name} are busy: ${busy} of ${size}${where.en}`,
            `${name}: ${size}개 중 ${busy}개 사용 중 (${percent(busy / size)})${where.ko}`,
          ),
      next: nextOf(most),
      weight: busy,
      blocks: () => placeBlocks(pool.places),
    },
  ];
}

function placeWords({ method, doing, matter, members }: Place, busy: number): Text {
  const count = members.length === busy ? `all of them` : `${members.length} of them`;
  const { en, ko } = doingText(doing, matter);
  return text(`, ${count} in ${method}, ${en}`, `, 그중 ${members.length}개는 ${method}에서 ${ko}`);
}

function nextOf(most: Place | undefined): Text {
  if (most?.matter === 'db-pool')
    return text(
      'Look at who uses the database connections and at slow queries, before the pool is made larger',
      '풀을 늘리기 전에 DB 커넥션 사용처와 느린 쿼리를 확인하십시오',
    );
  switch (most?.doing) {
    case 'lock':
      return text(
        'Look at the holder of that lock: the workers are free again when it is',
        '락을 보유한 스레드를 확인하십시오',
      );
    case 'read':
    case 'write':
    case 'connect':
      return text(
        'Look at the remote they wait for, and give the call a time limit',
        '응답을 기다리는 상대 시스템과 타임아웃 설정을 확인하십시오',
      );
    case 'run':
      return text(
        'Compare with the CPU limit: more workers do not make computing faster',
        'CPU 한도와 비교하십시오. 스레드를 늘려도 계산은 빨라지지 않습니다',
      );
    default:
      return text(
        'Look at the place named: requests queue until its threads come back',
        '해당 위치를 확인하십시오. 그동안 요청은 대기합니다',
      );
  }
}
