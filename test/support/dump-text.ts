/** What a file of `jcmd Thread.print` holds, by plain text and nothing of our parser. */

/** Threads of a dump, each with its lines, by name; as many entries as there are heads. */
export function blocksOf(dump: string): readonly { readonly name: string; readonly text: string }[] {
  return dump.split(/\n(?=")/).flatMap((part) => {
    const [, name] = /^"(.*)" (?:#\d+ |os_prio=)/.exec(part) ?? [];
    // Of the last one, what stands behind the threads is cut off.
    const text = part.split(/\n(?=JNI global refs|Found one Java-level deadlock)/)[0] ?? part;
    return name === undefined ? [] : [{ name, text }];
  });
}

export function blockOf(dump: string, name: string): string {
  const found = blocksOf(dump).filter((block) => block.name === name);
  if (found.length !== 1) throw new Error(`${found.length} threads are named ${name}`);
  return found[0]?.text ?? '';
}

export const STATES = ['RUNNABLE', 'BLOCKED', 'WAITING', 'TIMED_WAITING', 'NEW', 'TERMINATED'] as const;
/** Threads in each state, those of which there are any; `JVM` for those the JVM tells none of. */
export function statesOf(dump: string): Readonly<Record<string, number>> {
  const stateless = blocksOf(dump).filter(({ text }) => !text.includes('java.lang.Thread.State: '));
  const counts = STATES.map((state): readonly [string, number] => [
    state,
    dump.split(new RegExp(`^ +java\\.lang\\.Thread\\.State: ${state}\\b`, 'm')).length - 1,
  ]);
  const all = [...counts, ['JVM', stateless.length] as const];
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}

/** A lock as a line of a dump writes it: `<0x…> (a some.Class)`. */
export interface WrittenLock {
  readonly id: string;
  readonly className: string;
}
/** Locks in the lines that begin so, in a thread's lines. */
export function locksIn(block: string, line: RegExp): readonly WrittenLock[] {
  return block.split('\n').flatMap((written) => {
    const [, id, className] = /<(0x[0-9a-f]+)> \(a ([\w.$]+)\)/.exec(line.test(written) ? written : '') ?? [];
    return id === undefined || className === undefined ? [] : [{ id, className }];
  });
}

/** CPU and age a head tells, in ms. */
export function timesOf(block: string): { readonly cpuMs: number; readonly elapsedMs: number } {
  const [, cpu, elapsed] = /^".*" .*\bcpu=([\d.]+)ms elapsed=([\d.]+)s /.exec(block) ?? [];
  if (cpu === undefined || elapsed === undefined) throw new Error(`no times in ${block.split('\n')[0]}`);
  return { cpuMs: Number(cpu), elapsedMs: Number(elapsed) * 1_000 };
}
