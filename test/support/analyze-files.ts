import { tmpdir } from 'node:os';
import * as z from 'zod';
import { createProgram } from '../../src/cli/program.ts';

const lockSchema = z.object({ id: z.string(), className: z.string() });
/** What tests read of the JSON of `l9s analyze`. */
const saidSchema = z.object({
  files: z.array(z.object({ name: z.string(), kind: z.string() })),
  verdict: z.array(z.object({ code: z.string(), level: z.string(), text: z.string() })),
  dumps: z.array(
    z.object({ threads: z.number(), states: z.record(z.string(), z.number()), isTruncated: z.boolean() }),
  ),
  threads: z.object({
    deadlocks: z.array(
      z.object({
        threads: z.array(z.string()),
        locks: z.array(lockSchema),
        kind: z.string(),
        isSaidByJvm: z.boolean(),
        behind: z.number(),
      }),
    ),
    pools: z.array(
      z.object({
        name: z.string(),
        size: z.number(),
        busy: z.number(),
        places: z.array(z.object({ method: z.string(), doing: z.string(), count: z.number() })),
      }),
    ),
  }),
  series: z
    .object({ busy: z.array(z.object({ thread: z.string(), cpuMs: z.number(), place: z.string() })) })
    .optional(),
});
export type Said = z.infer<typeof saidSchema>;

/** `l9s analyze FILE… …`, as the command line runs it, in this process; what it prints. */
async function analyze(words: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const warned: string[] = [];
  let exitCode = -1;
  const program = createProgram(async (work) => {
    exitCode = await work({
      output: { print: (text) => printed.push(text), warn: (text) => warned.push(text), isTerminal: false },
      environment: { LANG: 'C.UTF-8' },
      home: tmpdir(),
      fleetProgram: '',
      signal: new AbortController().signal,
      onTerminate: () => () => undefined,
      version: 'test',
      stdin: process.stdin,
      stdout: process.stdout,
    });
  });
  await program.parseAsync(['node', 'l9s', 'analyze', ...words]);
  if (exitCode !== 0 || warned.length > 0) throw new Error(`exit ${exitCode}: ${warned.join('\n')}`);
  return printed.join('\n');
}

export const analyzeText = (...files: readonly string[]): Promise<string> => analyze(files);
export const analyzeJson = async (...files: readonly string[]): Promise<Said> =>
  saidSchema.parse(JSON.parse(await analyze([...files, '-o', 'json'])));

/** The sentences of one code, as they are said. */
export const sentences = ({ verdict }: Said, code: string): readonly string[] =>
  verdict.filter((line) => line.code === code).map(({ text }) => text);

/** Text of 80 columns with each sentence in one line again. */
export const unwrapped = (text: string): string => text.replaceAll(/\n {2,}(?=\S)/g, ' ');
