import type { Mode } from '../../src/domain/policy.ts';
import { GUARD_MS } from '../../src/ui/dialog/dialogs.ts';
import { waitFor } from './fleet-wait.ts';
import type { OpenedFleet } from './opened-fleet.ts';
import { openWholeConsole } from './whole-console.tsx';

const WAIT_MS = 25_000;
const FRAME_MS = 300;

/** The console on the program's own gate, sources and a simulated fleet, asked by keys and read from the screen. */
export async function openGateConsole(fleet: OpenedFleet, mode: Mode = 'normal') {
  const app = await openWholeConsole({ fleet, mode }, { columns: 150, rows: 60 });
  const remoteOf = (line: string) => line.slice(0, line.indexOf(':'));
  const known = new Map<string, number>();
  /** What changed something at any remote since this was asked last: `dr-eu: PATCH /apis/…`, by remote, oldest first. */
  const wrote = (): readonly string[] => {
    const byRemote = Map.groupBy(fleet.fast.writes(), remoteOf);
    return [...byRemote].flatMap(([remote, lines]) => {
      const before = known.get(remote) ?? 0;
      known.set(remote, lines.length);
      return lines.slice(before).map((line) => line.replace('?fieldManager=l9s', ''));
    });
  };
  wrote();
  /** Everything on the screen in one line, without frames, so that words cut over lines are found. */
  const words = () =>
    app
      .lines()
      .map((line) => line.replace(/^│ ?|│$/g, '').trim())
      .join(' ')
      .replace(/ {2,}/g, ' ');
  /** Lets data frames come until the screen shows it, or says it over several lines. */
  const shows = async (wanted: RegExp): Promise<void> => {
    try {
      await waitFor(
        String(wanted),
        async () => {
          await app.clock.advance(FRAME_MS);
          fleet.opened.runtime.flush();
          await app.idle();
          return wanted.test(app.screen()) || wanted.test(words());
        },
        WAIT_MS,
      );
    } catch (error) {
      throw new Error(`Waited in vain for ${wanted}:\n${app.screen()}`, { cause: error });
    }
  };
  const answer = async (...keys: readonly string[]): Promise<void> => {
    await app.clock.advance(GUARD_MS);
    await app.press(...keys);
  };
  return {
    ...app,
    shows,
    words,
    /** Presses keys that a dialog just opened would take for typed ahead. */
    answer,
    /** Opens a table narrowed to rows of one context whose name matches, and waits for `count` of them. */
    async rows(view: string, where: string, count = 1): Promise<void> {
      await app.press(`:${view} ${where}\r`);
      await shows(new RegExp(`[─ ]${count} (of \\d+ )?[─·]`));
    },
    /** Chooses the button after Cancel and confirms. */
    confirm: () => answer('<right>', '<enter>'),
    /** Types what stands for the targets where a plan asks for it. */
    typeName: (name: string) => answer(name, '<enter>'),
    /** The one entry of `:audit` that the filter leaves, as a page. */
    async audit(filter: string): Promise<string> {
      await app.press(`:audit ${filter}\r`);
      await shows(/[─ ]1 (of \d+ )?[─·]/);
      await app.press('<enter>');
      await shows(/─ Who ─/);
      return app.screen();
    },
    wrote,
  };
}
export type GateConsole = Awaited<ReturnType<typeof openGateConsole>>;
