import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

export const heapOverLimit: FindingRule = {
  code: 'heap-over-limit',
  readsDatagrams: true,
  check({ server, container, environment }) {
    const limit = container?.memoryLimitBytes;
    if (limit === undefined || limit <= 0) return undefined;
    const configured = environment.heapSize?.bytes;
    const heap = Math.max(configured ?? 0, server.jvm?.heap?.maxBytes ?? 0);
    if (heap <= limit) return undefined;
    return {
      level: 'error',
      text: text(
        `${server.name} may grow its heap to ${mebibytes(heap)}, over the container's limit of ${mebibytes(limit)}`,
        `${server.name}: 최대 힙 ${mebibytes(heap)}이(가) 컨테이너 제한 ${mebibytes(limit)}을(를) 넘음`,
      ),
      next: text(
        'Raise the memory limit or lower LENA_JVM_HEAP_SIZE; the kernel will kill it before the heap is full',
        '메모리 제한을 올리거나 LENA_JVM_HEAP_SIZE를 낮추십시오; 힙이 차기 전에 강제 종료됩니다',
      ),
    };
  },
};

export const heapSizeIgnored: FindingRule = {
  code: 'heap-size-ignored',
  check({ server, environment: { heapSize } }) {
    if (heapSize === undefined || heapSize.bytes !== undefined) return undefined;
    return {
      level: 'warn',
      text: text(
        `LENA ignores LENA_JVM_HEAP_SIZE=${heapSize.written} of ${server.name}: it is not digits and m`,
        `${server.name}: LENA_JVM_HEAP_SIZE=${heapSize.written}은(는) <숫자>m 형식이 아니어서 무시됨`,
      ),
      next: text('Write it in mebibytes, e.g. 1024m', '1024m처럼 MiB 단위로 쓰십시오'),
    };
  },
};
