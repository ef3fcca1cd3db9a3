import type { AuditEntry, AuditTarget } from '../domain/audit-entry.ts';
import type { Ref } from '../domain/ref.ts';
import { refOf } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import { formatAge } from './format-age.ts';
import { isOutdated } from './freshness.ts';
import type { DetailLine, Tone, ViewContext } from './view.ts';
import { HEALTH_TONES, line, say } from './words.ts';

interface StateNow {
  readonly words: Text;
  readonly tone: Tone;
}

/** True where the record of a target leaves open what became of it. */
const isOpen = ({ result: ended }: AuditEntry, { result }: AuditTarget): boolean =>
  result === 'sent' ||
  result === 'unknown' ||
  result === 'interrupted' ||
  result === 'timedOut' ||
  (result === undefined && (ended === 'unfinished' || ended === 'interrupted' || ended === 'unknown'));

/** What a target is now, where the audit cannot tell how the action on it ended. */
export function stateNowLines(
  entry: AuditEntry,
  target: AuditTarget,
  context: ViewContext,
): readonly DetailLine[] {
  if (!isOpen(entry, target)) return [];
  const now = stateOf(target.ref, context);
  if (now === undefined) return [];
  const doubt = isOutdated(target.context, context)
    ? text(` — ${target.context} is not heard now`, ` — ${target.context}: 지금 수신 안 됨`)
    : text('', '');
  const words = text(`${now.words.en}${doubt.en}`, `${now.words.ko}${doubt.ko}`);
  return [line(say(context, text('Now', '지금')), say(context, words), now.tone)];
}

/** `undefined` for what has no state of its own, e.g. a finding that was acknowledged. */
function stateOf(ref: Ref, context: ViewContext): StateNow | undefined {
  switch (ref.kind) {
    case 'server':
      return serverNow({ ...ref, kind: ref.kind }, context) ?? notThere(ref, context);
    case 'workload':
      return workloadNow({ ...ref, kind: ref.kind }, context) ?? notThere(ref, context);
    default:
      return undefined;
  }
}

function serverNow(ref: Ref<'server'>, { related, now }: ViewContext): StateNow | undefined {
  const server = related.get(ref);
  if (server === undefined) return undefined;
  const { state, stateReason, health, revision, startedAt = server.createdAt } = server;
  const why = stateReason === undefined ? '' : ` (${stateReason})`;
  const running = revision.running;
  const since = startedAt === undefined ? undefined : formatAge(Math.max(0, now - startedAt));
  const en = [
    `${state}${why}`,
    `health ${health.level}`,
    ...(running === undefined ? [] : [`revision ${running}`]),
    ...(since === undefined ? [] : [`started ${since} ago`]),
  ];
  const ko = [
    `${state}${why}`,
    `상태 판정 ${health.level}`,
    ...(running === undefined ? [] : [`리비전 ${running}`]),
    ...(since === undefined ? [] : [`시작 ${since} 전`]),
  ];
  return { words: text(en.join(', '), ko.join(', ')), tone: HEALTH_TONES[health.level] };
}

function workloadNow(ref: Ref<'workload'>, { related }: ViewContext): StateNow | undefined {
  const workload = related.get(ref);
  if (workload === undefined) return undefined;
  const { ready, desired, rollout } = workload;
  const revision = rollout.revision === undefined ? '' : ` ${rollout.revision}`;
  const why = rollout.message === undefined ? '' : ` (${rollout.message})`;
  return {
    words: text(
      `${ready}/${desired} ready, rollout${revision} ${rollout.state}${why}`,
      `준비 ${ready}/${desired}, 롤아웃${revision} ${rollout.state}${why}`,
    ),
    tone: rollout.state === 'stable' && ready >= desired ? 'good' : 'warn',
  };
}

/** Gone, where its context has told what is there; else not known. */
function notThere({ context: name }: Ref, { related }: ViewContext): StateNow {
  const status = related.get(refOf('context', name, name))?.status;
  const wasHeard = status !== undefined && 'lastGoodAt' in status && status.lastGoodAt !== undefined;
  return wasHeard
    ? { words: text('gone', '사라짐'), tone: 'warn' }
    : { words: text(`not known: ${name} has not answered`, `알 수 없음: ${name} 응답 없음`), tone: 'muted' };
}
