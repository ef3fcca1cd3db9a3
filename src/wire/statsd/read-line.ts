import { LARGEST_AMOUNT } from '../largest-amount.ts';
import type { StatsdMetric, StatsdTags, StatsdType } from './datagram.ts';

const LONGEST_NAME = 512;
const MAX_VALUES = 256;
const MAX_TAGS = 48;
const LONGEST_TAG = 256;

const TYPES: ReadonlyMap<string, StatsdType> = new Map(
  (['c', 'g', 'ms', 'h', 'd', 's', 'm'] as const).map((type) => [type, type]),
);
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** A name begins so; further on anything but what ends it, for hierarchical names carry values of tags. */
const NAME = /^[A-Za-z_][^:|@\s]*(?: [^:|@\s]+)*$/;
/** One in a million; less than that makes a single line weigh more than all there is. */
const LEAST_RATE = 1e-6;
const NO_TAGS: StatsdTags = [];

/** What a line was: a metric, or the reason why it is none. */
export type StatsdLine = StatsdMetric | string;

function tagsOf(text: string, separator: string): StatsdTags {
  const tags: (readonly [string, string])[] = [];
  for (const tag of text.split(',', MAX_TAGS)) {
    if (tag === '') continue;
    const at = tag.indexOf(separator);
    const name = at < 0 ? tag : tag.slice(0, at);
    const value = at < 0 ? '' : tag.slice(at + 1);
    if (name !== '') tags.push([name.slice(0, LONGEST_TAG), value.slice(0, LONGEST_TAG)]);
  }
  return tags;
}
/** `name`, `name,tag=value` (Telegraf), `name#tag=value` (Sysdig), `name;tag=value;…` (Graphite). */
function splitName(text: string): { readonly name: string; readonly tags: StatsdTags } {
  const at = text.search(/[,#;]/);
  if (at < 0) return { name: text, tags: NO_TAGS };
  const tags = text.slice(at + 1);
  return { name: text.slice(0, at), tags: tagsOf(text[at] === ';' ? tags.replaceAll(';', ',') : tags, '=') };
}

interface Sections {
  sampleRate: number;
  tags: StatsdTags | undefined;
  container: string | undefined;
}
/** What follows the type. Unknown sections are left out: the form grows by them. */
function readSections(parts: readonly string[]): Sections | string {
  const found: Sections = { sampleRate: 1, tags: undefined, container: undefined };
  for (const part of parts) {
    if (part.startsWith('@')) {
      const rate = Number(part.slice(1));
      if (!NUMBER.test(part.slice(1)) || rate < LEAST_RATE || rate > 1)
        return 'sample rate not between 0 and 1';
      found.sampleRate = rate;
    } else if (part.startsWith('#')) found.tags = tagsOf(part.slice(1), ':');
    else if (part.startsWith('c:')) found.container = part.slice(2, 2 + LONGEST_TAG);
    else if (part.startsWith('T') && !/^T\d{1,12}$/.test(part)) return 'time stamp not a number';
  }
  return found;
}
function readValues(text: string, type: StatsdType): readonly number[] | string {
  if (type === 's') return [];
  const texts = text.split(':', MAX_VALUES + 1);
  if (texts.length > MAX_VALUES) return `more than ${MAX_VALUES} values`;
  const values: number[] = [];
  for (const each of texts) {
    // Micrometer sends what it cannot read as NaN: not known, and no fault of the line.
    if (each === 'NaN' && texts.length === 1) return [];
    const value = Number(each);
    if (!NUMBER.test(each) || Math.abs(value) > LARGEST_AMOUNT) return 'value not a number';
    values.push(value);
  }
  return values;
}

/** Reads one line without its line break. */
export function readStatsdLine(line: string): StatsdLine {
  const bar = line.indexOf('|');
  // With tags in the name a value of theirs may hold no colon; the first one ends the name in every form.
  const colon = line.indexOf(':');
  if (colon <= 0 || bar < colon) return 'no name, value and type';
  if (colon > LONGEST_NAME) return `name longer than ${LONGEST_NAME}`;
  const { name, tags: inName } = splitName(line.slice(0, colon));
  if (!NAME.test(name)) return 'name not one of a metric';
  const [typeText = '', ...sections] = line.slice(bar + 1).split('|', 16);
  const type = TYPES.get(typeText);
  if (type === undefined) return 'type not known';
  const valueText = line.slice(colon + 1, bar);
  const values = readValues(valueText, type);
  if (typeof values === 'string') return values;
  const read = readSections(sections);
  if (typeof read === 'string') return read;
  return {
    name,
    type,
    values,
    isSigned: valueText.startsWith('+') || valueText.startsWith('-'),
    sampleRate: read.sampleRate,
    tags: read.tags ?? inName,
    isDogStatsd: read.tags !== undefined,
    container: read.container,
  };
}

const EVENT = /^_e\{\d{1,5},\d{1,5}\}:/;
const CHECK = /^_sc\|[^|]{1,256}\|[0-3](?:\||$)/;

/** True for a Datadog event or service check. */
export const isStatsdSign = (line: string): boolean => EVENT.test(line) || CHECK.test(line);

/** The tags of an event or service check, its `h:` host among them. */
export function signTags(line: string): StatsdTags {
  const sections = line.split('|', 32);
  const tags = sections.find((section) => section.startsWith('#'));
  const host = sections.find((section) => section.startsWith('h:'))?.slice(2, 2 + LONGEST_TAG);
  return [
    ...(tags === undefined ? [] : tagsOf(tags.slice(1), ':')),
    ...(host === undefined || host === '' ? [] : [['host', host] as const]),
  ];
}
