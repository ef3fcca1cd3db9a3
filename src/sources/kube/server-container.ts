import { type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';

const SIDECAR =
  /(^|[-_/])(istio-proxy|proxyv2|linkerd|envoy|vault-agent|consul|dapr|daprd|fluent-?bit|fluentd|filebeat|promtail|vector|logstash|log-?agent|datadog|otel|opentelemetry|jaeger|prometheus|jmx-?exporter|exporter|cloud-?sql-?proxy|oauth2-proxy|config-reloader|metricbeat|aws-xray|xray|kube-rbac-proxy|pause)([-_:/@]|$)/i;
const SERVER_IMAGE =
  /lena|tomcat|tomee|wildfly|jboss|spring|openjdk|temurin|corretto|java|jetty|httpd|apache|nginx/i;
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

function scoreOf(container: Json, preferred: string | undefined): number {
  const name = stringOf(container['name']) ?? '';
  const image = stringOf(container['image']) ?? '';
  let score = 0;
  if (preferred !== undefined && name === preferred) score += 1_000;
  if (
    listOf(container['env']).some((entry) => stringOf(recordOf(entry)['name'])?.startsWith('LENA_') === true)
  ) {
    score += 100;
  }
  if (SIDECAR.test(name) || SIDECAR.test(image)) score -= 50;
  if (SERVER_IMAGE.test(image)) score += 10;
  if (listOf(container['ports']).length > 0) score += 2;
  return score;
}

/** The container that looks most like the server; of equals the first. */
export function selectServerContainer(podSpec: Json, annotations: Json): Json | undefined {
  const preferred = stringOf(annotations[DEFAULT_CONTAINER]);
  let best: Json | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const entry of listOf(podSpec['containers'])) {
    const container = recordOf(entry);
    const score = scoreOf(container, preferred);
    if (score > bestScore) {
      best = container;
      bestScore = score;
    }
  }
  return best;
}
