import { sourceFailure } from '../domain/errors.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { Said } from './container-commands.ts';

/** Why a command gave nothing; `undefined` where it did. */
export function saidFailure(said: Said, path: string, name: string): SourceFailure | undefined {
  switch (said.kind) {
    case 'said':
      return undefined;
    case 'absent':
      return sourceFailure('PERF_DATA_MISSING', `${name}: there is no ${path}`);
    case 'denied':
      return sourceFailure(
        'PERF_DATA_DENIED',
        `${name}: ${path} may not be read: ${said.message}`,
        'Commands in the container run as another user than its JVM; let the JVM run as the image’s user, or start `l9s advertise` beside it.',
      );
    case 'noTool':
      return sourceFailure(
        'ACTION_IMPOSSIBLE',
        `${name}: the container has no \`${said.tool}\`, so that nothing in it can be read from outside`,
        'Let the server send datagrams, or start `l9s advertise` in a sidecar that shares its processes.',
      );
    case 'failed':
      return said.failure;
  }
}
