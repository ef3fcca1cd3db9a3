import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as ecsClient from '@aws-sdk/client-ecs';
import { WebSocket } from 'undici';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import { TokenBucket } from '../../src/core/token-bucket.ts';
import type { KubeCall, ManagerCall, Sent } from '../../src/domain/call.ts';
import { EXEC_TEMPLATES } from '../../src/domain/exec-template.ts';
import { KubeConnection } from '../../src/sources/kube/kube-connection.ts';
import { KUBE_LIMITS } from '../../src/sources/kube/kube-limits.ts';
import { isTemplateExec, PLANNING, strayRequests } from './known-reads.ts';
import { CALLING_ACTIONS, callsOf, giveHistory, lockRemotes } from './locked-remotes.ts';
import { inMode } from './modes.ts';
import { type OpenedFleet, openFleet } from './opened-fleet.ts';

const SIGNAL = AbortSignal.timeout(60_000);
/** A job that waits for what a lock keeps it from seeing is given up; the waits are real ones. */
const JOB_TIMEOUT_MS = 1_000;
const LOCKED = { code: 'TRANSPORT_LOCKED' };
const LENA = '/api/v1/namespaces/lena';
const POD = `${LENA}/pods/lena-session-0`;

const codeOf = (sent: Sent | undefined): string | undefined =>
  sent === undefined || sent.outcome === 'done' ? sent?.outcome : `${sent.outcome} ${sent.error.code}`;
const HELD_BACK = 'notSent TRANSPORT_LOCKED';

/** Of the SDK's list of all there is in ECS, what is not said to list or to describe. */
const ECS_WRITES = Object.keys(ecsClient).flatMap((name) => {
  const operation = /^([A-Z]\w+)Command$/.exec(name)?.[1];
  return operation === undefined || /^(?:List|Describe)[A-Z]/.test(operation) ? [] : [operation];
});
const KUBE_WRITES: readonly KubeCall[] = [
  ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).flatMap((method) =>
    [
      POD,
      `${POD}/eviction`,
      `${POD}/exec`,
      `${POD}/attach`,
      `${POD}/portforward`,
      `${POD}/proxy/stop`,
      `${POD}/ephemeralcontainers`,
      `${LENA}/services/lena-manager:7700/proxy/lena/rest/was/servers`,
      `${LENA}/configmaps/configmap-lena-manager`,
      `${LENA}/secrets`,
      `${LENA}/serviceaccounts/default/token`,
      '/api/v1/nodes/node-a/proxy/run/lena/lena-session-0/lena-session',
      '/api/v1/nodes/node-a',
      '/apis/apps/v1/namespaces/shop/deployments/lena-was',
      '/apis/apps/v1/namespaces/shop/deployments/lena-was/scale',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    ].map((path): KubeCall => ({ system: 'kube', method, path, body: {} })),
  ),
];
/** Reads by their method, ways in by what they do. */
const KUBE_WAYS_IN: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [`${POD}/exec`, { command: 'ls', stdout: 'true' }],
  [`${POD}/attach`, { stdout: 'true' }],
  [`${POD}/portforward`, { ports: '16100' }],
  [`${POD}/proxy/manager/html`, {}],
  [`${LENA}/services/lena-manager:7700/proxy/`, {}],
  ['/api/v1/nodes/node-a/proxy/run/lena/lena-session-0/lena-session', { cmd: 'ls' }],
  [`${LENA}/secrets`, {}],
  [`${LENA}/secrets/lena-license`, {}],
  ['/api/v1/secrets', { watch: 'true' }],
];
const MANAGER_WRITES: readonly ManagerCall[] = [
  ...['was', 'web', 'session'].map((type) => `/rest/${type}/servers/was01/nodes/vm-was-01/systems/s/action`),
  '/rest/container/license',
  '/rest/was/container/servers',
  '/rest/template/download/container/shop-was',
  '/rest/public/managerInfo',
].map((path) => ({ system: 'manager', method: 'POST', path, body: { action: 'stop' } }));

