import type { ServiceDump } from '../../domain/service-dump.ts';
import { text } from '../../domain/text.ts';
import type { DumpContent } from '../thread-dump/dump-content.ts';
import { analyzeThreads } from './analyze-threads.ts';
import type { DumpToRead } from './dump-reading.ts';
import type { EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import { type FindingsJson, histogramJson, servicesJson } from './findings-json.ts';
import { addClasses, type CountedHeap, judgeHistograms, readHistograms } from './histograms.ts';
import { addServiceEvidence, judgeServices } from './services.ts';

/** A file that was read. */
export interface DumpInput {
  readonly name: string;
  readonly content: DumpContent;
  /** Epoch ms, for dumps that tell no time of their own. */
  readonly takenAt?: number | undefined;
  /** Whose it is, where that is known: dumps of several servers are read one server after the other. */
  readonly server?: string | undefined;
  /** Of a class histogram, where that is known: only what is reachable was counted. */
  readonly isLive?: boolean | undefined;
}

/** What files of one server show, before it is put in order. */
export interface ServerAnalysis {
  readonly findings: readonly Finding[];
  /** Rows of all parts but threads. */
  readonly addParts: (rows: EvidenceRows) => void;
  /** Take what room is left. */
  readonly addThreads: (rows: EvidenceRows) => void;
  readonly json: FindingsJson;
}

/** One dump, a series, two compared, histograms and service dumps beside them, all of one server. */
export function analyzeServer(inputs: readonly DumpInput[]): ServerAnalysis {
  const threads = analyzeThreads(inputs.flatMap(dumpsOf));
  const services = servicesOf(inputs);
  const histogram = readHistograms(histogramsOf(inputs));
  const lastService = services.at(-1);
  return {
    findings: [
      ...(threads?.findings ?? []),
      ...inputs.flatMap(notAllRead),
      ...judgeServices(services),
      ...(histogram === undefined ? [] : judgeHistograms(histogram)),
    ],
    addParts(rows) {
      if (lastService !== undefined) addServiceEvidence(rows, lastService);
      threads?.addParts(rows);
      if (histogram !== undefined) addClasses(rows, histogram);
      threads?.addNotes(rows);
    },
    addThreads: (rows) => threads?.addThreads(rows),
    json: {
      dumps: threads?.json.dumps ?? [],
      threads: threads?.json.threads,
      series: threads?.json.series,
      histogram: histogram && histogramJson(histogram),
      services: lastService && servicesJson(lastService),
    },
  };
}

/** "In all dumps" is of those that were read. */
function notAllRead({ name, content }: DumpInput): readonly Finding[] {
  if (content.kind !== 'threads') return [];
  const read = content.dumps.length;
  const left = content.dumps
    .flatMap(({ problems }) => problems)
    .reduce((sum, { code, count }) => sum + (code === 'too-many-dumps' ? count : 0), 0);
  if (left === 0) return [];
  return [
    {
      code: 'not-all-read',
      subject: name,
      level: 'warn',
      text: text(
        `of ${name} the newest ${read} of ${read + left} dumps were read`,
        `${name}: 덤프 ${read + left}개 중 최근 ${read}개만 읽음`,
      ),
      next: text('Cut the file to read older ones', '이전 덤프는 파일을 잘라 읽으십시오'),
      weight: 0,
      blocks: () => [],
    },
  ];
}

const dumpsOf = ({ name, content, takenAt }: DumpInput): readonly DumpToRead[] =>
  content.kind === 'threads' ? content.dumps.map((dump) => ({ dump, file: name, takenAt })) : [];

function servicesOf(inputs: readonly DumpInput[]): readonly ServiceDump[] {
  const dumps = inputs.flatMap(({ content }) => (content.kind === 'service' ? [content.dump] : []));
  return dumps.sort((a, b) => a.at - b.at);
}

function histogramsOf(inputs: readonly DumpInput[]): readonly CountedHeap[] {
  const given = inputs.filter(({ content }) => content.kind === 'histogram');
  const ordered = given.every(({ takenAt }) => takenAt !== undefined)
    ? [...given].sort((a, b) => (a.takenAt ?? 0) - (b.takenAt ?? 0))
    : given;
  return ordered.flatMap(({ content, isLive }) =>
    content.kind === 'histogram' ? content.histograms.map((histogram) => ({ histogram, isLive })) : [],
  );
}
