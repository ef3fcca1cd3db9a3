import { isAskedFor } from '../domain/gc-cause.ts';
import type { FullGc } from '../domain/jvm-sample.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import type { ChartPage, ChartSubject, PageWindow } from './chart.ts';
import { knownSince } from './chart-points.ts';
import { formatAge } from './format-age.ts';
import { formatBytes, NOT_KNOWN } from './format-number.ts';
import { formatInstant } from './format-time.ts';
import { jvmCharts } from './jvm-charts.ts';
import { compareSections } from './jvm-compare.ts';
import { belowLines, figureLines, gapLines } from './jvm-figures.ts';
import { isOldSample } from './jvm-reading.ts';
import { thenLines } from './jvm-then.ts';
import type { DetailSection, ViewContext } from './view.ts';
import { line, say } from './words.ts';

/** Full collections listed; the axis marks them all. */
const MOST_LISTED = 10;

const freedOf = ({ beforeBytes, afterBytes }: FullGc): number | undefined =>
  beforeBytes === undefined || afterBytes === undefined ? undefined : beforeBytes - afterBytes;

/** The full collections seen, newest first. */
function fullGcSection(server: Server, context: ViewContext): DetailSection | undefined {
  const all = context.related.fullGcs(server.ref).toReversed();
  if (all.length === 0) return undefined;
  const hasCause = all.some(({ cause }) => cause !== undefined);
  const title = (en: string, ko: string) => say(context, text(en, ko));
  const asked = all.filter(({ cause }) => isAskedFor(cause)).length;
  const more = all.length - MOST_LISTED;
  return {
    title: text(`Full GC (${all.length})`, `Full GC (${all.length})`),
    part: 'jvm',
    lines: [
      ...(more > 0
        ? [
            line(
              title('Listed', '표시'),
              title(
                `the newest ${MOST_LISTED}, ${more} more are older`,
                `최근 ${MOST_LISTED}건, ${more}건은 더 오래됨`,
              ),
              'muted',
            ),
          ]
        : []),
      ...(asked > 0
        ? [
            line(
              title('Health', '상태 판정'),
              title(
                `${asked} asked for (jcmd, System.gc() and the like) ${asked === 1 ? 'does' : 'do'} not count as trouble`,
                `요청된 ${asked}건(jcmd, System.gc() 등)은 문제로 세지 않음`,
              ),
              'muted',
            ),
          ]
        : []),
    ],
    grid: {
      columns: [
        { title: title('TIME', '시각') },
        { title: title('AGO', '경과'), align: 'right' },
        { title: title('BEFORE', '전'), align: 'right' },
        { title: title('AFTER', '후'), align: 'right' },
        { title: title('FREED', '회수'), align: 'right' },
        ...(hasCause ? [{ title: title('CAUSE', '원인') }] : []),
      ],
      rows: all.slice(0, MOST_LISTED).map((full) => ({
        cells: [
          formatInstant(full.at, context.isUtc),
          formatAge(Math.max(0, context.now - full.at)),
          formatBytes(full.beforeBytes),
          formatBytes(full.afterBytes),
          formatBytes(freedOf(full)),
          ...(hasCause ? [full.cause ?? NOT_KNOWN] : []),
        ],
      })),
    },
  };
}

function singleSections(
  { row: server }: ChartSubject<Server>,
  context: ViewContext,
  window: PageWindow,
): readonly DetailSection[] {
  const full = fullGcSection(server, context);
  const gaps = gapLines(server, context);
  const { isPaused } = window;
  return [
    {
      title: isPaused ? text('Then', '당시') : text('Now', '현재'),
      part: 'jvm',
      isHead: true,
      lines: isPaused ? thenLines({ server, window, context }) : [...figureLines(server, context), ...gaps],
      isHeld: isPaused ? true : undefined,
      charts: jvmCharts({ server, window, context }),
    },
    {
      title: text('Notes', '참고'),
      part: 'jvm',
      isHead: true,
      lines: [...(isPaused ? gaps : []), ...belowLines(server, context)],
    },
    ...(full === undefined ? [] : [full]),
  ];
}

/** Live charts of one server's JVM, or of several on one time axis. */
export const jvmPage: ChartPage<Server> = {
  part: 'jvm',
  title: text('JVM', 'JVM'),
  mostRows: 6,
  isSilent: (server, context) => server.jvm === undefined || isOldSample(server, context.now),
  knownSince(subjects, context) {
    const starts = subjects.flatMap(({ row }) => knownSince(row.ref, context) ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  },
  sections(subjects, context, window) {
    const [first] = subjects;
    if (first !== undefined && subjects.length === 1) return singleSections(first, context, window);
    return compareSections(subjects, context, window);
  },
};
