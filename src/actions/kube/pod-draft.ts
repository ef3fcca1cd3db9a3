import type { KubeCall } from '../../domain/call.ts';
import type { PlanDraft, PlanWarning, WaitStep } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import type { Text } from '../../domain/text.ts';
import { type LiveServer, podFacts } from './live-server.ts';

export interface PodChange {
  readonly title: Text;
  readonly request: KubeCall;
  readonly waits: readonly WaitStep[];
  readonly group: string | undefined;
  readonly warnings: readonly PlanWarning[];
}

/** One call to one pod, then its waits. */
export const podDraft = (
  { ref }: Server,
  { context, namespace, pod }: LiveServer,
  { title, request, waits, group, warnings }: PodChange,
): PlanDraft => ({
  targets: [
    {
      ref,
      context,
      namespace,
      kind: 'Pod',
      name: pod.name,
      before: podFacts(pod),
      group,
      steps: [{ type: 'call', call: { context, title, request } }, ...waits],
    },
  ],
  warnings,
  diff: [],
});
