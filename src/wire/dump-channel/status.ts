import * as z from 'zod';
import { DUMP_KINDS, type DumpKind } from '../../domain/dump.ts';
import type { HeapRoom } from '../../domain/dump-way.ts';
import { lineSchema } from '../line-schema.ts';

/** Where a heap dump would go, or why it cannot be had. */
export type AgentHeapStatus = HeapRoom | { readonly why: string };

/** What an agent answers to `status`, as one JSON text. */
export interface AgentStatus {
  /** Kinds that are being taken of that server right now. */
  readonly running: readonly DumpKind[];
  readonly can: readonly DumpKind[];
  /** Absent where the agent gives no heap dumps. */
  readonly heap?: AgentHeapStatus | undefined;
}

const bytes = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const kinds = z.array(z.enum(DUMP_KINDS)).max(16);
const schema = z.object({
  running: kinds,
  can: kinds,
  heap: z
    .union([
      z.object({
        freeBytes: bytes,
        neededBytes: bytes,
        usedBytes: bytes.optional(),
        folder: lineSchema(1_024),
      }),
      z.object({ why: lineSchema(500) }),
    ])
    .optional(),
});

export const agentStatusText = (status: AgentStatus): string => JSON.stringify(status);

/** `undefined` for what is none. Its texts are cleaned. */
export function readAgentStatus(text: string): AgentStatus | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
