import { methodOf } from '../../diagnosis/dump-analysis/frame.ts';
import { isLibraryCode } from '../../diagnosis/dump-analysis/library-packages.ts';
import { type Text, text, type Words } from '../../domain/text.ts';

/** What a thread does stands in its topmost frames. */
const TOPMOST = 2;
const MOST_OWN = 10;
/** A gap of one line is no shorter than the line. */
const LEAST_GAP = 2;

const isFrame = (line: Words): line is string => typeof line === 'string' && /^\s*at \S/.test(line);
const isLock = (line: Words): line is string => typeof line === 'string' && /^\s*- /.test(line);
export const isOfStack = (line: Words): line is string => isFrame(line) || isLock(line);

const isOwn = (line: string): boolean => !isLibraryCode(methodOf(line.trim().slice(3)));

/**
 * Of a stack its topmost frames, the application's own and what locks are taken or waited for in them; what is between
 * is counted. Other lines stay.
 */
export function ownFrames(lines: readonly Words[]): readonly Words[] {
  const shown: Words[] = [];
  let frames = 0;
  let own = 0;
  let isShown = true;
  let gap: string[] = [];
  const endGap = () => {
    if (gap.length < LEAST_GAP) shown.push(...gap);
    else shown.push(left(gap.length));
    gap = [];
  };
  for (const line of lines) {
    if (isFrame(line)) {
      frames++;
      const isMine = isOwn(line) && own < MOST_OWN;
      if (isMine) own++;
      isShown = frames <= TOPMOST || isMine;
    }
    if (isShown || !isOfStack(line)) {
      endGap();
      shown.push(line);
    } else gap.push(line);
  }
  endGap();
  return shown;
}

const left = (count: number): Text => text(`… ${count} more`, `… ${count}줄 더`);
