import { systemClock } from '../../src/core/clock.ts';
import type { DumpAsk } from '../../src/domain/dump-way.ts';
import { dumpTemplateOf } from '../../src/domain/exec-template.ts';
import type { ExecResult, StreamEnd } from '../../src/domain/remote.ts';
import { inLanguage, type Words } from '../../src/domain/text.ts';
import { createContainerDumps } from '../../src/sources/dumps/container/container-dumps.ts';
import type { ContainerDumpsOptions, ContainerRunner } from '../../src/sources/dumps/container/runner.ts';
import { statOf } from './fake-container.ts';
import { FOLDER, perfFile } from './probe-stage.ts';

export interface ScriptedEnd {
  readonly out?: string | Uint8Array;
  readonly exitCode?: number | undefined;
  readonly stderr?: string;
  readonly notStarted?: string;
}
/** What a command gives: text or bytes, how it ends, or how it fails. */
export type Answer =
  | string
  | Uint8Array
  | ScriptedEnd
  | Error
  | ((argv: readonly string[], signal: AbortSignal) => Promise<Answer> | Answer);

export const GONE: Answer = { exitCode: 1, stderr: 'cat: x: No such file or directory\n' };
export const NO_SUCH_TOOL: Answer = {
  exitCode: undefined,
  notStarted: 'exec: "x": executable file not found in $PATH: unknown',
};
/** It runs until it is left. */
export const HANGS: Answer = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

export const DUMP = `7:
2026-03-01 12:30:05
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):

"main" #1 prio=5 os_prio=0 cpu=1.00ms elapsed=9.00s tid=0x00007f0000000001 nid=0x8 runnable  [0x00007f0000000000]
   java.lang.Thread.State: RUNNABLE
	at com.shop.Main.main(Main.java:1)

JNI global refs: 15, weak refs: 0

`;
export const HISTOGRAM = `7:
 num     #instances         #bytes  class name (module)
-------------------------------------------------------
   1:          1000          32000  [B (java.base@17.0.15)
Total          1000          32000
`;
const STATUS = 'Name:\tjava\nState:\tS (sleeping)\nVmRSS:\t  102400 kB\nSigCgt:\t0000000181005ccf\n';

/** A container in which JVM 7 runs behind a shell that is pid 1. */
export const CONTAINER: Readonly<Record<string, Answer>> = {
  'ls -1 /tmp': 'hsperfdata_lena\n',
  [`ls -1 ${FOLDER}`]: '7\n',
  [`cat ${FOLDER}/7`]: perfFile(),
  'cat /proc/7/stat': statOf(7, 1_000),
  'cat /proc/7/status': STATUS,
  'jcmd 7 Thread.print -l': DUMP,
  'jcmd 7 GC.class_histogram -all': HISTOGRAM,
};
export const statusOf = (state: string, caught: string): string =>
  `Name:\tjava\nState:\t${state} (x)\nSigCgt:\t${caught}\n`;

/** A container that answers commands as its map says; what is not in it is not there. */
export function createScripted(answers: Readonly<Record<string, Answer>> = CONTAINER) {
  const asked: string[] = [];
  async function answerTo(argv: readonly string[], signal: AbortSignal): Promise<ScriptedEnd> {
    signal.throwIfAborted();
    const command = argv.join(' ');
    if (dumpTemplateOf(argv) === undefined) throw new Error(`${command} is not of the list`);
    asked.push(command);
    const shape = command.replace(/l9s-[0-9a-f]{16}/, 'l9s-TOKEN');
    let answer = answers[shape] ?? (argv[0] === 'ls' || argv[0] === 'cat' ? GONE : NO_SUCH_TOOL);
    while (typeof answer === 'function') answer = await answer(argv, signal);
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'string' || answer instanceof Uint8Array) return { out: answer, exitCode: 0 };
    return answer;
  }
  const endOf = ({ exitCode, stderr = '', notStarted }: ScriptedEnd) => ({ exitCode, stderr, notStarted });
  const runner: ContainerRunner = {
    name: 'shop/was-1 (was)',
    isExact: true,
    describe: () => 'exec in shop/was-1 (was)',
    async run(argv, { maxBytes }, signal): Promise<ExecResult> {
      const end = await answerTo(argv, signal);
      const stdoutBytes = Buffer.from(end.out ?? '').subarray(0, maxBytes);
      return { ...endOf(end), stdout: stdoutBytes.toString('utf8'), stdoutBytes };
    },
    async stream(argv, onBytes, signal) {
      const end = await answerTo(argv, signal);
      const bytes = Buffer.from(end.out ?? '');
      for (let at = 0; at < bytes.length; at += 1_000) {
        signal.throwIfAborted();
        await onBytes(bytes.subarray(at, at + 1_000));
      }
      return endOf(end);
    },
  };
  return { runner, asked };
}

export interface TakeOptions extends Partial<DumpAsk>, Partial<Omit<ContainerDumpsOptions, 'runner'>> {
  readonly write?: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly isExact?: boolean;
  /** What every tool that dumps says instead. */
  readonly stream?: (onBytes: (bytes: Uint8Array) => void | Promise<void>) => Promise<StreamEnd>;
}

/** Takes a dump of a scripted container. */
export function scriptedDumps(over: Readonly<Record<string, Answer>>, options: TakeOptions = {}) {
  const { runner, asked } = createScripted({ ...CONTAINER, ...over });
  const chunks: Uint8Array[] = [];
  const reports: string[] = [];
  const { kind = 'thread', maxBytes = 1_000_000, timeoutMs = 60_000, isLive, isExact = true } = options;
  const dumps = createContainerDumps({
    runner: {
      ...runner,
      isExact,
      stream: (argv, onBytes, signal) => options.stream?.(onBytes) ?? runner.stream(argv, onBytes, signal),
    },
    clock: systemClock,
    serverName: 'was-1',
    log: { missing: { en: 'there is no log here', ko: '로그 없음' } },
    hostNames: ['was-1'],
    ...options,
  });
  const taking = {
    write: async (bytes: Uint8Array) => {
      chunks.push(Buffer.from(bytes));
    },
    report: (words: Words) => {
      reports.push(inLanguage(words, 'en'));
    },
    signal: AbortSignal.timeout(20_000),
    ...options,
  };
  return {
    dumps,
    taking,
    asked,
    reports,
    text: () => Buffer.concat(chunks).toString('utf8'),
    take: () => dumps.take({ kind, maxBytes, timeoutMs, isLive }, taking),
  };
}
