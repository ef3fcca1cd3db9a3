import type { Server } from '../domain/server.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Equal to the depth a row is built anew; what comes from a record as it is must be the same object. */
function isSame(a: unknown, b: unknown, depth: number): boolean {
  if (a === b) return true;
  if (depth === 0 || !isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key], depth - 1));
}

/** True where a rebuilt row says nothing new, so that the old object can stay. */
export function isSameServer(a: Server, b: Server): boolean {
  // The quick way out for the usual case: a new sample.
  if (a.jvm !== b.jvm || a.heartbeat !== b.heartbeat || a.environment !== b.environment) return false;
  // health → reasons → reason → text
  return isSame(a, b, 5);
}
