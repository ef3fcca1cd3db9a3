import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { describeThrown } from '../core/app-error.ts';
import { suggest } from '../core/suggest.ts';
import { cleanLine } from '../core/text.ts';
import type { ConfigIssue } from './config-issue.ts';
import { keysAt } from './schema-keys.ts';

/** Where in its file a value was written. */
export interface Lines {
  /** Line of the value, or of its nearest parent that was written. */
  readonly near: (path: readonly PropertyKey[]) => number | undefined;
  /** Line of this very value; `undefined` where a default stands. */
  readonly exact: (path: readonly PropertyKey[]) => number | undefined;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly lines: Lines }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

/** Reads YAML text against a schema; every problem comes back with its file, line and path. */
export function parseYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): Parsed<z.output<Schema>> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    return {
      ok: false,
      issues: document.errors.map((error) => ({
        file,
        line: counter.linePos(error.pos[0]).line,
        path: '',
        message: cleanLine(error.message),
      })),
    };
  }
  const lines: Lines = {
    exact: (path) => lineOfPath(document, counter, path),
    near(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lineOfPath(document, counter, path.slice(0, length));
        if (line !== undefined) return line;
      }
      return undefined;
    },
  };
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    return { ok: false, issues: [{ file, path: '', message: cleanLine(describeThrown(error)) }] };
  }
  const result = schema.safeParse(content);
  if (result.success) return { ok: true, value: result.data, lines };
  return {
    ok: false,
    issues: result.error.issues.flatMap((issue) => issuesOf(issue, { file, schema, lineOf: lines.near })),
  };
}

interface IssueContext {
  readonly file: string;
  readonly schema: z.ZodType;
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

function issuesOf(issue: z.core.$ZodIssue, context: IssueContext): ConfigIssue[] {
  const { file, schema, lineOf } = context;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const known = keysAt(schema, issue.path);
      const near = suggest(key, known);
      const help = near === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${near}\`?`;
      return { file, line: lineOf(path), path: path.join('.'), message: cleanLine(`unknown key; ${help}`) };
    });
  }
  return [
    {
      file,
      line: lineOf(issue.path),
      path: issue.path.join('.'),
      message: cleanLine(issue.message.replace(/^Invalid input: /, '')),
    },
  ];
}

/** The line of the key (or list item) at `path`. */
function lineOfPath(
  document: Document,
  counter: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  const parent: unknown = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
    return pair !== undefined && isScalar(pair.key) && pair.key.range
      ? counter.linePos(pair.key.range[0]).line
      : undefined;
  }
  const node: unknown = isSeq(parent) && typeof key === 'number' ? parent.items[key] : undefined;
  return isNode(node) && node.range ? counter.linePos(node.range[0]).line : undefined;
}
