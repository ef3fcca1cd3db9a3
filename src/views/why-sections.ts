import type { Dump } from '../domain/dump.ts';
import { DUMP_TITLES } from '../domain/dump.ts';
import { UNAUTHENTICATED } from '../domain/dump-way.ts';
import type { OpsEvent } from '../domain/event.ts';
import { isSameRef } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { isActedOn } from './acted-on.ts';
import { formatAge } from './format-age.ts';
import { formatBytes, formatMs, formatOf, formatPercent, formatTenths, NOT_KNOWN } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { afterGcPercent, hasJvm, heapPercent, levelTone } from './jvm-reading.ts';
import { workloadOf } from './server-links.ts';
import { reasonsSection } from './server-sections.ts';
import { EVENT_TONES, messageOf } from './target-events.ts';
import type { DetailLine, DetailSection, Tone, ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, line, lineIfKnown, say, WORDS } from './words.ts';

const EVENTS = 8;
const CHANGES = 8;
const PROBE_FAILURES = 4;

/** Everything that helps to say why a server is as it is, on one page that can stand in a ticket. */
export function whySections(server: Server, context: ViewContext): readonly DetailSection[] {
  const workload = workloadOf(server, context);
  const events = context.related.events(server.ref);
  return [
    subjectSection(server, context),
    reasonsSection(server, context),
    ...dumpSections(server, context),
    restartsSection(server, context),
    probesSection(events, context),
    ...(workload === undefined ? [] : [rolloutSection(workload, context)]),
    ...(hasJvm(server) ? [jvmNowSection(server, context)] : []),
    changesSection(server, workload, context),
    eventsOf(events, workload === undefined ? [] : context.related.events(workload.ref), context),
  ].filter(({ lines }) => lines.length > 0);
}

function subjectSection(server: Server, context: ViewContext): DetailSection {
  const { ref, type, place, serviceCluster, revision, state, stateReason, image, node } = server;
  const where = [`${ref.context} (${server.contextKind})`, place?.name].filter((part) => part !== undefined);
  const age = server.startedAt === undefined ? undefined : Math.max(0, context.now - server.startedAt);
  return {
    title: text(server.name, server.name),
    isHead: true,
    lines: [
      line(say(context, WORDS.type), type),
      line(say(context, WORDS.context), where.join(' / ')),
      ...lineIfKnown(say(context, WORDS.serviceCluster), serviceCluster),
      ...lineIfKnown(
        say(context, text('Template revision', '템플릿 리비전')),
        revision.running === undefined
          ? undefined
          : revision.wanted === undefined || revision.wanted === revision.running
            ? revision.running
            : `${revision.running} ≠ ${revision.wanted}`,
        revision.wanted !== undefined && revision.wanted !== revision.running ? 'warn' : undefined,
      ),
      line(
        say(context, WORDS.state),
        stateReason === undefined ? state : `${state} (${stateReason})`,
        state === 'failed' ? 'bad' : undefined,
      ),
      ...lineIfKnown(
        say(context, WORDS.started),
        age === undefined
          ? undefined
          : `${formatInstant(server.startedAt, context.isUtc)} (${formatAge(age)})`,
      ),
      ...lineIfKnown(say(context, WORDS.image), image),
      ...lineIfKnown(say(context, WORDS.node), node),
      line(say(context, text('Read at', '확인 시각')), formatInstant(context.now, context.isUtc)),
    ],
  };
}

/** What its newest dumps said; where there is none, how to get one. */
function dumpSections(server: Server, context: ViewContext): readonly DetailSection[] {
  const own = [...context.related.all('dump')].filter((dump) => isSameRef(dump.server, server.ref));
  const newest = (kind: Dump['kind']): readonly Dump[] =>
    own
      .filter((dump) => dump.kind === kind)
      .sort((a, b) => b.takenAt - a.takenAt)
      .slice(0, 1);
  const dumps = [...newest('thread'), ...newest('service')];
  if (dumps.length === 0) {
    if (!hasJvm(server)) return [];
    const how = text(
      't takes a thread dump and says here what it shows',
      't를 누르면 스레드 덤프를 얻어 여기에 판정을 보여 줌',
    );
    return [
      {
        title: text('Thread dump', '스레드 덤프'),
        lines: [line(say(context, WORDS.none), say(context, how), 'muted')],
      },
    ];
  }
  return dumps.map((dump) => dumpSection(dump, context));
}

