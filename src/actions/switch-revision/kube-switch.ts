import type { JsonValue } from '../../domain/call.ts';
import type { CallStep, DiffBlock, PlanDraft, PlanTarget, PlanWarning, Step } from '../../domain/plan.ts';
import { refOf } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import { isSessionPairSet, pairRollout } from '../guards/pair-rollout.ts';
import { rollMark, uidPatch } from '../guards/roll-mark.ts';
import { listPods } from '../kube/live-pods.ts';
import { factsOf, openKube } from '../kube/live-workload.ts';
import { strategyWarnings } from '../kube/roll-template.ts';
import { rolloutWait } from '../kube/rollout-wait.ts';
import type { ActionTools } from '../tools.ts';
import { evidenceWait, withWayBack } from './evidence.ts';
import {
  type NamespaceSurvey,
  type SharedConfigMap,
  type SurveyedWorkload,
  surveyNamespace,
} from './kube-survey.ts';
import { configMapPath } from './name-space.ts';
import type { Reading, Survey, SurveyQuestion, SwitchTo } from './survey.ts';
import type { TemplateSite } from './template-sites.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';

/** Surveys the namespaces of workloads; those in which nothing has to change are left out. */
export async function surveyKube(
  { workloads, serviceCluster, valueFor }: SurveyQuestion,
  reading: Reading,
): Promise<readonly Survey[]> {
  const places = new Map<string, Workload[]>();
  for (const workload of workloads) {
    const key = `${workload.ref.context}\n${workload.place.name}`;
    places.set(key, [...(places.get(key) ?? []), workload]);
  }
  const surveys: Survey[] = [];
  for (const inPlace of places.values()) {
    const [one] = inPlace;
    if (one === undefined) continue;
    const request = {
      context: one.ref.context,
      namespace: one.place.name,
      workloads: inPlace,
      serviceCluster,
      valueFor,
    };
    const survey = await surveyNamespace(request, reading.tools, reading.signal);
    const sites = survey.workloads.flatMap((each) => each.sites);
    const [site] = sites;
    if (site === undefined) continue;
    surveys.push({
      serviceCluster: site.serviceCluster,
      seen: [...new Set(sites.map(({ value }) => value))],
      workloads: survey.workloads.flatMap(({ workload }) => workload ?? []),
      diff: (value) => switchDiff(survey, value),
      build: (to) => switchNamespace(survey, to, reading),
    });
  }
  return surveys;
}

/** The targets of one namespace, the ConfigMaps changed by the first that needs them. */
async function switchNamespace(
  survey: NamespaceSurvey,
  to: SwitchTo,
  { tools, signal }: Reading,
): Promise<Pick<PlanDraft, 'targets' | 'warnings'>> {
  const targets: PlanTarget[] = [];
  const warnings: PlanWarning[] = [];
  const done = new Set<SharedConfigMap>();
  for (const surveyed of survey.workloads) {
    const due = survey.configMaps.filter(
      (configMap) => !done.has(configMap) && surveyed.sites.some((site) => comesFrom(site, configMap)),
    );
    for (const configMap of due) done.add(configMap);
    const { live, workload, sites } = surveyed;
    const ref =
      workload?.ref ?? refOf('workload', live.context, `${live.namespace}/${live.kind}/${live.name}`);
    const wayBack = to.wayBack(ref, sites[0]?.value ?? '');
    const mark = rollMark(live, tools.clock.now());
    const literal = literalChange(sites, to.value);
    const title = text(
      `switch ${live.kind} ${live.name} to ${to.value} and roll it`,
      `${live.kind} ${live.name}을(를) ${to.value}(으)로 전환하고 순차 교체`,
    );
    const first = due.map((configMap) =>
      configMapStep(survey, configMap, { from: configMap.value, to: to.value }),
    );
    const last = due.map((configMap, at) => ({
      ...configMapStep(survey, configMap, { from: to.value, to: configMap.value }),
      undoes: first[at],
    }));
    const change = { set: [...literal.set, ...mark.set], undo: [...literal.undo, ...mark.undo] };
    const rolled =
      workload !== undefined && isSessionPairSet(workload, live, tools)
        ? await pairRollout(
            {
              live,
              ...change,
              isNew: mark.isNew,
              title,
              first,
              last,
            },
            tools,
            signal,
          )
        : {
            steps: [
              ...first,
              {
                type: 'call',
                call: { context: live.context, title, request: uidPatch(live, change.set) },
                isNoReturn: true,
              },
              ...(live.isOnDelete
                ? []
                : [withWayBack(rolloutWait({ live, tools, isNew: mark.isNew }), wayBack)]),
            ] satisfies readonly Step[],
            restore: last,
            warnings: strategyWarnings(live),
          };
    targets.push({
      ref,
      context: live.context,
      namespace: live.namespace,
      kind: live.kind,
      name: live.name,
      steps: [...rolled.steps, ...(live.isOnDelete ? [] : [evidenceOf(surveyed, { ...to, wayBack }, tools)])],
      restore: rolled.restore,
      wayBack: text(wayBack, wayBack),
      before: { ...factsOf(live), templateId: [...new Set(sites.map(({ value }) => value))].join(', ') },
    });
    warnings.push(...rolled.warnings);
  }
  return { targets, warnings: [...sharedWarnings(survey), ...warnings] };
}

