import type { EvidencePart, VerdictLine } from '../../domain/analysis.ts';
import { type Text, text } from '../../domain/text.ts';
import type { DumpProblem } from '../../domain/thread-dump.ts';
import type { DumpContent } from '../thread-dump/dump-content.ts';
import { analyzeServer, type DumpInput } from './analyze-server.ts';
import { about, type EvidenceRow, EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import type { FindingsJson } from './findings-json.ts';
import { problemText } from './problem-words.ts';
import { addVerdict, chooseVerdict, verdictLine } from './verdict.ts';

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
 * unless all tell when they were. What is of several servers is never compared, and each is told by its name.
 * `isWhole`: every class of a histogram.
 */
export function analyzeDumps(inputs: readonly DumpInput[], { isWhole = false } = {}): DumpFindings {
  const servers = byServer(inputs);
  const isOne = servers.length <= 1;
  const analysed = servers.map(([server, files]) => ({
    server: isOne || server === '' ? undefined : server,
    analysis: analyzeServer(files),
  }));
  const verdict = chooseVerdict(
    analysed.flatMap(({ server, analysis }) => analysis.findings.map((finding) => of(server, finding))),
  );
  const rows = new EvidenceRows(isWhole);
  addVerdict(rows, verdict);
  for (const { server, analysis } of analysed) {
    rows.speakOf(server);
    analysis.addParts(rows);
  }
  rows.speakOf(undefined);
  const problems = problemsOf(inputs);
  for (const problem of problems) rows.add({ part: 'note', subject: 'unread', level: 'warn', text: problem });
  const unlisted = rows.left.get('class') ?? 0;
  if (unlisted > 0) rows.add(classesLeft(unlisted));
  // Threads take what room is left, so what is said once comes first; the table shows it by part all the same.
  for (const { server, analysis } of analysed) {
    rows.speakOf(server);
    analysis.addThreads(rows);
  }
  const last = analysed.at(-1)?.analysis.json;
  return {
    verdict: verdict.map(verdictLine),
    evidence: rows.rows,
    left: rows.left,
    problems,
    json: {
      ...last,
      dumps: analysed.flatMap(({ analysis }) => analysis.json.dumps),
      ...(isOne
        ? {}
        : { servers: analysed.map(({ server = '', analysis }) => ({ server, ...analysis.json })) }),
    },
  };
}

/** In the order given. Files that do not say whose they are go with those of a single server. */
function byServer(inputs: readonly DumpInput[]): readonly (readonly [string, readonly DumpInput[]])[] {
  const named = new Set(inputs.flatMap(({ server }) => server ?? []));
  const [only = ''] = named.size === 1 ? named : [];
  return [...Map.groupBy(inputs, ({ server }) => server ?? only)];
}

const of = (server: string | undefined, finding: Finding): Finding =>
  server === undefined ? finding : { ...finding, text: about(server, finding.text) };

const classesLeft = (count: number): Omit<EvidenceRow, 'blocks'> => ({
  part: 'note',
  subject: 'classes',
  text: text(
    `${count} more classes, smaller or less changed than those listed: l9s analyze FILE --all`,
    `목록에 없는 더 작거나 덜 변한 클래스 ${count}개: l9s analyze FILE --all`,
  ),
  count,
});

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
