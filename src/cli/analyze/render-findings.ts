import stringWidth from 'string-width';
import type { DumpFindings } from '../../diagnosis/dump-analysis/analyze-dumps.ts';
import type { EvidenceRow } from '../../diagnosis/dump-analysis/evidence-row.ts';
import { EVIDENCE_PARTS, type EvidencePart, type VerdictLine } from '../../domain/analysis.ts';
import { inLanguage, type Language, type Text, text, type Words } from '../../domain/text.ts';
import { formatBytes } from '../../views/format-number.ts';
import { HEALTH_SIGNS } from '../../views/words.ts';
import { isOfStack, ownFrames } from './own-frames.ts';
import { wrapWords } from './wrap-words.ts';

export interface RenderFindings {
  readonly language: Language;
  /** Rows of each part at most. */
  readonly top: number;
  /** Every row with all its stacks, threads too. */
  readonly isWhole: boolean;
}

const WIDTH = 80;
const NAME_WIDTH = 30;
/** Lines of a block, where not all is asked for. */
const MAX_LINES = 24;
/** Blocks of a row, where not all is asked for. */
const MAX_BLOCKS = 4;

const TITLES: Readonly<Record<EvidencePart, Text>> = {
  verdict: text('VERDICT', '판정'),
  lock: text('LOCKS waited for', '대기 중인 락'),
  request: text('REQUESTS in flight', '처리 중인 요청'),
  pool: text('POOLS', '스레드 풀'),
  group: text('SAME STACK', '같은 스택'),
  still: text('NOT MOVED', '움직이지 않은 스레드'),
  busy: text('CPU', 'CPU'),
  state: text('STATES', '상태'),
  class: text('CLASSES', '클래스'),
  thread: text('THREADS', '스레드'),
  note: text('NOTES', '참고'),
};
/** Whose stacks are shown even where not all is asked for. */
const WITH_STACKS: ReadonlySet<EvidencePart> = new Set(['group']);

/** The verdict with what shows it, then the evidence part by part; for people and `less`. */
export function renderFindings(
  { verdict, evidence, left: unlisted }: DumpFindings,
  options: RenderFindings,
): string {
  const parts = Map.groupBy(evidence, ({ part }) => part);
  const shown = EVIDENCE_PARTS.filter((part) => part !== 'verdict' && (part !== 'thread' || options.isWhole));
  const listed = parts.get('thread')?.length ?? 0;
  const left = unlisted.get('thread') ?? 0;
  const told: Told = new Map();
  const hint = threadHint({ listed, left, isWhole: options.isWhole });
  return [
    renderVerdict({ verdict, rows: parts.get('verdict') ?? [] }, options, told),
    ...shown.flatMap((part) => {
      const rows = parts.get(part) ?? [];
      return rows.length === 0
        ? []
        : [renderPart({ part, rows, unlisted: unlisted.get(part) ?? 0, told }, options)];
    }),
    ...(hint === undefined ? [] : [hint[options.language]]),
  ].join('\n\n');
}

interface Listed {
  readonly listed: number;
  /** Threads of the last dump there is no row for. */
  readonly left: number;
  readonly isWhole: boolean;
}

function threadHint({ listed, left, isWhole }: Listed): Text | undefined {
  if (listed === 0) return undefined;
  if (!isWhole) return text('Threads with their stacks: --all', '스레드별 스택: --all');
  return left > 0
    ? text(`${left} more threads are only counted`, `나머지 스레드 ${left}개는 개수만 집계`)
    : undefined;
}

interface Verdict {
  readonly verdict: readonly VerdictLine[];
  readonly rows: readonly EvidenceRow[];
}

function renderVerdict({ verdict, rows }: Verdict, options: RenderFindings, told: Told): string {
  const { language } = options;
  const sentences = verdict.flatMap(({ level, text: said, next }) => [
    ...hanging(`${HEALTH_SIGNS[level]} `, said[language]),
    ...(next === undefined ? [] : hanging('    → ', next[language])),
  ]);
  const shown = rows.flatMap((row) =>
    row.blocks.length === 0
      ? []
      : [
          '',
          ...hanging(`${row.level === undefined ? '' : HEALTH_SIGNS[row.level]} `, row.text[language]),
          ...blockLines(row, options, told),
        ],
  );
  return [TITLES.verdict[language], ...sentences, ...shown].join('\n');
}

const hanging = (lead: string, words: string): readonly string[] => {
  const indent = stringWidth(lead);
  return wrapWords(words, WIDTH - indent).map((line, index) =>
    index === 0 ? `${lead}${line}` : `${' '.repeat(indent)}${line}`,
  );
};

