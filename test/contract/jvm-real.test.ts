import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NO_LONGER_HEARD } from '../../src/diagnosis/health/no-longer-heard.ts';
import type { Server } from '../../src/domain/server.ts';
import type { L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { AgentProcess, eventually, ListeningConsole } from '../support/jvm-console.ts';
import { collectNow, jstatOf, noRealJvm, RealTomcat } from '../support/jvm-tools.ts';

const INTERVAL = '500ms';
const SILENT_MS = 8 * 2_000;
/** A collection between two readings of jstat makes them no bounds. */
const ATTEMPTS = 30;

type Columns = ReadonlyMap<string, number>;
interface Family {
  readonly name: string;
  readonly flag: string;
  /** Columns of jstat that make up each pool: capacity and use. */
  readonly pools: Readonly<Record<string, readonly [readonly string[], readonly string[]]>>;
  /** Collector → columns of its count and seconds. */
  readonly collectors: Readonly<Record<string, readonly [string, string]>>;
  /** Which one counts full collections. */
  readonly full: string;
  /** The same with two generations, as jstat's columns tell. */
  readonly generational?: Pick<Family, 'pools' | 'collectors'>;
}
const METASPACE = { Metaspace: [['MC'], ['MU']], 'Compressed Class Space': [['CCSC'], ['CCSU']] } as const;
const SURVIVORS = [
  ['S0C', 'S1C'],
  ['S0U', 'S1U'],
] as const;
const FAMILIES: readonly Family[] = [
  {
    name: 'G1',
    flag: '-XX:+UseG1GC',
    pools: {
      'G1 Eden Space': [['EC'], ['EU']],
      'G1 Survivor Space': SURVIVORS,
      'G1 Old Gen': [['OC'], ['OU']],
      ...METASPACE,
    },
    collectors: {
      'G1 Young Generation': ['YGC', 'YGCT'],
      'G1 Old Generation': ['FGC', 'FGCT'],
      'G1 Concurrent GC': ['CGC', 'CGCT'],
    },
    full: 'G1 Old Generation',
  },
  {
    name: 'Parallel',
    flag: '-XX:+UseParallelGC',
    pools: {
      'PS Eden Space': [['EC'], ['EU']],
      'PS Survivor Space': SURVIVORS,
      'PS Old Gen': [['OC'], ['OU']],
      ...METASPACE,
    },
    collectors: { 'PS Scavenge': ['YGC', 'YGCT'], 'PS MarkSweep': ['FGC', 'FGCT'] },
    full: 'PS MarkSweep',
  },
  {
    name: 'Serial',
    flag: '-XX:+UseSerialGC',
    pools: {
      'Eden Space': [['EC'], ['EU']],
      'Survivor Space': SURVIVORS,
      'Tenured Gen': [['OC'], ['OU']],
      ...METASPACE,
    },
    collectors: { Copy: ['YGC', 'YGCT'], MarkSweepCompact: ['FGC', 'FGCT'] },
    full: 'MarkSweepCompact',
  },
  {
    name: 'ZGC',
    flag: '-XX:+UseZGC',
    pools: { ZHeap: [['OC'], ['OU']], ...METASPACE },
    collectors: { 'ZGC Pauses': ['CGC', 'CGCT'] },
    full: 'ZGC Full Cycles',
    generational: {
      pools: {
        'ZGC Young Generation': [['EC'], ['EU']],
        'ZGC Old Generation': [['OC'], ['OU']],
        ...METASPACE,
      },
      collectors: { 'ZGC Minor Pauses': ['YGC', 'YGCT'], 'ZGC Major Pauses': ['CGC', 'CGCT'] },
    },
  },
];

/** jstat shows tenths of a KiB. */
const KIB = 1_024;
const ROUNDING_BYTES = KIB / 10;
const ROUNDING_SECONDS = 0.001;
const bytesOf = (columns: Columns, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (columns.get(name) ?? Number.NaN), 0) * KIB;
const isNear = (one: number, other: number, within: number): boolean => Math.abs(one - other) <= within;

/** True where nothing but allocation happened between the two. */
function areBounds(before: Columns, after: Columns): boolean {
  const steady = ['S0C', 'S1C', 'EC', 'OC', 'MC', 'CCSC', 'YGC', 'FGC', 'CGC', 'S0U', 'S1U'];
  const growing = ['EU', 'OU', 'MU', 'CCSU'];
  return (
    steady.every((name) => before.get(name) === after.get(name)) &&
    growing.every((name) => (before.get(name) ?? 0) <= (after.get(name) ?? 0))
  );
}

function compare(datagram: L9sJvm, before: Columns, after: Columns, family: Family): void {
  const { pools, collectors } = before.has('EC') ? (family.generational ?? family) : family;
  for (const [name, [capacity, use]] of Object.entries(pools)) {
    const pool = datagram.pools?.find((each) => each.name === name);
    assert.ok(pool, `${name} is told`);
    assert.ok(
      isNear(pool.committed ?? Number.NaN, bytesOf(after, capacity), ROUNDING_BYTES),
      `${name}: capacity ${pool.committed} is ${capacity.join('+')} ${bytesOf(after, capacity)}`,
    );
    const [least, most] = [bytesOf(before, use), bytesOf(after, use)];
    const used = pool.used ?? Number.NaN;
    assert.ok(
      used >= least - ROUNDING_BYTES && used <= most + ROUNDING_BYTES,
      `${name}: ${used} lies between ${least} and ${most}`,
    );
  }
  for (const [name, [count, seconds]] of Object.entries(collectors)) {
    const collector = datagram.gc?.find((each) => each.name === name);
    assert.equal(collector?.count, after.get(count), `${name}: count`);
    const told = (collector?.timeMs ?? Number.NaN) / 1_000;
    assert.ok(isNear(told, after.get(seconds) ?? Number.NaN, ROUNDING_SECONDS), `${name}: ${told} s`);
  }
  const heap = Object.entries(pools).filter(([name]) => !Object.hasOwn(METASPACE, name));
  const committed = bytesOf(
    after,
    heap.flatMap(([, [capacity]]) => capacity),
  );
  assert.ok(isNear(datagram.heap?.committed ?? Number.NaN, committed, 4 * ROUNDING_BYTES), 'heap: committed');
}

async function compareUnderLoad(
  listening: ListeningConsole,
  tomcat: RealTomcat,
  family: Family,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = await jstatOf(tomcat.pid);
    const seen = listening.datagrams.length;
    await tomcat.load(3, 5);
    // The second one was read wholly after the first jstat.
    const datagram = await eventually(() => listening.datagrams[seen + 1], 'two datagrams');
    const after = await jstatOf(tomcat.pid);
    if (areBounds(before, after)) {
      compare(datagram, before, after, family);
      return;
    }
    assert.ok(attempt < ATTEMPTS, 'never two readings of jstat without a collection between');
  }
}

