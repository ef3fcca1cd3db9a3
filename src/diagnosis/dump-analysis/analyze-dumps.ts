import type { EvidencePart, VerdictLine } from '../../domain/analysis.ts';
import type { ServiceDump } from '../../domain/service-dump.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ClassHistogram, DumpProblem } from '../../domain/thread-dump.ts';
import type { DumpContent } from '../thread-dump/dump-content.ts';
import { analyzeThreads } from './analyze-threads.ts';
import type { DumpToRead } from './dump-reading.ts';
import { type EvidenceRow, EvidenceRows } from './evidence-row.ts';
import { type FindingsJson, histogramJson, servicesJson } from './findings-json.ts';
import { addClasses, judgeHistograms, readHistograms } from './histograms.ts';
import { problemText } from './problem-words.ts';
import { addServiceEvidence, judgeServices } from './services.ts';
import { addVerdict, chooseVerdict, verdictLine } from './verdict.ts';

/** A file that was read. */
export interface DumpInput {
  readonly name: string;
  readonly content: DumpContent;
  /** Epoch ms, for dumps that tell no time of their own. */
  readonly takenAt?: number | undefined;
}

/** What dumps show. */
export interface DumpFindings {
  /** Worst first, eight at most; one at least where anything was given. */
  readonly verdict: readonly VerdictLine[];
  /** In the order they are shown, 2,000 at most; the verdict's come first. */
  readonly evidence: readonly EvidenceRow[];
  /** Rows there was no room for, of each part. */
  readonly left: ReadonlyMap<EvidencePart, number>;
  /** What could not be read. */
  readonly problems: readonly Text[];
  readonly json: FindingsJson;
}

const MAX_PROBLEMS = 30;

/**
 * Everything from files of any kind: one dump, a series, two compared, histograms and service dumps beside them.
 * Thread dumps are put in the order of their times; of service dumps and histograms the last given is the newest,
 * unless all tell when they were. `isWhole`: every class of a histogram.
 */
export function analyzeDumps(inputs: readonly DumpInput[], { isWhole = false } = {}): DumpFindings {
  const threads = analyzeThreads(inputs.flatMap(dumpsOf));
  const services = servicesOf(inputs);
  const histogram = readHistograms(histogramsOf(inputs));
  const verdict = chooseVerdict([
    ...(threads?.findings ?? []),
    ...judgeServices(services),
    ...(histogram === undefined ? [] : judgeHistograms(histogram)),
  ]);
  const lastService = services.at(-1);
  const rows = new EvidenceRows(isWhole);
  addVerdict(rows, verdict);
  if (lastService !== undefined) addServiceEvidence(rows, lastService);
  threads?.addParts(rows);
  if (histogram !== undefined) addClasses(rows, histogram);
  // Threads take what room is left, so what is said once comes first; the table shows it by part all the same.
  threads?.addNotes(rows);
  const problems = problemsOf(inputs);
  for (const problem of problems) rows.add({ part: 'note', subject: 'unread', level: 'warn', text: problem });
  const unlisted = rows.left.get('class') ?? 0;
  if (unlisted > 0) rows.add(classesLeft(unlisted));
  threads?.addThreads(rows);
  return {
    verdict: verdict.map(verdictLine),
    evidence: rows.rows,
    left: rows.left,
    problems,
    json: {
      dumps: threads?.json.dumps ?? [],
      threads: threads?.json.threads,
      series: threads?.json.series,
      histogram: histogram && histogramJson(histogram),
      services: lastService && servicesJson(lastService),
    },
  };
}

const classesLeft = (count: number): Omit<EvidenceRow, 'blocks'> => ({
  part: 'note',
  subject: 'classes',
  text: text(
    `${count} more classes, smaller or less changed than those listed: l9s analyze FILE --all`,
    `목록에 없는 더 작거나 덜 변한 클래스 ${count}개: l9s analyze FILE --all`,
  ),
  count,
});

const dumpsOf = ({ name, content, takenAt }: DumpInput): readonly DumpToRead[] =>
  content.kind === 'threads' ? content.dumps.map((dump) => ({ dump, file: name, takenAt })) : [];

function servicesOf(inputs: readonly DumpInput[]): readonly ServiceDump[] {
  const dumps = inputs.flatMap(({ content }) => (content.kind === 'service' ? [content.dump] : []));
  return dumps.sort((a, b) => a.at - b.at);
}

function histogramsOf(inputs: readonly DumpInput[]): readonly ClassHistogram[] {
  const given = inputs.filter(({ content }) => content.kind === 'histogram');
  const ordered = given.every(({ takenAt }) => takenAt !== undefined)
    ? [...given].sort((a, b) => (a.takenAt ?? 0) - (b.takenAt ?? 0))
    : given;
  return ordered.flatMap(({ content }) => (content.kind === 'histogram' ? content.histograms : []));
}

function problemsOf(inputs: readonly DumpInput[]): readonly Text[] {
  const all = inputs.flatMap(({ name, content }) =>
    readingProblems(content).map((problem) => problemText(name, problem)),
  );
  const left = all.length - MAX_PROBLEMS;
  return left <= 0
    ? all
    : [
        ...all.slice(0, MAX_PROBLEMS),
        text(`${left} more kinds of unread lines`, `읽지 못한 줄 종류 ${left}개 더`),
      ];
}

/** Those of all dumps of a file as one: what is wrong with a file is wrong with most of them. */
function readingProblems(content: DumpContent): readonly DumpProblem[] {
  const all =
    content.kind === 'threads'
      ? content.dumps.flatMap(({ problems }) => problems)
      : content.kind === 'histogram'
        ? content.histograms.flatMap(({ problems }) => problems)
        : content.problems;
  const counts = new Map<string, DumpProblem>();
  for (const problem of all) {
    const same = counts.get(problem.code);
    counts.set(problem.code, same === undefined ? problem : { ...same, count: same.count + problem.count });
  }
  return [...counts.values()];
}
