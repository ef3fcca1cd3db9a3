import type { VerdictLine } from '../../domain/analysis.ts';
import { healthRank } from '../../domain/health.ts';
import { joinWords, text } from '../../domain/text.ts';
import type { DumpReading } from './dump-reading.ts';
import type { EvidenceRows } from './evidence-row.ts';
import type { Finding } from './finding.ts';
import { spokenPool } from './thread-names.ts';
import { threads } from './words.ts';

/** More sentences are no verdict; the rest stands in the evidence. */
const MAX_LINES = 8;
const MAX_LENGTH = 600;
/** So many on locks of their own, none of which holds up many, are worth a word. */
const MANY_BLOCKED = 10;
const BLOCKED_SHARE = 0.1;

/** Worst first; of one level as the rules stand, and what concerns more threads before what concerns fewer. */
export function chooseVerdict(findings: readonly Finding[]): readonly Finding[] {
  const rank = new Map<string, number>();
  for (const { code } of findings) if (!rank.has(code)) rank.set(code, rank.size);
  const sorted = [...findings].sort(
    (a, b) =>
      healthRank(b.level) - healthRank(a.level) ||
      (rank.get(a.code) ?? 0) - (rank.get(b.code) ?? 0) ||
      b.weight - a.weight,
  );
  return sorted.slice(0, MAX_LINES);
}

const cut = (words: string): string =>
  words.length <= MAX_LENGTH ? words : `${words.slice(0, MAX_LENGTH - 1)}…`;
export function verdictLine({ code, level, text: said, behind, next }: Finding): VerdictLine {
  const whole = behind === undefined || behind.count === 0 ? said : joinWords([said, behind.text], '; ');
  return { code, level, text: text(cut(whole.en), cut(whole.ko)), next };
}

export function addVerdict(rows: EvidenceRows, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { code, level, text: said } = verdictLine(finding);
    const { count = finding.weight } = finding;
    rows.add(
      { part: 'verdict', subject: code, level, text: said, count: count > 0 ? count : undefined },
      finding.blocks,
    );
  }
}

/** Said where no rule found anything: what the dump shows, in one line. */
export function nothingFound(last: DumpReading, dumpCount: number): Finding {
  const { dump, pools } = last;
  const blocked = last.states.get('BLOCKED') ?? 0;
  const workers = pools.filter(({ isWorkers }) => isWorkers);
  const busy = workers
    .map(
      ({ name, busy: count, members }) => `${count} of ${members.length} workers of ${spokenPool(name)} busy`,
    )
    .slice(0, 3)
    .join(', ');
  const busyKo = workers
    .map(({ name, busy: count, members }) => `${spokenPool(name)} ${members.length}개 중 ${count}개 사용 중`)
    .slice(0, 3)
    .join(', ');
  const all = last.threads.length;
  const en = `${threads(all)}${busy === '' ? '' : `, ${busy}`}, ${blocked === 0 ? 'none is' : `${blocked} ${blocked === 1 ? 'is' : 'are'}`} blocked`;
  const ko = `스레드 ${all}개${busyKo === '' ? '' : `, ${busyKo}`}, 블록 ${blocked}`;
  const over = dumpCount > 1 ? ` in ${dumpCount} dumps` : '';
  if (dump.isTruncated || all === 0)
    return {
      code: 'incomplete',
      subject: 'dump',
      level: 'warn',
      text: text(
        `nothing found, but the dump is not whole: ${en}`,
        `이상 없음, 단 덤프가 완전하지 않음: ${ko}`,
      ),
      next: text('Take it again', '다시 뜨십시오'),
      weight: 0,
      blocks: () => [],
    };
  if (blocked >= MANY_BLOCKED && blocked >= BLOCKED_SHARE * all)
    return {
      code: 'many-blocked',
      subject: 'threads',
      level: 'warn',
      text: text(
        `${blocked} of ${threads(all)} are blocked, each behind another lock${over}`,
        `스레드 ${all}개 중 ${blocked}개가 서로 다른 락에서 블록`,
      ),
      next: text(
        'Look at the locks below; a second dump shows whether they move',
        '아래 락을 확인하십시오. 덤프를 한 번 더 뜨면 진행 여부를 알 수 있습니다',
      ),
      weight: blocked,
      blocks: () => [],
    };
  return {
    code: 'healthy',
    subject: 'dump',
    level: 'ok',
    text: text(`nothing stands out${over}: ${en}`, `특이 사항 없음: ${ko}`),
    weight: 0,
    blocks: () => [],
  };
}
