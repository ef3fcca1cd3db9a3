import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createRelated } from '../../src/app/view-context.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { Console } from '../../src/ui/console.tsx';
import { GUARD_MS } from '../../src/ui/dialog/dialogs.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { type OpenedFleet, openFleet } from '../support/opened-fleet.ts';
import { launch } from '../support/terminal.tsx';

const WAIT_MS = 30_000;
const closing: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const noop = () => undefined;
const noFile = () => Promise.resolve('');

/** The console over the program's own composition, on a simulated fleet; only the screen's clock is turned by hand. */
async function open(mode: Mode) {
  const fleet: OpenedFleet = await openFleet(mode);
  closing.push(fleet.close);
  const { store, acting } = fleet.opened;
  const clock = createFakeClock(Date.now());
  const terminal = await launch(
    <Console
      store={store}
      related={createRelated(store)}
      clock={clock}
      acting={acting}
      settings={{
        language: 'en',
        isUtc: true,
        isColor: false,
        colorDepth: 1,
        theme: 'auto',
        levels: { middle: 0.6, high: 0.8 },
        mode,
        refreshMs: 100,
        version: '0.1.0',
        isDemo: false,
        configuredContexts: fleet.opened.settings.targets.map(({ name }) => name),
      }}
      onQuit={noop}
      onRefresh={noop}
      saveFile={noFile}
      copy={noop}
    />,
    { columns: 140, rows: 50 },
  );
  closing.push(terminal.close);
  /** The next thing the store hears of, were it only a second gone by. */
  const nextChange = () =>
    new Promise<void>((resolve) => {
      const stop = store.state.subscribe(() => {
        stop();
        resolve();
      });
    });
  /** Lets data frames come until the screen shows it. */
  const shows = async (wanted: RegExp) => {
    const endAt = Date.now() + WAIT_MS;
    for (;;) {
      await clock.advance(300);
      fleet.opened.runtime.flush();
      await terminal.idle();
      if (wanted.test(terminal.screen())) return;
      if (Date.now() > endAt) throw new Error(`Waited in vain for ${wanted}:\n${terminal.screen()}`);
      await nextChange();
    }
  };
  return { ...terminal, clock, fleet, shows };
}

test('a workload is scaled by keys: plan, consent, job, audit', async () => {
  const app = await open('normal');
  await app.press(':workloads @dr-eu /^lena-was-standby$\r');
  await app.shows(/ 1 of \d+ /);
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/\[ Cancel \]/);
  assert.match(
    app.screen(),
    /PATCH \/apis\/apps\/v1\/namespaces\/shop\/deployments\/lena-was-standby\/scale/,
  );
  assert.deepEqual(app.fleet.fast.writes(), [], 'a plan changes nothing');
  await app.clock.advance(GUARD_MS);
  await app.press('<right>', '<enter>');
  await app.shows(/lena-was-standby.*: (?:started|done)/);
  // What comes right after a yes is dropped too.
  await app.clock.advance(GUARD_MS);
  await app.press('J');
  await app.shows(/● done +1\/1 .*lena-was-standby/);
  await app.press(':audit\r');
  await app.shows(/● done +scale +dr-eu/);
  await app.press('<enter>');
  assert.match(app.screen(), /Before .*replicas 1/);
  assert.match(app.screen(), /After .*replicas 2/);
  assert.equal(app.fleet.fast.writes().filter((line) => /^dr-eu: PATCH .*\/scale/.test(line)).length, 1);
});
