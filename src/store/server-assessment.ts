import type { FindingInput, FindingRule } from '../diagnosis/findings/finding-input.ts';
import { DATAGRAM_RULES, STANDING_RULES } from '../diagnosis/findings/finding-rules.ts';
import { silentFrom } from '../diagnosis/findings/silent.ts';
import type { HealthLevels } from '../diagnosis/health/health-levels.ts';
import { assessHealth } from '../diagnosis/health/health-rules.ts';
import type { OpsEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { Health } from '../domain/health.ts';
import type { Heartbeat, JvmSample } from '../domain/jvm-sample.ts';
import type { ServerState } from '../domain/server-type.ts';
import type { SourceStatus } from '../domain/source-status.ts';
import type { AlarmLog } from './alarms.ts';
import { FORGET_SILENT_MS } from './departed-rows.ts';
import type { FoundDraft } from './finding-table.ts';
import type { ServerEntry } from './server-entry.ts';
import type { ServerFacts } from './server-row.ts';
import { sendsUntil } from './server-state.ts';

/** A Manager's meters and what is read by rule come every 15 s at best. */
const METER_FRESH_MS = 60_000;

/** Asks the rules that do not read datagrams; their answer stands until something else of the server changes. */
export function assessStanding(entry: ServerEntry, input: FindingInput): void {
  entry.input = input;
  entry.dueAt = Number.POSITIVE_INFINITY;
  entry.standing = askRules(STANDING_RULES, input);
  entry.standingDueAt = entry.dueAt;
}

/** Everything found now: what stands, and what the newest datagram says. */
export function assessFindings(entry: ServerEntry, input: FindingInput): readonly FoundDraft[] {
  const said = askRules(DATAGRAM_RULES, input);
  if (said.length === 0) return entry.standing;
  return entry.standing.length === 0 ? said : [...entry.standing, ...said];
}

const NO_DRAFTS: readonly FoundDraft[] = [];

function askRules(rules: readonly FindingRule[], input: FindingInput): readonly FoundDraft[] {
  let drafts: FoundDraft[] | undefined;
  for (const rule of rules) {
    const draft = rule.check(input);
    if (draft === undefined) continue;
    drafts ??= [];
    drafts.push({ code: rule.code, ...draft });
  }
  return drafts ?? NO_DRAFTS;
}

export interface HealthQuestion {
  readonly now: number;
  readonly levels: HealthLevels;
  readonly jvm: JvmSample | undefined;
  readonly source: SourceStatus | undefined;
  readonly findings: readonly Finding[];
  /** Told when a reason comes that raises an alarm, and when it goes. */
  readonly alarms: AlarmLog;
}

export function healthOf(
  entry: ServerEntry,
  { name, ref, state, stateReason }: ServerFacts,
  { now, levels, jvm, source, findings, alarms }: HealthQuestion,
): Health {
  const health = assessHealth({
    now,
    levels,
    name,
    context: ref.context,
    state,
    stateReason,
    instance: entry.records.instance,
    jvm: entry.history.ofThisRun(jvm),
    history: entry.history,
    source,
    // What a server reported before it ended is no news of what is left of it.
    alerts: entry.input?.goneSince === undefined ? entry.alerts : NO_ALERTS,
    findings,
    lookAgainAt: entry.lookAgainAt,
  });
  entry.alarms = alarms.note({ ref, name }, health, entry.alarms, now);
  return health;
}

const NO_ALERTS: readonly OpsEvent[] = [];

/** The sample while it says something about now; old advice says nothing, so the Manager's meters take its place. */
export function freshSample(
  entry: ServerEntry,
  { jvm, heartbeat }: ServerFacts,
  now: number,
): JvmSample | undefined {
  if (jvm === undefined) return undefined;
  const until = freshUntil(jvm, heartbeat);
  if (now < until) {
    entry.lookAgainAt(until);
    return jvm;
  }
  // Its last figures stay on show until they are forgotten.
  if (now < jvm.at + FORGET_SILENT_MS) entry.lookAgainAt(jvm.at + FORGET_SILENT_MS);
  const meters = entry.records.registration?.jvm;
  if (meters === undefined || meters === jvm || now - meters.at >= METER_FRESH_MS) return undefined;
  entry.lookAgainAt(meters.at + METER_FRESH_MS);
  return meters;
}

/** Until when its figures say something about now, epoch ms. */
const freshUntil = (jvm: JvmSample, heartbeat: Heartbeat | undefined): number =>
  jvm.source === 'manager' || jvm.source === 'probe' || heartbeat === undefined
    ? jvm.at + METER_FRESH_MS
    : silentFrom(jvm.at, heartbeat);

/** True where a server's figures say something about now. */
export const isFresh = ({ jvm, heartbeat }: ServerFacts, now: number): boolean =>
  jvm !== undefined && now < freshUntil(jvm, heartbeat);

/** When datagrams stop, the state of a server that only they tell of changes, and a stopped one loses its figures. */
export function lookWhenSilent({ records, lookAgainAt }: ServerEntry, state: ServerState, now: number): void {
  const { instance, registration, sender } = records;
  if (state === 'stopped' && sender !== undefined && now < sendsUntil(sender))
    lookAgainAt(sendsUntil(sender));
  if (instance !== undefined || registration !== undefined || sender === undefined) return;
  const silentAt = silentFrom(sender.heartbeat.at, sender.heartbeat);
  lookAgainAt(now < silentAt ? silentAt : sender.heartbeat.at + FORGET_SILENT_MS);
}
