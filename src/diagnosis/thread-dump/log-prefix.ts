/** What a log puts before each line of a dump: a time, a stream, a container's name, or an object of JSON around it. */
export interface LogPrefix {
  /** The line without it; several where one line of the log holds several. `undefined` for a line of somebody else. */
  strip(line: string): readonly string[] | undefined;
}

const MAX_PREFIX = 300;
const MAX_KEYS = 50;

/** Learns from a line in which something known begins at `at`. `undefined` where that is no prefix. */
export function learnPrefix(line: string, at: number): LogPrefix | undefined {
  if (at <= 0 || at > MAX_PREFIX) return undefined;
  return jsonPrefix(line) ?? textPrefix(line.slice(0, at));
}

function jsonPrefix(line: string): LogPrefix | undefined {
  const fields = fieldsOf(line);
  const known = fields.find(([, value]) => value.includes('Full thread dump') || value.startsWith('"'));
  if (known === undefined) return undefined;
  const [key] = known;
  return {
    strip(other) {
      const value = fieldsOf(other).find(([name]) => name === key)?.[1];
      return value?.replace(/\r?\n$/, '').split(/\r?\n/);
    },
  };
}
function fieldsOf(line: string): readonly (readonly [string, string])[] {
  if (!line.startsWith('{')) return [];
  try {
    const read: unknown = JSON.parse(line);
    if (typeof read !== 'object' || read === null) return [];
    return Object.entries(read)
      .slice(0, MAX_KEYS)
      .flatMap(([key, value]: [string, unknown]) =>
        typeof value === 'string' ? [[key, value] as const] : [],
      );
  } catch {
    return [];
  }
}

/** Digits may be others, and so may the blanks before them; of a container runtime's `F` and `P` either. */
function textPrefix(prefix: string): LogPrefix {
  const source = prefix
    .replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    .replace(/(?<= std(?:out|err) )[FP](?= $)/, '[FP]')
    .replace(/\s+/g, '\\s+')
    .replace(/\d+/g, '\\d+')
    .replace(/\\s\+$/, '(?:\\s|$)');
  const shape = new RegExp(`^${source}`);
  const isPart = / std(?:out|err) P $/;
  let begun = '';
  return {
    strip(line) {
      const [found] = shape.exec(line) ?? [];
      if (found === undefined) return undefined;
      const text = line.slice(found.length);
      if (isPart.test(found)) {
        if (begun.length < 65_536) begun += text;
        return [];
      }
      const whole = begun === '' ? text : begun + text;
      begun = '';
      return [whole];
    },
  };
}
