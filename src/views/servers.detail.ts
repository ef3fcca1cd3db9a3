import type { Server } from '../domain/server.ts';
import { datagramSections } from './datagram-section.ts';
import { hasJvm } from './jvm-reading.ts';
import { jvmSection, poolSections } from './jvm-sections.ts';
import { probeSections } from './probe-section.ts';
import {
  environmentSection,
  identitySection,
  managerSection,
  orchestratorSection,
  reasonsSection,
} from './server-sections.ts';
import { sessionSections } from './session-section.ts';
import { eventsSection } from './target-events.ts';
import type { DetailSection, ViewContext } from './view.ts';
import { webSections } from './web-section.ts';

/** Everything known about one server, most urgent first. */
export function serverDetail(server: Server, context: ViewContext): readonly DetailSection[] {
  return [
    reasonsSection(server, context),
    ...sessionSections(server, context),
    ...webSections(server, context),
    ...(hasJvm(server) ? [jvmSection(server, context), ...poolSections(server)] : []),
    identitySection(server, context),
    orchestratorSection(server, context),
    managerSection(server, context),
    ...datagramSections(server, context),
    ...probeSections(server, context),
    eventsSection(server.ref, context),
    environmentSection(server),
  ].filter(
    (section) => section.lines.length > 0 || section.table !== undefined || section.grid !== undefined,
  );
}
