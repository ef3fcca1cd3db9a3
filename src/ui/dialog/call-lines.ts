import { maskDeep } from '../../actions/mask.ts';
import { recordOf } from '../../core/json-read.ts';
import { type Call, type CallRequest, type JsonValue, requestBody, requestLine } from '../../domain/call.ts';
import { callCount, type Plan, type TakeRequest } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import { part, partsWidth } from '../kit/styled-line.ts';
import { displayWidth, truncate, truncateMiddle } from '../kit/width.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { indented, saidLines } from './said-lines.ts';

/** Cells the values of one call may take in its line. */
const VALUE_CELLS = 40;

/** The calls of a plan in their order with what is waited for: one line each, or requests with their bodies. */
export function callLines(room: DialogRoom, { targets }: Plan, isUnfolded: boolean): readonly DialogLine[] {
  const { settings } = room.world;
  const count = targets.flatMap(({ steps }) => steps).reduce((sum, step) => sum + callCount(step), 0);
  const fold = isUnfolded
    ? text('^x hides bodies and ids', '^x: 본문과 식별자 숨기기')
    : text('^x shows bodies and ids', '^x: 본문과 식별자 보기');
  const lineOf = isUnfolded ? unfoldedCall : foldedCall;
  const awaited = new Set<string>();
  const lines = targets.flatMap((target) => [
    ...target.steps.flatMap((step): readonly DialogLine[] => {
      if (step.type === 'call') return lineOf(room, step.call, '→');
      if (step.type === 'take') return takeLines(room, step.request);
      const words = say(settings, step.title);
      // The same wait of many targets is read once.
      if (!isUnfolded && awaited.has(words)) return [];
      awaited.add(words);
      return [[part('  … ', 'muted'), part(truncate(words, room.width - 4), 'muted')]];
    }),
    ...(target.restore ?? []).flatMap(({ call }) => lineOf(room, call, '↺')),
  ]);
  const restores = targets.some(({ restore = [] }) => restore.length > 0);
  return [
    [
      part(say(settings, text(`Calls (${count})`, `호출 (${count})`)), 'heading'),
      part(`  ${say(settings, fold)}`, 'muted'),
      ...(restores ? [part(`  ${say(settings, text('↺ only if it fails', '↺ 실패할 때만'))}`, 'muted')] : []),
    ],
    ...lines,
  ];
}

/** With whom, and everything that may be asked for: it is what the operator agrees to. */
function takeLines(
  room: DialogRoom,
  { title, context, through, asks, times }: TakeRequest,
): readonly DialogLine[] {
  const { settings } = room.world;
  // Nothing leads there: that it is left out is the whole of it.
  if (times === 0) {
    return [
      [
        part('  ✖ ', 'bad'),
        part(say(settings, title), 'muted'),
        part(`  ${context}`, 'accent'),
        part(`  ${through}`, 'muted'),
      ],
    ];
  }
  const [first = '', ...others] = asks;
  const rest = others.map((ask) => text(`else ${ask}`, `안 되면 ${ask}`));
  const below = [text(through, through), text(first, first), ...rest].map((words) => say(settings, words));
  return [
    [part('  → ', 'muted'), part(say(settings, title)), part(`  ${context}`, 'accent')],
    ...below.flatMap((words) =>
      saidLines({ ...room, width: room.width - 6 }, words, { role: 'muted' }).map(indented),
    ),
  ];
}

function foldedCall(
  room: DialogRoom,
  { title, context, request }: Call,
  sign: string,
): readonly DialogLine[] {
  const words = say(room.world.settings, title);
  // What the title says already is not said again.
  const set = valuesOf(request).flatMap(({ name, value }) =>
    isTold(words, value) ? [] : [name === undefined ? value : `${name} ${value}`],
  );
  const value = set.length === 0 ? '' : `  ${truncate(set.join(', '), VALUE_CELLS)}`;
  const where = `  ${context}  `;
  // Titles end with the value they set, so where there is no room their middle goes.
  const kept = truncateMiddle(words, room.width - 4 - displayWidth(value) - displayWidth(where));
  const head = [part(`  ${sign} `, 'muted'), part(kept), part(value, 'key'), part(where, 'accent')];
  return [[...head, part(truncate(requestLine(request), room.width - partsWidth(head)), 'muted')]];
}

function unfoldedCall(
  room: DialogRoom,
  { title, context, request }: Call,
  sign: string,
): readonly DialogLine[] {
  const body = bodyOf(request);
  const below = (words: string, indent: number) =>
    saidLines({ ...room, width: room.width - indent }, words, { role: 'muted' }).map(indented);
  return [
    [part(`  ${sign} `, 'muted'), part(say(room.world.settings, title)), part(`  ${context}`, 'accent')],
    ...below(requestLine(request), 6),
    ...(body === undefined
      ? []
      : JSON.stringify(body, undefined, 2)
          .split('\n')
          .flatMap((line) => below(line, 8))),
  ];
}

function bodyOf(request: CallRequest): JsonValue | undefined {
  const body = requestBody(request);
  return body === undefined ? undefined : maskDeep(body);
}

/** What of a body names its object or its kind, not a value that is set. */
const NAMING = new Set(['apiVersion', 'kind', 'metadata', 'cluster', 'service', 'task']);

/** A value that stands by itself in a title: `5` in `from 2 to 5`, not in `was-5`. */
const isTold = (words: string, value: string): boolean =>
  words.split(/\s+/).some((word) => word.startsWith(value) && !/^[\w.:/-]/.test(word.slice(value.length)));

/** What a body sets: the values of a JSON patch, or its plain fields. */
function valuesOf(
  request: CallRequest,
): readonly { readonly name?: string | undefined; readonly value: string }[] {
  const body = bodyOf(request);
  if (Array.isArray(body)) {
    return body
      .map(recordOf)
      .filter(({ op, value }) => op !== 'test' && isPlain(value))
      .map(({ value }) => ({ value: String(value) }));
  }
  return Object.entries(recordOf(body))
    .filter(([name, value]) => !NAMING.has(name) && isPlain(value))
    .map(([name, value]) => ({ name, value: String(value) }));
}
const isPlain = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
