import type { Entities, ObservedEntities } from '../domain/entities.ts';
import { KINDS, type Kind, type ObservedKind } from '../domain/kind.ts';
import type { Change } from '../domain/ports.ts';
import { refKey } from '../domain/ref.ts';
import type { ConsoleState } from './state.ts';

export interface MutableTable<Row> {
  readonly rows: Map<string, Row>;
  version: number;
}
export type MutableTables = { readonly [K in Kind]: MutableTable<Entities[K]> };
type ObservedTables = { readonly [K in ObservedKind]: MutableTable<ObservedEntities[K]> };

/** Rows of one kind that a batch changed, with what stood there before (`undefined`: nothing). */
export type Touched = { readonly [K in ObservedKind]: Map<string, ObservedEntities[K] | undefined> };

const emptyTable = <Row>(): MutableTable<Row> => ({ rows: new Map(), version: 0 });

export const createTables = (): MutableTables => ({
  instance: emptyTable(),
  workload: emptyTable(),
  registration: emptyTable(),
  managerRead: emptyTable(),
  templateDefault: emptyTable(),
  sender: emptyTable(),
  probe: emptyTable(),
  event: emptyTable(),
  serviceAddress: emptyTable(),
  job: emptyTable(),
  audit: emptyTable(),
  dump: emptyTable(),
  peer: emptyTable(),
  analysis: emptyTable(),
  evidence: emptyTable(),
  server: emptyTable(),
  serviceCluster: emptyTable(),
  finding: emptyTable(),
  context: emptyTable(),
  change: emptyTable(),
});

export const createTouched = (): Touched => ({
  instance: new Map(),
  workload: new Map(),
  registration: new Map(),
  managerRead: new Map(),
  templateDefault: new Map(),
  sender: new Map(),
  probe: new Map(),
  event: new Map(),
  serviceAddress: new Map(),
  job: new Map(),
  audit: new Map(),
  dump: new Map(),
  peer: new Map(),
  analysis: new Map(),
  evidence: new Map(),
});

export function setRow<Row>(table: MutableTable<Row>, key: string, row: Row): void {
  table.rows.set(key, row);
  table.version++;
}
export function deleteRow<Row>(table: MutableTable<Row>, key: string): void {
  if (table.rows.delete(key)) table.version++;
}

/** Writes one change into its table and notes what it touched. */
export function applyChange(tables: MutableTables, touched: Touched, change: Change): void {
  switch (change.type) {
    case 'put':
      put(tables, touched, change.kind, change.entity);
      return;
    case 'drop':
      drop(tables, touched, change.kind, refKey(change.ref));
      return;
    case 'replace':
      replace(tables, touched, change);
      return;
  }
}

function put<K extends ObservedKind>(
  tables: ObservedTables,
  touched: Touched,
  kind: K,
  entity: ObservedEntities[K],
): void {
  const table: MutableTable<ObservedEntities[K]> = tables[kind];
  const noted: Map<string, ObservedEntities[K] | undefined> = touched[kind];
  const key = refKey(entity.ref);
  const before = table.rows.get(key);
  if (before === entity) return;
  if (!noted.has(key)) noted.set(key, before);
  setRow(table, key, entity);
}

function drop<K extends ObservedKind>(tables: ObservedTables, touched: Touched, kind: K, key: string): void {
  const table: MutableTable<ObservedEntities[K]> = tables[kind];
  const noted: Map<string, ObservedEntities[K] | undefined> = touched[kind];
  const before = table.rows.get(key);
  if (before === undefined) return;
  if (!noted.has(key)) noted.set(key, before);
  deleteRow(table, key);
}

function replace(
  tables: MutableTables,
  touched: Touched,
  { kind, context, entities }: Extract<Change, { type: 'replace' }>,
): void {
  const stated = new Set<string>();
  for (const entity of entities) {
    stated.add(refKey(entity.ref));
    put(tables, touched, kind, entity);
  }
  for (const [key, row] of tables[kind].rows) {
    if (row.ref.context === context && !stated.has(key) && !isAlarm(row)) drop(tables, touched, kind, key);
  }
}

/** Raised here: no source lists it, so none drops it. */
const isAlarm = (row: object): boolean => 'isAlarm' in row && row.isAlarm === true;

type Snapshot = { -readonly [K in Kind]: ConsoleState['tables'][K] };

/** Tables as published: kinds whose version did not move keep their object. */
export function snapshotTables(
  tables: MutableTables,
  before?: ConsoleState['tables'],
): ConsoleState['tables'] {
  const snapshot: Snapshot = {
    instance: { ...tables.instance },
    workload: { ...tables.workload },
    registration: { ...tables.registration },
    managerRead: { ...tables.managerRead },
    templateDefault: { ...tables.templateDefault },
    sender: { ...tables.sender },
    probe: { ...tables.probe },
    event: { ...tables.event },
    serviceAddress: { ...tables.serviceAddress },
    job: { ...tables.job },
    audit: { ...tables.audit },
    dump: { ...tables.dump },
    peer: { ...tables.peer },
    analysis: { ...tables.analysis },
    evidence: { ...tables.evidence },
    server: { ...tables.server },
    serviceCluster: { ...tables.serviceCluster },
    finding: { ...tables.finding },
    context: { ...tables.context },
    change: { ...tables.change },
  };
  if (before === undefined) return snapshot;
  let hasMoved = false;
  const keep = <K extends Kind>(kind: K) => {
    if (before[kind].version === snapshot[kind].version) snapshot[kind] = before[kind];
    else hasMoved = true;
  };
  for (const kind of KINDS) keep(kind);
  return hasMoved ? snapshot : before;
}
