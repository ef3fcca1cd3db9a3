import type { AppError } from '../../../core/app-error.ts';
import { appError, type ErrorCode } from '../../../domain/errors.ts';
import type { ChannelError } from '../../../wire/dump-channel/messages.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  busy: 'DUMP_BUSY',
  denied: 'PERMISSION_DENIED',
  noJvm: 'NO_JVM',
  tooLarge: 'DUMP_TOO_LARGE',
  timeout: 'TIMEOUT',
};
const HINTS: Partial<Record<string, string>> = {
  denied:
    'The agent was not started to allow this (heap dumps: --allow-heap-dumps), or is not the JVM’s user.',
  unsupported: 'Start the JVM without what is named here, or take it by another way.',
  unknownServer: 'It may have restarted under another name: look at who is connected.',
};

/** What an agent said instead of a dump. */
export function agentError(
  agent: string,
  what: string,
  { code, message }: ChannelError,
): AppError<ErrorCode> {
  return appError(CODES[code] ?? 'DUMP_FAILED', `${agent}: ${what}: ${message}`, { hint: HINTS[code] });
}
