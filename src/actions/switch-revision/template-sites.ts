import { type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import {
  type ConfigMapData,
  type ConfigMaps,
  configMapsOf,
  type Found,
  findVariable,
} from './find-variable.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';
const DOWNLOAD = 'LENA_CONFIG_TEMPLATE_DOWNLOAD';

/** One place that gives a container its template id. */
export interface TemplateSite {
  readonly container: string;
  /** Where: a value in the pod template, by its JSON pointer, or a key of a ConfigMap. */
  readonly place:
    | { readonly kind: 'literal'; readonly path: string }
    | { readonly kind: 'configMap'; readonly configMap: string; readonly key: string };
  readonly value: string;
  readonly serviceCluster: string;
  readonly revision: string | undefined;
  /** Secrets that are read after it and could set it too. */
  readonly maybeIn: readonly string[];
  /** `LENA_CONFIG_TEMPLATE_DOWNLOAD` as that container gets it; only `Y` downloads. */
  readonly download: string | undefined;
}
/** A container whose template id cannot be changed here. */
export interface FixedSite {
  readonly container: string;
  readonly where: string;
}
export interface TemplateSites {
  readonly sites: readonly TemplateSite[];
  readonly fixed: readonly FixedSite[];
}

interface ContainerPlace {
  readonly container: Json;
  readonly list: 'initContainers' | 'containers';
  readonly index: number;
}

const containersOf = (template: Json): readonly ContainerPlace[] => {
  const spec = recordOf(template['spec']);
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    listOf(spec[list]).map((entry, index) => ({ container: recordOf(entry), list, index })),
  );
};

/** ConfigMaps a pod template's environments read. */
export const configMapsOfTemplate = (template: Json): readonly string[] => [
  ...new Set(containersOf(template).flatMap(({ container }) => configMapsOf(container))),
];

/** Every container of a pod template with the place its template id comes from. Rejects as `read` does. */
export async function readTemplateSites(
  template: Json,
  read: (configMap: string) => Promise<ConfigMapData | undefined>,
): Promise<TemplateSites> {
  const configMaps = new Map<string, ConfigMapData | undefined>();
  for (const name of configMapsOfTemplate(template)) configMaps.set(name, await read(name));
  return findTemplateSites(template, configMaps);
}

/** Pure: see {@link readTemplateSites}. */
export function findTemplateSites(template: Json, configMaps: ConfigMaps): TemplateSites {
  const sites: TemplateSite[] = [];
  const fixed: FixedSite[] = [];
  for (const { container, list, index } of containersOf(template)) {
    const name = cleanLine(stringOf(container['name']) ?? `${list} ${index}`, 128);
    const found = findVariable(container, TEMPLATE_ID, configMaps);
    switch (found.state) {
      case 'absent':
        break;
      case 'elsewhere':
        fixed.push({ container: name, where: cleanLine(found.where, 200) });
        break;
      case 'literal':
      case 'configMap':
        sites.push({
          container: name,
          place: placeOf(found, `/spec/template/spec/${list}/${index}`),
          value: found.value,
          ...splitId(found.value),
          maybeIn: found.state === 'configMap' ? found.maybeIn : [],
          download: downloadOf(findVariable(container, DOWNLOAD, configMaps)),
        });
    }
  }
  return { sites, fixed };
}

const placeOf = (found: FoundValue, container: string): TemplateSite['place'] =>
  found.state === 'literal'
    ? { kind: 'literal', path: `${container}/env/${found.index}` }
    : { kind: 'configMap', configMap: found.configMap, key: found.key };
type FoundValue = Extract<Found, { readonly state: 'literal' | 'configMap' }>;

function downloadOf(found: Found): string | undefined {
  switch (found.state) {
    case 'literal':
    case 'configMap':
      return found.value.trim();
    case 'elsewhere':
      return `set by ${found.where}`;
    case 'absent':
      return undefined;
  }
}

/** `shop:3` → service cluster and revision; without one it is the default. */
export function splitId(written: string): {
  readonly serviceCluster: string;
  readonly revision: string | undefined;
} {
  const value = written.trim();
  const colon = value.lastIndexOf(':');
  if (colon < 0) return { serviceCluster: value, revision: undefined };
  return { serviceCluster: value.slice(0, colon), revision: value.slice(colon + 1) || undefined };
}

/** The sites that are to change, all of one service cluster. Throws ACTION_IMPOSSIBLE with the reason in words. */
export function requireSites(
  name: string,
  { sites, fixed }: TemplateSites,
  serviceCluster: string | undefined,
): readonly TemplateSite[] {
  const refuse = (why: string, hint?: string): never => {
    throw appError('ACTION_IMPOSSIBLE', `${name}: ${why}`, { hint });
  };
  const [elsewhere] = fixed;
  if (elsewhere !== undefined) {
    refuse(
      `container ${elsewhere.container} gets ${TEMPLATE_ID} from ${elsewhere.where}, which is not changed here`,
    );
  }
  const wanted = sites.filter(
    (site) => serviceCluster === undefined || site.serviceCluster === serviceCluster,
  );
  const [first] = wanted;
  if (first === undefined) {
    return refuse(
      serviceCluster === undefined
        ? `no container has ${TEMPLATE_ID}`
        : `no container has ${TEMPLATE_ID} of service cluster ${serviceCluster}`,
    );
  }
  if (first.serviceCluster === '') refuse(`${TEMPLATE_ID} names no service cluster`);
  const other = wanted.find((site) => site.serviceCluster !== first.serviceCluster);
  if (other !== undefined) {
    refuse(
      `its containers take templates of two service clusters, ${first.serviceCluster} and ${other.serviceCluster}`,
      'Switch one of the service clusters instead.',
    );
  }
  const kept = wanted.find(({ download }) => download !== 'Y');
  if (kept !== undefined) {
    refuse(
      `${DOWNLOAD} of container ${kept.container} is ${kept.download ?? 'not set'}, so no template is downloaded`,
      `Set ${DOWNLOAD} to Y first.`,
    );
  }
  return wanted;
}
