import type { KubeRemote } from '../../../domain/remote.ts';
import type { ContainerRunner } from '../container/runner.ts';
import { type PodPlace, placeName } from './pod-place.ts';

/** Runs tools in a pod's container through its exec sub-resource. */
export function createPodRunner(kube: Pick<KubeRemote, 'exec' | 'stream'>, place: PodPlace): ContainerRunner {
  const { namespace, pod, container } = place;
  const name = placeName(place);
  return {
    name,
    isExact: true,
    describe: () => `pod exec in ${name}`,
    run: (argv, limits, signal) => kube.exec({ namespace, pod, container, argv, ...limits }, signal),
    stream: (argv, onBytes, signal) => kube.stream({ namespace, pod, container, argv }, onBytes, signal),
  };
}