interface Part {
  readonly part: EvidencePart;
  readonly rows: readonly EvidenceRow[];
  /** Of it there is no row. */
  readonly unlisted: number;
  readonly told: Told;
}

function renderPart({ part, rows, unlisted, told }: Part, options: RenderFindings): string {
  const { language, top, isWhole } = options;
  const shown = isWhole ? rows : rows.slice(0, top);
  const left = rows.length + unlisted - shown.length;
  const hasChange = shown.some(({ change }) => change !== undefined);
  const hasBytes = shown.some(({ bytes }) => bytes !== undefined);
  const withStacks = isWhole || WITH_STACKS.has(part);
  return [
    `${TITLES[part][language]} (${rows.length + unlisted})`,
    ...shown.flatMap((row) => [
      ...rowLines(row, { language, hasChange, hasBytes }),
      ...(withStacks ? blockLines(row, options, told) : []),
    ]),
    ...(left === 0 ? [] : [`  ${leftWords(left, isWhole)[language]}`]),
  ].join('\n');
}

const leftWords = (left: number, isWhole: boolean): Text =>
  isWhole
    ? text(`… ${left} more are only counted`, `… 나머지 ${left}개는 개수만 집계`)
    : text(`… ${left} more: --top N, --all`, `… ${left}개 더: --top N, --all`);

interface RowForm {
  readonly language: Language;
  readonly hasChange: boolean;
  readonly hasBytes: boolean;
}

function rowLines(row: EvidenceRow, { language, hasChange, hasBytes }: RowForm): readonly string[] {
  const { count, change, bytes, subject } = row;
  const numbers = [
    (count === undefined ? '' : String(count)).padStart(6),
    ...(hasChange ? [(change === undefined ? '' : `${change > 0 ? '+' : ''}${change}`).padStart(6)] : []),
    ...(hasBytes ? [(bytes === undefined ? '' : formatBytes(bytes)).padStart(9)] : []),
  ];
  const lead = `  ${numbers.join(' ')}  `;
  const indent = stringWidth(lead);
  const words = row.text[language];
  const name = stringWidth(subject);
  const room = WIDTH - indent - NAME_WIDTH - 2;
  if (name > NAME_WIDTH || room < 20)
    return [
      `${lead}${subject}`,
      ...wrapWords(words, WIDTH - indent - 2)
        .filter((line) => line !== '')
        .map((line) => `${' '.repeat(indent + 2)}${line}`),
    ];
  return wrapWords(words, room).map((line, index) =>
    index === 0
      ? `${lead}${subject}${' '.repeat(NAME_WIDTH - name + 2)}${line}`.trimEnd()
      : `${' '.repeat(indent + NAME_WIDTH + 2)}${line}`,
  );
}

/** A page of evidence says each stack once: who reads on knows it from above. */
type Told = Map<string, string>;

/** Stacks stay whole lines: they are searched and compared, not read across. */
function blockLines(
  { blocks }: EvidenceRow,
  { isWhole, language }: RenderFindings,
  told: Told,
): readonly string[] {
  const shown = isWhole ? blocks : blocks.slice(0, MAX_BLOCKS);
  return shown.flatMap((block) => {
    const title = inLanguage(block.title, language);
    const lines = isWhole ? block.lines : shortened(block.lines, title, told);
    const body = isWhole ? lines : lines.slice(0, MAX_LINES);
    const left = lines.length - body.length;
    return [
      `      ${title}`,
      ...body.map((line) => `        ${inLanguage(line, language).trimStart()}`),
      ...(left === 0
        ? []
        : [`        ${{ en: `… ${left} more lines: --all`, ko: `… ${left}줄 더: --all` }[language]}`]),
    ];
  });
}

/** The application's frames of a stack; of one told before only where that was. */
function shortened(lines: readonly Words[], title: string, told: Told): readonly Words[] {
  const stack = lines.filter(isOfStack);
  if (stack.length === 0) return lines;
  // The same place is the same stack, whichever objects its locks are.
  const key = stack.filter((line) => !line.trimStart().startsWith('- ')).join('\n');
  const before = told.get(key);
  if (before === undefined) {
    told.set(key, title);
    return ownFrames(lines);
  }
  const others = lines.filter((line) => !isOfStack(line) || line.trimStart().startsWith('- '));
  return [...others, text(`stack as above, of ${before}`, `스택은 위와 같음: ${before}`)];
}
