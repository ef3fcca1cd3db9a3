import { counted } from '../../core/text.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ThreadReading } from './dump-reading.ts';
import type { Behind } from './finding.ts';
import { shortClass } from './frame.ts';
import type { Doing, Matter } from './frame-signs.ts';
import type { ContendedLock } from './lock-graph.ts';

const DOING: Readonly<Record<Doing, Text>> = {
  idle: text('idle', '유휴'),
  queue: text('waiting for an element of a queue', '큐 대기'),
  accept: text('waiting for connections', '연결 수락 대기'),
  select: text('waiting for events of sockets', '소켓 이벤트 대기'),
  read: text('reading from a socket', '소켓 읽기'),
  write: text('writing to a socket', '소켓 쓰기'),
  connect: text('connecting to another host', '다른 호스트에 연결 중'),
  resolve: text('asking for a host name', '호스트 이름 조회'),
  file: text('in a file or a pipe', '파일 또는 파이프 입출력'),
  process: text('waiting for another process', '다른 프로세스 종료 대기'),
  sleep: text('sleeping', 'sleep'),
  lock: text('waiting for a lock', '락 대기'),
  await: text('waiting for a signal', '신호 대기'),
  run: text('running', '실행 중'),
  none: text('in the JVM', 'JVM 내부'),
};
const MATTERS: Readonly<Record<Matter, Text>> = {
  'db-pool': text('waiting for a connection of the database pool', 'DB 커넥션 풀 대기'),
  'http-pool': text('waiting for a connection of the HTTP client', 'HTTP 클라이언트 커넥션 대기'),
  'object-pool': text('waiting for an object of a pool', '객체 풀 대기'),
  logging: text('writing a log', '로그 기록'),
  'class-loading': text('loading a class', '클래스 로딩'),
  'class-init': text('waiting for a class to be initialised', '클래스 초기화 대기'),
  'connection-limit': text('at the limit of connections', '최대 연결 수 도달'),
  database: text('in a database call', 'DB 호출 중'),
  'remote-call': text('in a call of another server', '다른 서버 호출 중'),
};

/** Pools say enough by themselves; else both what it is in and how it waits. */
export function doingText(doing: Doing, matter: Matter | undefined): Text {
  if (matter === undefined || doing === 'idle' || doing === 'accept' || doing === 'select')
    return DOING[doing];
  const said = MATTERS[matter];
  const isWhole =
    matter.endsWith('pool') || matter === 'class-init' || matter === 'connection-limit' || doing === 'run';
  if (isWhole) return said;
  return text(`${DOING[doing].en} (${said.en})`, `${DOING[doing].ko} (${said.ko})`);
}

export const readingDoing = ({ doing, stack }: ThreadReading): Text => doingText(doing, stack.matter);

/** Where a thread is, in one word. */
export const placeOf = ({ stack }: ThreadReading): string => stack.place;

/** `com.shop.Cart.add: waiting for a lock`; without a place what is done alone. */
export const placeDoing = (place: string, doing: Text): Text =>
  place === '' ? doing : text(`${place}: ${doing.en}`, `${place}: ${doing.ko}`);
export const whatItDoes = (reading: ThreadReading): Text =>
  placeDoing(placeOf(reading), readingDoing(reading));

export const threads = (count: number): string => counted(count, 'thread');

/** `0x000000069e04f618 (java.lang.Object)`, as in the dump. */
export const lockName = ({ lock }: ContendedLock): string =>
  lock.className === undefined || lock.id.includes(lock.className)
    ? lock.id
    : `${lock.id} (${lock.className})`;
/** `Cart 0x00000000e0b7f010`; where the id names the class itself, the id alone. */
export const lockTitle = (contended: ContendedLock): string => {
  const { id, className } = contended.lock;
  return className === undefined || id.includes(className) ? id : `${lockClass(contended)} ${id}`;
};
export const lockClass = ({ lock }: ContendedLock): string =>
  lock.className === undefined ? lock.id : shortClass(lock.className);

/** Names one after the other; what is too much is counted. */
export function listed(names: readonly string[], limit = 3): Text {
  const shown = names.slice(0, limit).join(', ');
  const left = names.length - limit;
  return left <= 0 ? text(shown, shown) : text(`${shown} and ${left} more`, `${shown} 외 ${left}개`);
}

/** Who waits for those who wait. */
export const waitBehind = (count: number): Behind => ({
  count,
  text: text(`${count} more wait${count === 1 ? 's' : ''} behind them`, `${count}개가 그 뒤에서 대기`),
});

/** `870 ms`, `8.7 s`, `12 min 5 s`, `3 h 2 min`. */
export function spoken(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const signed = (value: number): string => `${value > 0 ? '+' : ''}${value}`;
