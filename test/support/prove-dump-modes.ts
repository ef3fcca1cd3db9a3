import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { execTemplateOf } from '../../src/domain/exec-template.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { readAll } from './audit.ts';
import { type DumpPlaceName, startDumpPlace } from './dump-places.ts';
import { startDumpStage } from './dump-stage.ts';
import { inMode } from './modes.ts';
import { putOf } from './store-entities.ts';

/** A verb with what it is told. */
interface Deed {
  readonly id: string;
  readonly what: string;
  readonly input?: Readonly<Record<string, string>>;
  /** Ending of the file that is fetched. */
  readonly file?: string;
}
/** Triage allows them. */
const LOOKING: readonly Deed[] = [
  { id: 'dump-thread', what: 'a thread dump' },
  { id: 'dump-series', what: 'a series', input: { count: '3', interval: '1' } },
  { id: 'dump-service', what: 'a service dump' },
  { id: 'dump-histogram', what: 'a histogram' },
  { id: 'dump-fetch', what: 'a thread dump that it wrote', file: '_tdump.txt' },
];
/** Normal mode alone does. */
const CHANGING: readonly Deed[] = [
  { id: 'dump-histogram-live', what: 'a histogram after a collection' },
  { id: 'dump-heap', what: 'a heap' },
  { id: 'dump-heap', what: 'a heap after a collection', input: { live: 'live' } },
  { id: 'dump-fetch', what: 'a heap that it wrote', file: '_hdump.hprof' },
];
/** Every verb that takes a dump, by its id. */
export const DEED_IDS: readonly string[] = [...new Set([...LOOKING, ...CHANGING].map(({ id }) => id))];

/** What a way never does, whatever the mode. */
const NEVER: Record<DumpPlaceName, (deed: Deed) => boolean> = {
  'pod exec': () => false,
  // No heap comes whole through a terminal.
  'ECS exec': ({ id, file }) => id === 'dump-heap' || file === '_hdump.hprof',
  'our agent': ({ id }) => id === 'dump-fetch',
  'LENA advertiser': ({ id }) => /histogram|heap|fetch/.test(id),
};
/** What a server may be told where nothing may be changed; of itself an agent says how much room it has. */
const isLook = (place: DumpPlaceName, words: string): boolean => {
  switch (place) {
    case 'pod exec':
    case 'ECS exec':
      return execTemplateOf(words.split(' ')) !== undefined && !words.includes('.hprof');
    case 'our agent':
      return ['status', 'thread', 'service', 'histogram'].includes(words);
    case 'LENA advertiser':
      return words.startsWith('OBJECT_') && !/HEAP|DELETE|GC/.test(words);
  }
};
const sorted = (ids: readonly string[]) => ids.toSorted((a, b) => a.localeCompare(b));
/** With a file that nobody is asked for before. */
const unlisted = ({ file, ...deed }: Deed): Deed =>
  file === undefined ? deed : { ...deed, input: { file: '/lena/dumps/x_tdump.txt' } };
const SIGNAL = AbortSignal.timeout(120_000);

/** Verbs over the real clients of one place; the gate's mode and the clients' may differ. */
async function stageOf(
  t: TestContext,
  {
    place: name,
    gate,
    client,
  }: { readonly place: DumpPlaceName; readonly gate: Mode; readonly client: Mode },
) {
  const place = await startDumpPlace(t, name, client);
  const { instance } = place;
  const stage = startDumpStage(t, {
    ways: place.ways,
    changes: [putOf('instance', instance)],
    modeOf: inMode(gate),
  });
  const row = [...stage.lookup.all('server')].find(({ ref }) => ref.id === instance.ref.id);
  if (row === undefined) throw new Error(`no server ${instance.ref.id}`);
  const target = row.name;
  const inputOf = async ({ id, input = {}, file }: Deed) => {
    if (file === undefined) return input;
    const options = await stage.executor.options(stage.order(id, [target]), 'file', SIGNAL);
    const found = options.find(({ value }) => value.endsWith(file));
    assert.ok(found, `${file} is none of ${options.map(({ value }) => value).join(', ')}`);
    return { ...input, file: found.value };
  };
  /** `done`, or the error with its words. */
  const attempt = async (deed: Deed) => {
    try {
      const job = await stage.take(deed.id, [target], await inputOf(deed));
      const [one] = job.targets;
      return job.state === 'done'
        ? { code: 'done', words: '' }
        : { code: one?.error?.code ?? '', words: `${one?.error?.message} ${one?.error?.hint}` };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { code: error.code, words: `${error.message} ${error.hint}` };
    }
  };
  return {
    attempt,
    arrived: place.arrived,
    audit: async () => (await readAll(stage.auditDirectory)).entries,
    kept: () => (existsSync(stage.directory) ? readdirSync(stage.directory) : []),
  };
}

