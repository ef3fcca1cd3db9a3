import assert from 'node:assert/strict';
import { test } from 'node:test';
import { graceWarnings, imageWarnings } from '../../src/actions/guards/container-guard.ts';
import { managerWarnings } from '../../src/actions/guards/manager-guard.ts';
import { autoscalerWarnings, ownerWarnings } from '../../src/actions/guards/owner-guard.ts';
import { revisionWarnings } from '../../src/actions/guards/revision-guard.ts';
import { guardScale } from '../../src/actions/guards/scale-guard.ts';
import { lookAtMirror } from '../../src/actions/guards/session-mirror.ts';
import { guardSessionPair } from '../../src/actions/guards/session-pair.ts';
import { runningRevision, type Starting, startingOfServer } from '../../src/actions/guards/starting.ts';
import { wasSessionWarnings } from '../../src/actions/guards/was-session-guard.ts';
import type { ActionTools } from '../../src/actions/tools.ts';
import { systemClock } from '../../src/core/clock.ts';
import { sessionPartnerOf } from '../../src/diagnosis/session-partner.ts';
import type { JsonObject } from '../../src/domain/call.ts';
import type { Entities } from '../../src/domain/entities.ts';
import type { EnvironmentEntry } from '../../src/domain/environment.ts';
import { appError } from '../../src/domain/errors.ts';
import type { Kind } from '../../src/domain/kind.ts';
import { refOf } from '../../src/domain/ref.ts';
import type {
  ExecRequest,
  ExecResult,
  ManagerRemote,
  Remote,
  RemoteOf,
  Template,
} from '../../src/domain/remote.ts';
import type { Server } from '../../src/domain/server.ts';
import { DONE, fakeRemote, NEVER, rowsLookup, workloadRow } from '../support/acting.ts';

const environmentOf = (values: Readonly<Record<string, string>>): readonly EnvironmentEntry[] =>
  Object.entries(values).map(([name, value]) => ({ name, value, origin: { kind: 'literal' } }));
const DOWNLOADS = {
  LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y',
  LENA_CONFIG_TEMPLATE_ID: 'shop',
  LENA_LICENSE_DOWNLOAD_URL: 'manager',
  LENA_MANAGER_ADDRESS: 'lena-manager:7700',
};
const starting = (more: Partial<Starting> = {}): Starting => ({
  context: 'dev',
  name: 'was',
  type: 'was',
  environment: environmentOf(DOWNLOADS),
  containers: [],
  running: [],
  ownedBy: [],
  ...more,
});
const serverOf = (name: string, more: Partial<Server> = {}): Server => ({
  ref: refOf('server', 'dev', `shop/${name}`),
  name,
  type: 'session',
  typeReason: '',
  contextKind: 'kube',
  place: { kind: 'namespace', name: 'shop' },
  workload: { kind: 'StatefulSet', name: 'session' },
  revision: {},
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [{ name: 'lena', image: 'lena-session:1', state: 'running' }],
  records: {},
  ...more,
});

interface World {
  readonly rows?: readonly Entities[Kind][];
  readonly managers?: readonly string[];
  /** Answers of a Manager by its name; what is thrown is its failure. */
  readonly manager?: (name: string) => Partial<ManagerRemote>;
  readonly exec?: (request: ExecRequest) => Promise<ExecResult>;
  readonly get?: (path: string) => Promise<JsonObject>;
}
function toolsOf({ rows = [], managers = [], manager = () => ({}), exec, get }: World): ActionTools {
  const lookup = { ...rowsLookup(rows), managersServing: () => managers };
  const kube = fakeRemote('dev');
  return {
    lookup,
    clock: systemClock,
    async remote(kind, name) {
      const remote: Remote =
        kind === 'kube'
          ? { ...kube, ...(exec === undefined ? {} : { exec }), ...(get === undefined ? {} : { get }) }
          : { ...fakeManager(name), ...manager(name) };
      if (!isOf(kind, remote)) throw new Error(`${name} is no ${kind}`);
      return remote;
    },
  };
}
const isOf = <B extends Remote['kind']>(kind: B, remote: Remote): remote is RemoteOf<B> =>
  remote.kind === kind;
const fakeManager = (context: string): ManagerRemote => ({
  kind: 'manager',
  context,
  identity: async () => undefined,
  send: async () => DONE,
  dryRun: async () => undefined,
  close: async () => undefined,
  get: async () => ({}),
  template: unknownTemplate,
});
const unknownTemplate = async (): Promise<Template> => {
  throw appError('NOT_FOUND', 'no template');
};
const codes = (warnings: readonly { readonly level: string; readonly code: string }[]) =>
  warnings.map(({ level, code }) => `${level} ${code}`);
