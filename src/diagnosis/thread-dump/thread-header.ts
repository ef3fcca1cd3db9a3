import { THREAD_STATES, type ThreadState } from '../../domain/thread-dump.ts';

/** What the first line of a thread says. */
export interface ThreadHeader {
  /** `jstack`: HotSpot's own; `file`: of `Thread.dump_to_file`; `bean`: as ThreadInfo, LENA and VisualVM write it. */
  readonly form: 'jstack' | 'file' | 'bean';
  readonly name: string;
  readonly id?: number | undefined;
  readonly nid?: string | undefined;
  readonly isDaemon?: boolean | undefined;
  readonly isVirtual?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly state?: ThreadState | undefined;
  readonly detail?: string | undefined;
  readonly cpuMs?: number | undefined;
  readonly elapsedMs?: number | undefined;
  /** Of `bean`: what it waits for, and whose that is. */
  readonly lockId?: string | undefined;
  readonly ownerName?: string | undefined;
}

/** The state a line names, as our own text; `undefined` for another word. */
export const threadStateOf = (word: string): ThreadState | undefined =>
  THREAD_STATES.find((state) => state === word);

const BEAN =
  /^"(.*?)" (daemon )?(?:prio=(-?\d{1,3}) )?Id=(-?\d{1,15}) ([A-Z_]{3,13})(?: on (\S+))?(?: owned by "(.*)" Id=-?\d{1,15})?((?: \((?:suspended|in native)\))*)\s*$/;
/** Of what follows a name. */
const MAX_TAIL = 2_048;
const VISUAL_VM = /^ - Thread t@(\d{1,15})\s*$/;
const FILE = /^#(\d{1,15}) "(.*)"(.*)$/;

/** `text` begins with `"` or `#`. `undefined` where it is no thread's first line. */
export function readThreadHeader(text: string): ThreadHeader | undefined {
  if (text.startsWith('#')) return readFileHeader(text);
  const close = text.lastIndexOf('"');
  if (close <= 0) return undefined;
  const name = text.slice(1, close);
  const tail = text.slice(close + 1);
  const [, number] = VISUAL_VM.exec(tail) ?? [];
  if (number !== undefined) return { form: 'bean', name, id: Number(number) };
  return readTail(name, tail) ?? readBeanHeader(text);
}

/** Name and number by `Thread.dump_to_file`: `#22 "name" virtual WAITING 2025-01-01T00:00:00Z`. */
function readFileHeader(text: string): ThreadHeader | undefined {
  const [, id, name, tail = ''] = FILE.exec(text) ?? [];
  if (id === undefined || name === undefined) return undefined;
  const words = tail.trim() === '' ? [] : tail.trim().split(/\s+/, 4);
  const isVirtual = words[0]?.toLowerCase() === 'virtual';
  const state = threadStateOf(words[isVirtual ? 1 : 0] ?? '');
  if (words.length > (isVirtual ? 3 : 2) || (words.length > 0 && !isVirtual && state === undefined))
    return undefined;
  return { form: 'file', name, id: Number(id), isVirtual, state };
}

function readBeanHeader(text: string): ThreadHeader | undefined {
  if (!text.includes(' Id=')) return undefined;
  const [, name, daemon, priority, id, word = '', lockId, ownerName, notes] = BEAN.exec(text) ?? [];
  const state = threadStateOf(word);
  if (name === undefined || id === undefined || state === undefined) return undefined;
  return {
    form: 'bean',
    name,
    id: Number(id),
    isDaemon: daemon === undefined ? undefined : true,
    priority: numberOf(priority),
    state,
    detail: notes === undefined || notes === '' ? undefined : notes.trim(),
    lockId,
    ownerName,
  };
}

const SPACE = 0x20;
const HASH = 0x23;
const BRACKET = 0x5b;

/** What follows the name: `#12 [345] daemon prio=5 os_prio=0 cpu=1.5ms elapsed=10.1s tid=0x… nid=0x… runnable [0x…]`. */
function readTail(name: string, tail: string): ThreadHeader | undefined {
  if (tail.charCodeAt(0) !== SPACE || !(tail.includes('tid=') || tail.includes('nid='))) return undefined;
  let id: number | undefined;
  let osId: string | undefined;
  let nid: string | undefined;
  let isDaemon = false;
  let isVirtual: boolean | undefined;
  let priority: number | undefined;
  let cpuMs: number | undefined;
  let elapsedMs: number | undefined;
  let detail = '';
  const last = Math.min(tail.length, MAX_TAIL);
  for (let from = 1; from < last; ) {
    const space = tail.indexOf(' ', from);
    const to = space < 0 || space > last ? last : space;
    const token = tail.slice(from, to);
    const first = tail.charCodeAt(from);
    from = to + 1;
    if (token === '') continue;
    const equals = token.indexOf('=');
    if (equals > 0) {
      const value = token.slice(equals + 1);
      if (token.startsWith('cpu=')) cpuMs = timeOf(value);
      else if (token.startsWith('elapsed=')) elapsedMs = timeOf(value);
      else if (token.startsWith('nid=')) nid = value;
      else if (token.startsWith('prio=')) priority = numberOf(value);
    } else if (first === HASH && id === undefined) id = wholeOf(token.slice(1));
    else if (first === BRACKET) {
      if (osId === undefined && !token.startsWith('[0x')) osId = token.slice(1, -1);
    } else if (detail === '' && token === 'daemon') isDaemon = true;
    else if (detail === '' && token === 'virtual') isVirtual = true;
    else detail = detail === '' ? token : `${detail} ${token}`;
  }
  return {
    form: 'jstack',
    name,
    id,
    nid: nid ?? osId,
    isDaemon: id === undefined && !isDaemon ? undefined : isDaemon,
    isVirtual,
    priority,
    detail: detail === '' ? undefined : detail,
    cpuMs,
    elapsedMs,
  };
}

/** `12.34ms`, `5.67s` as ms. */
function timeOf(text: string): number | undefined {
  const isMillis = text.endsWith('ms');
  const digits = text.slice(0, isMillis ? -2 : -1).replace(',', '.');
  const value = digits === '' || !text.endsWith('s') || digits.length > 24 ? Number.NaN : Number(digits);
  if (!Number.isFinite(value) || value < 0) return undefined;
  return isMillis ? value : Math.round(value * 1_000_000) / 1_000;
}
const wholeOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
