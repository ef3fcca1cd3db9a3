import { readFile } from 'node:fs/promises';

/** Datagrams the kernel threw away because the receive buffer was full, in the text of /proc/net/udp or udp6. */
export function dropsInTable(table: string, port: number): number | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  let drops: number | undefined;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(`:${wanted}`) !== true) continue;
    const count = Number(columns.at(-1));
    if (Number.isFinite(count)) drops = (drops ?? 0) + count;
  }
  return drops;
}

/** The kernel's drops of the socket on this port; not known where there is no such table (not Linux). */
export async function readKernelDrops(
  port: number,
  family: 'udp4' | 'udp6',
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const file = family === 'udp4' ? '/proc/net/udp' : '/proc/net/udp6';
    return dropsInTable(await readFile(file, { encoding: 'utf8', signal }), port);
  } catch {
    return undefined;
  }
}
