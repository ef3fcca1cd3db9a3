import { type Text, text } from '../../domain/text.ts';
import type { DumpReading, SeenState, StackGroup } from './dump-reading.ts';
import { nameLines, placeBlocks, stackLines, threadBlock, threadFacts, waitLine } from './evidence-blocks.ts';
import type { EvidenceRows } from './evidence-row.ts';
import { placesOf } from './pools.ts';
import { addBusyTracks, addStill, LEAST_BUSY, type SeriesEvidence } from './series/series-evidence.ts';
import type { SeriesReading } from './series/series-reading.ts';
import { isBusy } from './stack-reading.ts';
import {
  doingText,
  listed,
  lockTitle,
  percent,
  placeDoing,
  readingDoing,
  threads,
  whatItDoes,
} from './words.ts';

const STATES: readonly SeenState[] = [
  'BLOCKED',
  'RUNNABLE',
  'WAITING',
  'TIMED_WAITING',
  'NEW',
  'TERMINATED',
  'JVM',
];

/** Rows of the last dump, part by part. */
export function addThreadEvidence(
  rows: EvidenceRows,
  last: DumpReading,
  more: SeriesEvidence | undefined,
): void {
  addLocks(rows, last);
  addRequests(rows, last);
  addPools(rows, last, more?.series.dumps.at(-2));
  addGroups(rows, last, more?.series.dumps.at(-2));
  if (more !== undefined) addStill(rows, more);
  addBusy(rows, last, more);
  addStates(rows, last, more?.series);
}

function addLocks(rows: EvidenceRows, { locks }: DumpReading): void {
  const heldBy = new Map(locks.roots.map(({ owner, held }) => [owner, held.length]));
  for (const lock of locks.contended) {
    const { owner, waiters } = lock;
    const behind = owner === undefined ? undefined : heldBy.get(owner);
    const all = behind === undefined || behind === waiters.length ? '' : `, ${behind} in all behind it`;
    const allKo = all === '' ? '' : `, 모두 ${behind}개가 그 뒤에서 대기`;
    const name = owner?.thread.name ?? lock.ownerName;
    const doing = owner === undefined ? undefined : readingDoing(owner);
    rows.add(
      {
        part: 'lock',
        subject: lockTitle(lock),
        text:
          name === undefined || doing === undefined
            ? text('its owner is not in the dump', '보유 스레드가 덤프에 없음')
            : text(`held by "${name}" (${doing.en})${all}`, `"${name}" 보유 (${doing.ko})${allKo}`),
        count: waiters.length,
      },
      () => [
        ...(owner === undefined ? [] : [threadBlock(owner)]),
        {
          title: text(`${threads(waiters.length)} waiting`, `대기 스레드 ${waiters.length}개`),
          lines: waiters.slice(0, 100).map((waiter) => waitLine(waiter, lock)),
        },
        ...placeBlocks(placesOf(waiters)),
      ],
    );
  }
}

function addRequests(rows: EvidenceRows, { threads: all, locks }: DumpReading): void {
  const serving = all.filter(({ isServing }) => isServing);
  for (const { members } of placesOf(serving))
    for (const reading of members) {
      const { thread } = reading;
      const doing = whatItDoes(reading);
      const lock = locks.lockOf.get(reading);
      const service = thread.service === undefined ? '' : `${thread.service}, `;
      rows.add(
        {
          part: 'request',
          subject: thread.name,
          text: text(`${service}${doing.en}`, `${service}${doing.ko}`),
          // CPU and age of a worker are those of all the requests it ever served.
          state: thread.state,
        },
        () => [
          threadBlock(reading),
          ...(lock === undefined ? [] : [{ title: text('Lock', '락'), lines: [waitLine(reading, lock)] }]),
        ],
      );
    }
}

function addPools(rows: EvidenceRows, { pools }: DumpReading, before: DumpReading | undefined): void {
  const sizes = new Map(before?.pools.map(({ name, members }) => [name, members.length]));
  for (const pool of pools) {
    const { busy, blocked, members, places } = pool;
    const idle = members.length - busy;
    const [most] = places;
    const doing =
      most === undefined ? undefined : placeDoing(most.method, doingText(most.doing, most.matter));
    const en = `${busy} busy, ${idle} idle${blocked === 0 ? '' : `, ${blocked} blocked`}`;
    const ko = `사용 ${busy}, 유휴 ${idle}${blocked === 0 ? '' : `, 블록 ${blocked}`}`;
    const many = most?.members.length;
    rows.add(
      {
        part: 'pool',
        subject: pool.name,
        text:
          doing === undefined
            ? text(en, ko)
            : text(`${en}; ${many} in ${doing.en}`, `${ko}; ${many}개 ${doing.ko}`),
        count: members.length,
        change: before === undefined ? undefined : members.length - (sizes.get(pool.name) ?? 0),
      },
      () =>
        busy === members.length
          ? placeBlocks(places)
          : [
              ...placeBlocks(places),
              {
                title: text(`${threads(idle)} idle`, `유휴 스레드 ${idle}개`),
                lines: nameLines(members.filter(({ doing: done }) => !isBusy(done))),
              },
            ],
    );
  }
}

