import { AppError } from '../../../core/app-error.ts';
import { lineOf, listOf, recordOf } from '../../../core/json-read.ts';
import type { KubeRemote } from '../../../domain/remote.ts';
import type { RelayTransport } from './relay-transport.ts';
import { endError } from './remote-end.ts';

export interface PodTransportOptions {
  readonly namespace: string;
  readonly pod: string;
  /** @default the pod's first one */
  readonly container: string | undefined;
  /** Opens the client of its context; rejects with an AppError. */
  readonly openRemote: () => Promise<KubeRemote>;
}

const ARGV = ['l9s', 'attach', '--stdio'];
const REFUSED: readonly string[] = ['FORBIDDEN', 'PERMISSION_DENIED'];

/** Through pod exec; the template is on every mode's list. */
export function createPodTransport(options: PodTransportOptions): RelayTransport {
  const { namespace, pod, openRemote } = options;
  const place = `pod ${namespace}/${pod}`;
  let opened: Promise<KubeRemote> | undefined;

  async function firstContainer(remote: KubeRemote, signal: AbortSignal): Promise<string> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
    try {
      const [first] = listOf(recordOf((await remote.get(path, {}, signal))['spec'])['containers']);
      return lineOf(recordOf(first)['name']) ?? '';
    } catch (error) {
      // Who may not read the pod may still run this in it; the server then takes its default.
      if (error instanceof AppError && REFUSED.includes(error.code)) return '';
      throw error;
    }
  }

  return {
    place,
    isRemote: true,
    async open(onBytes, signal) {
      opened ??= openRemote();
      const remote = await opened.catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      const container = options.container ?? (await firstContainer(remote, signal));
      const end = await remote.stream({ namespace, pod, container, argv: ARGV }, onBytes, signal);
      if (!signal.aborted) throw endError(place, end);
    },
    async close() {
      await (await opened)?.close();
    },
  };
}