const down = async () => {
  throw appError('REFUSED', 'nothing listens');
};
const denied = async () => {
  throw appError('KEY_REFUSED', 'wrong key');
};

test('says whether the Manager a start downloads from answers', async () => {
  const ask = async (world: World, more: Partial<Starting> = {}) =>
    codes(await managerWarnings(starting(more), toolsOf(world), NEVER));
  assert.deepEqual(await ask({}), ['info manager-unchecked']);
  assert.deepEqual(await ask({ managers: ['a'] }), ['info manager-answers']);
  assert.deepEqual(await ask({ managers: ['a'], manager: () => ({ get: denied }) }), [
    'info manager-answers',
  ]);
  assert.deepEqual(await ask({ managers: ['a'], manager: () => ({ get: down }) }), ['danger manager-silent']);
  const oneDown = (name: string) => (name === 'a' ? { get: down } : {});
  assert.deepEqual(await ask({ managers: ['a', 'b'], manager: oneDown }), ['warn manager-partly-silent']);
  assert.deepEqual(await ask({ managers: ['a'], manager: () => ({ get: down }) }, { environment: [] }), []);
});

test('tells which downloads will fail', async () => {
  const world = { managers: ['mgr'], manager: () => ({ get: down }) };
  const environment = environmentOf({ ...DOWNLOADS, LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' });
  const [warning] = await managerWarnings(starting({ environment }), toolsOf(world), NEVER);
  assert.match(warning?.text.en ?? '', /the licence download of was will fail/);
});

test('names the revision a start comes up with and the one that runs', async () => {
  const template = async (): Promise<Template> => ({
    serviceCluster: 'shop',
    revision: '7',
    files: new Map(),
  });
  const world = { managers: ['mgr'], manager: () => ({ template }) };
  const ask = async (given: World, more: Partial<Starting>) => {
    const [warning] = await revisionWarnings(starting(more), toolsOf(given), NEVER);
    return `${warning?.code} ${warning?.text.en}`;
  };
  assert.match(
    await ask(world, { running: ['7', undefined] }),
    /^revision-next .*revision 7 of shop \(the default\)/,
  );
  assert.match(
    await ask(world, { running: ['5'] }),
    /^revision-changes .*runs template revision 5 .*come up with 7/,
  );
  const pinned = environmentOf({ ...DOWNLOADS, LENA_CONFIG_TEMPLATE_ID: 'shop:2' });
  assert.match(await ask(world, { environment: pinned, running: ['2'] }), /revision 2 of shop \(as set\)/);
  assert.match(await ask({ managers: ['mgr'] }, {}), /^revision-unknown .*no template/);
  const read = {
    ref: refOf('templateDefault', 'mgr', 'shop'),
    serviceCluster: 'shop',
    revision: '4',
    seenAt: 0,
  };
  assert.match(await ask({ managers: ['mgr'], rows: [read] }, {}), /^revision-next .*revision 4/);
});

test('does not take a running revision from a datagram', () => {
  const registration: Entities['registration'] = {
    ref: refOf('registration', 'mgr', 'container/was'),
    serverId: 'was',
    type: 'was',
    isContainer: true,
    state: 'ready',
    revision: '3',
    seenAt: 0,
  };
  const server = serverOf('was', { revision: { running: '9' } });
  assert.equal(runningRevision(server, rowsLookup([])), undefined);
  const registered = { ...server, records: { registration: registration.ref } };
  assert.equal(runningRevision(registered, rowsLookup([registration])), '3');
  const own = { ...server, environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'shop:2' }) };
  assert.equal(runningRevision(own, rowsLookup([])), '2');
});

test('a restarted server is judged by what its workload says now', () => {
  const workload = {
    ...workloadRow('dev', 'was'),
    environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'shop:8' }),
  };
  const server = serverOf('was-1', {
    workload: { kind: 'Deployment', name: 'was' },
    environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'shop:7' }),
  });
  const read = startingOfServer(server, rowsLookup([workload]));
  assert.equal(read.environment[0]?.value, 'shop:8');
  assert.deepEqual(read.running, ['7']);
});

