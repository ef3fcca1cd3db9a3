import { cleanLine } from '../../core/text.ts';
import { SERVICE_FIELDS, type ServiceDump, type ServiceField } from '../../domain/service-dump.ts';
import { MAX_CELL, MAX_SERVER, SERVICE_DUMP_HEAD, SERVICE_DUMP_VERSION, UNKNOWN_CELL } from './format.ts';

/** A value as its cell: one line without tabs; a number in plain digits. */
function cellOf(value: string | number | undefined): string {
  if (value === undefined || value === '') return UNKNOWN_CELL;
  if (typeof value === 'number') return Number.isFinite(value) ? String(Math.round(value)) : UNKNOWN_CELL;
  return cleanLine(value, MAX_CELL);
}
const wordsOf = (fields: readonly ServiceField[]): string =>
  fields.length === 0 ? UNKNOWN_CELL : fields.join(' ');
/** ISO instant; an impossible one is not known. */
const instantOf = (at: number): string =>
  Number.isFinite(new Date(at).getTime()) ? new Date(at).toISOString() : UNKNOWN_CELL;

/**
 * The file of a service dump: lines of `#` that say whose, when and from whom, a table of tab-separated columns with a
 * row of names, and a last line that tells a whole file from a cut one.
 */
export function encodeServiceDump(dump: ServiceDump): string {
  return [
    `${SERVICE_DUMP_HEAD} ${SERVICE_DUMP_VERSION}`,
    `# server: ${cleanLine(dump.server, MAX_SERVER)}`,
    `# at: ${instantOf(dump.at)}`,
    `# from: ${dump.from}`,
    `# missing: ${wordsOf(dump.missing)}`,
    SERVICE_FIELDS.join('\t'),
    ...dump.requests.map((request) => SERVICE_FIELDS.map((field) => cellOf(request[field])).join('\t')),
    `# requests: ${dump.requests.length}`,
    '',
  ].join('\n');
}
