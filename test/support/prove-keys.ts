import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { actingThrough, DEED_KEYS, pressEveryKey, runEveryCommand, show, walkDialog } from './every-key.ts';
import { waitFor } from './fleet-wait.ts';
import { apartFromDiagnosis, isTemplateExec, PLANNING, strayRequests, WATCHING } from './known-reads.ts';
import { CALLING_ACTIONS, giveHistory, lockRemotes } from './locked-remotes.ts';
import { type OpenedFleet, openFleet } from './opened-fleet.ts';
import { type BareConsole, openBareConsole, openWholeConsole } from './whole-console.tsx';

const SIZE = { columns: 140, rows: 40 };
/** What an account's ECS looks like afterwards is asked slowly. */
const JOBS_TIMEOUT_MS = 30_000;
const MODE_WORDS = { readonly: 'READ-ONLY mode in', triage: 'TRIAGE mode in' } as const;

/** Of ASCII, and what terminals send for the keys beside; a lone escape is a matter of time. */
const EVERY_BYTE: readonly string[] = [
  ...Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)).filter((one) => one !== '\u001B'),
  ...['A', 'B', 'C', 'D', 'H', 'F', 'Z', '3~', '5~', '6~', '1;2C', '1;2D'].map((end) => `\u001B[${end}`),
  ...['P', 'Q', 'R', 'S'].map((end) => `\u001BO${end}`),
  '\u001B[200~restart\r\u001B[201~',
];
/** Dialogs that open in every mode: what they do is kept on this machine, or reads. */
const HARMLESS = /^(?:Acknowledge$|Compare revisions of |Check a revision of )/;
/** Dialogs of what only looks: triage lets them open, and what is asked in them. */
const LOOKING = /^(?:thread dump|service dump|class histogram|fetch a dump file|dump menu) /;
/** Rows for verbs that few rows take: view, filter and key. */
const NAMED_ROWS = [
  ['servers', 'vm-was-02', 'a'],
  ['servers', 'member-was', 'R'],
  ['servers', 'lena-session-0', 'X'],
  ['workloads', 'member-was', 'R'],
  ['workloads', 'cart-embedded', 'V'],
] as const;

/** Titles of what was begun and must not be: in triage what only looks may. */
function strayJobs({ opened }: OpenedFleet, mode: 'readonly' | 'triage'): readonly string[] {
  const { executor } = opened.acting;
  const isLooking = (id: string) =>
    executor.actions.some((action) => action.id === id && action.effect === 'diagnose');
  const left = executor.jobs().filter(({ action }) => mode === 'readonly' || !isLooking(action));
  return left.map(({ title }) => title.en);
}

