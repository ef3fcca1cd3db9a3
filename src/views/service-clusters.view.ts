import { HEALTH_LEVELS, healthRank } from '../domain/health.ts';
import type { ServiceCluster } from '../domain/service-cluster.ts';
import { text } from '../domain/text.ts';
import { formatNumber, NOT_KNOWN } from './format-number.ts';
import { isOutdated } from './freshness.ts';
import { known } from './known.ts';
import { isServerIn } from './server-links.ts';
import { HISTORY_PART, historySection } from './service-cluster-history.ts';
import { type Column, type DetailSection, defineView, type ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, line, say, WORDS } from './words.ts';

/** `12` or `11×1 12×3`: what runs, and how many servers run each where they differ. */
function runningText({ running }: ServiceCluster): string {
  const named = running.map(({ revision, servers }) => ({ revision: revision ?? NOT_KNOWN, servers }));
  const [first, second] = named;
  if (first === undefined) return NOT_KNOWN;
  if (second === undefined) return first.revision;
  return named.map(({ revision, servers }) => `${revision}×${servers}`).join(' ');
}

const isMixed = (cluster: ServiceCluster): boolean =>
  cluster.running.length > 1 ||
  cluster.running.some(
    ({ revision }) =>
      revision !== undefined && cluster.wanted.length > 0 && !cluster.wanted.includes(revision),
  );

const columns: readonly Column<ServiceCluster>[] = [
  { id: 'name', title: 'NAME', width: 'grow', cut: 'middle', sortKey: 'N', value: ({ name }) => name },
  {
    id: 'ctx',
    title: 'CONTEXTS',
    width: 24,
    min: 10,
    dropOrder: 8,
    sortKey: 'P',
    value: ({ contexts }) => contexts.join(',') || undefined,
  },
  {
    id: 'servers',
    title: 'SERVERS',
    width: 7,
    align: 'right',
    dropOrder: 20,
    unit: 'count',
    sortsDown: true,
    value: ({ servers }) => servers,
  },
  {
    id: 'ready',
    title: 'READY',
    width: 9,
    align: 'right',
    dropOrder: 5,
    unit: 'count',
    value: ({ ready }) => ready,
    text: ({ ready, servers, contexts }, context) =>
      `${ready}/${servers}${contexts.some((name) => isOutdated(name, context)) ? '?' : ''}`,
    tone: ({ ready, servers }) => (ready >= servers ? 'normal' : ready === 0 ? 'bad' : 'warn'),
  },
  {
    id: 'health',
    title: 'HEALTH',
    width: 9,
    dropOrder: 3,
    sortKey: 'S',
    sortsDown: true,
    value: ({ health }) => health,
    order: ({ health }) => healthRank(health),
    levels: HEALTH_LEVELS,
    text: ({ health }) => `${HEALTH_SIGNS[health]} ${health}`,
    tone: ({ health }) => HEALTH_TONES[health],
  },
  {
    id: 'rev',
    title: 'RUNNING REV',
    width: 18,
    dropOrder: 10,
    value: (cluster) => runningText(cluster),
    tone: (cluster) => (isMixed(cluster) ? 'warn' : 'normal'),
  },
  {
    id: 'wanted',
    title: 'WANTED REV',
    width: 12,
    dropOrder: 30,
    value: ({ wanted }) => wanted.join(' ') || undefined,
  },
  { id: 'default', title: 'DEFAULT REV', width: 11, dropOrder: 40, value: (cluster) => cluster.default },
  {
    id: 'tps',
    title: 'TPS',
    width: 7,
    align: 'right',
    dropOrder: 45,
    unit: 'count',
    sortKey: 'C',
    sortsDown: true,
    value: ({ tps }) => tps,
    text: ({ tps }) => formatNumber(tps),
  },
];

function detail(cluster: ServiceCluster, context: ViewContext): readonly DetailSection[] {
  const servers = [...context.related.all('server')].filter((server) =>
    isServerIn(server, cluster.ref, context),
  );
  return [
    {
      title: text('Service cluster', '서비스 클러스터'),
      lines: [
        line(say(context, WORDS.name), cluster.name),
        line(say(context, WORDS.context), cluster.contexts.join(', ') || NOT_KNOWN),
        line(say(context, text('Ready', '준비')), `${cluster.ready}/${cluster.servers}`),
        line(
          say(context, WORDS.health),
          `${HEALTH_SIGNS[cluster.health]} ${cluster.health}`,
          HEALTH_TONES[cluster.health],
        ),
        line('TPS', formatNumber(cluster.tps)),
      ],
    },
    {
      title: text('Template revisions', '템플릿 리비전'),
      lines: [
        ...cluster.running.map(({ revision, servers: count }) =>
          line(say(context, text('Running', '실행 중')), `${revision ?? NOT_KNOWN} (${count})`),
        ),
        line(say(context, text('Wanted', '원하는 값')), cluster.wanted.join(', ') || NOT_KNOWN),
        line(say(context, text('Default', '기본값')), cluster.default ?? NOT_KNOWN),
      ],
    },
    {
      title: text('Servers', '서버'),
      lines: servers.map((server) =>
        line(
          server.name,
          `${server.ref.context}, ${server.state}, ${server.health.level}, revision ${server.revision.running ?? NOT_KNOWN}`,
        ),
      ),
    },
    historySection(cluster.ref, context),
  ].filter((section) => section.lines.length > 0);
}

export const serviceClustersView = defineView({
  id: 'service-clusters',
  kind: 'serviceCluster',
  title: text('Service clusters', '서비스 클러스터'),
  aliases: ['sc', 'serviceclusters', 'servicecluster'],
  help: text(
    'LENA service clusters and the template revisions they run',
    'LENA 서비스 클러스터와 실행 중 템플릿 리비전',
  ),
  columns,
  isOutdated: (cluster, context) =>
    cluster.contexts.length > 0 && cluster.contexts.every((name) => isOutdated(name, context)),
  sort: { column: 'name' },
  tally: { levelOf: ({ health }) => health, levels: ['error', 'warn'] },
  isFault: (cluster) => cluster.health === 'warn' || cluster.health === 'error' || isMixed(cluster),
  isIn: ({ contexts, ref }, scope) =>
    scope.kind === 'context' && (ref.context === scope.id || contexts.includes(scope.id)),
  enter: ({ ref }) => ({ view: 'servers', scope: ref }),
  enterTitle: text('its servers', '소속 서버'),
  links: [
    {
      id: 'history',
      key: 'b',
      title: text('history: audit and changes', '이력: 감사와 변경'),
      target: ({ ref }) => ({ detail: ref, part: HISTORY_PART }),
    },
  ],
  offers: [
    {
      id: 'diff-revisions',
      key: 'f',
      title: text('compare two template revisions', '템플릿 리비전 둘 비교'),
    },
    {
      id: 'check-revision',
      key: 'r',
      title: text('check a template revision at the Manager', '매니저에서 템플릿 리비전 확인'),
    },
  ],
  favourites: ['health=error', 'health=warn'],
  detail,
  contextOf: ({ ref, contexts }) => contexts[0] ?? ref.context,
  nameOf: ({ name }) => name,
  json: (cluster) =>
    known({
      name: cluster.name,
      contexts: cluster.contexts,
      servers: cluster.servers,
      ready: cluster.ready,
      health: cluster.health,
      revision: {
        running: cluster.running.map(({ revision, servers }) => known({ revision, servers })),
        wanted: cluster.wanted,
        default: cluster.default,
      },
      tps: cluster.tps,
    }),
});
