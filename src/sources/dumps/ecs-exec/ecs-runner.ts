import type { EcsContainer, EcsExecEnd, EcsRemote, ExecResult } from '../../../domain/remote.ts';
import type { ContainerRunner } from '../container/runner.ts';
import { ecsPlaceName } from './ecs-place.ts';

/** A tool that refuses says so in a line or two; longer output is what was asked for. */
const MAX_REFUSAL = 2_000;
const WRAPPERS: ReadonlySet<string> = new Set(['busybox']);

/** Runs tools in a container of a task: on a terminal, so that no exit code comes and both streams are one. */
export function createEcsRunner(
  ecs: Pick<EcsRemote, 'exec' | 'stream'>,
  { cluster, task, container }: EcsContainer,
): ContainerRunner {
  const place = { cluster, task, container };
  const name = ecsPlaceName(place);
  return {
    name,
    isExact: false,
    describe: () => `ECS exec in ${name}`,
    async run(argv, limits, signal) {
      const { output, outputBytes, ...end } = await ecs.exec({ ...place, argv, ...limits }, signal);
      return resultOf(argv, end, { text: output, bytes: outputBytes });
    },
    async stream(argv, onBytes, signal) {
      const end = await ecs.stream({ ...place, argv }, onBytes, signal);
      return { exitCode: exitCodeOf(end), stderr: '', notStarted: end.notStarted };
    },
  };
}

const exitCodeOf = ({ exitCode, hasEnded }: EcsExecEnd): number | undefined =>
  hasEnded ? (exitCode ?? 0) : undefined;

/** The exit code is told by the words: a tool that refuses puts its own name before why. */
function resultOf(
  argv: readonly string[],
  end: EcsExecEnd,
  said: { readonly text: string; readonly bytes: Uint8Array },
): ExecResult {
  const exitCode = exitCodeOf(end);
  if (exitCode === 0 && isRefusal(argv, said.text))
    return { exitCode: 1, stdout: '', stdoutBytes: new Uint8Array(), stderr: said.text };
  const { notStarted } = end;
  return { exitCode, stdout: said.text, stdoutBytes: said.bytes, stderr: '', notStarted };
}

function isRefusal(argv: readonly string[], said: string): boolean {
  if (said.length > MAX_REFUSAL) return false;
  const names = argv.slice(0, 2).map((word) => word.slice(word.lastIndexOf('/') + 1));
  const [program = '', applet = ''] = names;
  const tool = WRAPPERS.has(program) ? applet : program;
  const [first = ''] = said.split('\n');
  const isItself = (name: string) => first.startsWith(`${name}: `) || first.includes(`/${name}: `);
  return tool !== '' && (isItself(tool) || isItself(program));
}
