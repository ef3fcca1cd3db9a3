import type { ManagerRead } from '../domain/registration.ts';
import type { Topology } from './join/topology.ts';
import type { MutableTables } from './tables.ts';

const NO_READS: readonly ManagerRead[] = [];

/** Last reads of the Managers that serve a context, kept until one of them changes. */
export class ManagerReads {
  readonly #tables: MutableTables;
  readonly #topology: Topology;
  #byContext = new Map<string, readonly ManagerRead[]>();

  constructor(tables: MutableTables, topology: Topology) {
    this.#tables = tables;
    this.#topology = topology;
  }
  of(context: string): readonly ManagerRead[] {
    let reads = this.#byContext.get(context);
    if (reads === undefined) {
      const managers = this.#topology.managersOf(context);
      reads = managers.length === 0 ? NO_READS : this.#by(managers);
      this.#byContext.set(context, reads);
    }
    return reads;
  }
  forget(): void {
    this.#byContext = new Map();
  }

  #by(managers: readonly string[]): readonly ManagerRead[] {
    const rows = [...this.#tables.managerRead.rows.values()];
    return managers.flatMap((manager) => rows.filter(({ ref }) => ref.context === manager));
  }
}
