import { type Text, text } from '../../../domain/text.ts';
import type { DumpReading, ThreadReading } from '../dump-reading.ts';
import { placeBlocks } from '../evidence-blocks.ts';
import type { DumpRule, Finding } from '../finding.ts';
import type { Matter } from '../frame-signs.ts';
import { placesOf } from '../pools.ts';
import { threads } from '../words.ts';

interface Resource {
  readonly matter: Matter;
  readonly code: string;
  readonly text: (count: number) => Text;
  readonly next: Text;
  /** From so many on. */
  readonly fewest: number;
  /** From so many on it is an error. */
  readonly many: number;
}

const RESOURCES: readonly Resource[] = [
  {
    matter: 'db-pool',
    code: 'db-pool-empty',
    text: (count) =>
      text(
        `the database pool is empty: ${threads(count)} wait${count === 1 ? 's' : ''} for a connection`,
        `DB 커넥션 풀 고갈: 스레드 ${count}개가 커넥션 대기`,
      ),
    next: text(
      'Look at who holds the connections (slow queries, leaks), before the pool is made larger',
      '풀을 늘리기 전에 커넥션 점유(느린 쿼리, 누수)를 확인하십시오',
    ),
    fewest: 1,
    many: 3,
  },
  {
    matter: 'http-pool',
    code: 'http-pool-empty',
    text: (count) =>
      text(
        `the HTTP client has no free connection: ${threads(count)} wait${count === 1 ? 's' : ''} for one`,
        `HTTP 클라이언트 커넥션 고갈: 스레드 ${count}개 대기`,
      ),
    next: text(
      'Look at the server called and at the limits of connections per route',
      '호출 대상 서버와 라우트별 최대 연결 수를 확인하십시오',
    ),
    fewest: 1,
    many: 3,
  },
  {
    matter: 'object-pool',
    code: 'object-pool-empty',
    text: (count) =>
      text(
        `a pool of objects is empty: ${threads(count)} wait${count === 1 ? 's' : ''} for one`,
        `객체 풀 고갈: 스레드 ${count}개 대기`,
      ),
    next: text(
      'Look at who borrows and does not give back, and at the pool’s size',
      '반납하지 않는 코드와 풀 크기를 확인하십시오',
    ),
    fewest: 1,
    many: 3,
  },
  {
    matter: 'class-init',
    code: 'class-initialisation',
    text: (count) =>
      text(
        `${threads(count)} wait${count === 1 ? 's' : ''} for a class to be initialised`,
        `스레드 ${count}개가 클래스 초기화 대기`,
      ),
    next: text(
      'Look at the static initialiser that runs; two that need each other never end, and no JVM reports it',
      '실행 중인 static 초기화를 확인하십시오. 서로 기다리는 초기화는 JVM이 보고하지 않습니다',
    ),
    fewest: 1,
    many: 2,
  },
  {
    matter: 'connection-limit',
    code: 'connection-limit',
    text: () =>
      text(
        'the connector accepts no more: its limit of connections (maxConnections) is reached',
        '커넥터가 연결을 더 받지 않음: 최대 연결 수(maxConnections) 도달',
      ),
    next: text(
      'Look at who keeps connections open (keep-alive, slow clients) and at maxConnections',
      'keep-alive, 느린 클라이언트, maxConnections를 확인하십시오',
    ),
    fewest: 1,
    many: 1,
  },
];

/** Waiting to be handed something that is not a lock. */
export const resourceWaits: DumpRule = ({ threads: all, locks }) =>
  RESOURCES.flatMap((resource): readonly Finding[] => {
    const waiting = all
      .filter(
        ({ stack, doing }) =>
          stack.matter === resource.matter && (doing === 'await' || doing === 'lock' || doing === 'sleep'),
      )
      // Whose holder is known is told with the holder.
      .filter((reading) => locks.lockOf.get(reading)?.owner === undefined);
    const count = waiting.length;
    if (count < resource.fewest) return [];
    const users = resource.matter === 'db-pool' ? databaseCalls(all) : [];
    return [
      {
        code: resource.code,
        subject: resource.matter,
        level: count >= resource.many ? 'error' : 'warn',
        text:
          resource.matter === 'db-pool'
            ? withUsers(resource.text(count), users.length)
            : resource.text(count),
        next: resource.next,
        weight: count,
        blocks: () => [...placeBlocks(placesOf(waiting)), ...placeBlocks(placesOf(users))],
      },
    ];
  });

const databaseCalls = (all: DumpReading['threads']): readonly ThreadReading[] =>
  all.filter(({ stack, doing }) => stack.matter === 'database' && doing !== 'idle');

const withUsers = ({ en, ko }: Text, count: number): Text =>
  count === 0
    ? text(`${en}; none is in a database call now`, `${ko}, 현재 DB 호출 중인 스레드 없음`)
    : text(
        `${en}; ${count} ${count === 1 ? 'is' : 'are'} in a database call`,
        `${ko}, DB 호출 중 ${count}개`,
      );