for (const [image, policy, isWarned] of [
  ['lena-was:1.3', 'Always', true],
  ['registry:5000/lena-was', undefined, true],
  ['lena-was:latest', 'IfNotPresent', false],
  ['lena-was:1.3', undefined, false],
  ['lena-was:1.3@sha256:0123', 'Always', false],
] as const) {
  test(`image ${image} pulled ${policy ?? 'by default'} is ${isWarned ? '' : 'not '}warned of`, () => {
    const containers = [
      { name: 'lena', image, ...(policy === undefined ? {} : { imagePullPolicy: policy }) },
    ];
    assert.equal(imageWarnings(starting({ containers })).length, isWarned ? 1 : 0);
  });
}

test('warns of a grace period of 0, and of no other', () => {
  const count = (gracePeriodMs: number | undefined) => graceWarnings(starting({ gracePeriodMs })).length;
  assert.deepEqual([count(0), count(1), count(undefined)], [1, 0, 0]);
});

test('says what each owner will do', () => {
  const said = (owner: string) => ownerWarnings({ name: 'was', ownedBy: [owner] })[0]?.text.en ?? '';
  assert.match(said('Argo CD'), /Argo CD will put it back/);
  assert.match(said('Flux'), /Flux will put it back/);
  assert.match(said('Helm'), /next Helm upgrade/);
  assert.match(said('LenaCluster shop'), /LenaCluster shop may put it back/);
});

test('finds the autoscaler of a workload, and says so where it may not look', async () => {
  const scaler = (name: string) => ({
    metadata: { name: `hpa-${name}` },
    spec: { scaleTargetRef: { kind: 'Deployment', name }, minReplicas: 2, maxReplicas: 9 },
  });
  const get = async () => ({ items: [scaler('cart'), scaler('other')] });
  const found = await autoscalerWarnings(workloadRow('dev', 'cart'), toolsOf({ get }), NEVER);
  assert.deepEqual(codes(found), ['warn autoscaled']);
  assert.match(found[0]?.text.en ?? '', /hpa-cart keeps cart between 2–9/);
  const refused = async (): Promise<JsonObject> => {
    throw appError('FORBIDDEN', 'no');
  };
  const unseen = await autoscalerWarnings(workloadRow('dev', 'cart'), toolsOf({ get: refused }), NEVER);
  assert.deepEqual(codes(unseen), ['info autoscaler-unknown']);
});

test('keeps a Manager at one at most and a session pair at two', () => {
  const of = (image: string, kind: 'StatefulSet' | 'EcsService' = 'StatefulSet') => ({
    ...workloadRow('dev', 'x'),
    kind,
    image,
  });
  const scale = (image: string, replicas: number, kind?: 'StatefulSet' | 'EcsService') => {
    try {
      guardScale(of(image, kind), replicas, rowsLookup([]));
      return true;
    } catch (error) {
      assert.match(String(error), /its size is/);
      return false;
    }
  };
  assert.deepEqual(
    [0, 1, 2].map((count) => scale('lena-manager:1', count)),
    [true, true, false],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((count) => scale('lena-session:1', count)),
    [false, false, true, false],
  );
  assert.deepEqual(
    [0, 1, 2].map((count) => scale('lena-session:1', count, 'EcsService')),
    [false, true, false],
  );
  assert.equal(scale('lena-cluster:1', 50), true);
});

test('says when nobody keeps the sessions of an application server', () => {
  const named = environmentOf({ LENA_SESSION_0_ADDRESS: 'session-0.session:5180' });
  const warned = (more: Partial<Starting>, rows: readonly Server[]) =>
    wasSessionWarnings(starting(more), rowsLookup(rows)).length > 0;
  assert.equal(warned({}, []), true);
  assert.equal(warned({ type: 'web' }, []), false);
  assert.equal(warned({ environment: named }, []), false);
  assert.equal(warned({ environment: named }, [serverOf('session-0')]), false);
  assert.equal(warned({ environment: named }, [serverOf('session-0', { state: 'failed' })]), true);
});

test('finds the partner by the addresses both name, else by their StatefulSet', () => {
  const addresses = environmentOf({ LENA_SESSION_0_ADDRESS: 'a:5180', LENA_SESSION_1_ADDRESS: 'b:5180' });
  const turned = environmentOf({ LENA_SESSION_0_ADDRESS: 'b:5180', LENA_SESSION_1_ADDRESS: 'a:5180' });
  const [a, b] = [
    serverOf('a', { environment: addresses, workload: { kind: 'StatefulSet', name: 'one' } }),
    serverOf('b', { environment: turned, workload: { kind: 'StatefulSet', name: 'two' } }),
  ];
  const stranger = serverOf('c', { workload: { kind: 'StatefulSet', name: 'one' } });
  assert.equal(sessionPartnerOf(a, [a, b, stranger])?.name, 'b');
  const [first, second] = [serverOf('session-0'), serverOf('session-1')];
  assert.equal(sessionPartnerOf(first, [first, second, b])?.name, 'session-1');
  assert.equal(sessionPartnerOf(first, [first]), undefined);
  const third = serverOf('session-2');
  assert.equal(sessionPartnerOf(first, [first, second, third]), undefined);
});