/** Everything that could change a remote, tried at its client while policy lets all of it pass. */
export function proveTransport(mode: 'readonly' | 'triage'): void {
  describe(`the clients in ${mode}, where policy lets everything pass`, () => {
    let opened: OpenedFleet;
    let locked: ReturnType<typeof lockRemotes>;
    before(async () => {
      opened = await openFleet(mode, giveHistory);
      locked = lockRemotes(opened, mode);
    });
    after(async () => {
      await locked.close();
      await opened.close();
    });

    test('every verb is planned, agreed to and run on every back end, and each of its calls is held back', async () => {
      const planned = await locked.planAll();
      const covered = new Set(planned.map(({ what }) => what));
      // What takes a file is proven with its ways: test/contract/dump-verbs.test.ts and those of each way.
      for (const { id, ways } of CALLING_ACTIONS) {
        for (const backEnd of Object.keys(ways)) {
          const isCovered = [...covered].some((what) => what.startsWith(id) && what.endsWith(backEnd));
          assert.ok(isCovered, `nothing could be planned for ${id} on ${backEnd}`);
        }
      }
      for (const { what, prepared } of planned) {
        const { plan } = prepared;
        const consent = { typedName: plan.nameToType, reason: 'the transport is proven' };
        const running = await locked.executor.run(prepared, consent, { timeoutMs: JOB_TIMEOUT_MS });
        const job = await running.done;
        assert.deepEqual(
          [job.targets[0]?.outcomes, job.targets[0]?.error?.code],
          [['notSent'], LOCKED.code],
          what,
        );
        for (const { outcomes } of job.targets)
          assert.ok(!outcomes.some((outcome) => outcome !== 'notSent'), what);
        for (const { context, request } of callsOf(prepared)) {
          const remote = await locked.open(context);
          assert.equal(codeOf(await remote.send(request, SIGNAL)), HELD_BACK, what);
          const tried = await remote.dryRun(request, SIGNAL);
          if (tried !== undefined) assert.equal(codeOf(tried), HELD_BACK, what);
        }
      }
    });

    test('no write, no sub-resource that is a way in and no Secret of Kubernetes is asked for', async () => {
      const kube = await locked.openKind('kube', 'prod-eu');
      for (const call of KUBE_WRITES) {
        assert.equal(codeOf(await kube.send(call, SIGNAL)), HELD_BACK, `${call.method} ${call.path}`);
        assert.equal(codeOf(await kube.dryRun(call, SIGNAL)), HELD_BACK, `${call.method} ${call.path}`);
      }
      for (const [path, query] of KUBE_WAYS_IN) {
        await assert.rejects(kube.get(path, query, SIGNAL), LOCKED, path);
      }
    });

    test('no connection is upgraded but for a command of the list, and that in triage alone', async () => {
      const connection = connectionTo(opened, mode);
      for (const [path, query] of KUBE_WAYS_IN) {
        assert.equal(await upgrade(connection, path, query), LOCKED.code, path);
      }
      await connection.close();
      const kube = await locked.openKind('kube', 'prod-eu');
      const run = (argv: readonly string[]) =>
        kube.exec(
          {
            namespace: 'lena',
            pod: 'lena-session-0',
            container: 'lena-session',
            argv,
            timeoutMs: 5_000,
            maxBytes: 10_000,
          },
          SIGNAL,
        );
      const tool = EXEC_TEMPLATES[0]?.words.map(String) ?? [];
      for (const argv of [
        ['sh', '-c', tool.join(' ')],
        ['ls'],
        [...tool, 'stop'],
        [...tool, ';', 'kill', '1'],
        [tool[0]?.replace('health.sh', 'stop.sh') ?? ''],
        [],
      ]) {
        await assert.rejects(run(argv), LOCKED, argv.join(' '));
      }
      if (mode === 'readonly') await assert.rejects(run(tool), LOCKED);
      else assert.equal((await run(tool)).exitCode, 0);
    });

    test('no operation of ECS leaves but those that list or describe', async () => {
      const ecs = await locked.openKind('ecs', 'seoul');
      assert.ok(ECS_WRITES.includes('ExecuteCommand') && ECS_WRITES.includes('UpdateService'));
      await Promise.all(
        ECS_WRITES.map(async (operation) => {
          const sent = await ecs.send({ system: 'ecs', operation, input: {} }, SIGNAL);
          assert.equal(codeOf(sent), HELD_BACK, operation);
          await assert.rejects(ecs.read(operation, {}, SIGNAL), LOCKED, operation);
        }),
      );
    });

    test('nothing is posted to a Manager, and no licence is downloaded', async () => {
      for (const context of ['mgr-eu', 'mgr-seoul']) {
        const manager = await locked.openKind('manager', context);
        for (const call of MANAGER_WRITES) {
          assert.equal(codeOf(await manager.send(call, SIGNAL)), HELD_BACK, call.path);
        }
        await assert.rejects(manager.get('/rest/container/license', {}, SIGNAL), LOCKED);
      }
    });

    test('what arrived at the remotes in all this is reads of the list', () => {
      const strays = strayRequests(opened.fast, PLANNING);
      const execs = strays.filter((line) => isTemplateExec(line.replace(/^[\w-]+: /, '')));
      assert.deepEqual(
        strays.filter((line) => !execs.includes(line)),
        [],
      );
      assert.equal(execs.length > 0, mode === 'triage');
      assert.deepEqual(
        opened.fast.writes().filter((line) => !execs.includes(line)),
        [],
      );
    });
  });
}

/** A connection of its own to the simulated production, behind its lock. */
function connectionTo({ opened, environment }: OpenedFleet, mode: 'readonly' | 'triage'): KubeConnection {
  const target = opened.settings.targets.find(({ name }) => name === 'prod-eu');
  assert.ok(target?.kind === 'kube');
  const { kubeconfig, kubeContext } = target;
  return new KubeConnection({
    kubeconfig,
    kubeContext,
    environment,
    caPem: undefined,
    clock: systemClock,
    limits: KUBE_LIMITS,
    budget: new TokenBucket({ clock: systemClock, burst: 100, perSecond: 100 }),
    mode: inMode(mode),
  });
}

/** Why a WebSocket does not open: the code of what is thrown where it leaves. */
async function upgrade(
  connection: KubeConnection,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<string> {
  const { address, outlet } = await connection.socketOutlet({ path, signal: SIGNAL });
  address.search = new URLSearchParams(query).toString();
  address.protocol = 'wss:';
  let refusal = 'nothing held it back';
  const dispatcher = outlet.compose((dispatch) => (options, handler) => {
    try {
      return dispatch(options, handler);
    } catch (thrown) {
      if (thrown instanceof AppError) refusal = thrown.code;
      throw thrown;
    }
  });
  const socket = new WebSocket(address, { protocols: ['v5.channel.k8s.io'], dispatcher });
  return await new Promise((resolve) => {
    socket.addEventListener('open', () => resolve('it opened'));
    socket.addEventListener('error', () => resolve(refusal));
  });
}
