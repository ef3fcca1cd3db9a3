import * as z from 'zod';

/** The object, list or value inside wrappers such as optional, default and prefault. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let current = schema;
  for (;;) {
    if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodNullable ||
      current instanceof z.ZodDefault ||
      current instanceof z.ZodPrefault ||
      current instanceof z.ZodReadonly
    ) {
      current = current.def.innerType;
    } else {
      return current;
    }
  }
}

/** The keys an object schema knows at `path` inside `schema`; empty where it is no object. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let current = unwrap(schema);
  for (const step of path) {
    if (current instanceof z.ZodObject) {
      const next: z.core.$ZodType | undefined = current.shape[String(step)];
      if (next === undefined) return [];
      current = unwrap(next);
    } else if (current instanceof z.ZodArray) {
      current = unwrap(current.element);
    } else if (current instanceof z.ZodUnion) {
      const options: readonly z.core.$ZodType[] = current.options;
      const match = options.find((option) => keysAt(option, [step]).length > 0);
      if (match === undefined) return [];
      current = match;
    } else {
      return [];
    }
  }
  if (current instanceof z.ZodUnion) return current.options.flatMap((option) => keysAt(option, []));
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}
