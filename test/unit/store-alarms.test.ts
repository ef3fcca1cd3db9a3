import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthLevels } from '../../src/diagnosis/health/health-levels.ts';
import { DEFAULT_HEALTH_LEVELS } from '../../src/diagnosis/health/health-levels.ts';
import type { OpsEvent } from '../../src/domain/event.ts';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import {
  contextOf,
  dropOf,
  eventOf,
  instanceOf,
  jvmSampleOf,
  NOW,
  putOf,
  replaceOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const GC_WARN = { gcTimePercent: 15 };
const GC_ERROR = { gcTimePercent: 30 };
const WELL = {};

function openStore(health: Partial<HealthLevels> = {}) {
  const store = createConsoleStore(
    storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')], {
      health: { ...DEFAULT_HEALTH_LEVELS, ...health },
    }),
  );
  const { tables } = store.state.getState();
  /** As the clock would: we look at least every half minute. */
  const tickTo = (second: number) => {
    const at = NOW + second * 1_000;
    while (at - store.state.getState().now > 30_000) store.tick(store.state.getState().now + 30_000);
    store.tick(at);
  };
  const events = (): readonly OpsEvent[] =>
    [...tables.event.rows.values()].filter(({ isAlarm }) => isAlarm === true);
  return {
    store,
    events,
    told: () =>
      events().map(
        ({ level, type, targetName, count }) =>
          `${level} ${type} ${targetName}${count === undefined ? '' : ` ×${count}`}`,
      ),
    server: (name: string) => tables.server.rows.get(`prod\nshop/${name}`),
    at: tickTo,
    /** Pods of these names and their datagrams at a second. */
    hear(second: number, names: readonly string[], more: Partial<JvmSample>) {
      const at = NOW + second * 1_000;
      tickTo(second);
      store.apply(
        names.flatMap((name) => [
          ...(tables.instance.rows.has(`prod\nshop/${name}`) ? [] : [putOf('instance', podOf(name))]),
          putOf(
            'sender',
            senderOf(name, {
              jvm: jvmSampleOf({ ...more, at }),
              heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
            }),
          ),
        ]),
      );
    },
  };
}
const podOf = (name: string) => instanceOf(name, { addresses: [] });
const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `was-${index}`);

