import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Lookup } from '../tools.ts';
import type { Starting } from './starting.ts';

/** Says where the sessions of an application server end with it: no session server is named, or none is ready. */
export function wasSessionWarnings(
  { type, name, environment, context }: Starting,
  lookup: Lookup,
): readonly PlanWarning[] {
  if (type !== 'was' && type !== 'embedded') return [];
  const hosts = readLenaEnvironment(environment)
    .addresses.filter(({ variable }) => variable.startsWith('LENA_SESSION_'))
    .map(({ host }) => host);
  if (hosts.length === 0) {
    return [
      {
        level: 'warn',
        code: 'sessions-unmirrored',
        text: text(
          `The sessions of ${name} are not mirrored as far as its environment says (no LENA_SESSION_n_ADDRESS): those it holds are lost`,
          `${name}의 세션은 환경 변수상 미러링되지 않음 (LENA_SESSION_n_ADDRESS 없음): 보유한 세션이 유실됨`,
        ),
      },
    ];
  }
  const keepers = [...lookup.all('server')].filter(
    (server) =>
      server.type === 'session' &&
      server.ref.context === context &&
      hosts.some((host) => host === server.address || host.split('.', 1)[0] === server.name.toLowerCase()),
  );
  // A name that stands for no row here (a service, another network) says nothing of its servers.
  if (keepers.length === 0 || keepers.some(({ state }) => state === 'ready')) return [];
  return [
    {
      level: 'warn',
      code: 'sessions-unmirrored',
      text: text(
        `None of the session servers of ${name} is ready: the sessions it holds are lost`,
        `${name}의 세션 서버 중 준비된 것이 없음: 보유한 세션이 유실됨`,
      ),
    },
  ];
}
