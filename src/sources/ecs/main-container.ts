import type { EcsContainerDefinition, EcsTaskDefinition } from './ecs-records.ts';

/**
 * Which container is the server: the first with a LENA variable, else the first essential one with a port, else the
 * first. Log routers and proxies come first in many task definitions.
 */
export function mainContainer(definition: EcsTaskDefinition | undefined): EcsContainerDefinition | undefined {
  const containers = definition?.containerDefinitions ?? [];
  const namesLena = (container: EcsContainerDefinition) =>
    [...container.environment, ...container.secrets].some(({ name }) => name.startsWith('LENA_'));
  return (
    containers.find(namesLena) ??
    containers.find((container) => container.essential && container.portMappings.length > 0) ??
    containers.find((container) => container.essential) ??
    containers[0]
  );
}
