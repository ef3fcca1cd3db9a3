import type { AppError } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { appError, type ErrorCode } from '../../domain/errors.ts';
import type { Registration } from '../../domain/registration.ts';
import type { ServerType } from '../../domain/server-type.ts';
import { toAppError } from '../http-error.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';
import { readList, serverRecordSchema } from './manager-records.ts';
import { SERVER_LISTS, type ServerList, toRegistration } from './registrations.ts';

export interface ListsRead {
  readonly registrations: readonly Registration[];
  /** Every list this version has and lets us read was read, whole and in one go. */
  readonly isComplete: boolean;
  readonly covers: readonly ServerType[];
  readonly errors: readonly AppError<ErrorCode>[];
  /** Nothing was read although there is something to read. */
  readonly isLost: boolean;
  readonly dropped: number;
}

/** Reads the lists of servers; one that fails keeps what it said before. */
export function createServerLists(context: string, api: ManagerApi, clock: Clock) {
  const last = new Map<ServerList, readonly Registration[]>();
  const denials = new Map<ServerList, AppError<ErrorCode>>();
  return {
    async read(target: ManagerTarget, signal: AbortSignal): Promise<ListsRead> {
      const errors: AppError<ErrorCode>[] = [];
      const covers = new Set<ServerType>();
      const denied: AppError<ErrorCode>[] = [];
      let dropped = 0;
      let found = 0;
      await Promise.all(
        SERVER_LISTS.map(async (list) => {
          if (!api.isWorthAsking(list.capability)) {
            const denial = denials.get(list);
            if (denial !== undefined) denied.push(denial);
            return;
          }
          try {
            const reading = await api.get(target, list, signal);
            denials.delete(list);
            if (reading.state === 'absent') {
              last.delete(list);
              return;
            }
            if (reading.state !== 'found') {
              if (reading.state === 'denied') {
                denials.set(list, reading.error);
                denied.push(reading.error);
              } else errors.push(reading.error);
              return;
            }
            const rows = readList(serverRecordSchema, reading.body);
            if (rows === undefined) {
              const error = appError(
                'UNEXPECTED_ANSWER',
                `GET ${target.basePath}${list.path}: holds no list`,
              );
              api.note(list.capability, 'unknown', error);
              errors.push(error);
              return;
            }
            found++;
            dropped += rows.dropped;
            const seenAt = clock.now();
            last.set(
              list,
              rows.records.map((record) => toRegistration(record, list, { context, seenAt })),
            );
            // A record that could not be read may be the very one somebody looks for.
            if (rows.dropped === 0) for (const type of list.covers) covers.add(type);
          } catch (error) {
            errors.push(toAppError(error, `GET ${target.basePath}${list.path}`));
          }
        }),
      );
      return {
        registrations: uniqueById([...last.values()].flat()),
        isComplete: found > 0 && errors.length === 0,
        covers: [...covers],
        errors: [...errors, ...denied],
        isLost: found === 0 && errors.length + denied.length > 0,
        dropped,
      };
    },
  };
}

const uniqueById = (registrations: readonly Registration[]): Registration[] => [
  ...new Map(registrations.map((registration) => [registration.ref.id, registration])).values(),
];