const said = (exitCode: number, stdout: string): ExecResult => ({
  exitCode,
  stdout,
  stdoutBytes: Buffer.from(stdout),
  stderr: '',
});

const counts =
  (byPod: Readonly<Record<string, string>>, health = 0) =>
  async ({ pod, argv }: ExecRequest): Promise<ExecResult> =>
    argv.length === 1
      ? said(health, '')
      : said(0, `{pid=12, session_count=${byPod[pod]}, session_max_count=2000000}\n`);
const members = [
  { namespace: 'shop', pod: 'session-0', container: 'lena' },
  { namespace: 'shop', pod: 'session-1', container: 'lena' },
] as const;
for (const [first, second, state] of [
  ['0', '0', 'done'],
  ['1000', '1040', 'done'],
  ['1000', '1060', 'waiting'],
  ['7', '4', 'done'],
  ['3', '0', 'waiting'],
  ['x', '0', 'waiting'],
] as const) {
  test(`a pair that holds ${first} and ${second} sessions is ${state}`, async () => {
    const tools = toolsOf({ exec: counts({ 'session-0': first, 'session-1': second }) });
    assert.equal((await lookAtMirror({ context: 'dev', members }, tools, NEVER)).state, state);
  });
}

test('waits while one of a pair is not healthy', async () => {
  const tools = toolsOf({ exec: counts({ 'session-0': '1', 'session-1': '1' }, 1) });
  const progress = await lookAtMirror({ context: 'dev', members }, tools, NEVER);
  assert.deepEqual(progress, { state: 'waiting', detail: 'session-0: health.sh ended with 1' });
});

test('restarts the servers of a pair one after another, mirrored in between', async () => {
  const [first, second] = [serverOf('session-0'), serverOf('session-1')];
  const guard = async (
    exec: World['exec'],
    partner = second,
    server = first,
    together: readonly Server[] = [],
  ) =>
    guardSessionPair(
      { server, together },
      toolsOf({ rows: [first, partner], ...(exec === undefined ? {} : { exec }) }),
      NEVER,
    );
  const mirrored = counts({ 'session-0': '9', 'session-1': '9' });
  const good = await guard(mirrored);
  assert.deepEqual([codes(good.warnings), good.waits.length], [[], 1]);
  assert.equal(good.group, (await guard(mirrored, second, second)).group);
  const behind = await guard(counts({ 'session-0': '900', 'session-1': '9' }));
  assert.deepEqual(codes(behind.warnings), ['danger session-not-mirrored']);
  const alone = await guard(mirrored, serverOf('session-1', { state: 'failed' }));
  assert.deepEqual(codes(alone.warnings), ['danger session-partner-down']);
  const unseen = await guard(async () => {
    throw appError('FORBIDDEN', 'no right to exec');
  });
  assert.deepEqual([codes(unseen.warnings), unseen.waits.length], [['danger mirror-unseen'], 0]);
  assert.ok(unseen.group);
  const orders = async (exec: World['exec'], together: readonly Server[]) =>
    Promise.all(
      [first, second].map(async (server) => {
        const { order } = await guard(exec, second, server, together);
        return order.map(({ text }) => text.en).join();
      }),
    );
  const both = 'session-1 first; session-0 when both are ready and mirrored';
  assert.deepEqual(await orders(mirrored, [second, first]), [both, both]);
  assert.deepEqual(await orders(mirrored, [first]), [
    'session-0 alone, not session-1, its mirror; done when both are ready and mirrored',
    'session-1 alone, not session-0, its mirror; done when both are ready and mirrored',
  ]);
  const [blind] = await orders(async () => {
    throw appError('FORBIDDEN', 'no right to exec');
  }, [first, second]);
  assert.equal(blind, 'session-0 first; session-1 when that is done, mirrored or not');
  const partnerless = await guardSessionPair({ server: first }, toolsOf({ rows: [first] }), NEVER);
  assert.deepEqual(codes(partnerless.warnings), ['danger session-partner-unknown']);
  assert.deepEqual(await guardSessionPair({ server: serverOf('was', { type: 'was' }) }, toolsOf({}), NEVER), {
    warnings: [],
    order: [],
    waits: [],
  });
});
