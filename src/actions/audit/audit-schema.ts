import * as z from 'zod';
import { cleanLine } from '../../core/text.ts';
import { AUDIT_RESULTS } from '../../domain/audit-entry.ts';
import { RESULT_STATES } from '../../domain/job.ts';
import { KINDS } from '../../domain/kind.ts';
import { MODES } from '../../domain/policy.ts';
import type { AuditRecord } from './audit-records.ts';

const MAX_LINE = 200_000;
/** Whoever can write to the file can write escape sequences. */
const line = z.string().transform((written) => cleanLine(written, MAX_LINE));
const instant = z.number().int();

const kind = z.enum(KINDS);
const ref = z.object({ kind, context: line, id: z.string() });
const auditRef = z.object({ kind: z.literal('audit'), context: line, id: line });
const effect = z.enum(['observe', 'diagnose', 'change', 'destroy']);
const mode = z.enum(MODES);
const outcome = z.enum(['done', 'failed', 'unknown', 'notSent']);
const resultState = z.enum(RESULT_STATES);
const result = z.enum(AUDIT_RESULTS);
const facts = z.record(line, z.union([line, z.number(), z.boolean()]));

const entry = z.object({
  ref: auditRef,
  at: instant,
  endedAt: instant.optional(),
  actor: z.object({
    user: line,
    host: line,
    pid: z.number().int(),
    sshFrom: line.optional(),
    identities: z.record(line, line),
  }),
  mode,
  action: line,
  effect,
  title: line,
  reason: line.optional(),
  targets: z.array(
    z.object({
      ref,
      context: line,
      namespace: line.optional(),
      kind: line,
      name: line,
      before: facts,
      after: facts.optional(),
      result: resultState.optional(),
      error: line.optional(),
    }),
  ),
  calls: z.array(
    z.object({
      context: line,
      title: line,
      request: line,
      outcome: outcome.optional(),
      at: instant.optional(),
    }),
  ),
  plan: z.object({ input: z.record(line, line), warnings: z.array(line), diff: z.array(line) }).optional(),
  result,
  error: line.optional(),
});

const call = z.number().int().min(0).max(100_000);

/** One line of an audit file as it is read back. */
export const auditRecord = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('process'),
    at: instant,
    host: line,
    pid: z.number().int(),
    bootId: line.optional(),
    startTicks: line.optional(),
  }),
  z.object({ type: z.literal('begin'), id: line, entry }),
  z.object({ type: z.literal('whole'), id: line, entry }),
  z.object({
    type: z.literal('sending'),
    id: line,
    at: instant,
    call,
    context: line,
    title: line,
    request: line,
  }),
  z.object({
    type: z.literal('sent'),
    id: line,
    at: instant,
    call,
    outcome,
    error: line.optional(),
  }),
  z.object({
    type: z.literal('end'),
    id: line,
    at: instant,
    durationMs: z.number(),
    result,
    error: line.optional(),
    targets: z.array(z.object({ result: resultState, error: line.optional(), after: facts.optional() })),
  }),
]) satisfies z.ZodType<AuditRecord>;
