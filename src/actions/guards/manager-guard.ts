import { describeThrown } from '../../core/app-error.ts';
import { withDeadline } from '../../core/deadline.ts';
import { environmentValue } from '../../domain/environment.ts';
import { ERRORS, type ErrorCode, isErrorCode } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { ActionTools } from '../tools.ts';
import type { Starting } from './starting.ts';

/** As long as a starting container waits for the connection [ship]. */
const ASK_TIMEOUT_MS = 5_000;

/** What a start loads from its Manager: the template, the licence or nothing. */
function downloadsOf({ environment }: Starting): readonly ('template' | 'licence')[] {
  const value = (name: string) => environmentValue(environment, name)?.trim().toLowerCase();
  return [
    ...(value('LENA_CONFIG_TEMPLATE_DOWNLOAD') === 'y' ? (['template'] as const) : []),
    ...(value('LENA_LICENSE_DOWNLOAD_URL') === 'manager' ? (['licence'] as const) : []),
  ];
}

/**
 * Whether the Manager a start downloads from answers us. It cannot be told which of several the container's own
 * address means, so each is asked and all must be silent before it is a danger. Never rejects.
 */
export async function managerWarnings(
  starting: Starting,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly PlanWarning[]> {
  const downloads = downloadsOf(starting);
  if (downloads.length === 0) return [];
  const managers = tools.lookup.managersServing(starting.context);
  if (managers.length === 0) {
    const address = environmentValue(starting.environment, 'LENA_MANAGER_ADDRESS') ?? 'n/a';
    return [
      {
        level: 'info',
        code: 'manager-unchecked',
        text: text(
          `${starting.name} downloads its ${downloads.join(' and ')} from ${address}: no Manager is configured for ${starting.context}, so whether it answers cannot be checked`,
          `${starting.name}은(는) ${address}에서 ${downloads.join(', ')} 다운로드: ${starting.context}에 설정된 Manager가 없어 응답 여부를 확인할 수 없음`,
        ),
      },
    ];
  }
  const answers = await Promise.all(managers.map((manager) => ask(manager, tools, signal)));
  const silent = answers.filter(({ why }) => why !== undefined);
  const names = managers.join(', ');
  if (silent.length === 0) {
    return [
      {
        level: 'info',
        code: 'manager-answers',
        text: text(`Manager ${names} answers`, `Manager ${names} 응답함`),
      },
    ];
  }
  const reasons = silent.map(({ manager, why }) => `${manager}: ${why}`).join('; ');
  if (silent.length < managers.length) {
    return [
      {
        level: 'warn',
        code: 'manager-partly-silent',
        text: text(
          `Not every Manager of ${starting.context} answers (${reasons})`,
          `${starting.context}의 일부 Manager가 응답하지 않음 (${reasons})`,
        ),
      },
    ];
  }
  return [
    {
      level: 'danger',
      code: 'manager-silent',
      text: text(
        `Manager ${names} does not answer (${reasons}): the ${downloads.join(' and ')} download of ${starting.name} will fail`,
        `Manager ${names} 응답 없음 (${reasons}): ${starting.name}의 ${downloads.join(', ')} 다운로드가 실패함`,
      ),
    },
  ];
}

interface Answer {
  readonly manager: string;
  readonly why?: string | undefined;
}

async function ask(manager: string, tools: ActionTools, signal: AbortSignal): Promise<Answer> {
  try {
    const remote = await tools.remote('manager', manager);
    await remote.get('/rest/public/managerInfo', {}, withDeadline(signal, ASK_TIMEOUT_MS));
    return { manager };
  } catch (error) {
    return hasAnswered(error) ? { manager } : { manager, why: describeThrown(error) };
  }
}

/** A refusal is an answer too: only what never got to a Manager is none. */
function hasAnswered(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  const { code } = error;
  if (!isErrorCode(code)) return false;
  return ANSWERED.has(code) && ERRORS[code].stage !== 'reach';
}
const ANSWERED: ReadonlySet<ErrorCode> = new Set([
  'NOT_FOUND',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'KEY_REFUSED',
  'PERMISSION_DENIED',
  'THROTTLED',
]);