function dumpSection(dump: Dump, context: ViewContext): DetailSection {
  const age = formatAge(Math.max(0, context.now - dump.takenAt));
  const title = DUMP_TITLES[dump.kind];
  return {
    title: text(`Newest ${title.en} (${age})`, `최근 ${title.ko} (${age})`),
    lines: [
      ...(dump.verdict ?? []).flatMap((found) => [
        line(
          `${HEALTH_SIGNS[found.level]} ${found.code}`,
          say(context, found.text),
          HEALTH_TONES[found.level],
        ),
        ...(found.next === undefined
          ? []
          : [line(`  ${say(context, WORDS.next)}`, say(context, found.next))]),
      ]),
      ...(dump.isAuthenticated
        ? []
        : [line(say(context, text('Sender', '보낸 쪽')), say(context, UNAUTHENTICATED), 'warn')]),
      line(say(context, text('File', '파일')), dump.ref.id, 'muted'),
    ],
  };
}

function restartsSection(server: Server, context: ViewContext): DetailSection {
  const lines: DetailLine[] = [];
  if (server.restarts !== undefined)
    lines.push(
      line(say(context, WORDS.restarts), String(server.restarts), server.restarts > 0 ? 'warn' : undefined),
    );
  for (const { name, state, reason, exitCode, message, lastTermination: last } of server.containers) {
    const now = [state, reason, exitCode === undefined ? undefined : exitWords(exitCode), message];
    lines.push(line(name, joined(now), reason === undefined ? undefined : 'warn'));
    if (last === undefined) continue;
    const before = [
      last.reason,
      last.exitCode === undefined ? undefined : exitWords(last.exitCode),
      last.at === undefined
        ? undefined
        : `${formatInstant(last.at, context.isUtc)} (${formatAge(Math.max(0, context.now - last.at))})`,
    ];
    lines.push(
      line(
        `  ${say(context, text('last end', '직전 종료'))}`,
        joined(before),
        last.exitCode === 0 ? undefined : 'bad',
      ),
    );
  }
  return { title: text('Restarts and containers', '재시작과 컨테이너'), lines };
}

