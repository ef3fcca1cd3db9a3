import type { Ref } from '../domain/ref.ts';
import { text } from '../domain/text.ts';
import { isActedOn } from './acted-on.ts';
import { OUTCOMES } from './acted-words.ts';
import { formatInstant } from './format-time.ts';
import type { DetailLine, DetailSection, ViewContext } from './view.ts';
import { line, say, WORDS } from './words.ts';

/** Name of the page that shows only this. */
export const HISTORY_PART = 'history';
const SHOWN = 100;

/**
 * What is known to have happened to a service cluster, newest first: what the audit holds of its servers and
 * workloads, and what changed in the last hour by other hands.
 */
export function historySection(cluster: Ref<'serviceCluster'>, context: ViewContext): DetailSection {
  const { related } = context;
  const lines: { readonly at: number; readonly line: DetailLine }[] = [];
  for (const { at, targets, result, title, actor, reason } of related.all('audit')) {
    if (!targets.some((target) => isActedOn(target, cluster, context))) continue;
    const looks = OUTCOMES[result];
    const why = reason === undefined ? '' : ` — ${reason}`;
    const said = `${looks.sign} ${title}: ${say(context, looks.words)} (${actor.user})${why}`;
    lines.push({ at, line: line(formatInstant(at, context.isUtc), said, looks.tone) });
  }
  for (const { at, what, target, targetName, text: words, ref } of related.all('change')) {
    // The audit has told our own.
    if (what === 'action' || target === undefined) continue;
    if (!isActedOn({ ref: target, context: ref.context }, cluster, context)) continue;
    const said = `· ${targetName}: ${say(context, words)}`;
    lines.push({ at, line: line(formatInstant(at, context.isUtc), said) });
  }
  const newest = lines.sort((a, b) => b.at - a.at).slice(0, SHOWN);
  return {
    title: text('History: audit and the last hour', '이력: 감사와 최근 한 시간'),
    part: HISTORY_PART,
    lines: newest.length === 0 ? [line(say(context, WORDS.none), '')] : newest.map((one) => one.line),
  };
}
