import { type Text, text } from '../../../domain/text.ts';
import type { ThreadReading } from '../dump-reading.ts';
import { threadBlock, threadTitle } from '../evidence-blocks.ts';
import type { Finding } from '../finding.ts';
import { isCollector } from '../thread-names.ts';
import { percent, placeOf, spoken } from '../words.ts';
import { type Burnt, burntBy, type SeriesReading, type Track } from './series-reading.ts';

const LEAST_SHARE = 0.5;
const MOST_SHARE = 0.8;
/** Under a CPU limit a loop gets less of a core; it then uses most of what the JVM gets. */
const LEAST_LIMITED = 0.1;
const MOST_OF_ALL = 0.4;
const MAX_FOUND = 5;
/** Of one core, all collectors together. */
const COLLECTORS_SHARE = 0.8;

/** A thread and the CPU it used between the dumps. */
export interface BusyTrack {
  readonly track: Track;
  readonly burnt: Burnt;
}

/** Most CPU first; those that used none are left out. */
export function busyTracks(series: SeriesReading): readonly BusyTrack[] {
  return series.tracks
    .flatMap((track) => {
      const burnt = burntBy(series, track);
      return burnt === undefined || burnt.cpuMs <= 0 ? [] : [{ track, burnt }];
    })
    .sort((a, b) => b.burnt.share - a.burnt.share);
}

/** Threads that used most of a core between the dumps, and garbage collection where it did. */
export function busyThreads(busy: readonly BusyTrack[]): readonly Finding[] {
  const allMs = busy.reduce((sum, { burnt }) => sum + burnt.cpuMs, 0);
  const burning = busy.filter(
    (each) =>
      each.track.last.thread.state !== undefined && (each.burnt.share >= LEAST_SHARE || isLoop(each, allMs)),
  );
  return [...burning.slice(0, MAX_FOUND).map((each) => burningThread(each, allMs)), ...collecting(busy)];
}

/** Runs the same method of the application whenever it is seen, and uses most of what the JVM gets. */
function isLoop({ track, burnt }: BusyTrack, allMs: number): boolean {
  const place = track.last.stack.application;
  return (
    place !== undefined &&
    burnt.share >= LEAST_LIMITED &&
    burnt.cpuMs >= MOST_OF_ALL * allMs &&
    track.readings.every(
      (reading) => reading === undefined || (reading.doing === 'run' && reading.stack.application === place),
    )
  );
}

function burningThread({ track, burnt }: BusyTrack, allMs: number): Finding {
  const { last, readings } = track;
  const { name } = last.thread;
  // What it did when it was seen running; in the last dump it may just have waited.
  const seen = readings.findLast((reading) => reading?.doing === 'run') ?? last;
  const where = placeOf(seen);
  const isHigh = burnt.share >= MOST_SHARE || isLoop({ track, burnt }, allMs);
  const ofAll = percent(allMs > 0 ? burnt.cpuMs / allMs : 0);
  return {
    code: 'busy-thread',
    subject: name,
    level: isHigh && seen.stack.application !== undefined ? 'error' : 'warn',
    text: text(
      `"${name}" used ${percent(burnt.share)} of a core for ${spoken(burnt.wallMs)} (${ofAll} of all the JVM used)${where === '' ? '' : `, in ${where}`}`,
      `"${name}": ${spoken(burnt.wallMs)} 동안 코어의 ${percent(burnt.share)} 사용 (JVM 전체의 ${ofAll})${where === '' ? '' : `, ${where}`}`,
    ),
    next: text(
      'Look for a loop in the frames that stay the same from dump to dump',
      '덤프마다 같은 프레임에서 반복문을 찾으십시오',
    ),
    weight: Math.round(burnt.share * 100),
    count: 1,
    blocks: () =>
      readings.flatMap((reading, place) =>
        reading === undefined || place > 5 ? [] : [threadBlock(reading, titleIn(place, reading))],
      ),
  };
}

function titleIn(place: number, reading: ThreadReading): Text {
  const { en, ko } = threadTitle(reading);
  return text(`dump ${place + 1}: ${en}`, `덤프 ${place + 1}: ${ko}`);
}

function collecting(busy: readonly BusyTrack[]): readonly Finding[] {
  const collectors = busy.filter(({ track }) => isCollector(track.last.thread.name));
  const share = collectors.reduce((sum, { burnt }) => sum + burnt.share, 0);
  if (share < COLLECTORS_SHARE) return [];
  return [
    {
      code: 'gc-busy',
      subject: 'gc',
      level: 'warn',
      text: text(
        `garbage collection used ${share.toFixed(1)} cores between the dumps`,
        `덤프 사이에 GC가 코어 ${share.toFixed(1)}개 사용`,
      ),
      next: text(
        'Look at the heap after collections; a class histogram shows what fills it',
        'GC 후 힙을 확인하고 클래스 히스토그램을 뜨십시오',
      ),
      weight: Math.round(share * 100),
      count: collectors.length,
      blocks: () => [
        {
          title: text('Threads of the collector', 'GC 스레드'),
          lines: collectors.map(
            ({ track, burnt }) =>
              `${percent(burnt.share).padStart(6)}  ${spoken(burnt.cpuMs).padStart(8)}  ${track.last.thread.name}`,
          ),
        },
      ],
    },
  ];
}
