import { lstat, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { systemCode } from '../../../core/app-error.ts';
import { cleanLine } from '../../../core/text.ts';
import { DUMP_KINDS, DUMP_WAYS, type Dump, type DumpFacts } from '../../../domain/dump.ts';
import { refOf } from '../../../domain/ref.ts';

/** Of the status file beside `NAME`. */
export const statusName = (name: string): string => `${name}.json`;

const MAX_BYTES = 262_144;
const MAX_LINES = 200;
/** Whoever can write to the folder can write escape sequences. */
const line = z.string().transform((written) => cleanLine(written, 4_096));
const said = z.object({ en: line, ko: line });
const level = z.enum(['ok', 'warn', 'error', 'unknown']);
const status = z.object({
  kind: z.enum(DUMP_KINDS),
  server: z.object({ context: line, id: line }),
  serverName: line,
  namespace: line.optional(),
  takenAt: z.number().int().nonnegative(),
  way: z.enum(DUMP_WAYS),
  how: line,
  isAuthenticated: z.boolean(),
  by: line,
  reason: line.optional(),
  series: z.object({ id: line, number: z.number().int().min(1), count: z.number().int().min(1) }).optional(),
  missing: z.array(said).max(MAX_LINES),
  figures: z.record(line, z.union([line, z.number(), z.boolean()])),
  sizeBytes: z.number().int().nonnegative(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  verdict: z
    .array(z.object({ code: line, level, text: said, next: said.optional() }))
    .max(MAX_LINES)
    .optional(),
});

/** Facts of a dump as they were written down; `problem` says why they cannot be read. */
export type StatusRead =
  | {
      readonly facts: DumpFacts & Pick<Dump, 'sha256' | 'verdict'>;
      readonly sizeBytes: number;
      /** Epoch ms. */
      readonly writtenAt: number;
    }
  | { readonly problem: string };

/** `undefined` where there is no status file. Never rejects for what the file holds. */
export async function readStatus(file: string): Promise<StatusRead | undefined> {
  let written: string;
  let writtenAt: number;
  try {
    const found = await lstat(file);
    if (!found.isFile()) return { problem: 'it is no file' };
    if (found.size > MAX_BYTES) return { problem: `it is larger than ${MAX_BYTES} bytes` };
    writtenAt = found.mtimeMs;
    written = await readFile(file, 'utf8');
  } catch (thrown) {
    const code = systemCode(thrown);
    return code === 'ENOENT' ? undefined : { problem: code ?? 'it cannot be read' };
  }
  const parsed = status.safeParse(parse(written));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: cleanLine(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), 200) };
  }
  const { server, sizeBytes, ...facts } = parsed.data;
  return { facts: { ...facts, server: refOf('server', server.context, server.id) }, sizeBytes, writtenAt };
}

function parse(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** The text of a status file. */
export function statusText(dump: DumpFacts & Omit<Dump, 'ref' | 'path'>): string {
  const { server, ...facts } = dump;
  const written: z.input<typeof status> = {
    ...facts,
    server: { context: server.context, id: server.id },
    missing: [...facts.missing],
    verdict: facts.verdict === undefined ? undefined : [...facts.verdict].slice(0, MAX_LINES),
    figures: { ...facts.figures },
  };
  return `${JSON.stringify(written, undefined, 2)}\n`;
}
