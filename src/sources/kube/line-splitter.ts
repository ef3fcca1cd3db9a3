const LINE_FEED = 0x0a;

/** Thrown when a line outgrows its bound: what follows cannot be trusted to be whole. */
export class LineTooLongError extends Error {}

/** Cuts a byte stream into lines without ever holding more than one line of at most `maxBytes`. */
export function createLineSplitter(maxBytes: number) {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    /** The lines completed by this chunk, without their line feeds; empty ones are left out. */
    push(chunk: Buffer): string[] {
      const lines: string[] = [];
      let from = 0;
      for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
        if (bytes + to - from > maxBytes) throw new LineTooLongError();
        const tail = chunk.subarray(from, to);
        const line = (parts.length === 0 ? tail : Buffer.concat([...parts, tail])).toString('utf8');
        parts = [];
        bytes = 0;
        from = to + 1;
        if (line.trim() !== '') lines.push(line);
      }
      if (from < chunk.length) {
        bytes += chunk.length - from;
        if (bytes > maxBytes) throw new LineTooLongError();
        parts.push(from === 0 ? chunk : chunk.subarray(from));
      }
      return lines;
    },
  };
}