/** Presses and writes everything there is, on the console as it is and on one whose policy lets all of it pass. */
export function proveKeys(mode: 'readonly' | 'triage'): void {
  describe(`keys and commands in ${mode}`, () => {
    let fleet: OpenedFleet;
    let locked: ReturnType<typeof lockRemotes>;
    let console: BareConsole | undefined;
    before(async () => {
      fleet = await openFleet(mode, giveHistory);
      locked = lockRemotes(fleet, mode);
    });
    afterEach(() => console?.close());
    after(async () => {
      await locked.close();
      await fleet.close();
    });
    const open = (acting?: ReturnType<typeof actingThrough>) => {
      console = openBareConsole({ fleet, mode, acting }, SIZE);
      return console;
    };

    test('the key of a verb says why it does nothing', () => {
      const shown = open();
      for (const [view, key] of [
        ['servers', 'R'],
        ['servers', 'X'],
        ['workloads', 'R'],
        ['workloads', 's'],
        ['workloads', 'B'],
      ] as const) {
        show(shown, view);
        shown.press('g', key);
        assert.ok(shown.text().includes(MODE_WORDS[mode]), `${view} ${key}:\n${shown.text()}`);
        assert.ok(!shown.hasDialog());
      }
    });

    test('every key on every table, page and dialog asks nothing but what the list holds', async () => {
      const shown = open();
      const { dialogs } = await pressEveryKey(shown);
      assert.ok(dialogs.size > 0);
      assert.deepEqual(
        [...dialogs].filter((title) => !HARMLESS.test(title) && !(mode === 'triage' && LOOKING.test(title))),
        [],
      );
      assert.ok(shown.presses() > 5_000);
      await shown.takeData();
      assert.deepEqual(strayJobs(fleet, mode), []);
      assert.deepEqual(apartFromDiagnosis(mode, strayRequests(fleet.fast, WATCHING)), []);
      assert.deepEqual(apartFromDiagnosis(mode, fleet.fast.writes()), []);
    });

    test('every command and every verb written after the colon asks nothing else either', async () => {
      const shown = open();
      await runEveryCommand(shown);
      await shown.takeData();
      assert.deepEqual(strayJobs(fleet, mode), []);
      assert.deepEqual(apartFromDiagnosis(mode, strayRequests(fleet.fast, WATCHING)), []);
      assert.deepEqual(apartFromDiagnosis(mode, fleet.fast.writes()), []);
    });

    test('every byte a terminal sends asks nothing else either', async () => {
      const terminal = await openWholeConsole({ fleet, mode }, SIZE);
      try {
        for (const view of ['servers', 'workloads']) {
          for (const bytes of EVERY_BYTE) {
            // Typed fast: the view, its enter and the key come as one.
            await terminal.send(`:${view}\r${bytes}`);
          }
        }
        await terminal.send('\r:servers\r');
        assert.match(terminal.screen(), /lena-was/);
      } finally {
        terminal.close();
      }
      assert.deepEqual(strayJobs(fleet, mode), []);
      assert.deepEqual(apartFromDiagnosis(mode, strayRequests(fleet.fast, WATCHING)), []);
    });

    test('every dialog, gone through to its end where policy lets all of it pass, sends nothing', async () => {
      const shown = open(actingThrough(fleet, locked));
      for (const view of ['servers', 'workloads', 'service-clusters']) {
        for (const key of DEED_KEYS) {
          for (const [step, place] of [['g'], ['g', 'down', 'down'], ['G']].entries()) {
            show(shown, view);
            shown.press('^\\', ...place, key);
            await walkDialog(shown, step);
          }
        }
      }
      for (const [view, name, key] of NAMED_ROWS) {
        show(shown, view);
        shown.press('/');
        shown.type(name);
        shown.press('enter', 'g', key);
        assert.ok(await walkDialog(shown, 0), `${key} on ${name}:\n${shown.text()}`);
      }
      const { jobs } = locked.executor;
      await waitFor(
        'the jobs to end',
        () => jobs().every(({ state }) => state !== 'running'),
        JOBS_TIMEOUT_MS,
      );
      for (const { title, targets } of jobs()) {
        const [first] = targets;
        assert.deepEqual([first?.outcomes, first?.error?.code], [['notSent'], 'TRANSPORT_LOCKED'], title.en);
        for (const { outcomes } of targets)
          assert.ok(!outcomes.some((outcome) => outcome !== 'notSent'), title.en);
      }
      const begun = new Set(jobs().map(({ action }) => action));
      assert.deepEqual(
        CALLING_ACTIONS.map(({ id }) => id).filter((id) => !begun.has(id)),
        [],
      );
    });

    test('when it is left, what arrived at the remotes in all this is reads of the list', async () => {
      await locked.close();
      await fleet.leave();
      const strays = strayRequests(fleet.fast, PLANNING);
      const execs = strays.filter((line) => isTemplateExec(line.replace(/^[\w-]+: /, '')));
      assert.deepEqual(
        strays.filter((line) => !execs.includes(line)),
        [],
      );
      if (mode === 'readonly') assert.deepEqual(execs, []);
      assert.deepEqual(
        fleet.fast.writes().filter((line) => !execs.includes(line)),
        [],
      );
    });
  });
}