const comesFrom = ({ place }: TemplateSite, { name, key }: SharedConfigMap): boolean =>
  place.kind === 'configMap' && place.configMap === name && place.key === key;

function literalChange(
  sites: readonly TemplateSite[],
  value: string,
): { readonly set: readonly JsonValue[]; readonly undo: readonly JsonValue[] } {
  const set: JsonValue[] = [];
  const undo: JsonValue[] = [];
  for (const { place, value: seen } of sites) {
    if (place.kind !== 'literal') continue;
    set.push(
      { op: 'test', path: `${place.path}/name`, value: TEMPLATE_ID },
      { op: 'test', path: `${place.path}/value`, value: seen },
      { op: 'replace', path: `${place.path}/value`, value },
    );
    undo.push({ op: 'replace', path: `${place.path}/value`, value: seen });
  }
  return { set, undo };
}

/** Replaces what was seen and nothing else: where somebody changed it since, this is a conflict. */
function configMapStep(
  { context, namespace }: NamespaceSurvey,
  { name, key }: SharedConfigMap,
  change: { readonly from: string; readonly to: string },
): CallStep {
  const path = `/data/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return {
    type: 'call',
    call: {
      context,
      title: text(
        `set ${key} of ConfigMap ${name} to ${change.to}`,
        `ConfigMap ${name}의 ${key}을(를) ${change.to}(으)로 설정`,
      ),
      request: {
        system: 'kube',
        method: 'PATCH',
        path: configMapPath(namespace, name),
        query: { fieldManager: 'l9s' },
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path, value: change.from },
          { op: 'replace', path, value: change.to },
        ],
      },
    },
  };
}

const evidenceOf = (
  { live }: SurveyedWorkload,
  to: Pick<SwitchTo, 'revision'> & { readonly wayBack: string },
  tools: ActionTools,
) =>
  evidenceWait(
    {
      context: live.context,
      name: live.name,
      revision: to.revision,
      wayBack: to.wayBack,
      servers: async (signal) => {
        const kube = await openKube(tools, live.context);
        const pods = await listPods(kube, live, signal);
        return pods.filter(({ isEnding }) => !isEnding).map(({ name }) => `${live.namespace}/${name}`);
      },
    },
    tools,
  );

function sharedWarnings({
  configMaps,
  workloads,
  untouched,
  namespace,
}: NamespaceSurvey): readonly PlanWarning[] {
  const warnings: PlanWarning[] = configMaps
    .filter(({ readers }) => readers.length > 1)
    .map(({ name, readers }) => ({
      level: 'warn',
      code: 'config-map-shared',
      text: text(
        `ConfigMap ${namespace}/${name} is read by ${readers.length} workloads, and all of them change and are rolled: ${readers.join(', ')}`,
        `ConfigMap ${namespace}/${name}을(를) 읽는 워크로드 ${readers.length}개가 모두 바뀌고 순차 교체됨: ${readers.join(', ')}`,
      ),
    }));
  if (untouched.length > 0) {
    const names = untouched.join(', ');
    warnings.push({
      level: 'info',
      code: 'config-map-read-only',
      text: text(
        `${names} read the value too and download no template: they are not rolled`,
        `${names}도 값을 읽지만 템플릿을 내려받지 않으므로 교체하지 않음`,
      ),
    });
  }
  for (const { live, sites } of workloads) {
    const secrets = [...new Set(sites.flatMap(({ maybeIn }) => maybeIn))];
    if (secrets.length === 0) continue;
    const names = secrets.join(', ');
    warnings.push({
      level: 'warn',
      code: 'secret-may-override',
      text: text(
        `Secret ${names} of ${live.name} is not read here; if it sets ${TEMPLATE_ID}, this change has no effect`,
        `${live.name}의 Secret ${names}은(는) 읽지 않음: ${TEMPLATE_ID}가 있으면 이 변경은 효과가 없음`,
      ),
    });
  }
  return warnings;
}

/** What is written where, before and after. */
const switchDiff = (survey: NamespaceSurvey, value: string): readonly DiffBlock[] => [
  ...survey.configMaps.map(({ name, key, value: seen, readers }) => ({
    title: `ConfigMap ${survey.namespace}/${name} of ${survey.context} (read by ${readers.join(', ')})`,
    lines: [`-${key}: ${seen}`, `+${key}: ${value}`],
  })),
  ...survey.workloads.flatMap(({ live, sites }) =>
    sites.flatMap(({ place, container, value: seen }) =>
      place.kind === 'literal'
        ? [
            {
              title: `${live.kind} ${live.namespace}/${live.name} of ${live.context}, container ${container}`,
              lines: [`-${TEMPLATE_ID}: ${seen}`, `+${TEMPLATE_ID}: ${value}`],
            },
          ]
        : [],
    ),
  ),
];
