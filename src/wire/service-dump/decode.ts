import { cleanLine } from '../../core/text.ts';
import { shownLine } from '../../domain/secret-name.ts';
import {
  SERVICE_FIELDS,
  type ServiceDump,
  type ServiceDumpFrom,
  type ServiceField,
  type ServiceRequest,
} from '../../domain/service-dump.ts';
import type { DumpProblem } from '../../domain/thread-dump.ts';
import { ownText } from '../own-text.ts';
import { ProblemCount } from '../problem-count.ts';
import {
  MAX_CELL,
  MAX_REQUESTS,
  MAX_SERVER,
  MAX_TEXT,
  SERVICE_DUMP_HEAD,
  SERVICE_DUMP_VERSION,
  UNKNOWN_CELL,
} from './format.ts';

/** What a file held, and what of it could not be read. */
export interface DecodedServiceDump {
  readonly dump: ServiceDump;
  readonly problems: readonly DumpProblem[];
}

const FROM: readonly ServiceDumpFrom[] = ['lena', 'agent', 'thread-dump'];
const isFrom = (word: string): word is ServiceDumpFrom => FROM.some((each) => each === word);
const isField = (word: string): word is ServiceField => SERVICE_FIELDS.some((each) => each === word);
const NUMBERS: readonly ServiceField[] = ['elapsedMs', 'cpuMs'];
const HEAD = /^# ([a-z]+): (.*)$/;

/** True for the first line of a service dump of any version. */
export const isServiceDumpHead = (line: string): boolean =>
  line.replace(/^\ufeff/, '').startsWith(`${SERVICE_DUMP_HEAD} `);

/** Reads a file line by line; holds what it read. */
export class ServiceDumpReader {
  readonly #problems = new ProblemCount();
  readonly #requests: ServiceRequest[] = [];
  #columns: readonly (ServiceField | undefined)[] | undefined = undefined;
  #server = '';
  #at: number | undefined = undefined;
  #from: ServiceDumpFrom = 'thread-dump';
  #missing: readonly ServiceField[] = [];
  #said: number | undefined = undefined;
  #line = 0;
  #kept = 0;

  /** Without its line break. */
  push(line: string, isCut = false): void {
    this.#line++;
    if (isCut) this.#problem('long-line', line);
    if (line.startsWith('#') || line.startsWith('\ufeff#')) this.#comment(line);
    else if (line.trim() === '') return;
    else if (this.#columns === undefined) this.#head(line);
    else this.#row(line, this.#columns);
  }
  end(): DecodedServiceDump {
    if (this.#said === undefined) this.#problem('truncated', '');
    else if (this.#said !== this.#requests.length)
      this.#problem('rows-missing', `${this.#said} said, ${this.#requests.length} read`);
    if (this.#at === undefined) this.#problem('unread-head', '# at');
    const dump: ServiceDump = {
      from: this.#from,
      server: this.#server,
      at: this.#at ?? 0,
      missing: this.#missing,
      requests: this.#requests,
    };
    return { dump, problems: this.#problems.list() };
  }

  #problem(code: string, sample: string): void {
    this.#problems.add(code, this.#line, sample);
  }
  #comment(line: string): void {
    if (isServiceDumpHead(line)) {
      const version = line.slice(line.indexOf(SERVICE_DUMP_HEAD) + SERVICE_DUMP_HEAD.length).trim();
      if (version !== `${SERVICE_DUMP_VERSION}`) this.#problem('unknown-version', line);
      return;
    }
    const [, key, value = ''] = HEAD.exec(line) ?? [];
    if (key === 'server') this.#server = ownText(cleanLine(value, MAX_SERVER));
    else if (key === 'at') this.#at = instantOf(value);
    else if (key === 'from' && isFrom(value)) this.#from = value;
    else if (key === 'missing')
      this.#missing = SERVICE_FIELDS.filter((field) => value.split(' ').includes(field));
    else if (key === 'requests' && /^\d{1,9}$/.test(value)) this.#said = Number(value);
    else this.#problem('unread-head', line);
  }
  #head(line: string): void {
    const names = line.split('\t').map((name) => name.trim());
    if (!names.includes('thread')) {
      this.#problem('unread-head', line);
      return;
    }
    this.#columns = names.map((name) => (isField(name) ? name : undefined));
    if (this.#columns.includes(undefined)) this.#problem('unknown-column', line);
  }
  #row(line: string, columns: readonly (ServiceField | undefined)[]): void {
    this.#kept += line.length;
    if (this.#requests.length >= MAX_REQUESTS || this.#kept > MAX_TEXT) {
      this.#problem('too-many-requests', line);
      return;
    }
    const cells = line.split('\t', columns.length + 1);
    if (cells.length !== columns.length) this.#problem('unread-line', line);
    const read: Partial<Record<ServiceField, string>> = {};
    for (const [index, field] of columns.entries()) {
      const cell = cells[index];
      if (field !== undefined && cell !== undefined && cell !== '' && cell !== UNKNOWN_CELL)
        read[field] = ownText(shownLine(cell, MAX_CELL));
    }
    const { thread, elapsedMs, cpuMs, ...words } = read;
    if (thread === undefined) {
      this.#problem('unread-line', line);
      return;
    }
    for (const field of NUMBERS)
      if (read[field] !== undefined && amountOf(read[field]) === undefined)
        this.#problem('unread-number', line);
    this.#requests.push({ thread, ...words, elapsedMs: amountOf(elapsedMs), cpuMs: amountOf(cpuMs) });
  }
}

function amountOf(cell: string | undefined): number | undefined {
  return cell !== undefined && /^\d{1,15}$/.test(cell) ? Number(cell) : undefined;
}
function instantOf(value: string): number | undefined {
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** The file of a service dump; `undefined` where its first line is not that of one. Never throws. */
export function decodeServiceDump(text: string): DecodedServiceDump | undefined {
  if (!isServiceDumpHead(text.slice(0, 200))) return undefined;
  const reader = new ServiceDumpReader();
  for (const line of text.split('\n')) reader.push(line.endsWith('\r') ? line.slice(0, -1) : line);
  return reader.end();
}
