import { counted } from '../core/text.ts';
import { type ConnectionStage, ERRORS, isErrorCode } from '../domain/errors.ts';
import type { Sender } from '../domain/sender.ts';
import type { ContextView, SourceFailure } from '../domain/source-status.ts';
import { checkOf, type DoctorCheck } from './doctor-check.ts';
import { receiverChecks, skewWords } from './doctor-receiver.ts';
import { isReceiver } from './receiver-reading.ts';

const STAGES: readonly { readonly stage: ConnectionStage; readonly check: string }[] = [
  { stage: 'configure', check: 'configured' },
  { stage: 'reach', check: 'reachable' },
  { stage: 'authenticate', check: 'authenticated' },
  { stage: 'allow', check: 'allowed' },
  { stage: 'use', check: 'answers' },
];
/** A clock further off than this makes tokens and ages doubtful. */
const SKEW_WARN_MS = 5_000;
const CREDENTIALS_WARN_MS = 15 * 60_000;

/** What is known of one target, as checks in the order a connection goes; `senders` are those of receivers. */
export function checksOf(
  view: ContextView,
  now: number,
  senders: Iterable<Sender> = [],
): readonly DoctorCheck[] {
  return [
    ...stageChecks(view),
    ...capabilityChecks(view),
    ...credentialCheck(view, now),
    ...skewCheck(view),
    ...(isReceiver(view) ? receiverChecks(view, senders) : countChecks(view)),
    ...newNotes(view).map((note) => checkOf(view, 'note', 'warn', { detail: note })),
  ];
}

function stageChecks(view: ContextView): readonly DoctorCheck[] {
  const { status } = view;
  const failure: SourceFailure | undefined = 'error' in status ? status.error : undefined;
  const failedStage = failure === undefined ? undefined : stageOf(failure.code);
  const failedAt = STAGES.findIndex(({ stage }) => stage === failedStage);
  return STAGES.flatMap(({ stage, check: name }, index): DoctorCheck | readonly DoctorCheck[] => {
    // Who sends a datagram is nobody's word, so there is nothing to be told who we are.
    if (view.kind === 'udp' && index !== failedAt && (stage === 'authenticate' || stage === 'allow'))
      return [];
    if (status.state === 'connecting') {
      if (index === 0) return checkOf(view, name, 'ok', { detail: detailOf(view, stage) });
      if (index > 1) return checkOf(view, name, 'skipped', { detail: 'not known yet' });
      const next = 'Wait longer with --settle 60s; if it stays, check what lies between.';
      return checkOf(view, name, 'failed', { detail: 'TIMEOUT: no answer yet', next });
    }
    // What answers, but has never answered well, may not even have looked at who asks.
    const isUnproven =
      failedStage === 'use' && (stage === 'authenticate' || stage === 'allow') && !hasBeenGood(view);
    if (isUnproven) return checkOf(view, name, 'skipped', { detail: 'not known' });
    if (failure === undefined || index < failedAt)
      return checkOf(view, name, 'ok', { detail: detailOf(view, stage) });
    if (index > failedAt) return checkOf(view, name, 'skipped', { detail: 'not tried' });
    return checkOf(view, name, 'failed', {
      detail: `${failure.code}: ${failure.message}`,
      next: failure.hint,
    });
  });
}

const hasBeenGood = ({ status }: ContextView): boolean =>
  'lastGoodAt' in status && status.lastGoodAt !== undefined;
/** A connection fails in one of its own stages; our gate and our actions are none of them. */
function stageOf(code: string): ConnectionStage {
  const stage = isErrorCode(code) ? ERRORS[code].stage : 'use';
  return stage === 'refuse' || stage === 'act' ? 'use' : stage;
}

function detailOf(view: ContextView, stage: ConnectionStage): string {
  const { facts, status } = view;
  switch (stage) {
    case 'configure':
      return view.kind;
    case 'reach':
      return facts.target ?? '';
    case 'authenticate':
      return facts.identity ?? '';
    case 'allow':
      return '';
    case 'use':
      return [facts.version, status.state === 'stale' ? 'stale' : counted(view.servers, 'server')]
        .filter(Boolean)
        .join(', ');
  }
}

function capabilityChecks(view: ContextView): readonly DoctorCheck[] {
  const entries = Object.entries(view.facts.capabilities ?? {});
  // A target that has never worked has no capabilities to speak of; its failure is said above.
  const isLost = 'error' in view.status && !hasBeenGood(view);
  if (entries.length === 0 || (isLost && entries.every(([, { state }]) => state !== 'found'))) return [];
  const found = entries.filter(([, { state }]) => state === 'found').map(([name]) => name);
  const lacking = entries.filter(([, { state }]) => state !== 'found');
  return [
    checkOf(view, 'capabilities', 'ok', {
      detail: found.length <= 6 ? found.join(', ') || 'none' : `${found.length} found`,
    }),
    ...lacking.map(([name, { state, detail }]) =>
      checkOf(view, 'capability', state === 'denied' ? 'warn' : 'skipped', {
        detail: `${name}: ${state}${detail === undefined ? '' : ` (${detail})`}`,
      }),
    ),
  ];
}

/** Notes that no other line says. */
function newNotes(view: ContextView): readonly string[] {
  const said = Object.values(view.facts.capabilities ?? {}).map(({ detail }) => detail);
  if ('error' in view.status) said.push(`${view.status.error?.code}: ${view.status.error?.message}`);
  return (view.facts.notes ?? []).filter((note) => !said.includes(note));
}

function credentialCheck(view: ContextView, now: number): readonly DoctorCheck[] {
  const endsAt = view.facts.credentialsEndAt;
  if (endsAt === undefined) return [];
  const isNear = endsAt - now < CREDENTIALS_WARN_MS;
  return [
    checkOf(view, 'credentials', isNear ? 'warn' : 'ok', {
      detail: `end at ${new Date(endsAt).toISOString()}`,
      next: isNear ? 'Log in again before they end.' : undefined,
    }),
  ];
}

function skewCheck(view: ContextView): readonly DoctorCheck[] {
  const skewMs = view.facts.clockSkewMs;
  if (skewMs === undefined) return [];
  const isFar = Math.abs(skewMs) > SKEW_WARN_MS;
  return [
    checkOf(view, 'clock', isFar ? 'warn' : 'ok', {
      detail: `remote is ${skewWords(skewMs)}`,
      next: isFar ? 'Synchronise this machine or the remote (NTP).' : undefined,
    }),
  ];
}

function countChecks(view: ContextView): readonly DoctorCheck[] {
  const counts = Object.entries(view.facts.counts ?? {});
  if (counts.length === 0) return [];
  return [
    checkOf(view, 'counts', 'ok', { detail: counts.map(([name, count]) => `${name} ${count}`).join(', ') }),
  ];
}
