import type { Clock } from '../../../core/clock.ts';
import type { KubeRemote } from '../../../domain/remote.ts';
import type { ContainerLog, LogMark } from '../container/runner.ts';
import type { PodPlace } from './pod-place.ts';

const MARK_MS = 10_000;
/** Both clocks run on while the request travels. */
const SPARE_SECONDS = 2;
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?(.*)$/s;

interface StampedLine {
  /** Sorts as its instant does. */
  readonly order: string;
  readonly content: string;
}
/** RFC 3339 with up to nine decimals, none of them zero at its end. */
function readStamped(line: string): StampedLine | undefined {
  const [, time = '', fraction = '', zone = '', content = ''] = STAMPED.exec(line) ?? [];
  const seconds = Date.parse(`${time}${zone}`) / 1_000;
  if (!Number.isFinite(seconds)) return undefined;
  return { order: `${String(seconds).padStart(12, '0')}.${fraction.padEnd(9, '0')}`, content };
}

/** The log of a pod's container, through the API server. */
export function createPodLog(
  kube: Pick<KubeRemote, 'log'>,
  { namespace, pod, container }: PodPlace,
  clock: Clock,
): ContainerLog {
  const place = { namespace, pod, container };
  return {
    async mark(signal) {
      const at = clock.now();
      let line: string | undefined;
      const request = { ...place, isFollowed: false, tailLines: 1 };
      const keep = (last: string) => {
        line = last;
      };
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(MARK_MS)]);
      await kube.log(request, keep, deadline);
      return { at, line };
    },
    async follow(mark, onLine, signal) {
      const isBehind = behind(mark);
      const sinceSeconds = Math.max(1, Math.ceil((clock.now() - mark.at) / 1_000)) + SPARE_SECONDS;
      const take = (line: string) => {
        const stamped = readStamped(line);
        if (isBehind(line, stamped)) onLine(stamped?.content ?? line);
      };
      await kube.log({ ...place, isFollowed: true, sinceSeconds }, take, signal);
    },
  };
}

/** True for a line written after the marked one, by the clock of its own machine. */
function behind({ line: marked }: LogMark) {
  const last = marked === undefined ? undefined : readStamped(marked)?.order;
  let hasPassed = false;
  return (line: string, stamped: StampedLine | undefined): boolean => {
    if (last === undefined || hasPassed || stamped === undefined) return true;
    if (stamped.order === last) {
      // Several lines may have one stamp: those behind the very line are new.
      hasPassed = line === marked;
      return false;
    }
    return stamped.order > last;
  };
}
