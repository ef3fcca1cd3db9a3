import type { Kind } from '../domain/kind.ts';
import { alarmsView } from './alarms.view.ts';
import { analysisView } from './analysis.view.ts';
import { auditView } from './audit.view.ts';
import { changesView } from './changes.view.ts';
import { contextsView } from './contexts.view.ts';
import { dumpsView } from './dumps.view.ts';
import { eventsView } from './events.view.ts';
import { findingsView } from './findings.view.ts';
import { jobsView } from './jobs.view.ts';
import { jvmView } from './jvm.view.ts';
import { serversView } from './servers.view.ts';
import { serviceClustersView } from './service-clusters.view.ts';
import { sessionsView } from './sessions.view.ts';
import type { AnyView } from './view.ts';
import { webView } from './web.view.ts';
import { workloadsView } from './workloads.view.ts';

/** Every view; the first is home, and the first of a kind owns that kind's detail page. */
export const VIEWS: readonly AnyView[] = [
  serversView,
  workloadsView,
  serviceClustersView,
  contextsView,
  jvmView,
  sessionsView,
  webView,
  eventsView,
  alarmsView,
  findingsView,
  dumpsView,
  analysisView,
  jobsView,
  auditView,
  changesView,
];
export const HOME_VIEW: AnyView = serversView;

/** The view of that name or alias, without regard to case. */
export function viewByName(name: string): AnyView | undefined {
  const wanted = name.toLowerCase();
  return VIEWS.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
}

/** The view that knows everything about one row of `kind`. */
export const viewOfKind = (kind: Kind): AnyView | undefined => VIEWS.find((view) => view.kind === kind);
