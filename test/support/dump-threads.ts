import { analyzeDumps } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpInput } from '../../src/diagnosis/dump-analysis/analyze-server.ts';
import type { EvidenceRow } from '../../src/diagnosis/dump-analysis/evidence-row.ts';
import { inLanguage } from '../../src/domain/text.ts';
import type { DumpThread, LockWait, ThreadDump, ThreadState } from '../../src/domain/thread-dump.ts';

/** What a test says of a thread; frames are methods, topmost first. */
export interface ThreadSaid {
  readonly state?: ThreadState | undefined;
  readonly frames?: readonly string[] | undefined;
  readonly waitsFor?: LockWait | undefined;
  readonly holds?: readonly string[] | undefined;
  readonly cpuMs?: number | undefined;
  readonly elapsedMs?: number | undefined;
  readonly id?: number | undefined;
  readonly service?: string | undefined;
}

const SYNCHRONIZER = 'java.util.concurrent.locks.ReentrantLock$NonfairSync';
export const entry = (id: string): LockWait => ({ kind: 'entry', id, className: 'java.lang.Object' });
export const wait = (id: string): LockWait => ({ kind: 'wait', id, className: 'java.lang.Object' });
export const park = (id: string, className = SYNCHRONIZER): LockWait => ({ kind: 'park', id, className });

const classOf = (id: string): string => (id.startsWith('sync') ? SYNCHRONIZER : 'java.lang.Object');

export function thread(name: string, said: ThreadSaid = {}): DumpThread {
  const { state = 'RUNNABLE', frames = ['com.shop.Work.run'], holds = [], ...rest } = said;
  const written = frames.map((method) => `${method}(${method.split('.').at(-2) ?? ''}.java:1)`);
  return {
    name,
    state,
    stack: { frames: written, lines: written.map((frame) => `\tat ${frame}`) },
    holds: holds.map((id) => ({ id, className: classOf(id) })),
    ...rest,
  };
}

/** A stack of a request, with what stands on top of the application's page. */
export const onPage = (page: string, ...top: readonly string[]): readonly string[] => [
  ...top,
  page,
  'jakarta.servlet.http.HttpServlet.service',
  'org.apache.catalina.core.StandardWrapperValve.invoke',
  'org.apache.catalina.connector.CoyoteAdapter.service',
  'org.apache.tomcat.util.threads.ThreadPoolExecutor$Worker.run',
  'java.lang.Thread.run',
];
const PARKED = ['jdk.internal.misc.Unsafe.park', 'java.util.concurrent.locks.LockSupport.park'];
/** A worker of Tomcat that waits for its next request. */
export const IDLE: ThreadSaid = {
  state: 'WAITING',
  frames: [
    ...PARKED,
    'java.util.concurrent.LinkedBlockingQueue.take',
    'org.apache.tomcat.util.threads.TaskQueue.take',
    'org.apache.tomcat.util.threads.ThreadPoolExecutor.getTask',
    'org.apache.tomcat.util.threads.ThreadPoolExecutor$Worker.run',
    'java.lang.Thread.run',
  ],
  waitsFor: park('0xqueue', 'java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject'),
};
export const SLEEPING: ThreadSaid = {
  state: 'TIMED_WAITING',
  frames: onPage('com.shop.SlowPage.doGet', 'java.lang.Thread.sleep'),
};
export const parkedIn = (...frames: readonly string[]): readonly string[] => [...PARKED, ...frames];

/** `http-nio-8080-exec-1` … */
export const workers = (count: number, said: ThreadSaid, from = 1): readonly DumpThread[] =>
  Array.from({ length: count }, (_none, index) =>
    thread(`http-nio-8080-exec-${from + index}`, { id: 100 + from + index, ...said }),
  );

export const dump = (threads: readonly DumpThread[], more: Partial<ThreadDump> = {}): ThreadDump => ({
  form: 'hotspot',
  threads,
  deadlocks: [],
  isTruncated: false,
  problems: [],
  ...more,
});

export const input = (name: string, ...dumps: readonly ThreadDump[]): DumpInput => ({
  name,
  content: { kind: 'threads', dumps },
});
export const analyze = (...dumps: readonly ThreadDump[]) =>
  analyzeDumps(dumps.map((each, index) => input(`${index + 1}.txt`, each)));

/** Titles and lines of a row's blocks, in English. */
export const shown = (row: EvidenceRow | undefined): readonly Shown[] =>
  (row?.blocks ?? []).map(({ title, lines }) => ({
    title: inLanguage(title, 'en'),
    lines: lines.map((words) => inLanguage(words, 'en')),
  }));
interface Shown {
  readonly title: string;
  readonly lines: readonly string[];
}

/** `code level: sentence` of a verdict, in English. */
export const said = ({ verdict }: ReturnType<typeof analyzeDumps>): readonly string[] =>
  verdict.map(({ code, level, text }) => `${code} ${level}: ${text.en}`);
