import { AppError } from '../../core/app-error.ts';
import { text } from '../../domain/text.ts';
import { failureOf } from '../executor/failure.ts';
import type { FileOrder } from './take-file.ts';

/** The connection that carried a dump ended before the dump did. */
export const isCut = (thrown: unknown): boolean =>
  thrown instanceof AppError && thrown.code === 'CONNECTION_LOST';

export const keptWords = (kept: number, count: number) =>
  text(`${kept} of ${count} kept`, `${count}개 중 ${kept}개 저장됨`);

/** How far a taking came. */
export interface Taken {
  readonly kept: number;
  readonly count: number;
}

/** Codes of a remote that was not reached: which one it was is not told by the server's name. */
const UNREACHED: ReadonlySet<string> = new Set(['REFUSED', 'UNREACHABLE', 'NAME_UNKNOWN', 'CONNECTION_LOST']);

/**
 * Why it ended, of whom, and what to do: a source tries again by itself, nobody takes a dump again by himself. What was
 * thrown is left as it is where it says so already.
 */
export function takeFailure(thrown: unknown, order: FileOrder, { kept, count }: Taken): unknown {
  const { code, message } = failureOf(thrown);
  const where = UNREACHED.has(code) ? remoteOf(order) : undefined;
  const words = where === undefined ? message : `${where}: ${message}`;
  if (count > 1) {
    const hint =
      kept === 0 ? 'Take it again.' : 'What was taken is kept (`:dumps`); take a series again for the rest.';
    return new AppError(code, `${kept} of ${count} taken, then: ${words}`, { hint, cause: thrown });
  }
  if (where !== undefined) {
    const hint = `Nothing was kept: take it again when ${order.target.server.ref.context} answers (\`:contexts\`).`;
    return new AppError(code, words, { hint, cause: thrown });
  }
  if (!isCut(thrown)) return thrown;
  return new AppError(code, words, {
    hint: `Nothing was kept: take it again.${leftWords(order)}`,
    cause: thrown,
  });
}

/** Whom a way asks, where that is not the server itself. */
function remoteOf({ way, target }: FileOrder): string | undefined {
  const { context } = target.server.ref;
  if (way === 'pod-exec') return `the API server of ${context}`;
  return way === 'ecs-exec' ? `ECS of ${context}` : undefined;
}

const leftWords = ({ kind, way }: FileOrder): string =>
  kind === 'heap' && way === 'agent-channel'
    ? ' The agent removes the file it had begun on the server; one that was killed leaves it to the next, some hours later.'
    : '';
