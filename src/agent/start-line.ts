import type { FoundJvm } from './find-jvms.ts';
import type { TomcatState } from './tomcat/tomcat-reader.ts';

interface StartLine {
  readonly id: string;
  readonly jvm: Pick<FoundJvm, 'entry' | 'identity' | 'version' | 'collectors' | 'refusesAttach'>;
  readonly hasTomcat: boolean;
}

/** One line on a JVM that is read from now on: what it is, what of it is told and what stays unknown. */
export function startLine({ id, jvm, hasTomcat }: StartLine): string {
  const { entry, identity, version, collectors, refusesAttach } = jvm;
  const inner = entry.innerPid === entry.pid ? '' : ` (${entry.innerPid} in its container)`;
  const told = [
    'heap',
    'pools',
    ...(collectors.length === 0 ? [] : [`collections (${collectors.join(', ')})`]),
    'threads',
    'classes',
    'processor',
    'descriptors',
  ];
  const missing = [
    refusesAttach ? 'dumps (-XX:+DisableAttachMechanism)' : undefined,
    collectors.length === 0 ? 'collections, which this collector does not count' : undefined,
    collectors.some((name) => name.startsWith('ZGC'))
      ? 'the heap after GC, which ZGC does not tell'
      : undefined,
    identity.serverType === 'jvm' || hasTomcat ? undefined : 'requests and connectors (see --tomcat)',
  ].filter((part) => part !== undefined);
  const what = `process ${entry.pid}${inner} as ${id}: ${identity.main}, JDK ${version ?? 'unknown'}`;
  const without = missing.length === 0 ? '' : `; without ${missing.join(', ')}`;
  return `reading ${what}; ${told.join(', ')}${without}`;
}

const NAMED = 5;

/** JVMs of one name: which is which is known to this agent alone, and its successor may say it otherwise. */
export function namesakesLine(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  const named = `${ids.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${named} have one name and are told apart by the order of their starts alone: once one has ended, an agent started anew may number them otherwise; give each its own with -Dlena.name=NAME`;
}

/** How a Tomcat is read, or why not. */
export function tomcatLine({ way, problem }: TomcatState): string {
  if (problem !== undefined) return `Tomcat's manager: ${problem}; the JVM's own figures go on`;
  return way === 'jmxproxy'
    ? 'Tomcat: connectors, requests, sessions and data sources through its JMX proxy'
    : 'Tomcat: connectors and requests through its manager status; sessions and data sources need the role manager-jmx';
}
