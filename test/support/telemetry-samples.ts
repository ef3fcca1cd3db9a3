import type { L9sDatagram, L9sHead } from '../../src/wire/l9s/datagram.ts';

const HEAD: L9sHead = {
  l9s: 1,
  id: 'web-7f/shop',
  serverType: 'springboot',
  at: 1_795_233_200_000,
  seq: 3,
  upMs: 500,
};

/** One valid `l9s/1` datagram of each type, with every field. */
export const L9S_SAMPLES: readonly L9sDatagram[] = [
  {
    ...HEAD,
    type: 'jvm',
    serviceCluster: 'shop',
    revision: '12',
    heap: { used: 1, committed: 2, max: 3, afterGc: 1 },
    nonHeap: { used: 4, committed: 5, max: 6 },
    pools: [{ name: 'G1 Old Gen', used: 5, committed: 6, max: 7 }],
    gc: [
      { name: 'G1 Young Generation', count: 8, timeMs: 9 },
      { name: 'G1 Old Generation', count: 1, timeMs: 40 },
    ],
    pauses: [{ name: 'G1 Old Generation', cause: 'System.gc()', at: 1_795_233_199_900, pauseMs: 40 }],
    threads: { live: 10, peak: 11, daemon: 12, blocked: 0, stuck: 0 },
    connectors: [{ name: 'http-8080', busy: 1, max: 200 }],
    dataSources: [{ name: 'jdbc/a', active: 1, idle: 2, max: 3 }],
    cpu: { process: 0.25, system: 0.5 },
    tx: { perSec: 1.5, avgMs: 20, p95Ms: 80, active: 2, errors: 1 },
    classes: 12_000,
    fds: { open: 90, max: 1_024 },
    sessions: 4,
  },
  {
    ...HEAD,
    type: 'web',
    serverType: 'web',
    threads: { active: 1, idle: 2, max: 3 },
    cpu: { process: 0.1 },
    access: 99,
    trafficBytes: 1_000,
    workers: [{ name: 'was1', state: 'OK', active: 1, idle: 2, max: 3, errors: 0 }],
  },
  {
    ...HEAD,
    type: 'session',
    serverType: 'session',
    heap: { used: 1 },
    sessions: { count: 5, max: 2_000_000, expired: 1 },
    mirror: { address: '10.0.0.2:5180', connected: true },
    lost: { recv: 0, req: 1, resp: 2 },
  },
  {
    ...HEAD,
    type: 'node',
    serverType: 'node',
    cpu: { system: 0.5 },
    memory: { used: 1, total: 2 },
    disk: { used: 3, total: 4 },
  },
  {
    ...HEAD,
    type: 'event',
    event: 'FULL-GC',
    level: 'WARNING',
    message: 'two in 60 s',
    detail: { count: 2, ok: false },
  },
  { ...HEAD, type: 'bye' },
];

/** StatsD datagrams in every flavour. */
export const STATSD_SAMPLES: readonly string[] = [
  [
    'jvm.memory.used:125829120|g|#statistic:value,host:shop-1,area:heap,id:G1 Old Gen',
    'jvm.memory.max:-1|g|#statistic:value,host:shop-1,area:heap,id:G1 Eden Space',
    'jvm.gc.pause:12.5:30|ms|#host:shop-1,action:end of major GC,cause:System.gc()',
    'process.start.time:1795233200000|g|#host:shop-1',
    'http.server.requests:40|ms|@0.5|#host:shop-1,status:500,outcome:SERVER_ERROR|c:ci-12|T1795233200',
  ].join('\n'),
  'jvm_memory_used,statistic=value,host=shop-2,area=heap,id=G1_Eden_Space:7|g\njvm_threads_live,host=shop-2:5|g',
  'jvmMemoryUsed.area.heap.host.shop-3.id.G1_Eden_Space.statistic.value:9|g',
  'jvm.threads.live#statistic=value,host=shop-4:9|g',
  'orders:1|c\nqueue:+5|g\nqueue:-2|g\nlatency:3|h|@0.1\nusers:bob|s\nsize:1:2:3|d',
  '_e{8,6}:deployed|of 1.2|h:shop-1|#env:test\n_sc|database|0|#host:shop-1|m:well',
  'hikaricp.connections.active:3|g|#pool:HikariPool-1,instance:10.0.0.7:8080',
];
