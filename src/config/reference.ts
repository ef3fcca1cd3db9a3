import * as z from 'zod';
import { configSchema } from './schema.ts';
import { unwrap } from './schema-keys.ts';

/** One line of the configuration reference. */
export interface ReferenceLine {
  readonly path: string;
  readonly type: string;
  readonly defaultValue: string;
  readonly description: string;
}

/** Every key of the configuration, in the schema's order. */
export function configReference(): readonly ReferenceLine[] {
  const lines: ReferenceLine[] = [];
  describe('', configSchema, lines);
  return lines;
}

function describe(path: string, schema: z.core.$ZodType, lines: ReferenceLine[]): void {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    for (const [key, value] of Object.entries(inner.shape as Record<string, z.core.$ZodType>)) {
      describe(path === '' ? key : `${path}.${key}`, value, lines);
    }
    return;
  }
  const element = inner instanceof z.ZodArray ? unwrap(inner.element) : undefined;
  if (element instanceof z.ZodObject) {
    lines.push({
      path: `${path}[]`,
      type: 'list',
      defaultValue: defaultOf(schema),
      description: textOf(schema),
    });
    describe(`${path}[]`, element, lines);
    return;
  }
  lines.push({ path, type: typeOf(inner), defaultValue: defaultOf(schema), description: textOf(schema) });
}

function typeOf(schema: z.core.$ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element)}`;
  if (inner instanceof z.ZodEnum) return inner.options.join(' \\| ');
  if (inner instanceof z.ZodUnion) return inner.options.map(typeOf).join(' \\| ');
  if (inner instanceof z.ZodObject) return `{${Object.keys(inner.shape).join(', ')}}`;
  if (inner instanceof z.ZodUnknown) return 'object';
  return inner._zod.def.type === 'int' ? 'number' : inner._zod.def.type;
}

function defaultOf(schema: z.core.$ZodType): string {
  for (let current = schema; ; ) {
    if (current instanceof z.ZodDefault || current instanceof z.ZodPrefault) {
      return `\`${JSON.stringify(current.def.defaultValue)}\``;
    }
    if (
      current instanceof z.ZodOptional ||
      current instanceof z.ZodNullable ||
      current instanceof z.ZodReadonly
    ) {
      current = current.def.innerType;
    } else {
      return '';
    }
  }
}

function textOf(schema: z.core.$ZodType): string {
  for (let current = schema; ; ) {
    const text = current instanceof z.ZodType ? current.description : undefined;
    if (text !== undefined) return text;
    const next = stepInto(current);
    if (next === undefined) return '';
    current = next;
  }
}

function stepInto(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return schema.def.innerType;
  }
  return undefined;
}
