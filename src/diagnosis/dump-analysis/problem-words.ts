import { type Text, text } from '../../domain/text.ts';
import type { DumpProblem } from '../../domain/thread-dump.ts';

/** `was.txt: truncated × 1, first in line 812: "at com.shop."` */
export function problemText(file: string, { code, count, line, sample }: DumpProblem): Text {
  const words = code.replaceAll('-', ' ');
  const shown = sample === '' ? '' : `: "${sample}"`;
  return text(
    `${file}: ${words} × ${count}, first in line ${line}${shown}`,
    `${file}: ${words} ${count}건, 첫 줄 ${line}${shown}`,
  );
}
