import { type AppError, describeThrown } from '../../core/app-error.ts';
import { appError, ERRORS, type ErrorCode, isTableError } from '../../domain/errors.ts';
import type { Template } from '../../domain/remote.ts';
import type { ActionTools } from '../tools.ts';

/** Which template is meant; `revision: undefined` is the default one. */
export interface TemplateQuestion {
  readonly serviceCluster: string;
  readonly revision: string | undefined;
}

/** `shop:3`, or `shop` for the default, as `LENA_CONFIG_TEMPLATE_ID` writes it. */
export const templateId = ({ serviceCluster, revision }: TemplateQuestion): string =>
  revision === undefined ? serviceCluster : `${serviceCluster}:${revision}`;

/**
 * A template as the first of the Managers that answers gives it. Rejects with an AppError: ACTION_IMPOSSIBLE where
 * there is no Manager to ask, else what the last one said (NOT_FOUND, TEMPLATE_INVALID, KEY_REFUSED …).
 */
export async function getTemplate(
  managers: readonly string[],
  wanted: TemplateQuestion,
  { tools, signal }: { readonly tools: ActionTools; readonly signal: AbortSignal },
): Promise<Template> {
  const id = templateId(wanted);
  let last: AppError | undefined;
  for (const manager of managers) {
    try {
      const remote = await tools.remote('manager', manager);
      const template = await remote.template(wanted.serviceCluster, wanted.revision, signal);
      if (wanted.revision !== undefined && template.revision !== wanted.revision) {
        throw appError(
          'TEMPLATE_INVALID',
          `Manager ${manager} gave revision ${template.revision} where ${id} was asked for`,
        );
      }
      return template;
    } catch (error) {
      const code = codeOf(error);
      const said = describeThrown(error);
      const message =
        code === 'NOT_FOUND'
          ? `${missing(wanted)} at ${manager} (it says: ${shortWords(said)})`
          : `Template ${id} cannot be had from Manager ${manager}: ${said}`;
      last = appError(code, message, { cause: error });
      // Another Manager may have what this one does not know; a template that is bad is bad.
      if (ERRORS[code].stage !== 'reach' && code !== 'NOT_FOUND') throw last;
    }
  }
  throw (
    last ??
    appError('ACTION_IMPOSSIBLE', `Template ${id} cannot be checked: no Manager is configured for it`, {
      hint: 'Add the Manager to the configuration, and the context to what it serves.',
    })
  );
}

const missing = ({ serviceCluster, revision }: TemplateQuestion): string =>
  revision === undefined
    ? `${serviceCluster} has no default template`
    : `${serviceCluster} has no template revision ${revision}`;

const MAX_WORDS = 120;

/** What a Manager's page says, without the request before it and without a heading said twice. */
function shortWords(said: string): string {
  const words = said.replace(/^GET \S+: /, '').replace(/\b(\w+)(?: \1\b)+/g, '$1');
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
}

const codeOf = (error: unknown): ErrorCode => (isTableError(error) ? error.code : 'UNEXPECTED_ANSWER');
