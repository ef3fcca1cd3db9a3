import { text } from '../../domain/text.ts';
import { type DumpReading, type DumpToRead, readOneDump } from './dump-reading.ts';
import type { EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import {
  type DumpJson,
  dumpJson,
  type SeriesJson,
  seriesJson,
  type ThreadsJson,
  threadsJson,
} from './findings-json.ts';
import { busySinceStart } from './rules/busy-since-start.ts';
import { DUMP_RULES } from './rules/dump-rules.ts';
import { busyThreads, busyTracks } from './series/busy-threads.ts';
import { differenceOf } from './series/difference.ts';
import { growth } from './series/growth.ts';
import { runsOf } from './series/runs.ts';
import { addDifference, type SeriesEvidence } from './series/series-evidence.ts';
import { readSeries } from './series/series-reading.ts';
import { stillRequests, stillTracks, suspectedLoops } from './series/still-threads.ts';
import { throughSeries } from './series/through-series.ts';
import { StackReader } from './stack-reading.ts';
import { addThreadEvidence, addThreads } from './thread-evidence.ts';
import { nothingFound } from './verdict.ts';
import { listed, threads } from './words.ts';

/** What thread dumps show, before it is put in order with what other files show. */
export interface ThreadAnalysis {
  readonly findings: readonly Finding[];
  /** Locks, requests, pools, groups, what did not move, CPU, states. */
  readonly addParts: (rows: EvidenceRows) => void;
  readonly addThreads: (rows: EvidenceRows) => void;
  readonly addNotes: (rows: EvidenceRows) => void;
  readonly json: {
    readonly dumps: readonly DumpJson[];
    readonly threads: ThreadsJson;
    readonly series?: SeriesJson;
  };
}

/** One dump, or several of a server; those without a time stay where they were given. */
export function analyzeThreads(given: readonly DumpToRead[]): ThreadAnalysis | undefined {
  const stacks = new StackReader();
  const { all, again } = onceEach(inOrder(given).map((dump) => readOneDump(dump, stacks)));
  const runs = runsOf(withoutCut(all));
  const dumps = runs.at(-1) ?? [];
  const others = runs.slice(0, -1);
  const last = dumps.at(-1);
  if (last === undefined) return undefined;
  const more = dumps.length > 1 ? seriesOf(dumps) : undefined;
  const found = [
    ...(more === undefined ? DUMP_RULES.flatMap((rule) => rule(last)) : judgeSeries(more)),
    ...others.flatMap((run) => judgeOther(run, last)),
  ];
  return {
    findings: found.some(({ level }) => level !== 'ok')
      ? found
      : [nothingFound(last, dumps.length), ...found],
    addParts: (rows) => addThreadEvidence(rows, last, more),
    addThreads: (rows) => addThreads(rows, last, more),
    addNotes: (rows) => addNotes(rows, { dumps: all, judged: new Set(runs.flat()), again, others, more }),
    json: {
      dumps: all.map((dump) => dumpJson(dump, runs.findIndex((run) => run.includes(dump)) + 1)),
      threads: threadsJson(last),
      ...(more === undefined ? {} : { series: seriesJson(more) }),
    },
  };
}

/**
 * By their own times where all have one, else by when they were taken, else as given: a dump's own time has no zone, so
 * the two are never mixed.
 */
function inOrder(given: readonly DumpToRead[]): readonly DumpToRead[] {
  if (given.every(({ dump }) => dump.saidAt !== undefined))
    return sorted(given.map((each) => ({ ...each, at: each.dump.saidAt })));
  const taken = given.map((each) => ({ ...each, at: each.takenAt }));
  return given.every(({ takenAt }) => takenAt !== undefined) ? sorted(taken) : given;
}
const sorted = (dumps: readonly DumpToRead[]): readonly DumpToRead[] =>
  [...dumps].sort((a, b) => (a.at ?? 0) - (b.at ?? 0));

/** A dump that was given before, packed or under another name. */
interface Again {
  readonly dump: DumpReading;
  readonly first: DumpReading;
}

/** One dump twice is no series, in which nothing moved. */
function onceEach(dumps: readonly DumpReading[]) {
  const all: DumpReading[] = [];
  const again: Again[] = [];
  for (const dump of dumps) {
    const first = all.findLast((other) => isSameDump(other, dump));
    if (first === undefined) all.push(dump);
    else again.push({ dump, first });
  }
  return { all, again };
}

/** Of one second, thread by thread with the same times and in the same place. */
function isSameDump(
  { dump: one, threads: before }: DumpReading,
  { dump: other, threads: after }: DumpReading,
) {
  return (
    one.saidAt !== undefined &&
    one.saidAt === other.saidAt &&
    before.length === after.length &&
    before.every(({ thread, stack }, place) => {
      const same = after[place];
      return (
        same !== undefined &&
        same.thread.name === thread.name &&
        same.thread.state === thread.state &&
        same.thread.cpuMs === thread.cpuMs &&
        same.thread.elapsedMs === thread.elapsedMs &&
        same.stack.id === stack.id
      );
    })
  );
}

/** Fewer threads than this share of the fullest dump are missing because the file ends, not because they ended. */
const CUT_SHARE = 0.9;

/**
 * A dump that ends in the middle says of what it lacks neither that it is there nor that it is gone: beside whole ones
 * it is left out.
 */
function withoutCut(dumps: readonly DumpReading[]): readonly DumpReading[] {
  const most = dumps.reduce((count, { threads: all }) => Math.max(count, all.length), 0);
  const whole = dumps.filter(({ dump, threads: all }) => !dump.isTruncated || all.length >= CUT_SHARE * most);
  return whole.length > 0 ? whole : dumps;
}

function seriesOf(dumps: readonly DumpReading[]): SeriesEvidence {
  const series = readSeries(dumps);
  return { series, still: stillTracks(series), busy: busyTracks(series), difference: differenceOf(series) };
}

function judgeSeries({ series, still, busy }: SeriesEvidence): readonly Finding[] {
  // What was used between the dumps says more than what was used since the start.
  const rules = busy.length > 0 ? DUMP_RULES.filter((rule) => rule !== busySinceStart) : DUMP_RULES;
  return [
    ...throughSeries(series, rules),
    ...stillRequests(series, still),
    ...busyThreads(busy),
    ...suspectedLoops(series),
    ...growth(series),
  ];
}

/** What was bad in another run, by its file: nothing says that it is over, nor that it is the same server. */
function judgeOther(run: readonly DumpReading[], last: DumpReading): readonly Finding[] {
  const dump = run.at(-1);
  if (dump === undefined) return [];
  return DUMP_RULES.flatMap((rule) => rule(dump))
    .filter(({ level }) => level === 'error')
    .map((finding) => ({
      ...finding,
      text: text(
        `in ${dump.file}, another run or server than ${last.file}: ${finding.text.en}`,
        `${dump.file} (${last.file}와 다른 실행 또는 서버): ${finding.text.ko}`,
      ),
    }));
}

interface Noted {
  /** Runs of the JVM that are not the last dump's. */
  readonly others: readonly (readonly DumpReading[])[];
  readonly dumps: readonly DumpReading[];
  readonly again: readonly Again[];
  /** The others were left out. */
  readonly judged: ReadonlySet<DumpReading>;
  readonly more: SeriesEvidence | undefined;
}

function addNotes(rows: EvidenceRows, { dumps, judged, again, others, more }: Noted): void {
  if (more !== undefined) addDifference(rows, more);
  for (const run of others) rows.add(otherRun(run));
  for (const twice of again) rows.add(sameDump(twice));
  dumps.slice(-40).forEach((dump) => {
    const { file, at, dump: written, threads: all } = dump;
    const when = at === undefined ? '' : ` ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}`;
    const title = written.title === undefined ? '' : `, ${written.title}`;
    const cut = cutWords(written.isTruncated, judged.has(dump));
    rows.add({
      part: 'note',
      subject: file,
      level: written.isTruncated ? 'warn' : undefined,
      text: text(
        `${threads(all.length)}${when}${title}${cut.en}`,
        `스레드 ${all.length}개${when}${title}${cut.ko}`,
      ),
      count: all.length,
    });
  });
}

const sameDump = ({ dump, first }: Again) =>
  ({
    part: 'note',
    subject: dump.file,
    level: 'warn',
    text: text(
      `${dump.file} holds the same dump as ${first.file}: it is read once`,
      `${dump.file}: ${first.file}와 같은 덤프, 한 번만 읽음`,
    ),
  }) as const;

function cutWords(isTruncated: boolean, isJudged: boolean) {
  if (!isTruncated) return text('', '');
  return isJudged
    ? text('; it ends in the middle', '; 중간에 끊김')
    : text('; it ends in the middle and is left out of the comparison', '; 중간에 끊겨 비교에서 제외');
}

function otherRun(run: readonly DumpReading[]) {
  const files = listed([...new Set(run.map(({ file }) => file))]);
  return {
    part: 'note',
    subject: 'other-run',
    level: 'warn',
    text: text(
      `${files.en}: another run of the JVM, or another server, than the last dump: not compared with it thread by thread`,
      `${files.ko}: 마지막 덤프와 다른 실행 또는 다른 서버, 스레드별로 비교하지 않음`,
    ),
  } as const;
}
