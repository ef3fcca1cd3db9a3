import type { ContextView, SourceState } from '../domain/source-status.ts';
import { text } from '../domain/text.ts';
import { failureOf, lastGoodAt, serversOf } from './context-reading.ts';
import { contextDetail } from './context-sections.ts';
import { formatDataAge } from './format-age.ts';
import { NOT_KNOWN } from './format-number.ts';
import { isoTime } from './format-time.ts';
import { sourceAgeMs } from './freshness.ts';
import { known } from './known.ts';
import { receiverBrief, receiverNote } from './receiver-section.ts';
import { type Column, defineView, type ViewContext } from './view.ts';
import { SOURCE_SIGNS, SOURCE_TONES } from './words.ts';

const RANKS: Readonly<Record<SourceState, number>> = {
  live: 0,
  connecting: 1,
  stale: 2,
  denied: 3,
  failed: 4,
};
const LEVELS: readonly SourceState[] = ['live', 'connecting', 'stale', 'denied', 'failed'];

/** `found 8, denied 1`: how many of each. */
function capabilitiesText({ facts }: ContextView): string {
  const counts = new Map<string, number>();
  for (const { state } of Object.values(facts.capabilities ?? {}))
    counts.set(state, (counts.get(state) ?? 0) + 1);
  if (counts.size === 0) return NOT_KNOWN;
  return [...counts].map(([state, count]) => `${state} ${count}`).join(', ');
}

const notesText = (row: ContextView, context: ViewContext): string =>
  [receiverBrief(row, context) ?? [], row.facts.notes ?? []].flat().join('; ');

const columns: readonly Column<ContextView>[] = [
  { id: 'name', title: 'NAME', width: 24, cut: 'middle', sortKey: 'N', value: ({ name }) => name },
  { id: 'kind', title: 'KIND', width: 7, dropOrder: 30, value: ({ kind }) => kind },
  {
    id: 'state',
    title: 'STATE',
    width: 12,
    dropOrder: 2,
    sortKey: 'S',
    sortsDown: true,
    value: ({ status }) => status.state,
    order: ({ status }) => RANKS[status.state],
    levels: LEVELS,
    text: ({ status }) => `${SOURCE_SIGNS[status.state]} ${status.state}`,
    tone: ({ status }) => SOURCE_TONES[status.state],
  },
  {
    id: 'age',
    title: 'AGE',
    width: 5,
    align: 'right',
    dropOrder: 5,
    unit: 'age',
    sortKey: 'A',
    value: (row, { now }) => sourceAgeMs(row.status, now),
    text: (row, { now }) => {
      const ageMs = sourceAgeMs(row.status, now);
      return ageMs === undefined ? NOT_KNOWN : formatDataAge(ageMs);
    },
  },
  {
    id: 'servers',
    title: 'SERVERS',
    width: 7,
    align: 'right',
    dropOrder: 10,
    unit: 'count',
    sortsDown: true,
    value: serversOf,
    text: (row) => String(serversOf(row) ?? NOT_KNOWN),
  },
  {
    id: 'rpm',
    title: 'REQ/MIN',
    width: 7,
    align: 'right',
    dropOrder: 40,
    unit: 'count',
    sortsDown: true,
    value: ({ facts }) => facts.requestsPerMinute,
  },
  { id: 'version', title: 'VERSION', width: 12, dropOrder: 50, value: ({ facts }) => facts.version },
  {
    id: 'capabilities',
    title: 'CAPABILITY',
    width: 26,
    dropOrder: 60,
    value: (row) => capabilitiesText(row),
  },
  {
    id: 'error',
    title: 'ERROR',
    width: 'grow',
    dropOrder: 8,
    value: (row) => failureOf(row)?.code,
    text: (row) => {
      const failure = failureOf(row);
      return failure === undefined ? '' : `${failure.code}: ${failure.message}`;
    },
    tone: () => 'bad',
  },
  {
    id: 'notes',
    title: 'NOTES',
    width: 40,
    dropOrder: 70,
    value: (row, context) => notesText(row, context) || undefined,
    text: notesText,
  },
  { id: 'target', title: 'TARGET', width: 40, wide: true, dropOrder: 80, value: ({ facts }) => facts.target },
  {
    id: 'identity',
    title: 'IDENTITY',
    width: 30,
    wide: true,
    dropOrder: 90,
    value: ({ facts }) => facts.identity,
  },
];

export const contextsView = defineView({
  id: 'contexts',
  kind: 'context',
  title: text('Contexts', '컨텍스트'),
  aliases: ['ctx', 'context', 'sources'],
  help: text(
    'Every configured target: state, age, requests a minute, capabilities',
    '설정된 모든 대상의 상태, 데이터 나이, 분당 요청, 기능',
  ),
  columns,
  sort: { column: 'name' },
  isFault: ({ status }) => status.state !== 'live' && status.state !== 'connecting',
  enter: ({ ref }) => ({ detail: ref }),
  enterTitle: text('its state, error and capabilities', '상태, 오류, 기능'),
  links: [
    {
      id: 'context-servers',
      key: 'o',
      title: text('its servers', '소속 서버'),
      target: ({ ref }) => ({ view: 'servers', scope: ref }),
    },
  ],
  note: (row, context) => {
    const failure = failureOf(row);
    if (failure === undefined) return receiverNote(row, context);
    return { text: `${failure.code}: ${failure.message}. ${failure.hint}`, tone: 'bad' };
  },
  favourites: ['state=failed', 'state=denied', 'state=stale'],
  detail: contextDetail,
  contextOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  json: (row) => ({
    ...known({
      name: row.name,
      kind: row.kind,
      state: row.status.state,
      lastGoodAt: isoTime(lastGoodAt(row)),
      error: failureOf(row),
      target: row.facts.target,
      version: row.facts.version,
      identity: row.facts.identity,
      isProtected: row.isProtected,
      servers: serversOf(row),
      requestsPerMinute: row.facts.requestsPerMinute,
      notes: row.facts.notes,
      counts: row.facts.counts,
      credentialsEndAt: isoTime(row.facts.credentialsEndAt),
      clockSkewMs: row.facts.clockSkewMs,
    }),
    capabilities: Object.fromEntries(
      Object.entries(row.facts.capabilities ?? {}).map(([name, capability]) => [
        name,
        known({ ...capability }),
      ]),
    ),
  }),
});
