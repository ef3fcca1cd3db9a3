import type { Clock } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { refOf } from '../../domain/ref.ts';
import type { TemplateDefault } from '../../domain/registration.ts';
import { toAppError } from '../http-error.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';
import { downloadTemplate, isPlainName } from './template-download.ts';
import { readTemplateVersion } from './template-zip.ts';

/** The others have their turn at the next polls. */
const DOWNLOADS_A_POLL = 4;

/** Reads default revisions out of the Manager's own downloads, each at most once in `everyMs`, in memory only. */
export function createTemplateDefaults(context: string, api: ManagerApi, clock: Clock) {
  const askedAt = new Map<string, number>();
  return {
    /** Never rejects; what went wrong is a note. */
    async read(
      target: ManagerTarget,
      wanted: { readonly serviceClusters: readonly string[]; readonly everyMs: number },
      signal: AbortSignal,
    ): Promise<{ readonly found: TemplateDefault[]; readonly notes: string[] }> {
      const found: TemplateDefault[] = [];
      const notes: string[] = [];
      if (!api.hasKey()) return { found, notes };
      for (const name of askedAt.keys()) if (!wanted.serviceClusters.includes(name)) askedAt.delete(name);
      let downloads = 0;
      for (const serviceCluster of wanted.serviceClusters) {
        if (signal.aborted || downloads >= DOWNLOADS_A_POLL) break;
        if (!isPlainName(serviceCluster) || !api.isWorthAsking('template')) continue;
        if (clock.now() - (askedAt.get(serviceCluster) ?? -Infinity) < wanted.everyMs) continue;
        downloads++;
        askedAt.set(serviceCluster, clock.now());
        try {
          const zip = await downloadTemplate(api, target, { serviceCluster }, signal);
          const { revision } = readTemplateVersion(zip, { serviceCluster });
          found.push({
            ref: refOf('templateDefault', context, serviceCluster),
            serviceCluster: cleanLine(serviceCluster),
            revision,
            seenAt: clock.now(),
          });
        } catch (thrown) {
          if (signal.aborted) break;
          const error = toAppError(
            api.hideKey(thrown),
            `Download the template of ${cleanLine(serviceCluster)}`,
          );
          notes.push(`${error.code}: ${error.message}`);
        }
      }
      return { found, notes };
    },
  };
}
