import type { StatsdDatagram, StatsdMetric, StatsdTags } from './datagram.ts';
import { isStatsdSign, readStatsdLine, signTags } from './read-line.ts';

export interface StatsdReject {
  readonly kind: 'reject';
  readonly reason: string;
}
export interface StatsdDecoded {
  readonly kind: 'datagram';
  readonly value: StatsdDatagram;
}

const MAX_LINES = 2_048;
const LONGEST_LINE = 8_192;
/** A first line is looked for in so many bytes. */
const LONGEST_FIRST_LINE = 1_024;
const NEW_LINE = 0x0a;

/** Letters that begin a name; `_` begins one, an event or a service check. */
const canBegin = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === 0x5f || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a));

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?/.source;
const NAME = /[A-Za-z_][^:|@\s]*(?: [^:|@\s]+)*/.source;
/** Name, number and type of a line as they must begin a datagram; what follows the type may still be refused. */
const FIRST_LINE = new RegExp(
  `^${NAME}:(?:${NUMBER}(?::${NUMBER})*\\|(?:c|g|ms|h|d|m)|NaN\\|(?:g|ms|h|d)|[^|]{1,256}\\|s)(?:\\||$)`,
);

/**
 * True where the first line has the form of a metric, an event or a service check. Any other text stays a heartbeat:
 * a log line or a ping is not somebody's broken metric.
 */
export function isStatsdDatagram(bytes: Uint8Array): boolean {
  if (!canBegin(bytes[0])) return false;
  const limit = Math.min(bytes.length, LONGEST_FIRST_LINE);
  const found = bytes.indexOf(NEW_LINE);
  const end = found >= 0 && found < limit ? found : limit;
  const line = asBuffer(bytes).toString('latin1', 0, end).trimEnd();
  // A first line longer than that is judged by its beginning, which ends in the middle of its tags.
  return isStatsdSign(line) || FIRST_LINE.test(line);
}

/** Decodes one datagram of lines; what does not fit gives a reason, never an exception. */
export function decodeStatsdDatagram(bytes: Uint8Array): StatsdDecoded | StatsdReject {
  const lines = asBuffer(bytes)
    .toString('utf8')
    .split('\n', MAX_LINES + 1);
  if (lines.length > MAX_LINES) return { kind: 'reject', reason: `more than ${MAX_LINES} lines` };
  const metrics: StatsdMetric[] = [];
  const signs: StatsdTags[] = [];
  const refused = new Map<string, number>();
  const refuse = (reason: string) => refused.set(reason, (refused.get(reason) ?? 0) + 1);
  for (const each of lines) {
    const line = each.endsWith('\r') ? each.slice(0, -1) : each;
    if (line === '') continue;
    if (line.length > LONGEST_LINE) {
      refuse(`line longer than ${LONGEST_LINE}`);
      continue;
    }
    if (isStatsdSign(line)) {
      signs.push(signTags(line));
      continue;
    }
    const read = readStatsdLine(line);
    if (typeof read === 'string') refuse(read);
    else metrics.push(read);
  }
  const [firstReason] = refused.keys();
  if (metrics.length === 0 && signs.length === 0) return { kind: 'reject', reason: firstReason ?? 'no line' };
  return { kind: 'datagram', value: { metrics, signs, refused } };
}
