import { execTemplateOf } from '../../../domain/exec-template.ts';
import type { ContainerJvm } from './container-jvm.ts';
import type { DumpText } from './dump-text.ts';
import type { ContainerRunner } from './runner.ts';
import { runDumpTool, type ToolEnd, type ToolRunOptions } from './tool-run.ts';

const LOCATE = { timeoutMs: 10_000, maxBytes: 4_096 };

/** One tool of the JDK that was tried, under the name it was found by. */
export interface JavaToolEnd {
  readonly how: string;
  readonly end: ToolEnd;
}

/** The tools of a JDK in a container: by their name, else beside the JVM's own `java`. */
export class JavaTools {
  readonly #options: ToolRunOptions;
  readonly #jvm: ContainerJvm;
  #folders: Promise<readonly string[]> | undefined = undefined;

  constructor(jvm: ContainerJvm, options: ToolRunOptions) {
    this.#jvm = jvm;
    this.#options = options;
  }

  /** `words` are what stands behind the tool's name. Rejects as `runDumpTool` does. */
  async run(
    tool: 'jcmd' | 'jstack',
    words: readonly string[],
    dump: DumpText,
    signal: AbortSignal,
  ): Promise<JavaToolEnd> {
    let argv: readonly string[] = [tool, ...words];
    let end = await runDumpTool(argv, dump, this.#options, signal);
    for (const path of isMissing(end) ? await this.#pathsOf(tool, signal) : []) {
      argv = [path, ...words];
      end = await runDumpTool(argv, dump, this.#options, signal);
      if (!isMissing(end)) break;
    }
    return { how: (isMissing(end) ? [tool, ...words] : argv).join(' '), end };
  }

  /** What may be run of the tool beside `java`. */
  async #pathsOf(tool: string, signal: AbortSignal): Promise<readonly string[]> {
    this.#folders ??= foldersOf(this.#options.runner, this.#jvm.pid, signal);
    const paths = (await this.#folders).map((folder) => `${folder}/${tool}`);
    // By a command that is of the list where the path is one.
    return paths.filter((path) => execTemplateOf(sampleOf(tool, path)) !== undefined);
  }
}

const isMissing = (end: ToolEnd): boolean => end.kind === 'nothing' && end.reason === 'noTool';
const sampleOf = (tool: string, path: string): readonly string[] =>
  tool === 'jcmd' ? [path, '1', 'Thread.print', '-l'] : [path, '-l', '1'];

async function foldersOf(
  runner: ContainerRunner,
  pid: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const result = await runner.run(['readlink', `/proc/${pid}/exe`], LOCATE, signal).catch(() => undefined);
  signal.throwIfAborted();
  const java = result?.exitCode === 0 ? result.stdout.trim() : '';
  const [, home, isRuntime] = /^(\/.+?)(\/jre)?\/bin\/java$/.exec(java) ?? [];
  if (home === undefined) return [];
  // A JDK 8 keeps its runtime, and the `java` that was started, in a folder of its own.
  return isRuntime === undefined ? [`${home}/bin`] : [`${home}/bin`, `${home}/jre/bin`];
}
