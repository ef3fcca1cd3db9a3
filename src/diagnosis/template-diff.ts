import { structuredPatch } from 'diff';
import { cleanLine } from '../core/text.ts';
import type { DiffBlock } from '../domain/plan.ts';
import type { Template } from '../domain/remote.ts';
import { type Text, text } from '../domain/text.ts';
import { maskConfiguration } from './template-mask.ts';

/** What became of one file from one template revision to the other. */
export interface FileChange {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** Lines come and gone; both 0 for a file that is no text. */
  readonly added: number;
  readonly removed: number;
  /** `-` before, `+` after, space for both and for remarks; secrets masked, cleaned for the terminal. */
  readonly lines: readonly string[];
}
export interface TemplateDiff {
  /** Sorted by path; files that are equal are counted only. */
  readonly files: readonly FileChange[];
  readonly unchanged: number;
  readonly summary: Text;
}
export interface DiffLimits {
  /** Larger files are told apart, not shown. @default 1 MiB */
  readonly maxFileBytes: number;
  /** Shown of one file. @default 400 */
  readonly maxLines: number;
  /** Edits looked for in one file before its lines are no longer matched. @default 2000 */
  readonly maxEdits: number;
}
const LIMITS: DiffLimits = { maxFileBytes: 1_048_576, maxLines: 400, maxEdits: 2_000 };
const CONTEXT_LINES = 3;
const MAX_LINE = 400;

/** Compares two templates file by file; pure. */
export function diffTemplates(before: Template, after: Template, limits: DiffLimits = LIMITS): TemplateDiff {
  const paths = [...new Set([...before.files.keys(), ...after.files.keys()])].sort((a, b) =>
    a < b ? -1 : a > b ? 1 : 0,
  );
  const files: FileChange[] = [];
  let unchanged = 0;
  for (const path of paths) {
    const old = before.files.get(path);
    const now = after.files.get(path);
    if (old !== undefined && now !== undefined && isEqual(old, now)) unchanged++;
    else files.push(changeOf(cleanLine(path, 256), old, now, limits));
  }
  return { files, unchanged, summary: summaryOf(before, after, files) };
}

/** As a plan shows it: a block with the summary, then one for each file. */
export function diffBlocks({ files, unchanged, summary }: TemplateDiff): readonly DiffBlock[] {
  return [
    { title: summary.en, lines: [` ${unchanged} files are equal`] },
    ...files.map(({ path, change, added, removed, lines }) => ({
      title: `${path} (${change}, +${added} -${removed})`,
      lines,
    })),
  ];
}

function summaryOf(before: Template, after: Template, files: readonly FileChange[]): Text {
  const count = (change: FileChange['change']) => files.filter((file) => file.change === change).length;
  const cluster = cleanLine(after.serviceCluster, 128);
  const [from, to] = [before, after].map(({ revision }) => cleanLine(revision, 128));
  const counts = [count('changed'), count('added'), count('removed')];
  return text(
    `Template ${cluster} ${from} → ${to}: ${counts[0]} changed, ${counts[1]} added, ${counts[2]} removed`,
    `템플릿 ${cluster} ${from} → ${to}: 변경 ${counts[0]}, 추가 ${counts[1]}, 삭제 ${counts[2]}`,
  );
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function changeOf(
  path: string,
  old: Uint8Array | undefined,
  now: Uint8Array | undefined,
  limits: DiffLimits,
): FileChange {
  const change = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
  const remark = (said: string): FileChange => ({ path, change, added: 0, removed: 0, lines: [` ${said}`] });
  const sizes = [old, now]
    .map((bytes) => (bytes === undefined ? 'none' : `${bytes.length} bytes`))
    .join(' → ');
  if (Math.max(old?.length ?? 0, now?.length ?? 0) > limits.maxFileBytes) {
    return remark(`too large to compare: ${sizes}`);
  }
  const before = old === undefined ? '' : textOf(old);
  const after = now === undefined ? '' : textOf(now);
  if (before === undefined || after === undefined) return remark(`binary: ${sizes}`);
  const lines = diffLines(before, after, limits.maxEdits);
  if (lines === undefined) return remark(`too different to compare line by line: ${sizes}`);
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  return { path, change, added: count('+'), removed: count('-'), lines: cut(lines, limits.maxLines) };
}

/** UTF-8, or what older Korean files are written in; `undefined` for what is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  for (const encoding of ['utf-8', 'euc-kr']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {}
  }
  return undefined;
}

/** Compares what is really there and shows the masked lines, so that a changed secret is seen to have changed. */
function diffLines(before: string, after: string, maxEditLength: number): string[] | undefined {
  const patch = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES, maxEditLength });
  if (patch === undefined) return undefined;
  const masked = [before, after].map((content) => maskConfiguration(content).split('\n'));
  const [old = [], now = []] = masked;
  const shown: string[] = [];
  const show = (sign: string, line: string | undefined) =>
    shown.push(`${sign}${cleanLine(line ?? '', MAX_LINE)}`);
  for (const hunk of patch.hunks) {
    if (hunk.oldStart > 1 || shown.length > 0) shown.push(` … line ${hunk.newStart}`);
    let [oldAt, newAt] = [Math.max(hunk.oldStart - 1, 0), Math.max(hunk.newStart - 1, 0)];
    for (const line of hunk.lines) {
      switch (line[0]) {
        case '-':
          show('-', old[oldAt++]);
          break;
        case '+':
          show('+', now[newAt++]);
          break;
        case ' ':
          show(' ', now[newAt++]);
          oldAt++;
          break;
        default:
          shown.push(' (no line break at the end)');
      }
    }
  }
  return shown;
}

const cut = (lines: readonly string[], most: number): readonly string[] =>
  lines.length <= most ? lines : [...lines.slice(0, most), ` … ${lines.length - most} more lines`];
