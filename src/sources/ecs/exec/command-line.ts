import { appError } from '../../../domain/errors.ts';

/** Characters that mean the same to everybody who cuts a line into words. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;
const PLAIN_PROGRAM = /^[A-Za-z0-9_./][A-Za-z0-9_@%+:,./-]*$/;

/**
 * The one string ECS takes for a command, which the agent in the task cuts into words again. No word is quoted: one
 * that would need it is refused with ACTION_IMPOSSIBLE, since nobody says how it is read there.
 */
export function commandLine(argv: readonly string[]): string {
  const [program = '', ...words] = argv;
  const odd = PLAIN_PROGRAM.test(program) ? words.find((word) => !PLAIN_WORD.test(word)) : program;
  if (odd !== undefined) {
    throw appError(
      'ACTION_IMPOSSIBLE',
      `ECS exec takes a command as one line, and ${JSON.stringify(odd.slice(0, 80))} cannot be one word of it`,
    );
  }
  return argv.join(' ');
}

/** The words of such a line; `undefined` for one that could be read in another way. */
export function wordsOf(line: string): readonly string[] | undefined {
  const words = line.split(' ');
  const [program = '', ...others] = words;
  return PLAIN_PROGRAM.test(program) && others.every((word) => PLAIN_WORD.test(word)) ? words : undefined;
}
