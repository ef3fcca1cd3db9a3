/**
 * Commands that only look, one list: in triage nothing else is run in a container. A template is an argv of fixed
 * words and of words checked by a pattern; there is never a shell between.
 */
type Word = string | RegExp;
export interface ExecTemplate {
  /** Stable name, e.g. `session-health`. */
  readonly id: string;
  readonly words: readonly Word[];
}

/** Where LENA is installed: in its images, and on machines by default. */
const HOMES = ['/usr/local/lena', '/engn001/lena/1.3'] as const;
const SESSION_SERVER = 'servers/sessionServer';

export const EXEC_TEMPLATES: readonly ExecTemplate[] = HOMES.flatMap((home) => {
  const tool = (name: string) => `${home}/${SESSION_SERVER}/${name}`;
  return [
    { id: 'session-health', words: [tool('health.sh')] },
    { id: 'session-status', words: [tool('console.sh'), 'status'] },
    { id: 'session-was-list', words: [tool('console.sh'), 'was_list'] },
  ];
});

const matches = (word: Word, argument: string): boolean =>
  typeof word === 'string' ? word === argument : word.test(argument);

/** The template an argv equals word for word; `undefined` where there is none. */
export const execTemplateOf = (argv: readonly string[]): ExecTemplate | undefined =>
  EXEC_TEMPLATES.find(
    ({ words }) =>
      words.length === argv.length && words.every((word, index) => matches(word, argv[index] ?? '')),
  );
