import type { Simulator } from '../../fixtures/fleet/simulator.ts';
import { execTemplateOf } from '../../src/domain/exec-template.ts';
import type { Job } from '../../src/domain/job.ts';
import type { Mode } from '../../src/domain/policy.ts';
import type { FastFleet } from './fast-fleet.ts';

/**
 * What may reach a remote while nothing may be changed, written down here anew: nothing is shared with the locks but
 * the commands triage may run. Whatever is not listed is a leak.
 */
interface KnownReads {
  readonly kube: readonly RegExp[];
  readonly ecs: readonly RegExp[];
  readonly manager: readonly RegExp[];
}

const IN_NAMESPACE = '(?:/namespaces/[a-z0-9-]+)?';
const CORE = `/api/v1${IN_NAMESPACE}/(?:pods|services|events)`;
const APPS = `/apis/apps/v1${IN_NAMESPACE}/(?:deployments|statefulsets|daemonsets|replicasets|controllerrevisions)`;
const LISTED = String.raw`\?limit=\d+(?:&continue=[\w%=-]+)?`;
const WATCHED = String.raw`\?watch=true&resourceVersion=\d+&allowWatchBookmarks=true&timeoutSeconds=\d+`;
const ONE_CONFIG_MAP = '/api/v1/namespaces/[a-z0-9-]+/configmaps/[a-z0-9.-]+';
const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);

/** What the sources ask so that the tables fill, and the question what one may do. */
export const WATCHING: KnownReads = {
  kube: [
    whole('GET /version'),
    whole(`GET (?:${CORE}|${APPS})(?:${LISTED}|${WATCHED})`),
    whole(`GET ${ONE_CONFIG_MAP}`),
    // The beginning of a start's log, for the template revision it tells.
    whole(
      String.raw`GET /api/v1/namespaces/[a-z0-9-]+/pods/[a-z0-9.-]+/log\?container=[a-z0-9-]+&timestamps=true&limitBytes=65536`,
    ),
    whole('POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
  ],
  ecs: [
    whole(
      'POST /(?:ListClusters|DescribeClusters|ListServices|DescribeServices|ListTasks|DescribeTasks|DescribeTaskDefinition)',
    ),
  ],
  manager: [
    whole(String.raw`GET /lena/rest/public/managerInfo(?:\?key=\*{3})?`),
    whole(
      String.raw`GET /lena/rest/(?:systems|nodes|licenses|notification|analysis/event|(?:was|web)/container/servers|(?:was|web|session)/servers)\?[^/]*`,
    ),
    whole(String.raw`GET /lena(?:/rest)?/meters/(?:nodes|\w+/container/[\w.-]+)\?[^/]*`),
    whole(String.raw`GET /lena(?:/rest)?/meters/\w+/servers/\w+/nodes/[\w.-]+/systems/[\w%.-]+\?[^/]*`),
    whole(String.raw`GET /lena/rest/template/download/container/[^/?]+\?key=\*{3}`),
  ],
};

/** What plans look at besides, where policy lets somebody plan. */
export const PLANNING: KnownReads = {
  kube: [
    ...WATCHING.kube,
    whole('GET /apis/policy'),
    whole(`GET (?:${CORE}|${APPS})/[a-z0-9.-]+(?:/scale)?`),
    whole(String.raw`GET (?:${CORE}|${APPS})\?labelSelector=[\w%=.&-]+`),
    whole(`GET /apis/autoscaling/v[12]/namespaces/[a-z0-9-]+/horizontalpodautoscalers${LISTED}`),
  ],
  ecs: [
    ...WATCHING.ecs,
    whole('POST /(?:List|Describe)(?:TaskDefinitions|ServiceDeployments|ServiceRevisions)'),
  ],
  manager: WATCHING.manager,
};

/** An exec whose words are those of a template, with output alone; in ECS they are one line. */
export function isTemplateExec(request: string): boolean {
  const [, asked] = /^POST \/ExecuteCommand\?(.*)$/.exec(request) ?? [];
  if (asked !== undefined) {
    const line = new URLSearchParams(asked).get('command') ?? '';
    return execTemplateOf(line.split(' ')) !== undefined;
  }
  const [, search] =
    /^GET \/api\/v1\/namespaces\/[a-z0-9-]+\/pods\/[a-z0-9.-]+\/exec\?(.*)$/.exec(request) ?? [];
  if (search === undefined) return false;
  const query = new URLSearchParams(search);
  const argv = query.getAll('command');
  const others = [...query.keys()].filter((name) => name !== 'command');
  return (
    others.every((name) => ['container', 'stdout', 'stderr'].includes(name)) &&
    execTemplateOf(argv) !== undefined
  );
}

/** Everything that arrived at a simulated remote and is not on the list, as `remote: METHOD path`. */
export function strayRequests({ fleet }: FastFleet, reads: KnownReads): readonly string[] {
  return [
    ...[...fleet.kube.values()].flatMap((remote) => straysOf(remote, reads.kube)),
    ...[...fleet.ecs.values()].flatMap((remote) => straysOf(remote, reads.ecs)),
    ...[...fleet.managers.values()].flatMap((remote) => straysOf(remote, reads.manager)),
  ];
}

const straysOf = ({ name, requests }: Simulator, known: readonly RegExp[]): readonly string[] =>
  requests
    .map(({ method, path }) => `${method} ${path}`)
    .filter((request) => !known.some((pattern) => pattern.test(request)))
    .map((request) => `${name}: ${request}`);

/** Dumps without which nothing would stand still: diagnosis, which triage may take. */
const DIAGNOSIS = ['dump-thread', 'dump-series', 'dump-service', 'dump-histogram', 'dump-fetch'];
export const changing = (mode: Mode, jobs: readonly Job[]): readonly Job[] =>
  mode === 'readonly' ? jobs : jobs.filter(({ action }) => !DIAGNOSIS.includes(action));

/** The container's log, where a JVM that was sent SIGQUIT writes its dump. */
const LOG_OF_A_DUMP = whole(
  String.raw`GET /api/v1/namespaces/[a-z0-9-]+/pods/[a-z0-9.-]+/log\?container=[a-z0-9-]+&timestamps=true&(?:tailLines=1|follow=true&sinceSeconds=\d+)`,
);

/** Without what probes of pages that were looked at and dumps asked: they run in every mode but readonly. */
export const apartFromDiagnosis = (mode: Mode, requests: readonly string[]): readonly string[] =>
  mode === 'readonly'
    ? requests
    : requests
        .map((request) => ({ request, asked: request.replace(/^[\w-]+: /, '') }))
        .filter(({ asked }) => !isTemplateExec(asked) && !LOG_OF_A_DUMP.test(asked))
        .map(({ request }) => request);