function addGroups(rows: EvidenceRows, { groups }: DumpReading, before: DumpReading | undefined): void {
  const sizes = new Map(before?.groups.map(({ key, members }) => [key, members.length]));
  for (const group of groups)
    rows.add(
      {
        part: 'group',
        subject: group.stack.place,
        text: groupText(group),
        count: group.members.length,
        state: group.state,
        change: before === undefined ? undefined : group.members.length - (sizes.get(group.key) ?? 0),
      },
      () => [
        { title: text('Stack', '스택'), lines: stackLines(group.members) },
        {
          title: text(threads(group.members.length), `스레드 ${group.members.length}개`),
          lines: nameLines(group.members),
        },
      ],
    );
}
function groupText({ members, doing, stack }: StackGroup): Text {
  const names = listed([...new Set(members.map(({ pool }) => pool))], 2);
  const { en, ko } = doingText(doing, stack.matter);
  return text(`${en}: ${names.en}`, `${ko}: ${names.ko}`);
}

function addBusy(rows: EvidenceRows, last: DumpReading, more: SeriesEvidence | undefined): void {
  if (more !== undefined && more.busy.length > 0) {
    addBusyTracks(rows, more);
    return;
  }
  const used = last.threads
    .filter(({ thread }) => (thread.cpuMs ?? 0) > 0)
    .sort((a, b) => (b.thread.cpuMs ?? 0) - (a.thread.cpuMs ?? 0));
  for (const reading of used.slice(0, 20)) {
    const { cpuMs = 0, elapsedMs } = reading.thread;
    if (elapsedMs !== undefined && cpuMs < LEAST_BUSY * elapsedMs) continue;
    const share = elapsedMs === undefined || elapsedMs <= 0 ? undefined : percent(cpuMs / elapsedMs);
    rows.add(
      {
        part: 'busy',
        subject: reading.thread.name,
        text:
          share === undefined
            ? whatItDoes(reading)
            : text(`${share} of a core since it began`, `시작 이후 코어의 ${share}`),
        ...threadFacts(reading.thread),
      },
      () => [threadBlock(reading)],
    );
  }
}

function addStates(rows: EvidenceRows, last: DumpReading, series: SeriesReading | undefined): void {
  for (const state of STATES) {
    const trend = (series?.dumps ?? [last]).map(({ states }) => states.get(state) ?? 0);
    if (trend.every((count) => count === 0)) continue;
    const before = trend.at(-2);
    const members = last.threads.filter(({ thread }) => (thread.state ?? 'JVM') === state);
    const most = placesOf(members).find(({ method }) => method !== '');
    const where =
      most === undefined
        ? text('', '')
        : text(`${most.members.length} in ${most.method}`, `${most.members.length}개 ${most.method}`);
    rows.add(
      {
        part: 'state',
        subject: state === 'JVM' ? 'JVM threads' : state,
        text: trend.length > 1 ? trendLine(trend) : where,
        count: trend.at(-1) ?? 0,
        change: before === undefined ? undefined : (trend.at(-1) ?? 0) - before,
      },
      () => placeBlocks(placesOf(members)),
    );
  }
}
/** The newest twenty of a long series; one number where it is the same in all. */
function trendLine(trend: readonly number[]): Text {
  if (trend.every((count) => count === trend[0]))
    return text(`in all ${trend.length} dumps`, `덤프 ${trend.length}개 모두`);
  const line = `${trend.length > 20 ? '… ' : ''}${trend.slice(-20).join(' → ')}`;
  return text(line, line);
}

/** Every thread of the last dump as far as there is room; in a series with what became of it. */
export function addThreads(rows: EvidenceRows, last: DumpReading, more: SeriesEvidence | undefined): void {
  const added = new Set(more?.difference.added);
  const from = new Map(more?.difference.changed.map((change) => [change.to, change.from]));
  for (const [place, reading] of last.threads.entries()) {
    if (!rows.hasRoom('thread')) {
      rows.leave('thread', last.threads.length - place);
      return;
    }
    const doing = whatItDoes(reading);
    const before = from.get(reading)?.thread.state;
    const lead = added.has(reading)
      ? text('new; ', '새로 생김; ')
      : from.has(reading)
        ? text(`was ${before ?? 'JVM'}; `, `이전 ${before ?? 'JVM'}; `)
        : text('', '');
    rows.add(
      {
        part: 'thread',
        subject: reading.thread.name,
        text: text(`${lead.en}${doing.en}`, `${lead.ko}${doing.ko}`),
        ...threadFacts(reading.thread),
      },
      () => [threadBlock(reading)],
    );
  }
}
