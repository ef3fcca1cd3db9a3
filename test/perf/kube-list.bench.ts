import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../src/core/clock.ts';
import { recordOf } from '../../src/core/json-read.ts';
import { KUBE_LIMITS } from '../../src/sources/kube/kube-limits.ts';
import { KubeModel } from '../../src/sources/kube/kube-model.ts';

const PAGE = 500;

/** Pages as an API server sends them: about 6 kB a pod, a third of it managedFields. */
function makePages(pods: number): string[] {
  const file = path.join(import.meta.dirname, '../support/kube-source-samples.json');
  const samples: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const base = recordOf(recordOf(recordOf(samples)['1.36.2'])['pod-get-restarted']);
  const spec = recordOf(base['spec']);
  const [container] = Array.isArray(spec['containers']) ? spec['containers'].map(recordOf) : [];
  const managedFields = Array.from({ length: 20 }, (_, i) => ({
    manager: 'kubelet',
    operation: 'Update',
    fieldsV1: { [`f:field-${i}`]: { 'f:status': { 'f:conditions': {} } } },
  }));
  const podAt = (i: number) => ({
    ...base,
    metadata: {
      ...recordOf(base['metadata']),
      name: `lena-was-78b6c475f7-${i}`,
      uid: `uid-${i}`,
      managedFields,
    },
    spec: {
      ...spec,
      containers: [
        {
          ...container,
          env: Array.from({ length: 12 }, (_, k) => ({
            name: `LENA_VAR_${k}`,
            value: `value ${k} of ${i % 50}`,
          })),
        },
      ],
    },
    status: { ...recordOf(base['status']), podIP: `10.2.${i >> 8}.${i & 255}` },
  });
  return Array.from({ length: Math.ceil(pods / PAGE) }, (_, page) =>
    JSON.stringify({ items: Array.from({ length: PAGE }, (_, i) => podAt(page * PAGE + i)) }),
  );
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return typeof collect === 'function' ? () => void collect() : () => undefined;
}

function takeIn(pages: readonly string[]) {
  let rows = 0;
  const model = new KubeModel({
    context: 'bench',
    clock: systemClock,
    limits: KUBE_LIMITS,
    emit: (changes) => {
      rows += changes.length;
    },
    count: () => undefined,
    needsConfigMaps: () => undefined,
  });
  const before = process.cpuUsage();
  const intake = model.table('pods').startList('');
  for (const page of pages) intake.page(recordOf(JSON.parse(page))['items']);
  intake.finish();
  const { user, system } = process.cpuUsage(before);
  return { model, rows, cpuMs: (user + system) / 1_000 };
}

/** Parsing and mapping the pods of one context, and what they weigh afterwards. */
export function run() {
  const collect = collector();
  return [2_000, 10_000].map((pods) => {
    const pages = makePages(pods);
    const times = Array.from({ length: 5 }, () => takeIn(pages).cpuMs).sort((a, b) => a - b);
    collect();
    const before = process.memoryUsage().heapUsed;
    const { model, rows } = takeIn(pages);
    collect();
    const heapBytes = process.memoryUsage().heapUsed - before;
    return {
      pods: rows,
      bytes: pages.reduce((sum, page) => sum + page.length, 0),
      cpuMs: Math.round(times[2] ?? 0),
      heapBytesPerPod: Math.round(heapBytes / model.table('pods').size),
    };
  });
}
