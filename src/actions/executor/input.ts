import { appError } from '../../domain/errors.ts';
import type { AnyAction, InputField } from '../action.ts';

const MAX_LENGTH = 1_000;

/** The answers as plans get them: known fields only, each of its type. Throws INPUT_INVALID. */
export function validateInput(
  action: AnyAction,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const fields = inputFields(action);
  for (const id of Object.keys(given)) {
    if (!fields.some((field) => field.id === id)) {
      throw appError('INPUT_INVALID', `${action.command} takes no "${id}"`);
    }
  }
  const answers = fields.flatMap((field) => {
    const written = given[field.id]?.trim();
    if (written === undefined || written === '') {
      if (field.isRequired) throw invalid(field, 'is missing');
      return [];
    }
    return [[field.id, validateField(field, written)] as const];
  });
  return Object.fromEntries(answers);
}

/** The fields of a verb without the type of what it acts on. */
export type AnyField = Pick<InputField, 'id' | 'title' | 'flag' | 'isRequired' | 'type'> &
  (
    | { readonly type: 'count'; readonly least: number; readonly most: number }
    | { readonly type: 'text' }
    | { readonly type: 'choice'; readonly isOpen: boolean }
  );
export const inputFields = ({ inputs }: AnyAction): readonly AnyField[] => inputs;

function validateField(field: AnyField, written: string): string {
  if (written.length > MAX_LENGTH) throw invalid(field, `is longer than ${MAX_LENGTH} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(written)) throw invalid(field, 'has control characters');
  if (field.type !== 'count') return written;
  const count = /^\d{1,9}$/.test(written) ? Number(written) : undefined;
  if (count === undefined || count < field.least || count > field.most) {
    throw invalid(field, `is "${written}"; it is a whole number from ${field.least} to ${field.most}`);
  }
  return String(count);
}

const invalid = ({ flag, title }: AnyField, what: string) =>
  appError('INPUT_INVALID', `${title.en} (${flag.spelling}) ${what}`);
