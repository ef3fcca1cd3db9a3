import type { Ambiguity } from '../diagnosis/findings/finding-input.ts';
import type { Instance } from '../domain/instance.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import type { Registration } from '../domain/registration.ts';
import type { Sender } from '../domain/sender.ts';
import type { Join } from './join/join.ts';
import type { MutableTables } from './tables.ts';

export interface ServerRecords {
  readonly instance?: Instance | undefined;
  readonly registration?: Registration | undefined;
  readonly sender?: Sender | undefined;
  readonly probe?: ProbeReading | undefined;
}

/** The records joined under one server key; `undefined` when nothing stands there (any more). */
export function recordsUnder(key: string, tables: MutableTables, join: Join): ServerRecords | undefined {
  const senderChoice = join.senders.choiceOf(key)?.primary;
  const sender = senderChoice === undefined ? undefined : tables.sender.rows.get(senderChoice);
  const instance = tables.instance.rows.get(key);
  if (instance !== undefined) {
    const attached = join.registrations.choiceOf(key)?.primary;
    const registration = attached === undefined ? undefined : tables.registration.rows.get(attached);
    return { instance, registration, sender, probe: tables.probe.rows.get(key) };
  }
  if (join.registrations.homeOf(key) === key) {
    const registration = tables.registration.rows.get(key);
    if (registration !== undefined) return { registration, sender };
  }
  if (join.senders.homeOf(key) === key) {
    const own = tables.sender.rows.get(key);
    if (own !== undefined) return { sender: own };
  }
  return undefined;
}

/** Names of live records that claim the same place and cannot be told apart from the one it shows. */
export function rivalsOf(key: string, tables: MutableTables, join: Join): readonly string[] {
  const senders = join.senders.choiceOf(key);
  const registrations = join.registrations.choiceOf(key);
  if (!senders?.extra.length && !registrations?.extra.length) return NOBODY;
  const names: string[] = [];
  const shownSender = senders && tables.sender.rows.get(senders.primary);
  for (const extra of senders?.extra ?? []) {
    const sender = tables.sender.rows.get(extra);
    if (sender !== undefined && sender.serverName === shownSender?.serverName)
      names.push(`${sender.name} (${sender.sourceAddress})`);
  }
  const shown = registrations && tables.registration.rows.get(registrations.primary);
  for (const extra of registrations?.extra ?? []) {
    const registration = tables.registration.rows.get(extra);
    if (registration !== undefined && registration.port === shown?.port)
      names.push(`${registration.ref.context}:${registration.serverId}`);
  }
  return names.sort((a, b) => (a < b ? -1 : 1));
}
const NOBODY: readonly string[] = [];

/** Set where a record stands alone only because it could be several servers'. */
export function ambiguityOf(
  key: string,
  { instance, registration }: ServerRecords,
  join: Join,
): Ambiguity | undefined {
  if (instance !== undefined) return undefined;
  const record = registration === undefined ? 'sender' : 'registration';
  const decision = record === 'sender' ? join.senders.decisionOf(key) : join.registrations.decisionOf(key);
  if (decision?.kind !== 'ambiguous') return undefined;
  return { record, candidates: decision.candidates.map((candidate) => candidate.replace('\n', ':')) };
}
