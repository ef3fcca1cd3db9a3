import { describeThrown } from '../../core/app-error.ts';
import { lineOf, listOf, numberOf, recordOf } from '../../core/json-read.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { ActionTools } from '../tools.ts';

const CONSEQUENCES: readonly { readonly owner: RegExp; readonly says: (name: string) => Text }[] = [
  {
    owner: /^(Argo CD|Flux)$/,
    says: (name) =>
      text(
        `${name} will put it back as its repository says, soon or at its next run, unless it is changed there too`,
        `${name}이(가) 곧 또는 다음 실행 때 저장소 내용으로 되돌리므로 저장소도 함께 바꾸어야 함`,
      ),
  },
  {
    owner: /^Helm$/,
    says: (name) =>
      text(
        `the next ${name} upgrade will put its own values back`,
        `다음 ${name} 업그레이드가 자체 값으로 되돌림`,
      ),
  },
  {
    owner: /^HorizontalPodAutoscaler/,
    says: (name) => text(`${name} sets the number again`, `${name}이(가) 개수를 다시 정함`),
  },
  {
    owner: /./,
    says: (name) => text(`${name} may put it back`, `${name}이(가) 되돌릴 수 있음`),
  },
];

/** Who else changes the workload, and what that one will do with the change. */
export function ownerWarnings({ name, ownedBy }: Pick<Workload, 'name' | 'ownedBy'>): readonly PlanWarning[] {
  return ownedBy.map((owner) => {
    const says = CONSEQUENCES.find((each) => each.owner.test(owner))?.says(owner) ?? text(owner, owner);
    return {
      level: 'warn',
      code: 'owned',
      text: text(`${name} belongs to ${owner}: ${says.en}`, `${name}은(는) ${owner} 소유: ${says.ko}`),
    };
  });
}

/** HorizontalPodAutoscalers of a Kubernetes workload; says so where they cannot be read. Never rejects. */
export async function autoscalerWarnings(
  workload: Workload,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly PlanWarning[]> {
  if (workload.contextKind !== 'kube') return [];
  const { name, kind, place } = workload;
  // v2 has no beta before 1.23; v1 is served by every version and has all that is needed here.
  const path = `/apis/autoscaling/v1/namespaces/${encodeURIComponent(place.name)}/horizontalpodautoscalers`;
  try {
    const kube = await tools.remote('kube', workload.ref.context);
    const { items } = await kube.get(path, { limit: '500' }, signal);
    return listOf(items).flatMap((item): PlanWarning[] => {
      const { metadata, spec } = recordOf(item);
      const { scaleTargetRef, minReplicas, maxReplicas } = recordOf(spec);
      const target = recordOf(scaleTargetRef);
      if (target['kind'] !== kind || target['name'] !== name) return [];
      const scaler = lineOf(recordOf(metadata)['name']) ?? '';
      const range = `${numberOf(minReplicas) ?? 1}–${numberOf(maxReplicas) ?? 'n/a'}`;
      return [
        {
          level: 'warn',
          code: 'autoscaled',
          text: text(
            `HorizontalPodAutoscaler ${scaler} keeps ${name} between ${range} and sets the number again`,
            `HorizontalPodAutoscaler ${scaler}이(가) ${name}을(를) ${range} 사이로 유지하며 개수를 다시 정함`,
          ),
        },
      ];
    });
  } catch (error) {
    const why = describeThrown(error);
    return [
      {
        level: 'info',
        code: 'autoscaler-unknown',
        text: text(
          `Whether an autoscaler sets the number of ${name} is not known: ${why}`,
          `${name}의 오토스케일러 여부를 알 수 없음: ${why}`,
        ),
      },
    ];
  }
}
