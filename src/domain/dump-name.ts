import { DUMP_KINDS, type DumpKind } from './dump.ts';

/** As LENA names them; a histogram is l9s's own. */
const ENDINGS: Record<DumpKind, string> = {
  thread: 'tdump.txt',
  service: 'sdump.txt',
  histogram: 'histo.txt',
  heap: 'hdump.hprof',
};
const MAX_NAME = 200;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** What may stand in a dump's name; everything else becomes `-`. */
const plain = (word: string): string => word.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');

const two = (value: number): string => String(value).padStart(2, '0');
/** `yyyyMMdd-HHmmss`, UTC. */
const stamp = (at: number): string => {
  const date = new Date(at);
  const day = `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
  return `${day}-${two(date.getUTCHours())}${two(date.getUTCMinutes())}${two(date.getUTCSeconds())}`;
};

/** `HOST_server_yyyyMMdd-HHmmss_tdump.txt`, at most 200 characters; `again` keeps two of one second apart. */
export function dumpFileName(of: {
  readonly host: string;
  readonly server: string;
  readonly at: number;
  readonly kind: DumpKind;
  /** From 2. */
  readonly again?: number | undefined;
}): string {
  const end = `${of.again === undefined ? '' : `.${of.again}`}_${ENDINGS[of.kind]}`;
  const tail = `_${stamp(of.at)}${end}`;
  const lead = `${plain(of.host) || 'host'}_${plain(of.server) || 'server'}`;
  return `${lead.slice(0, MAX_NAME - tail.length)}${tail}`;
}

/** True for a bare name of a dump: no folder, no `..`, nothing a shell or a terminal would read. */
export const isDumpFileName = (name: string): boolean => NAME.test(name) && !name.includes('..');

/** By its ending; `undefined` for a name that is none of a dump. */
export const dumpKindOfName = (name: string): DumpKind | undefined =>
  DUMP_KINDS.find((kind) => name.endsWith(`_${ENDINGS[kind]}`));

const STAMPED = /^(.*?)_(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(?:\.\d+)?_[a-z]+\.[a-z]+(?:\.gz)?$/;

/** Whose a dump is and when it was taken, as its name tells. */
export interface DumpNameParts {
  /** `HOST_server` */
  readonly lead: string;
  /** Epoch ms, the stamp read as UTC. */
  readonly at: number;
}
/** `undefined` for a name without a stamp, or with one that is no time. */
export function partsOfDumpName(name: string): DumpNameParts | undefined {
  const [, lead, ...written] = STAMPED.exec(name) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = written.map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  // The 31st of June, or a 25th hour, would be another one.
  return lead === undefined || stamp(at) !== `${written.slice(0, 3).join('')}-${written.slice(3).join('')}`
    ? undefined
    : { lead, at };
}
