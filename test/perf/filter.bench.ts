import { AppError } from '../../src/core/app-error.ts';
import type { Server } from '../../src/domain/server.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { compileFilter } from '../../src/store/filter/compile-filter.ts';
import type { FilterView } from '../../src/store/filter/filter.ts';
import { parseFilter } from '../../src/store/filter/parse-filter.ts';
import { selectRows } from '../../src/store/rows.ts';
import { storeOptionsOf } from '../support/store-entities.ts';
import { largeFleetOf } from '../support/store-fleet.ts';

const SERVERS = 10_000;
const ROUNDS = 15;
const PATTERNS = [
  'was-12',
  'Was',
  '!edge',
  'was-1.*z$',
  'lena-(was|web)-4',
  'heap>60% age<2h',
  '@prod-* ready',
  '-f lw9z',
];

const VIEW: FilterView<Server, undefined> & { readonly nameOf: (row: Server) => string } = {
  columns: [
    { id: 'name', value: ({ name }) => name },
    { id: 'type', value: ({ type }) => type },
    { id: 'ctx', value: ({ ref }) => ref.context },
    { id: 'ns', value: ({ place }) => place?.name },
    { id: 'sc', value: ({ serviceCluster }) => serviceCluster },
    { id: 'rev', value: ({ revision }) => revision.running },
    { id: 'state', value: ({ state }) => state },
    { id: 'health', value: ({ health }) => health.level },
    { id: 'node', value: ({ node }) => node },
    { id: 'ip', value: ({ address }) => address },
    { id: 'image', value: ({ image }) => image },
    {
      id: 'heap',
      unit: 'percent',
      value: ({ jvm }) => ((jvm?.heap?.usedBytes ?? 0) / (jvm?.heap?.maxBytes ?? 1)) * 100,
    },
    { id: 'age', unit: 'age', value: ({ createdAt, seenAt }) => seenAt - (createdAt ?? seenAt) },
  ],
  nameOf: ({ name }) => name,
  contextOf: ({ ref }) => ref.context,
};

const rounded = (value: number): number => Math.round(value * 100) / 100;
function medianOf(task: () => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now();
    task();
    times.push(performance.now() - from);
  }
  return rounded(times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

/** Milliseconds to filter 10,000 servers, by pattern, and to select them sorted. */
export async function run(): Promise<object> {
  const { contexts, changes } = largeFleetOf(SERVERS, 0);
  const store = createConsoleStore(storeOptionsOf(contexts));
  store.apply(changes);
  const table = store.state.getState().tables.server;
  const rows = [...table.rows.values()];
  const patterns: Record<string, number> = {};
  for (const pattern of PATTERNS) {
    const filter = parseFilter(pattern);
    const matches = filter instanceof AppError ? filter : compileFilter(filter, VIEW);
    if (matches instanceof AppError) throw matches;
    patterns[pattern] = medianOf(() => {
      for (const row of rows) matches(row, undefined);
    });
  }
  const query = { table, view: VIEW, context: undefined, sort: { column: 'heap', isDescending: true } };
  return {
    name: 'filter',
    servers: rows.length,
    patternMs: patterns,
    selectAllSortedMs: medianOf(() => selectRows({ ...query, filter: '' })),
    selectFilteredMs: medianOf(() => selectRows({ ...query, filter: 'was-12' })),
  };
}
