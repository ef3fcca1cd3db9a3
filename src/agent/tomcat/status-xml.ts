import { cleanLine } from '../../core/text.ts';
import type { ConnectorReading, TomcatReading } from './tomcat-figures.ts';

const MAX_CONNECTORS = 64;
const NAME_LENGTH = 128;
const IN_SERVICE = 'S';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{1,5}));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}

const ATTRIBUTE = /([A-Za-z]{1,40})=(?:"([^"<>]*)"|'([^'<>]*)')/g;
function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single] of tag.matchAll(ATTRIBUTE))
    found.set(name, unescapeXml(double ?? single ?? ''));
  return found;
}
const tagsOf = (text: string, name: string): readonly ReadonlyMap<string, string>[] =>
  [...text.matchAll(new RegExp(`<${name}\\s([^<>]*)>`, 'g'))].map(([, inner = '']) => attributesOf(inner));

const amountOf = (attributes: ReadonlyMap<string, string> | undefined, name: string): number | undefined => {
  const written = attributes?.get(name);
  return written !== undefined && /^\d{1,15}$/.test(written) ? Number(written) : undefined;
};
/** Tomcat writes the name with quotation marks around it. */
const nameOf = (name: string): string => cleanLine(name.replace(/^"|"$/g, ''), NAME_LENGTH);

/** `/manager/status?XML=true` of Tomcat 8 to 11; `ourPath` is the request that fetched it. */
export function readStatusXml(xml: string, ourPath: string): TomcatReading | undefined {
  if (!xml.includes('<status>')) return undefined;
  const parts = xml.split('<connector ').slice(1, MAX_CONNECTORS + 1);
  return { connectors: parts.map((part) => connectorOf(part, ourPath)) };
}

function connectorOf(part: string, ourPath: string): ConnectorReading {
  const end = part.indexOf('>');
  const name = nameOf(attributesOf(part.slice(0, end)).get('name') ?? 'connector');
  const [threads] = tagsOf(part, 'threadInfo');
  const [requests] = tagsOf(part, 'requestInfo');
  const running = tagsOf(part, 'worker').filter((worker) => worker.get('stage') === IN_SERVICE);
  const isOurs = running.some((worker) => worker.get('currentUri') === ourPath);
  return {
    name,
    busy: amountOf(threads, 'currentThreadsBusy'),
    max: amountOf(threads, 'maxThreads'),
    requests: amountOf(requests, 'requestCount'),
    processingMs: amountOf(requests, 'processingTime'),
    errors: amountOf(requests, 'errorCount'),
    active: Math.max(0, running.length - (isOurs ? 1 : 0)),
    isOurs,
  };
}
