import { askWays } from '../../actions/dump/choose-way.ts';
import { dumpToolsOf, takingWays } from '../../actions/dump/dump-target.ts';
import { systemClock } from '../../core/clock.ts';
import type { DoctorCheck } from '../../diagnosis/doctor-check.ts';
import { DUMP_WAY_TITLES } from '../../domain/dump.ts';
import { dumpTargetOf } from '../../domain/dump-target.ts';
import { isOffer } from '../../domain/dump-way.ts';
import type { Server } from '../../domain/server.ts';
import { SERVER_TYPES } from '../../domain/server-type.ts';
import type { Observed } from '../observe.ts';

const ASK = { kind: 'thread', maxBytes: 1, timeoutMs: 1 } as const;

/** Which ways lead to a thread dump of a server now, and what would open the others; runs nothing on the server. */
export async function dumpWayChecks(
  server: Server,
  { acting }: Observed,
  signal: AbortSignal,
): Promise<readonly DoctorCheck[]> {
  if (server.type !== 'unknown' && !SERVER_TYPES[server.type].isJvm) return [];
  const context = `${server.ref.context}:${server.name}`;
  const question = {
    ways: takingWays(dumpToolsOf(acting.tools)),
    target: dumpTargetOf(server, acting.lookup),
    ask: ASK,
    clock: systemClock,
    signal,
  };
  const answers = await askWays(question);
  return answers.map(({ answer }): DoctorCheck => {
    const check = `dumps by ${DUMP_WAY_TITLES[answer.way].en}`;
    if (isOffer(answer)) {
      const proof = answer.isAuthenticated ? '' : ', unauthenticated';
      return { context, check, outcome: 'ok', detail: `${answer.through}${proof}` };
    }
    return { context, check, outcome: 'skipped', detail: answer.why.en, next: answer.next?.en };
  });
}

/** Whether servers can dial in for dumps, where the configuration says that they may. */
export function dumpPortChecks({ settings, contexts }: Observed): readonly DoctorCheck[] {
  const { tcp, agentKey } = settings.config.telemetry;
  const receiver = contexts().find(({ name, kind }) => kind === 'udp' && name === 'udp');
  if (receiver === undefined || !tcp) return [];
  const line = (outcome: DoctorCheck['outcome'], detail: string, next?: string): DoctorCheck => ({
    context: receiver.name,
    check: 'dumps',
    outcome,
    detail,
    next,
  });
  const { counts = {}, isReadAlong } = receiver.facts;
  const { tcpPort, tcpPeers = 0, tcpKeyRefused = 0 } = counts;
  if (isReadAlong === true) return [line('ok', 'another l9s of this user owns the port and asks for us')];
  if (tcpPort === undefined)
    return [line('warn', 'nothing listens on TCP', 'See the notes below, or start it again.')];
  const keys = agentKey === undefined ? 'no agents (telemetry.agentKey is not set)' : 'agents by their key';
  return [
    line('ok', `TCP ${tcpPort}, ${tcpPeers} connected, ${keys}`),
    ...(tcpKeyRefused > 0
      ? [
          line(
            'warn',
            `${tcpKeyRefused} refused for their key`,
            'Derive the key of their workload anew: l9s agent-key derive CONTEXT/WORKLOAD.',
          ),
        ]
      : []),
  ];
}
