import type { DumpAsk, DumpTaking, HeapRoom, ServerFile, TakenDump } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import { createContainerCommands } from '../../container-commands.ts';
import { findContainerJvm, type Looking } from './container-jvm.ts';
import { heapRooms, takeHeapDump } from './heap-dump.ts';
import { takeHistogram } from './histogram.ts';
import type { ContainerDumpsOptions } from './runner.ts';
import { fetchServerFile, listServerFiles, notExact } from './server-files.ts';
import { SERVICE_MISSING, takeServiceDump } from './service-dump.ts';
import { QUIT_NOTE, takeThreadDump } from './thread-dump.ts';

/** What a container's dumps would ask, told before anything runs there. */
export interface ContainerOffer {
  readonly asks: readonly string[];
  readonly missing: readonly Text[];
  readonly notes: readonly Text[];
}

/** Dumps of the JVM in one container, by the tools there are. Each rejects with an AppError. */
export interface ContainerDumps {
  take(ask: DumpAsk, taking: DumpTaking): Promise<TakenDump>;
  /** Of a heap dump. */
  room(signal: AbortSignal): Promise<HeapRoom | undefined>;
  /** Dumps the LENA server took itself, newest first; `note` hears of those that are not offered. */
  list(signal: AbortSignal, note?: (what: Text) => void): Promise<readonly ServerFile[]>;
  fetch(file: ServerFile, taking: DumpTaking): Promise<TakenDump>;
}

const MIB = 1_048_576;
const DISK_NOTE = text(
  'the file lies on the pod’s disk until it is fetched: above an ephemeral-storage limit the pod is evicted',
  '가져올 때까지 파일이 파드 디스크에 있으며, ephemeral-storage 한도를 넘으면 파드가 축출됨',
);
const COLLECTS_NOTE = text('the JVM collects its whole heap first', 'JVM이 먼저 Full GC를 수행함');
const TOOL_NOTE = text(
  'a tool of the JDK is a JVM of its own: 128 MiB must be free below the memory limit',
  'JDK 도구도 JVM이므로 메모리 한도 아래 128 MiB가 비어 있어야 함',
);

/** What would be asked for a kind of dump; a text says why it cannot be had there. Runs nothing. */
export function containerOffer(
  { kind, isLive = false }: DumpAsk,
  { runner, log }: Pick<ContainerDumpsOptions, 'runner' | 'log'>,
): ContainerOffer | Text {
  const collects = isLive ? [COLLECTS_NOTE] : [];
  const all = isLive ? '' : ' -all';
  switch (kind) {
    case 'thread':
    case 'service': {
      const canSignal = !('missing' in log);
      return {
        asks: [
          'jcmd PID Thread.print -l',
          'jstack -l PID',
          ...(canSignal ? ['kill -3 PID, and the container’s log'] : []),
        ],
        missing: kind === 'service' ? SERVICE_MISSING : [],
        notes: [TOOL_NOTE, canSignal ? QUIT_NOTE : log.missing],
      };
    }
    case 'histogram':
      return { asks: [`jcmd PID GC.class_histogram${all}`], missing: [], notes: [TOOL_NOTE, ...collects] };
    case 'heap':
      return runner.isExact
        ? {
            asks: [`jcmd PID GC.heap_dump${all} FILE`, 'sha256sum FILE', 'cat FILE', 'rm -f FILE'],
            missing: [],
            notes: [DISK_NOTE, ...collects],
          }
        : text(
            'a heap dump does not come whole through a terminal',
            '터미널을 통해서는 힙 덤프를 온전히 받을 수 없음',
          );
  }
}

/** Rejections leave nothing behind in the container but what their message names. */
export function createContainerDumps(options: ContainerDumpsOptions): ContainerDumps {
  const { runner, clock } = options;
  const { name, isExact } = runner;
  const newLooking = (): Looking => ({
    commands: createContainerCommands({ run: (...asked) => runner.run(...asked), name, clock }),
    name,
    isExact,
  });

  return {
    async take(ask, taking) {
      const { kind, isLive = false, maxBytes, timeoutMs } = ask;
      if (kind === 'heap' && !isExact) throw notExact(`heap dump of ${name}`);
      const late = new AbortController();
      const cancel = clock.after(timeoutMs, () =>
        late.abort(
          appError('TIMEOUT', `${kind} dump of ${name}: not done after ${Math.round(timeoutMs / 1_000)} s`, {
            hint: 'Nothing was kept. The JVM or the container is slow to answer: look at its CPU and memory, then try again.',
          }),
        ),
      );
      const signal = AbortSignal.any([taking.signal, late.signal]);
      try {
        const looking = newLooking();
        taking.report(text(`looking for the JVM of ${name}`, `${name}의 JVM 찾는 중`));
        const jvm = await findContainerJvm(looking, signal);
        const doubts = jvm.doubt === undefined ? [] : [jvm.doubt];
        const common = { jvm, looking, maxBytes, write: reporting(taking), onAttempt: taking.report };
        switch (kind) {
          case 'thread':
            return { how: await takeThreadDump(options, common, signal), missing: doubts };
          case 'histogram':
            return { how: await takeHistogram(options, { ...common, isLive }, signal), missing: doubts };
          case 'service': {
            const taken = await takeServiceDump(options, common, signal);
            return { ...taken, missing: [...doubts, ...taken.missing] };
          }
          case 'heap': {
            const heap = { ...taking, jvm, looking, isLive, maxBytes, signal, token: newToken() };
            const taken = await takeHeapDump(options, heap);
            return { ...taken, missing: [...doubts, ...taken.missing] };
          }
        }
      } finally {
        cancel();
      }
    },
    async room(signal) {
      const looking = newLooking();
      const jvm = await findContainerJvm(looking, signal);
      const [most] = await heapRooms(options, { jvm, looking }, signal);
      return most;
    },
    list: (signal, note) => listServerFiles({ ...options, commands: newLooking().commands }, signal, note),
    fetch: (file, taking) => fetchServerFile({ ...options, commands: newLooking().commands }, file, taking),
  };
}

/** Writes, and tells of each MiB. */
function reporting({ write, report }: DumpTaking): DumpTaking['write'] {
  let bytes = 0;
  return (chunk) => {
    const before = Math.floor(bytes / MIB);
    bytes += chunk.length;
    if (Math.floor(bytes / MIB) > before) report(`${Math.floor(bytes / MIB)} MiB`);
    return write(chunk);
  };
}

/** Nobody else’s file has it, and nobody can put a link there beforehand. */
const newToken = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex');
