import { hostPort } from '../core/host-port.ts';
import type { EnvironmentEntry } from '../domain/environment.ts';
import { MASK } from '../domain/secret-name.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { formatAge, formatDataAge } from './format-age.ts';
import { formatBytes, NOT_KNOWN } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { serverSeenAgeMs } from './freshness.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, instantWithAge, line, lineIfKnown, say, WORDS } from './words.ts';

const when = (at: number | undefined, context: ViewContext): string | undefined =>
  instantWithAge(at, context, formatInstant, formatAge);

/** Reasons of its health and findings about it, each with what to do next; shown alone by `w`. */
export function reasonsSection(server: Server, context: ViewContext): DetailSection {
  const lines: DetailLine[] = [
    line(
      say(context, WORDS.health),
      `${HEALTH_SIGNS[server.health.level]} ${server.health.level}`,
      HEALTH_TONES[server.health.level],
    ),
  ];
  for (const reason of server.health.reasons) {
    const since =
      reason.since === undefined ? '' : ` (${formatAge(Math.max(0, context.now - reason.since))})`;
    lines.push(
      line(
        `${HEALTH_SIGNS[reason.level]} ${reason.code}`,
        `${say(context, reason.text)}${since}`,
        HEALTH_TONES[reason.level],
      ),
    );
    lines.push(line(`  ${say(context, WORDS.next)}`, say(context, reason.next)));
  }
  const said = new Set(server.health.reasons.map(({ code }) => code));
  for (const finding of context.related.findings(server.ref)) {
    if (said.has(finding.code)) continue;
    const since = formatAge(Math.max(0, context.now - finding.since));
    lines.push(
      line(
        `${HEALTH_SIGNS[finding.level]} ${finding.code}`,
        `${say(context, finding.text)} (${since})`,
        HEALTH_TONES[finding.level],
      ),
    );
    lines.push(line(`  ${say(context, WORDS.next)}`, say(context, finding.next)));
  }
  return { title: text('Health', '상태 판정'), part: 'reasons', lines };
}

export function identitySection(server: Server, context: ViewContext): DetailSection {
  const placeWord =
    server.place === undefined
      ? WORDS.host
      : WORDS[server.place.kind === 'host' ? 'host' : server.place.kind];
  return {
    title: text('Identity', '식별'),
    lines: [
      line(say(context, WORDS.name), server.name),
      line(say(context, WORDS.type), `${server.type} (${server.typeReason})`),
      line(say(context, WORDS.context), `${server.ref.context} (${server.contextKind})`),
      line(say(context, placeWord), server.place?.name ?? NOT_KNOWN),
      line(
        say(context, WORDS.workload),
        server.workload === undefined ? NOT_KNOWN : `${server.workload.kind} ${server.workload.name}`,
      ),
      line(say(context, WORDS.serviceCluster), server.serviceCluster ?? NOT_KNOWN),
      line(
        say(context, WORDS.address),
        server.address === undefined ? NOT_KNOWN : joinPort(server.address, server.port),
      ),
      line('Id', server.ref.id),
    ],
  };
}

const joinPort = (address: string, port: number | undefined): string =>
  port === undefined ? address : hostPort(address, port);

export function orchestratorSection(server: Server, context: ViewContext): DetailSection {
  const dataAge = formatDataAge(serverSeenAgeMs(server, context));
  const lines: DetailLine[] = [
    line(
      say(context, WORDS.state),
      server.stateReason === undefined ? server.state : `${server.state} (${server.stateReason})`,
      server.state === 'failed' ? 'bad' : 'normal',
    ),
    line(say(context, WORDS.seen), dataAge, dataAge === 'live' ? 'good' : 'warn'),
    line(say(context, WORDS.restarts), server.restarts === undefined ? NOT_KNOWN : String(server.restarts)),
    line(say(context, WORDS.created), when(server.createdAt, context) ?? NOT_KNOWN),
    line(say(context, WORDS.started), when(server.startedAt, context) ?? NOT_KNOWN),
    line(say(context, WORDS.node), server.node ?? NOT_KNOWN),
    line(say(context, WORDS.image), server.image ?? NOT_KNOWN),
  ];
  for (const container of server.containers) {
    const facts = [
      container.state,
      container.reason,
      container.exitCode === undefined ? undefined : `exit ${container.exitCode}`,
      container.restarts === undefined ? undefined : `restarts ${container.restarts}`,
      container.memoryLimitBytes === undefined
        ? undefined
        : `memory limit ${formatBytes(container.memoryLimitBytes)}`,
      container.cpuLimit === undefined ? undefined : `cpu limit ${container.cpuLimit}`,
      container.message,
    ].filter((fact) => fact !== undefined);
    lines.push(line(`Container ${container.name}`, facts.join(', ')));
    const last = container.lastTermination;
    if (last === undefined) continue;
    const words = [
      last.reason,
      last.exitCode === undefined ? undefined : `exit ${last.exitCode}`,
      when(last.at, context),
    ];
    lines.push(line('  Last end', words.filter((word) => word !== undefined).join(', ') || NOT_KNOWN));
  }
  const labels = Object.entries(server.labels).map(([name, value]) => `${name}=${value}`);
  lines.push(...lineIfKnown(say(context, WORDS.labels), labels.length === 0 ? undefined : labels.join(' ')));
  return { title: text('Orchestrator', '오케스트레이터'), lines };
}

export function managerSection(server: Server, context: ViewContext): DetailSection {
  const { manager, revision } = server;
  const isOther =
    revision.wanted !== undefined && revision.running !== undefined && revision.wanted !== revision.running;
  const registration =
    server.records.registration === undefined ? undefined : context.related.get(server.records.registration);
  return {
    title: text('Manager and template', 'Manager와 템플릿'),
    lines: [
      line('Manager', manager?.context ?? NOT_KNOWN),
      line(
        say(context, text('Registered', '등록')),
        manager === undefined ? NOT_KNOWN : manager.registered ? 'yes' : 'no',
        manager?.registered === false ? 'warn' : 'normal',
      ),
      line(say(context, text('Manager status', 'Manager 상태')), manager?.status ?? NOT_KNOWN),
      ...lineIfKnown(
        say(context, text('Manager id', 'Manager ID')),
        registration === undefined ? undefined : registration.ref.id,
      ),
      line(
        say(context, text('Template revision running', '실행 중 템플릿 리비전')),
        revision.running ?? NOT_KNOWN,
        isOther ? 'warn' : 'normal',
      ),
      line(
        say(context, text('Template revision wanted', '원하는 템플릿 리비전')),
        revision.wanted ?? NOT_KNOWN,
      ),
      line(
        say(context, text('Template revision default', '기본 템플릿 리비전')),
        revision.default ?? NOT_KNOWN,
      ),
    ],
  };
}

function originOf({ origin, changedSinceStart }: EnvironmentEntry): string {
  const changed = changedSinceStart === true ? ', changed since start' : '';
  if (origin.kind === 'literal') return changed === '' ? '' : ` (${changed.slice(2)})`;
  return ` (${origin.kind} ${origin.name}${changed})`;
}

/** Values of secret-looking names never get this far; they read `***`. */
export function environmentSection(server: Server): DetailSection {
  return {
    title: WORDS.environment,
    lines: server.environment.map((entry) => {
      const value =
        entry.isMasked === true
          ? MASK
          : (entry.value ?? (entry.unread === undefined ? NOT_KNOWN : `${NOT_KNOWN} (${entry.unread})`));
      return line(entry.name, `${value}${originOf(entry)}`);
    }),
  };
}
