import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { dumpFile } from '../support/dump-files.ts';

export interface DumpsToWrite {
  readonly sizeBytes: number;
  readonly threadsPerDump: number;
  /** Frames put below each stack, as a server's filters and proxies do. */
  readonly deeper: number;
  /** Threads of a dump are others than those of the dump before, as where each request starts one. */
  readonly isChurning?: boolean;
}

/** A real dump's threads, its first line and what stands behind them. */
function partsOfRealDump(): { readonly threads: readonly string[]; readonly tail: string } {
  const text = dumpFile('jdk17-g1-jcmd-l-e.txt').toString();
  const end = text.indexOf('JNI global');
  return { threads: text.slice(text.indexOf('"main"'), end).split(/\n(?=")/), tail: text.slice(end) };
}
interface Variation {
  readonly name: string;
  readonly index: number;
  readonly dump: number;
  readonly deeper: string;
}
/** Names, addresses and lines differ from thread to thread and from dump to dump, as a server's do. */
function varied(thread: string, { name, index, dump, deeper }: Variation): string {
  const address = (index % 9_973).toString(16).padStart(4, '0');
  return thread
    .replace(/^"([^"]*)/, `"${name}`)
    .replaceAll('<0x0000', `<0x${address}`)
    .replace(/java:(\d+)\)/, (_, line) => `java:${Number(line) + ((index + dump) % 13)})`)
    .replace(/(\tat java\.lang\.Thread\.run.*)/, `${deeper}$1`);
}
function* dumps({ sizeBytes, threadsPerDump, deeper, isChurning }: DumpsToWrite): Generator<string> {
  const { threads, tail } = partsOfRealDump();
  const stacks = Array.from({ length: 97 }, (_, stack) =>
    Array.from(
      { length: deeper },
      (__, frame) =>
        `\tat com.shop.web.filter.Filter${(stack * 7 + frame) % 211}.doFilter(Filter${frame}.java:${40 + stack})\n`,
    ).join(''),
  );
  let written = 0;
  for (let dump = 0; written < sizeBytes; dump++) {
    const second = String(dump % 60).padStart(2, '0');
    const head = `2026-11-20 03:12:${second}\nFull thread dump OpenJDK 64-Bit Server VM (17.0.19+10 mixed mode, sharing):\n\n`;
    yield head;
    written += head.length;
    for (let index = 0; index < threadsPerDump && written < sizeBytes; index++) {
      // Of threads that stay, one in ten stands elsewhere in the next dump.
      const moves = isChurning === true || index % 10 === 0 ? dump : 0;
      const thread = threads[(index * 7 + moves) % threads.length] ?? '';
      const name = isChurning === true ? `task-${dump}-${index}` : `worker-${index}`;
      const deep = stacks[index % stacks.length] ?? '';
      const text = `${varied(thread, { name, index, dump, deeper: deep })}\n`;
      yield text;
      written += text.length;
    }
    yield tail;
    written += tail.length;
  }
}

/** Joins what is small, so that a file of 200 MB is written in a second. */
function* joined(parts: Iterable<string>): Generator<string> {
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < 1_048_576) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Writes thread dumps of about so many bytes, made of a real one. */
export async function writeDumps(file: string, of: DumpsToWrite): Promise<void> {
  await pipeline(joined(dumps(of)), createWriteStream(file));
}
