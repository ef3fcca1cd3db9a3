import { SERVER_TYPES } from '../../domain/server-type.ts';
import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

const READY_MS = 60_000;

export const notRegistered: FindingRule = {
  code: 'not-registered',
  check({ server, instance, registration, reads, now, lookAgainAt }) {
    const { type, state } = server;
    if (registration !== undefined || instance === undefined || state !== 'ready') return undefined;
    if (type === 'unknown' || !SERVER_TYPES[type].registers || reads.length === 0) return undefined;
    const readySince = instance.readySince;
    if (readySince === undefined || instance.deletingSince !== undefined) return undefined;
    if (now - readySince < READY_MS) {
      lookAgainAt(readySince + READY_MS);
      return undefined;
    }
    // Two good reads since it became ready, of a Manager whose lists cover this type.
    const covering = reads.filter(({ covers }) => covers.includes(type));
    const isAbsent = (recentAt: readonly number[]) =>
      recentAt.length >= 2 && recentAt.slice(0, 2).every((at) => at >= readySince);
    if (covering.length === 0 || !covering.every(({ recentAt }) => isAbsent(recentAt))) return undefined;
    const managers = covering.map(({ ref }) => ref.context).join(', ');
    return {
      level: 'warn',
      text: text(
        `${server.name} is ready, but its Manager ${managers} does not list it`,
        `${server.name}: 준비 상태이지만 Manager ${managers}에 등록되지 않음`,
      ),
      next: text(
        'Check LENA_MANAGER_ADDRESS, the way to the Manager, and logs/entrypoint.log',
        'LENA_MANAGER_ADDRESS, Manager까지의 경로, logs/entrypoint.log를 확인하십시오',
      ),
    };
  },
};
