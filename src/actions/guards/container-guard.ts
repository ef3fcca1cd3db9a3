import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Starting } from './starting.ts';

/** The tag of an image; `undefined` for one named by its digest. */
function tagOf(image: string): string | undefined {
  if (image.includes('@')) return undefined;
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 ? 'latest' : last.slice(colon + 1);
}

/** Images whose tag may name another image tomorrow and that are pulled at each start. */
export function imageWarnings({ name, containers }: Starting): readonly PlanWarning[] {
  return containers.flatMap((container): PlanWarning[] => {
    const tag = tagOf(container.image);
    // Kubernetes' own default: `latest` is always pulled.
    const isPulled =
      container.imagePullPolicy === 'Always' || (container.imagePullPolicy === undefined && tag === 'latest');
    if (tag === undefined || !isPulled) return [];
    return [
      {
        level: 'warn',
        code: 'image-mutable',
        text: text(
          `Image ${container.image} of ${name} is pulled again and may be another one by now: its tag is not a digest`,
          `${name}의 이미지 ${container.image}은(는) 다시 받으며, 다이제스트가 아니어서 내용이 바뀌었을 수 있음`,
        ),
      },
    ];
  });
}

/** A server that is given no time to end cuts its requests. */
export function graceWarnings({ name, gracePeriodMs }: Starting): readonly PlanWarning[] {
  if (gracePeriodMs !== 0) return [];
  return [
    {
      level: 'warn',
      code: 'grace-zero',
      text: text(
        `${name} is killed at once (grace period 0): requests in flight are lost`,
        `${name}은(는) 즉시 종료됨 (유예 시간 0): 처리 중인 요청이 유실됨`,
      ),
    },
  ];
}
