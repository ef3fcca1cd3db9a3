import * as z from 'zod';

/**
 * Lenient readers of what Managers send. Only the documented names and their plain spellings are read; unknown
 * fields are ignored, and a record without an identity is dropped and counted.
 */
const words = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const amount = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const port = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number),
  ])
  .pipe(z.number().int().min(1).max(65_535))
  .optional()
  .catch(undefined);
const identity = z.union([z.string().min(1), z.number().transform(String)]);

export const managerInfoSchema = z.object({
  version: words,
  patchVersion: words,
  status: words,
  haMode: words,
});
export type ManagerInfo = z.infer<typeof managerInfoSchema>;

export const serverRecordSchema = z.object({
  serverId: identity,
  serverName: words,
  serverType: words,
  type: words,
  hostName: words,
  containerIp: words,
  ip: words,
  address: words,
  httpPort: port,
  port,
  nodeName: words,
  systemName: words,
  status: words,
  serviceCluster: words,
  revision: words,
});
export type ServerRecord = z.infer<typeof serverRecordSchema>;

export const meterSchema = z.object({
  threadActive: amount,
  threadMax: amount,
  gcCount: amount,
});
export type MeterRecord = z.infer<typeof meterSchema>;

export const eventRecordSchema = z.object({
  eventId: words,
  dateTime: words,
  level: words,
  eventType: words,
  systemName: words,
  serverId: words,
  message: words,
});
export type EventRecord = z.infer<typeof eventRecordSchema>;

export const licenceRecordSchema = z.object({ total: amount, used: amount, endDate: words });
export const systemRecordSchema = z.object({ systemName: identity });

/** The list of an answer: the body itself, or the one member that is an array. */
export function listOf(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body;
  if (typeof body !== 'object' || body === null) return undefined;
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
  const [, list] = lists.find(([name]) => name.endsWith('List')) ?? lists[0] ?? [];
  return Array.isArray(list) ? list : undefined;
}

/** At most this many records of one list are kept. */
const MAX_RECORDS = 20_000;

export function readList<T extends z.ZodType>(
  schema: T,
  body: unknown,
): { readonly records: z.infer<T>[]; readonly dropped: number } | undefined {
  const list = listOf(body);
  if (list === undefined) return undefined;
  const records: z.infer<T>[] = [];
  for (const item of list.slice(0, MAX_RECORDS)) {
    const parsed = schema.safeParse(item);
    if (parsed.success) records.push(parsed.data);
  }
  return { records, dropped: list.length - records.length };
}
