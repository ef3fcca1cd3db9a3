import { appError } from '../../domain/errors.ts';
import { refOf } from '../../domain/ref.ts';
import type { Workload } from '../../domain/workload.ts';
import { type LiveWorkload, openKube, placeOf, readLive } from '../kube/live-workload.ts';
import { assertNotPaused } from '../kube/roll-template.ts';
import type { ActionTools } from '../tools.ts';
import { createNamespace, type Namespace } from './name-space.ts';
import {
  configMapsOfTemplate,
  readTemplateSites,
  requireSites,
  type TemplateSite,
} from './template-sites.ts';

/** A workload whose pods will get another template id. */
export interface SurveyedWorkload {
  readonly live: LiveWorkload;
  /** Its row, where there is one. */
  readonly workload: Workload | undefined;
  readonly sites: readonly TemplateSite[];
  /** Changes only because it reads a ConfigMap that another one needs changed. */
  readonly isDrawnIn: boolean;
}
export interface SharedConfigMap {
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** Workloads whose template id comes from it. */
  readonly readers: readonly string[];
}
/** What switching would touch in one namespace. */
export interface NamespaceSurvey {
  readonly context: string;
  readonly namespace: string;
  readonly workloads: readonly SurveyedWorkload[];
  readonly configMaps: readonly SharedConfigMap[];
  /** Workloads that read the value and do not download: they take nothing from it. */
  readonly untouched: readonly string[];
}

export interface SurveyRequest {
  readonly context: string;
  readonly namespace: string;
  readonly workloads: readonly Workload[];
  /** Only sites of this one; without it all must be of one. */
  readonly serviceCluster: string | undefined;
  /** The value that is wanted of a service cluster. */
  readonly valueFor: (serviceCluster: string) => string;
}

/**
 * Finds where the template id of workloads in one namespace is really set and who else gets it from there. Rejects
 * with ACTION_IMPOSSIBLE where it cannot be changed.
 */
export async function surveyNamespace(
  request: SurveyRequest,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<NamespaceSurvey> {
  const { context, namespace, valueFor } = request;
  const kube = await openKube(tools, context);
  const reader = createNamespace(kube, namespace, signal);
  const asked: SurveyedWorkload[] = [];
  for (const workload of request.workloads) {
    const live = await readLive(kube, placeOf(workload), signal);
    assertNotPaused(live);
    const all = await readTemplateSites(live.template, reader.configMap);
    const sites = requireSites(nameOf(live), all, request.serviceCluster).filter(
      (site) => site.value.trim() !== valueFor(site.serviceCluster),
    );
    if (sites.length > 0) asked.push({ live, workload, sites, isDrawnIn: false });
  }
  const keys = keysOf(asked);
  await refuseImmutable(keys, reader, request);
  const drawn = keys.length === 0 ? NOBODY : await drawnIn(keys, { asked, reader });
  const others: SurveyedWorkload[] = [];
  for (const { kind, name, sites } of drawn.readers) {
    const live = await readLive(kube, { context, namespace, kind, name }, signal);
    assertNotPaused(live);
    const ref = refOf('workload', context, `${namespace}/${kind}/${name}`);
    others.push({ live, workload: tools.lookup.get(ref), sites, isDrawnIn: true });
  }
  const workloads = [...asked, ...others];
  return {
    context,
    namespace,
    workloads,
    untouched: drawn.untouched,
    configMaps: keys.map((key) => ({
      ...key,
      readers: workloads
        .filter(({ sites }) => sites.some((site) => isFrom(site, key)))
        .map(({ live }) => `${live.kind} ${live.name}`),
    })),
  };
}

type Key = Pick<SharedConfigMap, 'name' | 'key' | 'value'>;
const nameOf = ({ kind, namespace, name, context }: LiveWorkload) =>
  `${kind} ${namespace}/${name} of ${context}`;

const isFrom = ({ place }: TemplateSite, { name, key }: Key): boolean =>
  place.kind === 'configMap' && place.configMap === name && place.key === key;

function keysOf(workloads: readonly SurveyedWorkload[]): readonly Key[] {
  const keys = new Map<string, Key>();
  for (const { place, value } of workloads.flatMap(({ sites }) => sites)) {
    if (place.kind !== 'configMap') continue;
    keys.set(`${place.configMap}\n${place.key}`, { name: place.configMap, key: place.key, value });
  }
  return [...keys.values()];
}

async function refuseImmutable(
  keys: readonly Key[],
  reader: Namespace,
  { context, namespace }: SurveyRequest,
): Promise<void> {
  for (const { name, key } of keys) {
    const found = await reader.configMap(name);
    if (found?.isImmutable !== true) continue;
    throw appError(
      'ACTION_IMPOSSIBLE',
      `ConfigMap ${namespace}/${name} of ${context}, which sets ${key}, is immutable`,
      { hint: 'Make a new ConfigMap and let the workload read that one.' },
    );
  }
}

interface DrawnIn {
  readonly readers: readonly (Pick<LiveWorkload, 'kind' | 'name'> & {
    readonly sites: readonly TemplateSite[];
  })[];
  readonly untouched: readonly string[];
}
const NOBODY: DrawnIn = { readers: [], untouched: [] };

/** Asks the API, not the rows: a workload nobody watches would be changed unseen. */
async function drawnIn(
  keys: readonly Key[],
  { asked, reader }: { readonly asked: readonly SurveyedWorkload[]; readonly reader: Namespace },
): Promise<DrawnIn> {
  const isAsked = (kind: string, name: string) =>
    asked.some(({ live }) => live.kind === kind && live.name === name);
  const readers: DrawnIn['readers'][number][] = [];
  const untouched: string[] = [];
  for (const { kind, name, template } of await reader.workloads()) {
    const named = configMapsOfTemplate(template);
    if (isAsked(kind, name) || !keys.some((key) => named.includes(key.name))) continue;
    const { sites } = await readTemplateSites(template, reader.configMap);
    const from = sites.filter((site) => keys.some((key) => isFrom(site, key)));
    if (from.some(({ download }) => download === 'Y')) readers.push({ kind, name, sites: from });
    else if (from.length > 0) untouched.push(`${kind} ${name}`);
  }
  return { readers, untouched };
}
