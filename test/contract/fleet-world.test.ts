import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { startFleet } from '../../fixtures/fleet/start-fleet.ts';
import type { Fleet } from '../../fixtures/fleet/world/fleet.ts';
import { STEPS } from '../../fixtures/fleet/world/steps.ts';
import { isL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { isLenaDatagram } from '../../src/wire/lena/decode.ts';
import { HandClock, START_AT } from '../support/fleet-processes.ts';

const DEADLINE_MS = 10_000;

/** Resolves once `isTrue`; looks after each turn of a short timer and fails at the deadline. */
async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!isTrue()) {
    if (Date.now() > end) assert.fail(`not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function canConnect(url: string): Promise<boolean> {
  const { port, hostname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

const start = (seed: number): Promise<Fleet> => startFleet({ size: 'small', seed, script: false });
const identitiesOf = (fleet: Fleet): readonly string[] =>
  fleet.processes
    .all()
    .map(({ process }) => `${process.context} ${process.hostName} ${process.address} ${process.type}`)
    .sort();

describe('the small fleet', () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await start(1);
  });
  after(() => fleet.close());

  test('has about forty servers over every kind of target, all ready and long there', () => {
    const { contexts, servers, senders } = fleet.counts();
    assert.equal(contexts, 3 + 1 + 2 + 1);
    assert.ok(servers >= 36 && servers <= 48, `${servers} servers`);
    assert.ok(senders > servers / 2 && senders < servers, `${senders} senders`);
    const day = Date.now() - 86_400_000;
    for (const { process, phase } of fleet.processes.all()) {
      assert.equal(phase, 'ready', process.hostName);
      assert.ok(
        process.startedAt < day,
        `${process.hostName} started ${new Date(process.startedAt).toISOString()}`,
      );
    }
  });

  test('is of every type an operator meets', () => {
    const types = new Set(fleet.processes.all().map(({ process }) => process.type));
    for (const type of [
      'manager',
      'session',
      'was',
      'embedded',
      'web',
      'tomcat',
      'wildfly',
      'springboot',
      'httpd',
      'nginx',
    ] as const) {
      assert.ok(types.has(type), type);
    }
  });

  test('has one pod of the same name and address in two contexts', () => {
    const prod = new Set(
      identitiesOf(fleet)
        .filter((one) => one.startsWith('prod-eu '))
        .map((one) => one.slice(8)),
    );
    const twins = identitiesOf(fleet).filter((one) => one.startsWith('dr-eu ') && prod.has(one.slice(6)));
    assert.equal(twins.length, 1, identitiesOf(fleet).join('\n'));
    assert.match(twins[0] ?? '', /lena-manager-0/);
  });

  test('keeps in its pods what a ConfigMap said when they started', () => {
    const running = fleet.processes.all().filter(({ process }) => process.workload === 'pay-was');
    assert.equal(running.length, 2);
    for (const { process } of running)
      assert.equal(process.environment['LENA_CONFIG_TEMPLATE_ID'], '결제서비스:4');
  });

  test('is the same again with the same seed, and another with another', async () => {
    const same = await start(1);
    const other = await start(2);
    try {
      assert.deepEqual(identitiesOf(same), identitiesOf(fleet));
      assert.notDeepEqual(identitiesOf(other), identitiesOf(fleet));
    } finally {
      await Promise.all([same.close(), other.close()]);
    }
  });

  test('sends to where it is told', async () => {
    const receiver = createSocket('udp4');
    const senders = new Set<number>();
    const forms = new Set<string>();
    receiver.on('message', (bytes, from) => {
      senders.add(from.port);
      forms.add(isLenaDatagram(bytes) ? 'lena' : isL9sDatagram(bytes) ? 'l9s' : 'unknown');
    });
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    fleet.sendTo('127.0.0.1', receiver.address().port);
    try {
      await until('every sender is heard', () => senders.size === fleet.counts().senders && forms.size === 3);
    } finally {
      fleet.advertisers.stopSending();
      receiver.close();
    }
  });

  test('lets a context die and return', async () => {
    const url = fleet.kube.get('dr-eu')?.url ?? '';
    assert.equal(await canConnect(url), true);
    assert.equal(fleet.trigger('context-dies', 'dr-eu'), true);
    assert.equal(await canConnect(url), false);
    assert.equal(fleet.trigger('context-returns', 'dr-eu'), true);
    let isBack = false;
    const look = async () => {
      isBack = await canConnect(url);
    };
    const end = Date.now() + DEADLINE_MS;
    while (!isBack && Date.now() < end) await look();
    assert.equal(isBack, true);
  });

  test('knows which target a fault is for', () => {
    for (const name of ['prod-eu', 'seoul', 'mgr-eu', 'vms']) {
      assert.equal(fleet.setFault(name, { kind: 'slow', delayMs: 1 }), true, name);
      assert.equal(fleet.setFault(name, undefined), true, name);
    }
    assert.equal(fleet.setFault('nobody', undefined), false);
  });
});

describe('the life of the fleet', () => {
  for (const step of Object.keys(STEPS)) {
    test(`${step} finds something to happen to`, async () => {
      const fleet = await start(3);
      try {
        assert.ok(Object.hasOwn(STEPS, step));
        assert.equal(fleet.trigger(step as keyof typeof STEPS), true);
      } finally {
        await fleet.close();
      }
    });
  }

  test('a process that runs out of memory is killed and comes back as a new one', async () => {
    const clock = new HandClock(START_AT);
    const fleet = await startFleet({ size: 'small', seed: 4, script: false, clock });
    try {
      const [was] = fleet.processes
        .all()
        .filter(({ process }) => process.context === 'prod-eu' && process.type === 'was');
      assert.ok(was);
      const { hostName, id } = was.process;
      fleet.jvms.set(id, 'outOfMemory');
      fleet.sendTo('127.0.0.1', 9);
      clock.turn(30_000);
      assert.equal(fleet.processes.get(id), undefined);
      clock.turn(60_000);
      const again = fleet.processes.all().find(({ process }) => process.hostName === hostName);
      assert.equal(again?.phase, 'ready');
      assert.notEqual(again?.process.id, id);
    } finally {
      await fleet.close();
    }
  });

  test('two rounds of the script leave the fleet alive, and are the same with the same seed', async () => {
    const lives: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const clock = new HandClock(START_AT);
      const fleet = await startFleet({ size: 'small', seed: 6, script: true, clock });
      const life: string[] = [];
      fleet.processes.subscribe(({ type, process }) =>
        life.push(`${clock.now() - START_AT} ${type} ${process.context} ${process.hostName}`),
      );
      try {
        fleet.sendTo('127.0.0.1', 9);
        clock.turn(10_000);
        assert.deepEqual(life, [], 'the first ten seconds are calm');
        const { servers } = fleet.counts();
        for (let second = 0; second < 500; second += 10) {
          clock.turn(10_000);
          const now = fleet.counts().servers;
          assert.ok(now > servers - 6 && now < servers + 6, `${now} of ${servers} after ${second} s`);
        }
        assert.ok(life.length > 20, life.join('\n'));
        lives.push(life);
      } finally {
        await fleet.close();
      }
    }
    assert.deepEqual(lives[0], lives[1]);
  });
});