const joined = (parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join(', ') || NOT_KNOWN;

/** Signals by their number, as an exit code of 128 + n tells them. */
const SIGNALS: Readonly<Record<number, string>> = {
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};
const exitWords = (code: number): string => {
  const signal = SIGNALS[code - 128];
  return signal === undefined ? `exit ${code}` : `exit ${code} (${signal})`;
};

/** A kubelet's words for probes that fail, and ECS's for health checks. */
const isProbeFailure = ({ type, message }: OpsEvent): boolean =>
  type === 'Unhealthy' || type === 'ProbeWarning' || /\b(?:probe|health ?check)/i.test(`${type} ${message}`);

function probesSection(events: readonly OpsEvent[], context: ViewContext): DetailSection {
  const failures = events.filter((event) => event.isAlarm !== true && isProbeFailure(event));
  return {
    title: text('Probe failures', '프로브 실패'),
    lines: failures.slice(0, PROBE_FAILURES).map((event) => eventLine(event, context)),
  };
}

function rolloutSection(workload: Workload, context: ViewContext): DetailSection {
  const { kind, name, desired, ready, updated, rollout, ownedBy } = workload;
  const tones: Record<Workload['rollout']['state'], Tone> = {
    stable: 'good',
    progressing: 'accent',
    paused: 'warn',
    failed: 'bad',
  };
  return {
    title: text('Rollout', '롤아웃'),
    lines: [
      line(
        `${kind} ${name}`,
        joined([rollout.state, rollout.message]),
        rollout.state === 'stable' && ready < desired ? 'warn' : tones[rollout.state],
      ),
      line(
        say(context, text('Servers', '서버')),
        say(
          context,
          text(
            `${ready} ready of ${desired} wanted${updated === undefined ? '' : `, ${updated} new`}`,
            `원하는 ${desired}개 중 준비 ${ready}개${updated === undefined ? '' : `, 새 버전 ${updated}개`}`,
          ),
        ),
      ),
      ...lineIfKnown(say(context, text('Revision', '리비전')), rollout.revision),
      ...lineIfKnown(
        say(context, text('Changed by', '변경 주체')),
        ownedBy.length === 0 ? undefined : ownedBy.join(', '),
      ),
    ],
  };
}

/** Heap, collections and requests as last heard. */
function jvmNowSection(server: Server, context: ViewContext): DetailSection {
  const { jvm } = server;
  if (jvm === undefined) return { title: text('JVM', 'JVM'), lines: [] };
  const heap = heapPercent(server);
  const after = afterGcPercent(server);
  const full = jvm.lastFullGc;
  const busy = jvm.connectors?.map(({ name, busy: now, max }) => `${name} ${formatOf(now, max)}`);
  const pools = jvm.dataSources?.map(({ name, active, max }) => `${name} ${formatOf(active, max)}`);
  return {
    title: text('JVM', 'JVM'),
    lines: [
      line(
        say(context, text('Heap', '힙')),
        `${formatBytes(jvm.heap?.usedBytes)} / ${formatBytes(jvm.heap?.maxBytes)} (${formatPercent(heap)})`,
        levelTone(heap, context),
      ),
      line(say(context, text('Heap after GC', 'GC 후 힙')), formatPercent(after), levelTone(after, context)),
      line(
        say(context, text('Time in GC', 'GC 시간')),
        jvm.gcTimePercent === undefined ? NOT_KNOWN : `${formatTenths(jvm.gcTimePercent)}%`,
      ),
      ...lineIfKnown(
        say(context, text('Last full GC', '최근 Full GC')),
        full === undefined
          ? undefined
          : `${formatInstant(full.at, context.isUtc)}: ${formatBytes(full.beforeBytes)} → ${formatBytes(full.afterBytes)}`,
      ),
      ...lineIfKnown(
        say(context, text('Requests', '요청')),
        jvm.tps === undefined && jvm.active === undefined
          ? undefined
          : joined([
              jvm.tps === undefined ? undefined : `${formatTenths(jvm.tps)}/s`,
              jvm.meanMs === undefined ? undefined : formatMs(jvm.meanMs),
              jvm.errorPercent === undefined ? undefined : `${formatTenths(jvm.errorPercent)}% errors`,
              jvm.active === undefined
                ? undefined
                : `${jvm.active.total} active, ${jvm.active.over8s ?? '?'} over 8 s`,
            ]),
      ),
      ...lineIfKnown(say(context, text('Connectors', '커넥터')), busy?.join(', ')),
      ...lineIfKnown(say(context, text('Data sources', '데이터 소스')), pools?.join(', ')),
      ...lineIfKnown(
        say(context, text('Threads', '스레드')),
        jvm.threads?.live === undefined ? undefined : String(jvm.threads.live),
      ),
    ],
  };
}

/** What changed in the last hour around it: itself, its workload, its service cluster. */
function changesSection(server: Server, workload: Workload | undefined, context: ViewContext): DetailSection {
  const changes = [...context.related.all('change')]
    .filter(
      ({ target, ref }) =>
        target !== undefined &&
        (isSameRef(target, server.ref) ||
          isSameRef(target, workload?.ref) ||
          isActedOn({ ref: target, context: ref.context }, server.ref, context)),
    )
    .sort((a, b) => b.at - a.at);
  return {
    title: text('Changes of the last hour', '최근 한 시간의 변경'),
    lines:
      changes.length === 0
        ? [line(say(context, WORDS.none), '')]
        : changes
            .slice(0, CHANGES)
            .map(({ at, text: said, by }) =>
              line(
                formatInstant(at, context.isUtc),
                `${say(context, said)}${by === undefined ? '' : ` (${by})`}`,
              ),
            ),
  };
}

function eventsOf(
  own: readonly OpsEvent[],
  ofWorkload: readonly OpsEvent[],
  context: ViewContext,
): DetailSection {
  const events = [...own, ...ofWorkload].sort((a, b) => b.at - a.at).slice(0, EVENTS);
  return {
    title: WORDS.events,
    lines:
      events.length === 0
        ? [line(say(context, WORDS.none), '')]
        : events.map((event) => eventLine(event, context)),
  };
}

const eventLine = (event: OpsEvent, context: ViewContext): DetailLine =>
  line(
    formatInstant(event.at, context.isUtc),
    `${event.type}${event.count !== undefined && event.count > 1 ? ` ×${event.count}` : ''}: ${messageOf(event, context)}`,
    EVENT_TONES[event.level],
  );
