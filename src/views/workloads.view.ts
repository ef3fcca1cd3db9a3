import { MASK } from '../domain/secret-name.ts';
import { text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { ageOf, formatAge, formatDataAge } from './format-age.ts';
import { NOT_KNOWN } from './format-number.ts';
import { formatInstant, isoTime } from './format-time.ts';
import { isOutdated, seenAgeMs, seenAtOf } from './freshness.ts';
import { known } from './known.ts';
import { isWorkloadOf } from './server-links.ts';
import { eventsSection } from './target-events.ts';
import { type Column, type DetailSection, defineView, type Tone, type ViewContext } from './view.ts';
import { instantWithAge, line, lineIfKnown, say, WORDS } from './words.ts';

const ROLLOUT_TONES: Readonly<Record<Workload['rollout']['state'], Tone>> = {
  stable: 'good',
  progressing: 'accent',
  paused: 'warn',
  failed: 'bad',
};
const ROLLOUT_SIGNS: Readonly<Record<Workload['rollout']['state'], string>> = {
  stable: '●',
  progressing: '↻',
  paused: '‖',
  failed: '✖',
};

const columns: readonly Column<Workload>[] = [
  { id: 'name', title: 'NAME', width: 'grow', cut: 'middle', sortKey: 'N', value: ({ name }) => name },
  { id: 'kind', title: 'KIND', width: 11, dropOrder: 40, value: ({ kind }) => kind },
  { id: 'ctx', title: 'CONTEXT', width: 12, dropOrder: 30, sortKey: 'P', value: ({ ref }) => ref.context },
  { id: 'ns', title: 'NAMESPACE', width: 14, dropOrder: 60, value: ({ place }) => place.name },
  {
    id: 'ready',
    title: 'READY',
    width: 9,
    align: 'right',
    dropOrder: 5,
    unit: 'count',
    value: ({ ready }) => ready,
    text: ({ ready, desired, ref }, context) =>
      `${ready}/${desired}${isOutdated(ref.context, context) ? '?' : ''}`,
    tone: ({ ready, desired }) => (ready >= desired ? 'normal' : ready === 0 ? 'bad' : 'warn'),
  },
  {
    id: 'desired',
    title: 'DESIRED',
    width: 7,
    align: 'right',
    wide: true,
    dropOrder: 80,
    unit: 'count',
    value: ({ desired }) => desired,
  },
  {
    id: 'updated',
    title: 'UPDATED',
    width: 7,
    align: 'right',
    dropOrder: 50,
    unit: 'count',
    value: ({ updated }) => updated,
  },
  {
    id: 'available',
    title: 'AVAILABLE',
    width: 9,
    align: 'right',
    dropOrder: 70,
    unit: 'count',
    value: ({ available }) => available,
  },
  {
    id: 'state',
    title: 'ROLLOUT',
    width: 13,
    dropOrder: 10,
    sortKey: 'S',
    value: ({ rollout }) => rollout.state,
    text: ({ rollout, ref }, context) =>
      `${isOutdated(ref.context, context) ? '?' : ROLLOUT_SIGNS[rollout.state]} ${rollout.state}`,
    tone: ({ rollout }) => ROLLOUT_TONES[rollout.state],
  },
  {
    id: 'rev',
    title: 'ROLLOUT REV',
    width: 11,
    dropOrder: 55,
    value: ({ rollout }) => rollout.revision,
    order: ({ rollout }) => rollout.revision,
  },
  {
    id: 'age',
    title: 'AGE',
    width: 4,
    align: 'right',
    dropOrder: 45,
    unit: 'age',
    sortKey: 'A',
    value: ({ createdAt }, { now }) => ageOf(createdAt, now),
    text: ({ createdAt }, { now }) => {
      const ageMs = ageOf(createdAt, now);
      return ageMs === undefined ? NOT_KNOWN : formatAge(ageMs);
    },
  },
  {
    id: 'seen',
    title: 'SEEN',
    width: 4,
    align: 'right',
    dropOrder: 20,
    unit: 'age',
    value: (workload, context) => seenAgeMs(seenRowOf(workload), context),
    text: (workload, context) => formatDataAge(seenAgeMs(seenRowOf(workload), context)),
    tone: (workload, context) => (seenAgeMs(seenRowOf(workload), context) < 30_000 ? 'muted' : 'warn'),
  },
  {
    id: 'owned',
    title: 'OWNED BY',
    width: 18,
    wide: true,
    dropOrder: 90,
    value: ({ ownedBy }) => ownedBy.join(',') || undefined,
  },
  { id: 'image', title: 'IMAGE', width: 30, wide: true, dropOrder: 95, value: ({ image }) => image },
];

const seenRowOf = ({ ref, seenAt }: Workload) => ({ context: ref.context, seenAt, isWatched: true });

function detail(workload: Workload, context: ViewContext): readonly DetailSection[] {
  const { rollout } = workload;
  const isOld = isOutdated(workload.ref.context, context);
  const when = (at: number | undefined) => instantWithAge(at, context, formatInstant, formatAge);
  const servers = [...context.related.all('server')].filter((server) => isWorkloadOf(workload, server));
  return [
    {
      title: text('Workload', '워크로드'),
      lines: [
        line(say(context, WORDS.name), workload.name),
        line(say(context, WORDS.type), workload.kind),
        line(say(context, WORDS.context), `${workload.ref.context} (${workload.contextKind})`),
        line(say(context, WORDS[workload.place.kind]), workload.place.name),
        line(say(context, text('Ready', '준비')), `${workload.ready}/${workload.desired}`),
        ...lineIfKnown(
          say(context, text('Updated', '갱신')),
          workload.updated === undefined ? undefined : String(workload.updated),
        ),
        ...lineIfKnown(
          say(context, text('Available', '사용 가능')),
          workload.available === undefined ? undefined : String(workload.available),
        ),
        line(say(context, WORDS.image), workload.image ?? NOT_KNOWN),
        ...lineIfKnown(
          say(context, text('Also changed by', '함께 변경하는 주체')),
          workload.ownedBy.length === 0 ? undefined : workload.ownedBy.join(', '),
        ),
        line(say(context, WORDS.created), when(workload.createdAt) ?? NOT_KNOWN),
        ...lineIfKnown(
          say(context, WORDS.labels),
          Object.entries(workload.labels)
            .map(([name, value]) => `${name}=${value}`)
            .join(' ') || undefined,
        ),
      ],
    },
    {
      title: text('Rollout', '롤아웃'),
      lines: [
        line(
          say(context, WORDS.state),
          isOld ? `? ${rollout.state}` : `${ROLLOUT_SIGNS[rollout.state]} ${rollout.state}`,
          isOld ? 'muted' : ROLLOUT_TONES[rollout.state],
        ),
        line(say(context, text('Rollout revision', '롤아웃 리비전')), rollout.revision ?? NOT_KNOWN),
        ...lineIfKnown(say(context, text('Message', '메시지')), rollout.message),
        ...lineIfKnown(say(context, WORDS.started), when(rollout.startedAt)),
      ],
    },
    {
      title: text('Servers', '서버'),
      lines: servers.map((server) =>
        line(
          server.name,
          `${server.state}, ${server.health.level}, revision ${server.revision.running ?? NOT_KNOWN}`,
        ),
      ),
    },
    eventsSection(workload.ref, context),
    {
      title: WORDS.environment,
      lines: workload.environment.map((entry) =>
        line(entry.name, entry.isMasked === true ? MASK : (entry.value ?? NOT_KNOWN)),
      ),
    },
  ].filter((section) => section.lines.length > 0);
}

export const workloadsView = defineView({
  id: 'workloads',
  kind: 'workload',
  title: text('Workloads', '워크로드'),
  aliases: ['wl', 'workload', 'deployments', 'services'],
  help: text(
    'What keeps servers running: Deployments, StatefulSets, DaemonSets, ECS services',
    '서버를 유지하는 Deployment, StatefulSet, DaemonSet, ECS 서비스',
  ),
  columns,
  isOutdated: ({ ref }, context) => isOutdated(ref.context, context),
  sort: { column: 'name' },
  isFault: ({ ready, desired, rollout }) => ready < desired || rollout.state === 'failed',
  isIn: ({ ref }, scope) => scope.kind === 'context' && ref.context === scope.id,
  enter: ({ ref }) => ({ view: 'servers', scope: ref }),
  enterTitle: text('its servers', '소속 서버'),
  links: [
    {
      id: 'events',
      key: 'e',
      title: text('its events', '이벤트'),
      target: ({ ref }) => ({ view: 'events', scope: ref }),
    },
  ],
  favourites: ['state!=stable', 'age<1h'],
  detail,
  contextOf: ({ ref }) => ref.context,
  namespaceOf: ({ place }) => place.name,
  labelsOf: ({ labels }) => labels,
  nameOf: ({ name }) => name,
  json: (workload, context) =>
    known({
      id: workload.ref.id,
      name: workload.name,
      kind: workload.kind,
      context: workload.ref.context,
      [workload.place.kind]: workload.place.name,
      desired: workload.desired,
      ready: workload.ready,
      updated: workload.updated,
      available: workload.available,
      rollout: { ...workload.rollout, startedAt: isoTime(workload.rollout.startedAt) },
      image: workload.image,
      ownedBy: workload.ownedBy,
      createdAt: isoTime(workload.createdAt),
      seenAt: isoTime(seenAtOf(seenRowOf(workload), context)),
    }),
});