/** Every verb that takes a dump by one way, in each mode of the gate and of the client behind it. */
export function proveDumpModes(place: DumpPlaceName): void {
  const can = (deed: Deed) => !NEVER[place](deed);
  const looking = LOOKING.filter(can);
  const changing = CHANGING.filter(can);
  const never = [...LOOKING, ...CHANGING].filter(NEVER[place]);

  describe(`dumps by ${place}`, () => {
    test('in readonly each is refused before anything is asked, with what would allow it', async (t) => {
      const { attempt, arrived, kept, audit } = await stageOf(t, {
        place,
        gate: 'readonly',
        client: 'normal',
      });
      const deeds = [...LOOKING, ...CHANGING];
      for (const deed of deeds) {
        const { code, words } = await attempt(unlisted(deed));
        assert.equal(code, 'MODE_REFUSED', deed.what);
        const isLooking = LOOKING.some(({ id }) => id === deed.id);
        assert.match(
          words,
          isLooking ? /start l9s with --triage instead of --readonly/ : /changes nothing/,
          deed.what,
        );
      }
      assert.deepEqual([arrived(), kept()], [[], []]);
      const entries = await audit();
      assert.deepEqual(sorted(entries.map(({ action }) => action)), sorted(deeds.map(({ id }) => id)));
      assert.ok(entries.every(({ result, mode }) => result === 'refused' && mode === 'readonly'));
    });

    test('in readonly the client holds back each, where the gate lets it pass', async (t) => {
      const { attempt, arrived, kept } = await stageOf(t, { place, gate: 'normal', client: 'readonly' });
      for (const deed of [...looking, ...changing]) {
        const { code, words } = await attempt(deed);
        assert.equal(code, 'TRANSPORT_LOCKED', `${deed.what}: ${words}`);
        assert.match(words, /read-?only/i, deed.what);
      }
      assert.deepEqual(
        arrived().filter((words) => words !== 'status'),
        [],
      );
      assert.deepEqual(kept(), []);
    });

    test('in triage what looks is taken and kept, and nothing arrives but looks', async (t) => {
      const { attempt, arrived, kept } = await stageOf(t, { place, gate: 'triage', client: 'triage' });
      for (const deed of looking) {
        const { code, words } = await attempt(deed);
        assert.equal(code, 'done', `${deed.what}: ${words}`);
      }
      assert.ok(kept().length >= looking.length);
      assert.ok(arrived().length > 0);
      assert.deepEqual(
        arrived().filter((words) => !isLook(place, words)),
        [],
      );
    });

    test('in triage the gate refuses what changes, where the client lets it pass', async (t) => {
      const { attempt, arrived, kept, audit } = await stageOf(t, { place, gate: 'triage', client: 'normal' });
      for (const deed of changing) {
        const { code, words } = await attempt(deed);
        assert.equal(code, 'MODE_REFUSED', `${deed.what}: ${words}`);
      }
      // Which files there are is asked for what may be fetched.
      assert.deepEqual(
        arrived().filter((words) => !isLook(place, words)),
        [],
      );
      assert.deepEqual(kept(), []);
      const refused = new Set((await audit()).map(({ action, result }) => `${action} ${result}`));
      assert.deepEqual(refused, new Set(changing.map(({ id }) => `${id} refused`)));
    });

    test('in triage the client holds back what changes, where the gate lets it pass', async (t) => {
      const { attempt, arrived, kept } = await stageOf(t, { place, gate: 'normal', client: 'triage' });
      for (const deed of changing) {
        const { code, words } = await attempt(deed);
        assert.equal(code, 'TRANSPORT_LOCKED', `${deed.what}: ${words}`);
      }
      assert.deepEqual(
        arrived().filter((words) => !isLook(place, words)),
        [],
      );
      assert.deepEqual(kept(), []);
    });

    test('in normal each is taken that this way can take; the rest is said to have no way', async (t) => {
      const { attempt, arrived } = await stageOf(t, { place, gate: 'normal', client: 'normal' });
      for (const deed of [...looking, ...changing]) {
        const { code, words } = await attempt(deed);
        // Of the heap that is listed nothing is there.
        const expected = deed.file === '_hdump.hprof' ? 'DUMP_FAILED' : 'done';
        assert.equal(code, expected, `${deed.what}: ${words}`);
      }
      assert.equal(
        arrived().some((words) => !isLook(place, words)),
        changing.length > 0,
      );
      const count = arrived().length;
      for (const deed of never) {
        const { code, words } = await attempt(place === 'ECS exec' ? deed : unlisted(deed));
        assert.ok(['NO_WAY_TO_DUMP', 'DUMP_FAILED'].includes(code), `${deed.what}: ${code} ${words}`);
      }
      assert.deepEqual(
        arrived()
          .slice(count)
          .filter((words) => !isLook(place, words)),
        [],
      );
    });
  });
}