const fullOf = (datagram: L9sJvm | undefined, { full }: Family): number =>
  datagram?.gc?.find(({ name }) => name === full)?.count ?? Number.NaN;

/** A server that nobody but its datagrams tells of. */
const isSilent = (server: Server | undefined): boolean =>
  server?.state === 'unknown' && server.stateReason === NO_LONGER_HEARD;

async function followFamily(family: Family): Promise<void> {
  const tomcat = new RealTomcat([family.flag, '-Xmx128m', '-Xms128m']);
  const listening = new ListeningConsole();
  await listening.open();
  let agent: AgentProcess | undefined;
  try {
    await tomcat.start();
    agent = new AgentProcess(
      ['--match', tomcat.base, '--to', listening.addresses, '--id', 'was-0', '--interval', INTERVAL].concat([
        '--tomcat',
        `http://127.0.0.1:${tomcat.port}`,
      ]),
      { L9S_TOMCAT_USER: 'agent', L9S_TOMCAT_PASSWORD: 'agent-word' },
    );
    await eventually(() => listening.server?.jvm?.heap?.usedBytes, 'the first figures');
    await tomcat.load(25, 200);
    await compareUnderLoad(listening, tomcat, family);

    const last = listening.datagrams.at(-1);
    assert.match(last?.id ?? '', /^was-0\//);
    assert.equal(last?.serverType, 'tomcat');
    assert.equal(last?.connectors?.[0]?.max, 20);
    assert.ok((last?.threads?.live ?? 0) > 0 && (last?.classes ?? 0) > 0 && (last?.fds?.open ?? 0) > 0);

    const before = listening.datagrams.at(-1);
    const askedAt = Date.now();
    await collectNow(tomcat.pid);
    const atEnd = listening.datagrams.at(-1)?.seq ?? Number.NaN;
    const told = await eventually(
      () => listening.datagrams.find((datagram) => fullOf(datagram, family) > fullOf(before, family)),
      'the full collection',
    );
    assert.ok(told.seq <= atEnd + 2, `told ${told.seq - atEnd} datagrams after it ended`);
    const pause = told.pauses?.find(({ name }) => name === family.full);
    assert.equal(pause?.cause, 'Diagnostic Command');
    assert.ok((pause.at ?? 0) >= askedAt && (pause.at ?? 0) <= told.at);
    // ZGC tells its use at pauses only, and its cycle frees after the last one.
    if (family.generational === undefined)
      assert.ok(
        (told.heap?.afterGc ?? Number.NaN) > 0 && (told.heap?.afterGc ?? 0) <= (told.heap?.used ?? 0),
      );
    else assert.equal(told.heap?.afterGc, undefined);
    const full = await eventually(() => {
      const found = listening.server?.jvm?.lastFullGc;
      return found !== undefined && found.at >= askedAt ? found : undefined;
    }, 'the row to show it');
    assert.ok(full.at <= Date.now());

    const [row] = listening.servers;
    assert.equal(row?.state, 'ready');
    const { pid } = tomcat;
    process.kill(pid, 'SIGSTOP');
    const frozen = await eventually(
      () => listening.datagrams.find(({ stalledMs = 0 }) => stalledMs >= 2_000),
      'the word that it stands still',
    );
    assert.ok((frozen.unansweredMs ?? 0) > 0, 'its Tomcat answered before');
    process.kill(pid, 'SIGCONT');
    await eventually(
      () => (listening.datagrams.at(-1)?.stalledMs === 0 ? true : undefined),
      'that it goes on',
    );
    await tomcat.kill();
    await eventually(
      () => agent?.lines.find((line) => line.includes(`process ${pid} `) && line.includes('has ended')),
      'its end',
    );
    listening.setForward(SILENT_MS);
    await eventually(() => (isSilent(listening.server) ? true : undefined), 'silence');
    await tomcat.start();
    const again = await eventually(() => {
      const { server } = listening;
      return server?.restarts === 1 && !isSilent(server) ? server : undefined;
    }, 'the restart');
    assert.deepEqual(again.ref, row?.ref);
    assert.equal(listening.datagrams.at(-1)?.id, last?.id);
    assert.ok((listening.datagrams.at(-1)?.seq ?? Number.NaN) < told.seq);
  } catch (thrown) {
    const said = agent?.lines.join('\n') ?? '';
    throw new Error(`${family.name}: ${thrown instanceof Error ? thrown.message : ''}\n${said}`, {
      cause: thrown,
    });
  } finally {
    await agent?.stop();
    await tomcat.remove();
    await listening.close();
  }
}

const missing = noRealJvm();
describe('the agent beside a real Tomcat', { concurrency: 2, skip: missing }, () => {
  for (const family of FAMILIES) {
    test(`${family.name}: figures of jstat, a forced collection, an end and a restart`, () =>
      followFamily(family));
  }
});
