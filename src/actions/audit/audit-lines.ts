import { createReadStream } from 'node:fs';

export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** `undefined` where it is longer than can be held. */
  readonly text: string | undefined;
  /** False for a last line without its line feed. */
  readonly isWhole: boolean;
}

const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** The lines of a file, one at a time and never more than one in memory. Rejects with the system's error. */
export async function* readLines(file: string, signal: AbortSignal): AsyncGenerator<FileLine> {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  let number = 1;
  const take = (isWhole: boolean): FileLine => {
    const isHeld = heldBytes <= MAX_LINE_BYTES;
    const found = { number, text: isHeld ? Buffer.concat(parts).toString('utf8') : undefined, isWhole };
    parts = [];
    heldBytes = 0;
    number++;
    return found;
  };
  const hold = (part: Buffer) => {
    heldBytes += part.length;
    if (heldBytes <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  for await (const chunk of createReadStream(file, { signal })) {
    if (!Buffer.isBuffer(chunk)) continue;
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      hold(chunk.subarray(from, at));
      yield take(true);
      from = at + 1;
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  }
  if (heldBytes > 0) yield take(false);
}
