import { describeThrown } from '../../core/app-error.ts';
import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { refOf } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import type { ActionTools } from '../tools.ts';
import type { Starting } from './starting.ts';

/** What a start would bring: pinned by the environment, or the Manager's default at that moment. */
export type NextRevision =
  | { readonly state: 'none' }
  | {
      readonly state: 'known';
      readonly serviceCluster: string;
      readonly revision: string;
      readonly isDefault: boolean;
    }
  | { readonly state: 'unknown'; readonly serviceCluster: string; readonly why: string };

/** Never rejects. Asks the Manager for its default; what the store read some time ago is used where it is silent. */
export async function nextRevision(
  { environment, context }: Pick<Starting, 'environment' | 'context'>,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<NextRevision> {
  const template = readLenaEnvironment(environment).template;
  if (template === undefined) return { state: 'none' };
  const { serviceCluster, revision } = template;
  if (revision !== undefined) return { state: 'known', serviceCluster, revision, isDefault: false };
  let why = `no Manager is configured for ${context}`;
  for (const manager of tools.lookup.managersServing(context)) {
    try {
      const remote = await tools.remote('manager', manager);
      const found = await remote.template(serviceCluster, undefined, signal);
      return { state: 'known', serviceCluster, revision: found.revision, isDefault: true };
    } catch (error) {
      why = describeThrown(error);
      const read = tools.lookup.get(refOf('templateDefault', manager, serviceCluster));
      if (read !== undefined)
        return { state: 'known', serviceCluster, revision: read.revision, isDefault: true };
    }
  }
  return { state: 'unknown', serviceCluster, why };
}

/** Names the revision a start comes up with, and warns where another runs. Never rejects. */
export async function revisionWarnings(
  starting: Starting,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly PlanWarning[]> {
  const next = await nextRevision(starting, tools, signal);
  switch (next.state) {
    case 'none':
      return [];
    case 'unknown':
      return [
        {
          level: 'warn',
          code: 'revision-unknown',
          text: text(
            `${starting.name} will take the default template revision of ${next.serviceCluster}, which cannot be read: ${next.why}`,
            `${starting.name}은(는) ${next.serviceCluster}의 기본 리비전으로 시작하나 확인할 수 없음: ${next.why}`,
          ),
        },
      ];
    case 'known': {
      const how = next.isDefault ? ['the default', '기본값'] : ['as set', '지정값'];
      const other = [...new Set(starting.running)].filter(
        (running) => running !== undefined && running !== next.revision,
      );
      if (other.length === 0) {
        return [
          {
            level: 'info',
            code: 'revision-next',
            text: text(
              `${starting.name} will come up with template revision ${next.revision} of ${next.serviceCluster} (${how[0]})`,
              `${starting.name}은(는) ${next.serviceCluster} 템플릿 리비전 ${next.revision}(${how[1]})으로 시작함`,
            ),
          },
        ];
      }
      const running = other.join(', ');
      return [
        {
          level: 'warn',
          code: 'revision-changes',
          text: text(
            `${starting.name} runs template revision ${running} of ${next.serviceCluster} and will come up with ${next.revision} (${how[0]})`,
            `${starting.name}: ${next.serviceCluster} 템플릿 리비전 ${running} 실행 중, ${next.revision}(${how[1]})으로 시작함`,
          ),
        },
      ];
    }
  }
}
