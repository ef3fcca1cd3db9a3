import { sumOf } from '../../core/sum.ts';
import { cleanLine } from '../../core/text.ts';
import type { L9sDataSource } from '../../wire/l9s/datagram.ts';
import type { ConnectorReading } from './tomcat-figures.ts';

/** One bean of an answer: its object name and its attributes as they were written. */
export interface Bean {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const MAX_BEANS = 4_096;
const MAX_CONNECTORS = 64;
const MAX_DATA_SOURCES = 64;
const NAME_LENGTH = 128;
const URI_LENGTH = 1_024;
/** Tomcat's word for a request in service. */
const IN_SERVICE = '3';

/** `/manager/jmxproxy/?qry=…`; `undefined` where the answer is none of it. */
export function readBeans(answer: string): readonly Bean[] | undefined {
  if (!answer.startsWith('OK - Number of results')) return undefined;
  const beans: { name: string; attributes: Map<string, string> }[] = [];
  for (const line of answer.split(/\r?\n/)) {
    const colon = line.indexOf(': ');
    if (colon < 1) continue;
    const key = line.slice(0, colon);
    const value = line.slice(colon + 2);
    if (key === 'Name') {
      if (beans.length >= MAX_BEANS) break;
      beans.push({ name: value, attributes: new Map() });
    } else {
      beans.at(-1)?.attributes.set(key, value);
    }
  }
  return beans;
}

/** `get=java.lang:type=Runtime&att=Name` → the pid, as that JVM sees itself. */
export function readPid(answer: string): number | undefined {
  const pid = Number(/ - Name = (\d{1,10})@/.exec(answer)?.[1]);
  return Number.isSafeInteger(pid) ? pid : undefined;
}

/** Value of a key in an object name, its quotation marks removed. */
function keyOf(objectName: string, key: string): string | undefined {
  const match = new RegExp(`[:,]${key}=(?:"([^"]*)"|([^,]*))`).exec(objectName);
  const found = match?.[1] ?? match?.[2];
  return found === undefined ? undefined : cleanLine(found, NAME_LENGTH);
}
const amountOf = (bean: Bean | undefined, ...names: readonly string[]): number | undefined => {
  for (const name of names) {
    const written = bean?.attributes.get(name);
    if (written !== undefined && /^\d{1,15}$/.test(written)) return Number(written);
  }
  return undefined;
};

export interface ConnectorBeans {
  readonly pools: readonly Bean[];
  readonly totals: readonly Bean[];
  readonly requests: readonly Bean[];
  /** Path of the request that asks. */
  readonly ourPath: string;
}
export function connectorsOf({
  pools,
  totals,
  requests,
  ourPath,
}: ConnectorBeans): readonly ConnectorReading[] {
  return pools.slice(0, MAX_CONNECTORS).flatMap((pool) => {
    const name = keyOf(pool.name, 'name');
    // The executor's and the sockets' own pools have a further key.
    if (name === undefined || keyOf(pool.name, 'subType') !== undefined) return [];
    const total = totals.find((bean) => keyOf(bean.name, 'name') === name);
    const running = requests.filter(
      (bean) => keyOf(bean.name, 'worker') === name && bean.attributes.get('stage') === IN_SERVICE,
    );
    const isOurs = running.some((bean) => bean.attributes.get('currentUri') === ourPath);
    return [
      {
        name,
        busy: amountOf(pool, 'currentThreadsBusy'),
        max: amountOf(pool, 'maxThreads'),
        requests: amountOf(total, 'requestCount'),
        processingMs: amountOf(total, 'processingTime'),
        errors: amountOf(total, 'errorCount'),
        active: Math.max(0, running.length - (isOurs ? 1 : 0)),
        isOurs,
      },
    ];
  });
}

/** A request in service as a Tomcat shows it; without its query, which may hold what nobody else should read. */
export interface RunningRequest {
  readonly worker: string;
  readonly uri?: string | undefined;
  readonly method?: string | undefined;
  readonly client?: string | undefined;
  readonly elapsedMs?: number | undefined;
}
/** Those being served, but for requests of `ourPath`. */
export function runningRequestsOf(requests: readonly Bean[], ourPath: string): readonly RunningRequest[] {
  return requests.flatMap(({ attributes }) => {
    const worker = wordOf(attributes.get('workerThreadName'));
    const uri = attributes.get('currentUri');
    if (attributes.get('stage') !== IN_SERVICE || worker === undefined || uri === ourPath) return [];
    return [
      {
        worker,
        uri: wordOf(uri, URI_LENGTH),
        method: wordOf(attributes.get('method')),
        client: wordOf(attributes.get('remoteAddrForwarded')) ?? wordOf(attributes.get('remoteAddr')),
        elapsedMs: amountOf({ name: '', attributes }, 'requestProcessingTime'),
      },
    ];
  });
}
/** Tomcat writes `null` for what it has not. */
const wordOf = (written: string | undefined, length = NAME_LENGTH): string | undefined =>
  written === undefined || written === '' || written === 'null' ? undefined : cleanLine(written, length);

/** Sessions of all web applications; `undefined` where none tells. */
export const sessionsOf = (managers: readonly Bean[]): number | undefined =>
  sumOf(managers.map((bean) => amountOf(bean, 'activeSessions')));

/** Pools of Tomcat's two implementations; what belongs to the inside of one is left out. */
export function dataSourcesOf(beans: readonly Bean[]): readonly L9sDataSource[] {
  return beans
    .filter((bean) => keyOf(bean.name, 'connectionpool') === undefined)
    .flatMap((bean) => {
      const name = keyOf(bean.name, 'name');
      const active = amountOf(bean, 'numActive', 'active');
      if (name === undefined || active === undefined) return [];
      const context = keyOf(bean.name, 'context');
      const max = amountOf(bean, 'maxTotal', 'maxActive');
      return [
        {
          name: context === undefined || context === '/' ? name : `${context} ${name}`.slice(0, NAME_LENGTH),
          active,
          idle: amountOf(bean, 'numIdle', 'idle'),
          max,
        },
      ];
    })
    .slice(0, MAX_DATA_SOURCES);
}
