import { text } from '../../../domain/text.ts';

/** What a dump of an advertiser lacks beside one of the JVM's own tools. */
export const LENA_MISSING = {
  thread: [
    text('CPU and elapsed time of threads', '스레드의 CPU 및 경과 시간'),
    text('threads of the JVM itself (GC, compiler)', 'JVM 자체 스레드(GC, 컴파일러)'),
  ],
  service: [text('client addresses', '클라이언트 주소')],
  noThreads: text(
    'frames and locks: it gave no list of threads',
    '프레임과 락: 스레드 목록을 받지 못했습니다',
  ),
} as const;