test('a reason that comes and goes is two events about its server, in both languages', () => {
  const { store, events, told, server, hear, at } = openStore();
  hear(20, ['was-0'], WELL);
  assert.deepEqual(told(), []);
  hear(22, ['was-0'], GC_WARN);
  assert.deepEqual(told(), ['warning GC-OVERHEAD was-0']);
  hear(24, ['was-0'], GC_WARN);
  hear(26, ['was-0'], WELL);
  assert.equal(told().length, 1);
  for (let second = 28; second <= 58; second += 2) hear(second, ['was-0'], WELL);
  assert.deepEqual(told(), ['warning GC-OVERHEAD was-0', 'info GC-OVERHEAD cleared was-0']);
  const [raised, cleared] = events();
  assert.deepEqual(raised?.target, server('was-0')?.ref);
  assert.equal(raised?.at, NOW + 22_000);
  assert.match(raised?.message ?? '', /^spends 15\.0 % of its time/);
  assert.match(raised?.said?.ko ?? '', /^GC에 시간의/);
  assert.match(cleared?.message ?? '', /^Over after 34 s: spends 15\.0 %[^(]*$/);
  assert.deepEqual(
    store.events(refOf('server', 'prod', 'shop/was-0')).map(({ type }) => type),
    ['GC-OVERHEAD cleared', 'GC-OVERHEAD'],
  );
  at(600);
});

test('a worse level is told at once, a better one is not', () => {
  const { told, hear } = openStore();
  hear(20, ['was-0'], GC_WARN);
  hear(22, ['was-0'], GC_ERROR);
  for (let second = 24; second <= 60; second += 2) hear(second, ['was-0'], GC_WARN);
  assert.deepEqual(told(), ['warning GC-OVERHEAD was-0', 'error GC-OVERHEAD was-0']);
});

test('levels that swing within a minute are two events with their counts', () => {
  const { told, hear } = openStore({ clearMs: 0 });
  for (const second of [20, 24, 28, 32]) {
    hear(second, ['was-0'], GC_WARN);
    hear(second + 2, ['was-0'], GC_ERROR);
  }
  assert.deepEqual(told(), ['warning GC-OVERHEAD was-0', 'error GC-OVERHEAD was-0 ×4']);
});

test('a server that falls silent is an alarm, and it clears with the next datagram', () => {
  const { told, hear, at } = openStore();
  hear(20, ['was-0'], WELL);
  at(35);
  assert.deepEqual(told(), []);
  at(36);
  assert.deepEqual(told(), ['warning SILENT was-0']);
  hear(40, ['was-0'], WELL);
  assert.deepEqual(told(), ['warning SILENT was-0', 'info SILENT cleared was-0']);
});

test('the same alarm within a minute is one event with a count', () => {
  const { told, events, hear } = openStore({ clearMs: 0 });
  for (const second of [20, 24, 28]) {
    hear(second, ['was-0'], GC_WARN);
    hear(second + 2, ['was-0'], WELL);
  }
  assert.deepEqual(told(), ['warning GC-OVERHEAD was-0 ×3', 'info GC-OVERHEAD cleared was-0 ×3']);
  assert.equal(events()[0]?.at, NOW + 28_000);
  hear(110, ['was-0'], GC_WARN);
  assert.deepEqual(
    told().filter((one) => one.startsWith('warning GC-OVERHEAD')),
    ['warning GC-OVERHEAD was-0 ×3', 'warning GC-OVERHEAD was-0'],
  );
});

test('an alarm of ours is no health reason, hides none, and survives a new list of its context', () => {
  const { store, told, server, hear, at } = openStore();
  hear(20, ['was-0'], GC_ERROR);
  assert.deepEqual(
    server('was-0')?.health.reasons.map(({ code }) => code),
    ['gc-overhead'],
  );
  store.apply([
    putOf(
      'event',
      eventOf('1', { level: 'error', type: 'BackOff', at: NOW + 19_000, target: podOf('was-0').ref }),
    ),
  ]);
  assert.ok(
    server('was-0')?.health.reasons.some(({ code, text }) => code === 'alert' && /BackOff/.test(text.en)),
  );
  store.apply([replaceOf('event', 'prod', [])]);
  assert.deepEqual(told(), ['error GC-OVERHEAD was-0']);
  assert.equal(store.state.getState().tables.event.rows.size, 1);
  at(21);
});

test('what is there when we begin is told of after ten seconds: a few one by one, many as a count', () => {
  const few = openStore();
  few.hear(1, namesOf(2), GC_WARN);
  few.at(9);
  assert.deepEqual(few.told(), []);
  few.at(10);
  assert.deepEqual(few.told(), ['warning GC-OVERHEAD was-0', 'warning GC-OVERHEAD was-1']);

  const many = openStore();
  many.hear(1, namesOf(200), { ...GC_ERROR, errorPercent: 7 });
  many.at(10);
  assert.deepEqual(many.told(), ['error ALARMS prod ×200']);
  assert.equal(
    many.events()[0]?.message,
    '200 servers had alarms when l9s began to look: GC-OVERHEAD 200, ERROR-RATE 200',
  );
  assert.match(many.events()[0]?.said?.ko ?? '', /서버 200대/);
});

test('what was there before we looked is told with the time it came, not with ours', () => {
  const { store, events, told, at } = openStore();
  const heartbeat = { at: NOW - 240_000, perMinute: 0, rejected: 0, intervalMs: 2_000 };
  store.apply([
    putOf('sender', senderOf('vm', { heartbeat })),
    putOf('instance', podOf('was-0')),
    putOf('sender', senderOf('was-0', { heartbeat })),
  ]);
  at(10);
  assert.deepEqual(told(), ['warning SILENT was-0', 'warning NO-LONGER-HEARD vm/tomcat1']);
  assert.deepEqual(
    events().map((event) => event.at),
    [NOW - 240_000, NOW - 240_000],
  );
  const heard = { ...heartbeat, at: NOW + 12_000 };
  at(12);
  store.apply([putOf('sender', senderOf('vm', { heartbeat: heard }))]);
  at(13);
  assert.match(events().at(-1)?.message ?? '', /^Over after 4 min: stopped sending/);
  assert.equal(events().at(-1)?.at, NOW + 12_000);
});

test('what is over, or gone, before we have told of it is not told at all', () => {
  const over = openStore({ clearMs: 0 });
  over.hear(1, ['was-0'], GC_WARN);
  over.hear(3, ['was-0'], WELL);
  over.at(30);
  assert.deepEqual(over.told(), ['warning SILENT was-0']);
  const gone = openStore();
  gone.hear(1, ['was-0'], GC_WARN);
  gone.store.apply([dropOf('instance', podOf('was-0').ref), dropOf('sender', senderOf('was-0').ref)]);
  gone.at(10);
  assert.deepEqual(gone.told(), []);
});

test('a server that goes with alarms up says so once; one whose figures another row shows now does not', () => {
  const { store, events, told, hear, at } = openStore();
  hear(20, ['was-0', 'was-1'], WELL);
  hear(22, ['was-0'], GC_ERROR);
  hear(22, ['was-1'], WELL);
  store.apply([dropOf('instance', podOf('was-0').ref), dropOf('sender', senderOf('was-0').ref)]);
  store.apply([dropOf('instance', podOf('was-1').ref), dropOf('sender', senderOf('was-1').ref)]);
  at(30);
  assert.deepEqual(told(), ['error GC-OVERHEAD was-0', 'info GC-OVERHEAD cleared was-0']);
  assert.match(events().at(-1)?.message ?? '', /^is gone, \d+ s after: spends 30/);

  const joined = openStore();
  const heartbeat = (second: number) => ({
    at: NOW + second * 1_000,
    perMinute: 30,
    rejected: 0,
    intervalMs: 2_000,
  });
  joined.at(20);
  for (const second of [20, 22]) {
    const jvm = jvmSampleOf({ ...GC_ERROR, at: NOW + second * 1_000 });
    joined.store.apply([putOf('sender', senderOf('was-0', { jvm, heartbeat: heartbeat(second) }))]);
    joined.at(second);
  }
  assert.deepEqual(joined.told(), ['error GC-OVERHEAD was-0/tomcat1']);
  joined.store.apply([putOf('instance', podOf('was-0'))]);
  joined.at(24);
  assert.equal(joined.server('was-0')?.jvm?.gcTimePercent, 30);
  assert.deepEqual(
    joined.told().filter((one) => one.includes('cleared')),
    [],
  );
});

test('after a sleep of our own nobody is called silent who is heard at once', () => {
  const { store, told, hear } = openStore();
  const names = namesOf(20);
  hear(20, names, WELL);
  store.tick(NOW + 3_600_000);
  hear(3_601, names, WELL);
  for (let second = 3_603; second < 3_620; second += 2) hear(second, names, WELL);
  assert.deepEqual(told(), []);
  store.tick(NOW + 7_200_000);
  for (let second = 7_201; second < 7_211; second++) store.tick(NOW + second * 1_000);
  assert.deepEqual(told(), ['warning ALARMS prod ×20']);
});

test('of a flood fifty a second are told and the rest are counted', () => {
  const { store, told, hear, at } = openStore();
  hear(20, namesOf(500), WELL);
  hear(22, namesOf(500), GC_ERROR);
  assert.equal(told().length, 50);
  at(23);
  assert.equal(told().length, 51);
  assert.equal(told().at(-1), 'error ALARMS prod ×450');
  for (let second = 24; second < 120; second += 2)
    hear(second, namesOf(500), second % 4 === 0 ? GC_ERROR : WELL);
  assert.equal(told().length, 51, 'what flaps is held and not told again');
  assert.equal(store.state.getState().tables.server.rows.size, 500);
});

test('our own events stay bounded, the newest kept', () => {
  const { told, hear, events } = openStore({ clearMs: 0 });
  const names = namesOf(40);
  for (let round = 0; round < 40; round++) {
    hear(100 + round * 200, names, GC_WARN);
    hear(102 + round * 200, names, WELL);
  }
  assert.ok(told().length <= 1_000, `${told().length}`);
  assert.equal(events().at(-1)?.at, NOW + (102 + 39 * 200) * 1_000);
});

test('a lone server that stops without a goodbye is an alarm; one that says goodbye is not', () => {
  const lone = (byeAt?: number) => {
    const opened = openStore();
    opened.at(20);
    const heartbeat = { at: NOW + 20_000, perMinute: 30, rejected: 0, intervalMs: 2_000 };
    opened.store.apply([putOf('sender', senderOf('vm', { heartbeat, byeAt }))]);
    opened.at(40);
    return opened.told().map((one) => one.split(' ').slice(0, 2).join(' '));
  };
  assert.deepEqual(lone(), ['warning NO-LONGER-HEARD']);
  assert.deepEqual(lone(NOW + 20_000), []);
});

test('lone servers raise no alarm while the receiver does not listen', () => {
  const { store, told, at } = openStore();
  at(20);
  const heartbeat = { at: NOW + 20_000, perMinute: 30, rejected: 0, intervalMs: 2_000 };
  store.apply([putOf('sender', senderOf('vm', { heartbeat }))]);
  const error = { code: 'PORT_TAKEN', message: 'taken', hint: 'stop it' };
  store.setStatus('udp', { state: 'failed', error });
  at(50);
  assert.deepEqual(told(), []);
});

test('a JVM heard to restart three times in a quarter of an hour is an alarm', () => {
  const { store, told, at } = openStore();
  const restarted = (second: number, restarts: number) => {
    const heartbeat = { at: NOW + second * 1_000, perMinute: 30, rejected: 0, intervalMs: 2_000 };
    at(second);
    store.apply([putOf('sender', senderOf('vm', { heartbeat, restarts }))]);
  };
  for (const [index, second] of [20, 22, 24].entries()) restarted(second, index);
  const types = () => told().map((one) => one.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(types(), ['warning RESTARTED', 'warning RESTARTED']);
  restarted(26, 3);
  assert.deepEqual(types().slice(2), ['warning RESTARTED', 'warning RESTARTING-OFTEN']);
});

test('a server that began anew while we looked is told of once, one found restarted is not', () => {
  const { store, told, at } = openStore();
  const heard = (second: number, restarts: number) => {
    at(second);
    const heartbeat = { at: NOW + second * 1_000, perMinute: 30, rejected: 0, intervalMs: 2_000 };
    store.apply([putOf('sender', senderOf('lone', { heartbeat, restarts }))]);
  };
  heard(20, 3);
  heard(22, 3);
  assert.deepEqual(told(), []);
  heard(24, 4);
  assert.deepEqual(told(), ['warning RESTARTED lone/tomcat1']);
  heard(26, 4);
  assert.equal(told().length, 1);
});
