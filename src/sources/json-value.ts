import type { JsonObject, JsonValue } from '../domain/call.ts';

/**
 * What a client library gave, as JSON: instants become ISO 8601 text, what JSON does not know (undefined, functions,
 * endless numbers) is left out.
 */
export function toJsonValue(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Array.isArray(value)) return value.map(toJsonValue);
  return typeof value === 'object' ? toJsonObject(value) : null;
}

export function toJsonObject(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined && typeof each !== 'function')
      .map(([name, each]) => [name, toJsonValue(each)]),
  );
}
