import { isIP } from 'node:net';
import { text } from '../../domain/text.ts';
import type { FindingRule, ServiceNames } from './finding-input.ts';

/** `[pod.]service.namespace.svc[.zone]` */
const SERVICE_NAME = /^(?:[a-z0-9-]+\.)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?$/;

/** False only where the name can be judged here and nothing has it. */
function resolves(host: string, namespace: string | undefined, services: ServiceNames): boolean {
  if (isIP(host) !== 0 || host === 'localhost') return true;
  if (!host.includes('.')) return services.has(namespace, host);
  const [, service, place] = SERVICE_NAME.exec(host) ?? [];
  if (service === undefined || place === undefined || !services.hasNamespace(place)) return true;
  return services.has(place, service);
}

export const addressUnresolved: FindingRule = {
  code: 'address-unresolved',
  check({ server, instance, environment, services }) {
    if (instance === undefined || services.isEmpty || environment.addresses.length === 0) return undefined;
    // Names of a namespace are looked up there; elsewhere any listed name counts.
    const namespace = instance.place.kind === 'namespace' ? instance.place.name : undefined;
    const missing = environment.addresses.filter(({ host }) => !resolves(host, namespace, services));
    if (missing.length === 0) return undefined;
    const named = [...new Set(missing.map(({ variable, value }) => `${variable}=${value}`))].join(', ');
    return {
      level: 'warn',
      text: text(
        `${named} of ${server.name} names no service of ${server.ref.context}`,
        `${server.name}: ${named} 이름의 서비스가 ${server.ref.context}에 없음`,
      ),
      next: text(
        'Correct the variable, or create the service it names',
        '변수를 고치거나 해당 이름의 서비스를 만드십시오',
      ),
    };
  },
};
