import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '../support/fleet-wait.ts';
import { type OpenedFleet, openFleet } from '../support/opened-fleet.ts';
import { probed, probeEntries } from '../support/probing.ts';

const SESSIONS = 'prod-eu/lena-session';
const WEB = 'prod-eu/lena-web';

describe('what servers say of themselves, asked while they are looked at', () => {
  let fleet: OpenedFleet;
  before(async () => {
    // Without a receiver nothing tells of sessions and back ends but the servers themselves.
    fleet = await openFleet('triage');
  });
  after(() => fleet.close());

  test('console.sh of a session server fills its figures and names who uses it', async () => {
    const { opened } = fleet;
    const one = probed(fleet, SESSIONS);
    opened.probing.look([], [one.ref]);
    const { own, jvm } = await one.until('its own word', (reading) => reading.own?.at !== undefined);
    opened.probing.look([]);
    assert.equal(own?.way, 'console.sh');
    assert.equal(jvm?.sessionStore?.maxSessions, 2_000_000);
    assert.equal(jvm?.sessionStore?.sessions, own.counters?.['session_count']);
    assert.equal(one.server().jvm?.sessionStore?.sessions, own.counters?.['session_count']);
    assert.ok((own.clients?.length ?? 0) > 0 && own.clients?.every(({ hostName }) => hostName !== undefined));
    assert.ok(
      one.commands().every((command) => command.startsWith('/usr/local/lena/servers/sessionServer/')),
    );
    const entry = await waitFor('its record', () =>
      probeEntries(fleet).find(({ result }) => result === 'done'),
    );
    assert.equal(entry.targets[0]?.after?.['way'], 'console.sh');
  });

  test('cmx-status of a web server fills its threads, back ends and rates', async () => {
    const { opened } = fleet;
    const one = probed(fleet, WEB);
    opened.probing.look([], [one.ref]);
    const { jvm, own } = await one.until(
      'two answers',
      ({ own: word }) => word?.web?.requestsPerSecond !== undefined,
    );
    opened.probing.look([]);
    assert.equal(own?.way, 'cmx-status');
    assert.ok((jvm?.web?.workers?.length ?? 0) > 0);
    assert.ok((jvm?.web?.maxThreads ?? 0) >= (jvm?.web?.activeThreads ?? Number.POSITIVE_INFINITY));
    assert.equal(one.server().jvm?.web?.maxThreads, jvm?.web?.maxThreads);
  });

  test('another server’s page asks nothing of its own', async () => {
    const { opened } = fleet;
    const was = probed(fleet, 'prod-eu/lena-was');
    const session = probed(fleet, SESSIONS);
    const asked = session.commands().length;
    opened.probing.look([], [was.ref, session.ref]);
    await session.until('its next word', () => session.commands().length > asked);
    opened.probing.look([]);
    assert.deepEqual(was.commands(), []);
  });
});

test('in readonly nothing is asked, and the row says why', async () => {
  const fleet = await openFleet('readonly');
  try {
    const one = probed(fleet, SESSIONS);
    fleet.opened.probing.look([], [one.ref]);
    const { failure } = await one.until('the refusal', (reading) => reading.failure !== undefined);
    assert.equal(failure?.code, 'MODE_REFUSED');
    assert.deepEqual(one.commands(), []);
    const { rows } = fleet.opened.store.state.getState().tables.audit;
    assert.equal([...rows.values()].filter(({ action }) => action === 'probe').length, 0);
  } finally {
    await fleet.close();
  }
});
