import type { ThreadSaid } from './dump-threads.ts';

/** A dump as a JVM writes it, of threads a test says; for what reads files. */
export function hotspotText(
  threads: Readonly<Record<string, ThreadSaid>>,
  time = '2026-11-21 06:00:00',
): string {
  const written = Object.entries(threads).map(([name, said], index) => {
    const {
      state = 'RUNNABLE',
      frames = ['com.shop.Work.run'],
      waitsFor,
      holds = [],
      cpuMs = 1,
      elapsedMs = 9_000,
    } = said;
    const verbs = { entry: 'waiting to lock', wait: 'waiting on', park: 'parking to wait for ' } as const;
    const lines = frames.flatMap((method, depth) => [
      `\tat ${method}(${method.split('.').at(-2) ?? ''}.java:1)`,
      ...(depth === 0 && waitsFor !== undefined
        ? [`\t- ${verbs[waitsFor.kind]} <${waitsFor.id}> (a ${waitsFor.className ?? 'java.lang.Object'})`]
        : []),
      ...(depth === 0 ? holds.map((id) => `\t- locked <${id}> (a java.lang.Object)`) : []),
    ]);
    return [
      `"${name}" #${index + 10} prio=5 os_prio=0 cpu=${cpuMs.toFixed(2)}ms elapsed=${(elapsedMs / 1_000).toFixed(2)}s tid=0x00007f65600180${index % 10}0 nid=0x${(index + 26_000).toString(16)} runnable  [0x00007f6567f1e000]`,
      `   java.lang.Thread.State: ${state}`,
      ...lines,
      '',
    ].join('\n');
  });
  return [
    time,
    'Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6 mixed mode, sharing):',
    '',
    ...written,
    'JNI global refs: 12, weak refs: 0',
    '',
  ].join('\n');
}
