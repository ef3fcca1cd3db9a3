import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createRandom, type Random } from '../../fixtures/fleet/random.ts';
import { actingThrough, COMMAND_LINES, DEED_KEYS, EVERY_KEY, VIEW_IDS } from './every-key.ts';
import { apartFromDiagnosis, changing, PLANNING, strayRequests, WATCHING } from './known-reads.ts';
import { giveHistory, lockRemotes } from './locked-remotes.ts';
import { type OpenedFleet, openFleet } from './opened-fleet.ts';
import { type BareConsole, openBareConsole, openWholeConsole } from './whole-console.tsx';

/** Together 10,000 presses over what the application composed, and some more where policy lets all of it pass. */
const SEEDS = [1, 2, 3, 4, 5] as const;
const SEEDS_UNHELD = [101, 102] as const;
const PRESSES = 2_000;
const ON_TERMINAL = 1_000;
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 50 },
  { columns: 60, rows: 12 },
] as const;

/** Keys as somebody wild presses them: anything, and more often what opens, confirms and goes on. */
function nextKeys(random: Random): readonly string[] {
  if (random.chance(0.02)) return [':', ...random.pick(VIEW_IDS), 'enter'];
  if (random.chance(0.01)) return [':', ...random.pick(COMMAND_LINES).replaceAll(' ', ''), 'enter'];
  if (random.chance(0.12)) return [random.pick(DEED_KEYS)];
  if (random.chance(0.15)) return [random.pick(['enter', 'right', 'tab', 'down', 'space', 'esc', 'D'])];
  return [random.pick(EVERY_KEY)];
}

async function pressWildly(console: BareConsole, random: Random): Promise<void> {
  while (console.presses() < PRESSES) {
    console.press(...nextKeys(random));
    if (random.chance(0.01)) console.paste('restart \u001B[31mlena-was\r\n\u0000');
    // Plans and choices come, data goes on, and the pause after which a dialog takes keys passes.
    if (random.chance(0.1)) await console.takeData();
    if (random.chance(0.05)) await console.settled();
    // Now and then somebody waits for the plan and agrees to it.
    if (console.hasDialog() && random.chance(0.2)) {
      await console.settled();
      console.press('right', 'enter');
    }
  }
}

/** Presses seeded random keys; the seed is in the name of the test that fails. */
export function proveRandomKeys(mode: 'readonly' | 'triage'): void {
  describe(`random keys in ${mode}`, () => {
    let fleet: OpenedFleet;
    let locked: ReturnType<typeof lockRemotes>;
    before(async () => {
      fleet = await openFleet(mode, giveHistory);
      locked = lockRemotes(fleet, mode);
    });
    after(async () => {
      await locked.close();
      await fleet.close();
    });

    for (const seed of SEEDS) {
      const size = SIZES[seed % SIZES.length] ?? SIZES[0];
      test(`${PRESSES} of seed ${seed} on ${size.columns}×${size.rows} change nothing and make no stray request`, async () => {
        const console = openBareConsole({ fleet, mode }, size);
        try {
          await pressWildly(console, createRandom(seed));
        } finally {
          console.close();
        }
        assert.deepEqual(changing(mode, fleet.opened.acting.executor.jobs()), []);
        assert.deepEqual(apartFromDiagnosis(mode, strayRequests(fleet.fast, WATCHING)), []);
      });
    }

    test(`${ON_TERMINAL} typed fast on a terminal do so neither, and nothing is drawn beside it`, async () => {
      const random = createRandom(99);
      const terminal = await openWholeConsole({ fleet, mode }, { columns: 100, rows: 30 });
      try {
        for (let count = 0; count < ON_TERMINAL; ) {
          const chunk = Array.from({ length: random.integer(1, 12) }, () =>
            String.fromCharCode(random.integer(0, 0x7f)),
          );
          count += chunk.length;
          await terminal.send(chunk.join(''));
          if (random.chance(0.2)) await terminal.clock.advance(random.integer(1, 400));
        }
        const { frames } = terminal.stats();
        await terminal.resize(90, 20);
        assert.ok(terminal.stats().frames > frames, 'the console still draws');
      } finally {
        terminal.close();
      }
      assert.deepEqual(apartFromDiagnosis(mode, strayRequests(fleet.fast, WATCHING)), []);
    });

    for (const seed of SEEDS_UNHELD) {
      const size = SIZES[seed % SIZES.length] ?? SIZES[0];
      test(`${PRESSES} of seed ${seed} send nothing where policy lets all of it pass`, async () => {
        const console = openBareConsole({ fleet, mode, acting: actingThrough(fleet, locked) }, size);
        try {
          await pressWildly(console, createRandom(seed));
        } finally {
          console.close();
        }
        for (const { title, targets } of locked.executor.jobs()) {
          for (const { outcomes } of targets) {
            assert.ok(!outcomes.some((outcome) => outcome !== 'notSent'), title.en);
          }
        }
      });
    }

    test('when it is left, what arrived at the remotes in all this is reads of the list', async () => {
      assert.ok(locked.executor.jobs().length > 0, 'no plan was agreed to');
      await locked.close();
      await fleet.leave();
      const strays = apartFromDiagnosis(mode, strayRequests(fleet.fast, PLANNING));
      assert.deepEqual(strays, []);
    });
  });
}
