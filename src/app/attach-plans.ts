import type { Settings } from '../config/settings.ts';
import type { AttachTarget } from '../config/target.ts';
import type { Clock } from '../core/clock.ts';
import { appError } from '../domain/errors.ts';
import type { KubeRemote } from '../domain/remote.ts';
import type { RelayTransport } from '../sources/telemetry/relay/relay-transport.ts';
import { createRemoteOpener } from './open-remote.ts';
import type { SourcePlan } from './runtime.ts';

export interface AttachPlanOptions {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Version of l9s. */
  readonly version: string;
}

/** One plan for each of `telemetry.attach`: a context of its own, whose senders another process receives. */
export const planAttach = (options: AttachPlanOptions): readonly SourcePlan[] =>
  options.settings.attach.map((target) => ({
    context: target.name,
    async load() {
      const { createAttachSource } = await import('../sources/telemetry/relay/attach-source.ts');
      return createAttachSource({
        context: target.name,
        transport: await transportOf(target, options),
        clock: options.clock,
        random: Math.random,
      });
    },
  }));

async function transportOf(target: AttachTarget, options: AttachPlanOptions): Promise<RelayTransport> {
  const { settings, environment, clock, version } = options;
  const { way } = target;
  switch (way.kind) {
    case 'socket': {
      const { createSocketTransport } = await import('../sources/telemetry/relay/socket-transport.ts');
      return createSocketTransport({ path: way.path, program: version, pid: process.pid, clock });
    }
    case 'ssh': {
      const { mode, modeOrigin } = settings.policy;
      const place = `ssh ${way.host}`;
      if (mode !== 'normal') return refusedTransport(place, mode, modeOrigin);
      const { createSshTransport } = await import('../sources/telemetry/relay/ssh-transport.ts');
      return createSshTransport({ host: way.host, environment });
    }
    case 'kube': {
      const { createPodTransport } = await import('../sources/telemetry/relay/pod-transport.ts');
      return createPodTransport({ ...way, openRemote: () => kubeRemoteOf(way.context, options) });
    }
  }
}

async function kubeRemoteOf(
  context: string,
  { settings, environment, clock }: AttachPlanOptions,
): Promise<KubeRemote> {
  const { mode, modeOrigin: origin } = settings.policy;
  const { targets } = settings;
  const open = createRemoteOpener({ targets, environment, clock, modeOf: () => ({ mode, origin }) });
  const remote = await open(context);
  if (remote.kind !== 'kube') throw appError('CONFIG_INVALID', `${context} is no Kubernetes context`);
  return remote;
}

/** A child of ours would run with the user's own credentials: only what is asked for in normal mode may. */
const refusedTransport = (place: string, mode: string, origin: string): RelayTransport => ({
  place,
  isRemote: true,
  open: () =>
    Promise.reject(
      appError('MODE_REFUSED', `${place}: not run in mode ${mode} (set by ${origin})`, {
        hint: 'In this mode no program with credentials of yours is started; attach through a pod or a socket.',
      }),
    ),
});
