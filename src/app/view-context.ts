import type { Entities } from '../domain/entities.ts';
import type { Kind } from '../domain/kind.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import type { Language } from '../domain/text.ts';
import type { ConsoleStore } from '../store/state.ts';
import type { Related, ViewContext } from '../views/view.ts';

/** What views may look up, read from the store as it is at the moment of asking. */
export function createRelated(store: ConsoleStore): Related {
  return {
    get: <K extends Kind>(ref: Ref<K>): Entities[K] | undefined =>
      store.state.getState().tables[ref.kind].rows.get(refKey(ref)),
    all: (kind) => store.state.getState().tables[kind].rows.values(),
    events: (target) => store.events(target),
    findings: (target) => store.findings(target),
    series: (server, id, resolution) => store.series(server, id, resolution),
    fullGcs: (server) => store.fullGcs(server),
  };
}

export interface ViewContextSettings {
  readonly language: Language;
  readonly isUtc: boolean;
  readonly levels: ViewContext['levels'];
}

export const createViewContext = (
  store: ConsoleStore,
  now: number,
  settings: ViewContextSettings,
): ViewContext => ({ ...settings, now, related: createRelated(store) });
