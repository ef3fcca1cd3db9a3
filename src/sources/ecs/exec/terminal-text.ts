const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * Undoes what a terminal makes of a command's output: `\r\n` was `\n`. Bytes go in as they come; a carriage return at
 * the end of one piece waits for the next.
 */
export function createTerminalText() {
  let isHeld = false;
  const held = Buffer.from([CARRIAGE_RETURN]);
  return {
    push(bytes: Uint8Array): Buffer {
      const whole = isHeld ? Buffer.concat([held, bytes]) : Buffer.from(bytes);
      isHeld = whole.at(-1) === CARRIAGE_RETURN;
      return withoutReturns(isHeld ? whole.subarray(0, -1) : whole);
    },
    /** What was held back, at the end. */
    end(): Buffer {
      const rest = isHeld ? held : Buffer.alloc(0);
      isHeld = false;
      return rest;
    },
  };
}

function withoutReturns(bytes: Buffer): Buffer {
  if (!bytes.includes(CARRIAGE_RETURN)) return bytes;
  const kept = Buffer.alloc(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === CARRIAGE_RETURN && bytes[index + 1] === LINE_FEED) continue;
    kept[length++] = byte;
  }
  return kept.subarray(0, length);
}
