import { appError } from '../../../domain/errors.ts';
import { type Text, text } from '../../../domain/text.ts';
import { readMemoryRoom } from '../../memory-room.ts';
import { OTHER_USER_HINT } from './container-failure.ts';
import { assertSameJvm, type ContainerJvm, type Looking } from './container-jvm.ts';
import { DumpText, THREAD_MARKS } from './dump-text.ts';
import { JavaTools } from './java-tools.ts';
import { takeByQuit } from './quit-signal.ts';
import type { ContainerDumpsOptions } from './runner.ts';
import type { ToolEnd } from './tool-run.ts';

/** What a tool of the JDK, which is a JVM itself, needs at most. */
const TOOL_ROOM_BYTES = 134_217_728;
const MIB = 1_048_576;
/** The first JDK whose dumps can tell what each thread allocated. */
const EXTENDED_FROM = 11;

export interface TakingOf {
  readonly jvm: ContainerJvm;
  readonly looking: Looking;
  readonly maxBytes: number;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Told what is tried now. */
  readonly onAttempt: (how: string) => void;
}

/** What was tried, and why it gave nothing. */
interface Attempt {
  readonly how: string;
  readonly reason: 'noTool' | 'noRoom' | 'said' | 'silent' | 'killed';
  readonly why: string;
}

/**
 * A thread dump by the first way that gives one: jcmd, jstack, SIGQUIT and the log. Resolves with what answered.
 * Rejects with NO_TOOL or DUMP_FAILED that tell of each attempt, or as a dump tool does.
 */
export async function takeThreadDump(
  { runner, clock, log }: ContainerDumpsOptions,
  taking: TakingOf,
  signal: AbortSignal,
): Promise<string> {
  const { jvm, looking, maxBytes, write, onAttempt } = taking;
  const { pid } = jvm;
  const attempts: Attempt[] = [];
  const note = (how: string, end: ToolEnd) => {
    if (end.kind === 'nothing') attempts.push({ how, ...end });
    return end.kind === 'whole';
  };
  const tools = new JavaTools(jvm, { runner, clock });
  const shortage = await roomShortage(looking, signal);
  const print = [`${pid}`, 'Thread.print', '-l'];
  const extended = versionOf(jvm.version) >= EXTENDED_FROM ? [['jcmd', [...print, '-e']] as const] : [];
  const runs = [...extended, ['jcmd', print], ['jstack', ['-l', `${pid}`]]] as const;
  for (const [tool, words] of runs) {
    const asked = [tool, ...words].join(' ');
    if (isSettled(tool, attempts)) continue;
    if (shortage !== undefined) {
      attempts.push({ how: asked, reason: 'noRoom', why: shortage });
      continue;
    }
    await assertSameJvm(jvm, looking, signal);
    onAttempt(asked);
    const dump = new DumpText({ marks: THREAD_MARKS, what: `${asked} in ${runner.name}`, maxBytes, write });
    const { how, end } = await tools.run(tool, words, dump, signal);
    if (note(how, end)) return how;
  }
  if ('missing' in log) attempts.push({ how: `kill -3 ${pid}`, reason: 'noTool', why: log.missing.en });
  else {
    onAttempt(`kill -3 ${pid}`);
    const options = { runner, log, looking, clock, maxBytes, write };
    const { how, end } = await takeByQuit(jvm, options, signal);
    if (note(how, end)) return how;
  }
  throw failureOf(attempts, runner.name);
}

/** Whether running the tool would tell nothing new. */
function isSettled(tool: string, attempts: readonly Attempt[]): boolean {
  // All knock at the same door.
  if (attempts.some(({ reason }) => reason === 'silent' || reason === 'killed')) return true;
  // Without the word a JVM did not know a `jcmd` may say more.
  return attempts.some(
    ({ how, why }) => /(?:^|\/)jcmd /.test(how) && tool === 'jcmd' && !/unknown argument/i.test(why),
  );
}

/** Why no JVM is started beside the server; `undefined` where there is room, or nobody can tell. */
export async function roomShortage({ commands }: Looking, signal: AbortSignal): Promise<string | undefined> {
  const room = await readMemoryRoom(commands, signal);
  if (room.kind === 'unknown' || room.bytes >= TOOL_ROOM_BYTES) return undefined;
  return `not started: it is a JVM of its own, and ${Math.floor(room.bytes / MIB)} MiB are free below the container’s memory limit, ${TOOL_ROOM_BYTES / MIB} MiB are needed`;
}

/** `1.8.0_412` is 8. */
export function versionOf(version: string | undefined): number {
  const [, first, second] = /^(\d{1,3})(?:\.(\d{1,3}))?/.exec(version ?? '') ?? [];
  return Number((first === '1' ? second : first) ?? 0);
}

const OTHER_USER = /not permitted|permission denied|not secure|different user|owned by|well-known file/i;

function failureOf(attempts: readonly Attempt[], name: string): Error {
  const told = attempts.map(({ how, why }) => `${how}: ${why}`).join('; ');
  const message = `no thread dump of ${name}: ${told}`;
  if (attempts.every(({ reason }) => reason === 'noTool')) return appError('NO_TOOL', message);
  return appError('DUMP_FAILED', message, { hint: hintOf(attempts) });
}

function hintOf(attempts: readonly Attempt[]): string {
  if (attempts.some(({ why }) => OTHER_USER.test(why))) return OTHER_USER_HINT;
  if (attempts.some(({ reason }) => reason === 'silent'))
    return 'The JVM does not answer: it hangs, waits for a safepoint or gets no processor time. Look at its CPU and memory, and try once more.';
  if (attempts.some(({ reason }) => reason === 'noRoom' || reason === 'killed'))
    return 'Give the container more memory, let its output be the log so that SIGQUIT can be read, or use our agent beside it.';
  return 'Read what the tools said; our agent beside it (`l9s advertise --dumps`) needs none of them.';
}

/** Of an offer: what costs the server something. */
export const QUIT_NOTE: Text = text(
  'where the image has no JDK, SIGQUIT makes the server write the dump into its own log',
  'JDK가 없는 이미지에서는 SIGQUIT로 서버가 자기 로그에 덤프를 씀',
);
