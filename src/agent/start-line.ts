import type { FoundJvm } from './find-jvms.ts';
import type { TomcatState } from './tomcat/tomcat-reader.ts';

interface StartLine {
  readonly id: string;
  readonly jvm: FoundJvm;
}

/** One line on a JVM that is read from now on: what it is, and what of it stays unknown. */
export function startLine({ id, jvm }: StartLine): string {
  const { entry, identity, version, collectors, refusesAttach } = jvm;
  const inner = entry.innerPid === entry.pid ? '' : ` (${entry.innerPid} in its container)`;
  const missing = [
    collectors.length === 0 ? 'collections: this collector does not count them' : undefined,
    collectors.some((name) => name.startsWith('ZGC'))
      ? 'the heap after GC: ZGC writes its figures at pauses only'
      : undefined,
    'the code cache: no JVM writes it',
    refusesAttach ? 'no dumps: -XX:+DisableAttachMechanism' : undefined,
  ].filter((line) => line !== undefined);
  return [
    `reading process ${entry.pid}${inner} as ${id}:`,
    `${identity.main}, JDK ${version ?? 'unknown'}, ${collectors.join(' + ') || 'no collector told'};`,
    `not known: ${missing.join('; ')}`,
  ].join(' ');
}

/** How a Tomcat is read, or why not. */
export function tomcatLine({ way, problem }: TomcatState): string {
  if (problem !== undefined) return `Tomcat's manager: ${problem}; the JVM's own figures go on`;
  return way === 'jmxproxy'
    ? 'Tomcat: connectors, requests, sessions and data sources through its JMX proxy'
    : 'Tomcat: connectors and requests through its manager status; sessions and data sources need the role manager-jmx';
}
