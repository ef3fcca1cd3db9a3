import type { AnyAction } from '../../actions/action.ts';
import { callCount, type Plan } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import { NOT_KNOWN } from '../../views/format-number.ts';
import { say } from '../../views/words.ts';
import { displayWidth } from '../kit/width.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';
import { saidLines } from './said-lines.ts';

/** Values told one by one; more are left out. */
const TOLD = 3;

/** A plan in one line: `scale Deployment shop/was · Servers 2 → 5 · 1 call`; calls are left out where there is no room. */
export function verdictLines(room: DialogRoom, plan: Plan, action: AnyAction): readonly DialogLine[] {
  const { title } = action;
  const what = whatOf(plan);
  const count = plan.targets.flatMap(({ steps }) => steps).reduce((sum, step) => sum + callCount(step), 0);
  const said = [text(`${title.en} ${what.en}`, `${what.ko} ${title.ko}`), ...changesOf(plan, action)];
  const calls = text(`${count} ${count === 1 ? 'call' : 'calls'}`, `호출 ${count}건`);
  const lineOf = (pieces: readonly Text[]) =>
    pieces.map((piece) => say(room.world.settings, piece)).join(' · ');
  const whole = lineOf([...said, calls]);
  return saidLines(room, displayWidth(whole) <= room.width ? whole : lineOf(said), { role: 'title' });
}

/** The one target by its name, several by their number and kinds. */
function whatOf({ targets }: Plan): Text {
  const [first] = targets;
  if (targets.length === 1 && first !== undefined) {
    const { kind, namespace, name } = first;
    const words = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    return text(words, words);
  }
  const kinds = Array.from(
    Map.groupBy(targets, ({ kind }) => kind),
    ([kind, own]) => `${own.length} ${kind}`,
  );
  const words = kinds.join(', ');
  if (kinds.length === 1) return text(words, words);
  return text(`${targets.length} targets (${words})`, `대상 ${targets.length}개 (${words})`);
}

/** What each input stands for: the value before, as the targets have it, and the one asked for. */
const changesOf = ({ input, targets }: Plan, { inputs }: AnyAction): readonly Text[] =>
  inputs.flatMap(({ id, title, replaces = [] }): readonly Text[] => {
    const value = input[id];
    if (value === undefined) return [];
    if (replaces.length === 0) return [text(`${title.en} ${value}`, `${title.ko} ${value}`)];
    const known = new Set(
      targets.map(({ before }) => {
        const fact = replaces.find((name) => before[name] !== undefined);
        return fact === undefined ? NOT_KNOWN : String(before[fact]);
      }),
    );
    const from = [...known].slice(0, TOLD).join(', ') + (known.size > TOLD ? ' …' : '');
    return [text(`${title.en} ${from} → ${value}`, `${title.ko} ${from} → ${value}`)];
  });
