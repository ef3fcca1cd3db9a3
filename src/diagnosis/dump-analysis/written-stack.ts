import type { DumpThread } from '../../domain/thread-dump.ts';
import { isInitializer } from '../thread-dump/lock-line.ts';

/**
 * Lines of a thread's stack as the JVM wrote them, each lock with its object; where it is shown for others too, only
 * objects they all name there.
 */
export function withLocks(
  { stack, lockIds }: DumpThread,
  others: readonly DumpThread[] = [],
): readonly string[] {
  if (lockIds === undefined) return stack.lines;
  let at = 0;
  return stack.lines.map((line) => {
    if (!line.startsWith('- ')) return line;
    const place = at++;
    const id = lockIds[place];
    const isShared = id !== undefined && others.every((other) => other.lockIds?.[place] === id);
    return isShared ? withObject(line, id) : line;
  });
}

/** `- locked (a java.lang.Object)` with `0x0000…` is `- locked <0x0000…> (a java.lang.Object)`. */
function withObject(line: string, id: string): string {
  const open = line.indexOf(' (a ');
  if (open < 0) return `${line} <${id}>`;
  const className = line.slice(open + 4, -1);
  const words = line.slice(0, open);
  if (isInitializer(id)) return `${words} ${className}`;
  // ThreadInfo names object and class in one.
  if (id.includes(className)) return `${words} <${id}>`;
  return `${words}${words === PARKING ? ' ' : ''} <${id}>${line.slice(open)}`;
}
/** HotSpot writes a second blank behind it: who searches the file for the line finds it. */
const PARKING = '- parking to wait for';
