import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePerfFile } from '../../fixtures/fleet/jvm/perf-data-writer.ts';
import type { OpenProbe, ProbeGate, ProbeOrder, ProbeTarget } from '../../src/actions/probe-gate.ts';
import { createProbing, type ProbingOptions } from '../../src/app/probing.ts';
import { createRelated } from '../../src/app/view-context.ts';
import { appError, sourceFailure } from '../../src/domain/errors.ts';
import type { Facts } from '../../src/domain/plan.ts';
import { refKey, refOf } from '../../src/domain/ref.ts';
import type { SourceFailure } from '../../src/domain/source-status.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeContainer, statOf } from '../support/fake-container.ts';
import {
  containerOf,
  contextOf,
  dropOf,
  hostInstanceOf,
  instanceOf,
  MINUTE_MS,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const FILE = encodePerfFile({
  modifiedTicks: 1,
  entries: [
    { name: 'sun.os.hrt.frequency', unit: 'hertz', variability: 'constant', value: 1_000_000_000 },
    { name: 'sun.os.hrt.ticks', unit: 'ticks', variability: 'counter', value: 5_000_000_000 },
    { name: 'sun.rt.createVmBeginTime', unit: 'none', variability: 'variable', value: NOW },
    { name: 'sun.gc.generation.1.space.0.used', unit: 'bytes', variability: 'variable', value: 700 },
  ],
});

interface Begun extends ProbeOrder {
  ended?: { readonly read: Facts; readonly error: SourceFailure | undefined };
}

/** Probing over the real store, with a gate and containers of the test's own. */
function stage(options: Partial<Pick<ProbingOptions, 'rules'>> = {}) {
  const clock = createFakeClock(NOW);
  const store = createConsoleStore(
    storeOptionsOf([contextOf('prod'), contextOf('vms', 'hosts'), contextOf('udp', 'udp')]),
  );
  store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  const container = createFakeContainer({
    'ls -1 /tmp': 'hsperfdata_lena\n',
    'ls -1 /tmp/hsperfdata_lena': '87\n',
    'cat /tmp/hsperfdata_lena/87': FILE,
    'cat /proc/87/stat': statOf(87, 1_000),
  });
  const begun: Begun[] = [];
  const gateState: {
    refusal?: SourceFailure | undefined;
    failure?: Error | undefined;
    others: ProbeTarget[][];
  } = { others: [] };
  const gate: ProbeGate = {
    refusal(_, others) {
      gateState.others.push([...others]);
      return gateState.refusal;
    },
    async begin(order): Promise<OpenProbe> {
      if (gateState.failure !== undefined) throw gateState.failure;
      const entry: Begun = { ...order };
      begun.push(entry);
      return {
        run: container.run,
        stream: container.stream,
        async end(read, error) {
          entry.ended = { read, error };
        },
      };
    },
  };
  const related = createRelated(store);
  const probing = createProbing({
    store,
    gate,
    clock,
    rules: options.rules ?? [],
    lookup: { get: related.get, all: related.all },
  });
  const keyOf = (name: string) => refKey(refOf('probe', 'prod', `shop/${name}`));
  return {
    clock,
    store,
    container,
    begun,
    gateState,
    probing,
    put: (...names: readonly string[]) =>
      store.apply(names.map((name) => putOf('instance', instanceOf(name)))),
    server: (name: string) => refOf('server', 'prod', `shop/${name}`),
    reading: (name: string) => store.state.getState().tables.probe.rows.get(keyOf(name)),
  };
}

test('a page that is passed by runs nothing; one that is rested on is read until it is left', async () => {
  const { clock, probing, put, server, begun, reading, container } = stage();
  put('was-1');
  probing.look([server('was-1')]);
  await clock.advance(200);
  probing.look([]);
  await clock.advance(2_000);
  assert.deepEqual([begun, container.asked, reading('was-1')], [[], [], undefined]);
  probing.look([server('was-1')]);
  await clock.advance(400);
  assert.equal(reading('was-1')?.jvm?.heap?.usedBytes, 700);
  assert.deepEqual(
    begun.map(({ occasion, target }) => [occasion, target.pod, target.container]),
    [['page', 'was-1', 'lena']],
  );
  await clock.advance(4_000);
  probing.look([]);
  const asked = container.asked.length;
  await clock.advance(1_000);
  assert.deepEqual([begun[0]?.ended?.read['reads'], begun[0]?.ended?.read['way']], [3, 'hsperfdata']);
  assert.equal(container.asked.length, asked);
  await clock.advance(14 * MINUTE_MS);
  assert.notEqual(reading('was-1'), undefined);
  await clock.advance(2 * MINUTE_MS);
  assert.equal(reading('was-1'), undefined, 'a reading of long ago is none');
  assert.equal(clock.pending, 0, 'nothing is left to do');
});

test('datagrams that stop begin it, and their return ends it', async () => {
  const { clock, store, probing, put, server, begun } = stage();
  put('was-1');
  const heard = () => {
    const at = clock.now();
    const { jvm } = senderOf('was-1');
    store.apply([
      putOf(
        'sender',
        senderOf('was-1', {
          jvm: jvm && { ...jvm, at },
          heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
        }),
      ),
    ]);
  };
  heard();
  probing.look([server('was-1')]);
  await clock.advance(15_000);
  assert.equal(begun.length, 0);
  await clock.advance(2_500);
  assert.deepEqual([begun.length, begun[0]?.ended], [1, undefined]);
  heard();
  await clock.advance(1_500);
  assert.notEqual(begun[0]?.ended, undefined);
  await probing.close();
});

test('at most eight are read for pages, and each beginning is judged beside those that run', async () => {
  const { clock, probing, put, server, begun, gateState } = stage();
  const names = Array.from({ length: 12 }, (_, at) => `was-${at}`);
  put(...names);
  probing.look(names.map(server));
  await clock.advance(1_500);
  assert.equal(begun.length, 8);
  assert.deepEqual(
    begun.map(({ others }) => others.length),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.ok(gateState.others.every((others) => others.length < 8));
  await probing.close();
  assert.ok(begun.every(({ ended }) => ended !== undefined));
});

test('a refusal that comes while it is read ends it, and stands there until the page is left', async () => {
  const { clock, probing, put, server, begun, gateState, reading, container } = stage();
  put('was-1');
  probing.look([server('was-1')]);
  await clock.advance(400);
  gateState.refusal = sourceFailure('MODE_REFUSED', 'the lift ended');
  await clock.advance(1_000);
  assert.notEqual(begun[0]?.ended, undefined);
  assert.deepEqual(
    [reading('was-1')?.failure?.message, reading('was-1')?.jvm?.heap?.usedBytes],
    ['the lift ended', 700],
  );
  const asked = container.asked.length;
  await clock.advance(10_000);
  assert.equal(container.asked.length, asked);
  gateState.refusal = undefined;
  await clock.advance(1_500);
  assert.deepEqual([reading('was-1')?.failure, begun.length], [undefined, 2]);
  await probing.close();
});

test('what cannot be recorded is not read, and is tried again later', async () => {
  const { clock, probing, put, server, begun, gateState, reading, container } = stage();
  put('was-1');
  gateState.failure = appError('AUDIT_UNWRITABLE', 'the disk is full');
  probing.look([server('was-1')]);
  await clock.advance(5_000);
  assert.deepEqual([reading('was-1')?.failure?.code, container.asked], ['AUDIT_UNWRITABLE', []]);
  gateState.failure = undefined;
  await clock.advance(31_000);
  assert.deepEqual([begun.length, reading('was-1')?.failure], [1, undefined]);
  await probing.close();
});

test('a pod of the same name is another one: it is recorded anew, and nothing of the former stays', async () => {
  const { clock, store, probing, put, server, begun, reading, container } = stage();
  put('was-1');
  probing.look([server('was-1')]);
  await clock.advance(400);
  container.answers['cat /tmp/hsperfdata_lena/87'] = encodePerfFile({
    entries: [],
    modifiedTicks: 0,
    isBeingWritten: true,
  });
  store.apply([putOf('instance', { ...instanceOf('was-1'), uid: 'another' })]);
  await clock.advance(1_500);
  assert.deepEqual([begun.length, begun[0]?.ended === undefined], [2, false]);
  assert.equal(reading('was-1')?.jvm, undefined);
  store.apply([dropOf('instance', instanceOf('was-1').ref)]);
  await clock.advance(1_500);
  assert.deepEqual([reading('was-1'), begun[1]?.ended === undefined], [undefined, false]);
  await probing.close();
});

test('what is no pod, or whose container does not run, says so and runs nothing', async () => {
  const { clock, store, probing, put, server, begun, reading } = stage();
  store.apply([
    putOf('instance', hostInstanceOf('vm-1', { declaredType: 'was' })),
    putOf('instance', hostInstanceOf('vm-web', { declaredType: 'web' })),
    putOf(
      'instance',
      instanceOf('was-1', { containers: [containerOf({ state: 'waiting', reason: 'CrashLoopBackOff' })] }),
    ),
  ]);
  const vm = refOf('server', 'vms', hostInstanceOf('vm-1').ref.id);
  const web = refOf('server', 'vms', hostInstanceOf('vm-web').ref.id);
  probing.look([vm, server('was-1')], [web]);
  await clock.advance(1_500);
  assert.match(reading('was-1')?.failure?.message ?? '', /container lena is waiting \(CrashLoopBackOff\)/);
  const ofVm = store.state.getState().tables.probe.rows.get(refKey(refOf('probe', vm.context, vm.id)));
  assert.match(ofVm?.failure?.message ?? '', /only what runs in a pod can be read/);
  assert.match(ofVm?.failure?.hint ?? '', /l9s advertise/);
  const ofWeb = store.state.getState().tables.probe.rows.get(refKey(refOf('probe', web.context, web.id)));
  assert.equal(ofWeb?.failure?.hint, 'Let the server send datagrams.', 'the agent reads JVMs only');
  assert.equal(begun.length, 0);
  put('was-1');
  await clock.advance(1_500);
  assert.deepEqual([begun.length, reading('was-1')?.failure], [1, undefined]);
  await probing.close();
});

test('rules read fifty at most, slowly, and leave what sends alone', async () => {
  const { clock, store, probing, put, begun, reading } = stage({
    rules: [{ contexts: ['pr*'], names: ['was-*'] }],
  });
  put(...Array.from({ length: 60 }, (_, at) => `was-${String(at).padStart(2, '0')}`), 'other');
  store.apply([putOf('sender', senderOf('was-00'))]);
  probing.startRules();
  await probing.settled(0, AbortSignal.timeout(1_000));
  await clock.advance(100);
  assert.equal(begun.length, 50);
  assert.ok(begun.every(({ occasion }) => occasion === 'rule'));
  assert.deepEqual([reading('was-00'), reading('other')], [undefined, undefined]);
  assert.equal(reading('was-01')?.heartbeat.intervalMs, 15_000);
  const before = reading('was-01')?.jvm?.at ?? 0;
  await clock.advance(14_000);
  assert.equal(reading('was-01')?.jvm?.at, before);
  await clock.advance(2_000);
  assert.ok((reading('was-01')?.jvm?.at ?? 0) > before);
  await probing.close();
  assert.ok(begun.every(({ ended }) => ended !== undefined));
});
