import type { Way } from '../action.ts';
import { readService, serviceFacts } from './live-service.ts';

/** How a service stands when it is over. */
export const serviceAfter: Way<'workload'>['after'] = async ({ context, name, before }, tools, signal) => {
  const ecs = await tools.remote('ecs', context);
  return serviceFacts(
    await readService({ context, cluster: String(before['cluster'] ?? ''), name }, ecs, signal),
  );
};
