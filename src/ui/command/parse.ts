import { suggest } from '../../core/suggest.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Narrowing } from '../../store/shell/page.ts';
import { viewByName } from '../../views/index.ts';
import type { LooseView } from '../../views/view.ts';
import { filterProblem } from '../rows.ts';
import { elsewhere } from './elsewhere.ts';
import { rankFuzzy } from './fuzzy.ts';
import {
  type KnownNames,
  NOTHING_KNOWN,
  unknownContext,
  unknownInFilter,
  unknownNamespace,
} from './known-names.ts';
import { commandNames, PLAIN_COMMANDS, type PlainCommand } from './names.ts';

/** What a line after `:` asks for. */
export type Command =
  | {
      readonly kind: 'view';
      readonly view: LooseView;
      readonly narrowing: Narrowing;
      readonly filter: string;
      /** Worth saying, though the view opens. */
      readonly warning?: Text | undefined;
    }
  | { readonly kind: 'plain'; readonly name: PlainCommand; readonly argument: string }
  | { readonly kind: 'wrong'; readonly reason: Text };

const wrong = (en: string, ko: string): Command => ({ kind: 'wrong', reason: text(en, ko) });

/** `servers @prod-* -n shop,pay app=web /heap>80%` and the like; a word alone is a filter. */
export function parseCommand(line: string, known: KnownNames = NOTHING_KNOWN): Command {
  const trimmed = line.trim();
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(trimmed) ?? [];
  const name = resolveName(word);
  if (name === undefined) {
    const reason = elsewhere(word.toLowerCase(), rest.trim());
    if (reason !== undefined) return { kind: 'wrong', reason };
    const near = rankFuzzy(word, commandNames())[0] ?? suggest(word.toLowerCase(), commandNames());
    const hint = near === undefined ? '; ? lists them' : `; did you mean :${near}?`;
    const typed = word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}…` : word;
    return wrong(
      `No command :${typed}${hint}`,
      `:${typed} 명령 없음${near === undefined ? '; ?로 목록 보기' : `; :${near} 인가요?`}`,
    );
  }
  const plain = PLAIN_COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
  if (plain !== undefined) return { kind: 'plain', name: plain.name, argument: rest.trim() };
  const view = viewByName(name);
  if (view === undefined) return wrong(`No command :${word}`, `:${word} 명령 없음`);
  return parseArguments(view, rest, known);
}

/** A name or alias as it is, or the only one it begins; what other tools call by that name is not begun. */
function resolveName(word: string): string | undefined {
  const wanted = word.toLowerCase();
  const names = commandNames();
  if (names.includes(wanted)) return wanted;
  if (wanted === '' || elsewhere(wanted, '') !== undefined) return undefined;
  const begun = new Set(
    names.filter((name) => name.startsWith(wanted)).map((name) => viewByName(name)?.id ?? name),
  );
  const [only] = begun;
  return begun.size === 1 ? only : undefined;
}

/** Repeated no longer than this, so that the hint behind it is seen. */
const LONGEST_WORD = 40;
const listed = (word: string): readonly string[] => word.split(',').filter((name) => name !== '');

function parseArguments(view: LooseView, rest: string, known: KnownNames): Command {
  const slash = /(?:^|\s)\/(.*)$/s.exec(rest);
  const words = (slash === null ? rest : rest.slice(0, slash.index))
    .split(/\s+/)
    .filter((word) => word !== '');
  const contexts: string[] = [];
  const namespaces: string[] = [];
  const labels: Record<string, string> = {};
  const filter: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word.startsWith('@')) contexts.push(...listed(word.slice(1)));
    else if (word === '-n') {
      const names = words[++index];
      if (names === undefined) return wrong('Give namespaces after -n', '-n 다음에 네임스페이스를 주세요');
      if (view.namespaceOf === undefined)
        return wrong(`:${view.id} has no namespaces`, `:${view.id}: 네임스페이스 없음`);
      namespaces.push(...listed(names));
    } else if (word === '-l' || word === '-f') {
      filter.push(word, ...words.slice(++index, index + 1));
    } else if (/^-[lf]=/.test(word)) {
      filter.push(word);
    } else if (word.startsWith('-')) {
      return wrong(
        `:${view.id} does not know ${word}: @context, -n namespace, label=value, text or /filter`,
        `:${view.id}: ${word} 이해 불가: @컨텍스트, -n 네임스페이스, label=value, 글자, /필터`,
      );
    } else {
      const label = labelOf(view, word);
      if (label === undefined) filter.push(word);
      else labels[label.name] = label.value;
    }
  }
  filter.push(slash?.[1]?.trim() ?? '');
  const typed = filter.join(' ').trim();
  const problem = filterProblem(view, typed);
  if (problem !== undefined) return wrong(problem, problem);
  const inFilter = unknownInFilter(typed, () => known);
  const stranger = unknownContext(contexts, known) ?? inFilter.context;
  if (stranger !== undefined) return { kind: 'wrong', reason: stranger };
  return {
    kind: 'view',
    view,
    narrowing: { contexts, namespaces, labels },
    filter: typed,
    warning: unknownNamespace(namespaces, known) ?? inFilter.namespace,
  };
}

/** `app=web`: a label, unless the view has a column of that name or rows without labels. */
function labelOf(
  view: LooseView,
  word: string,
): { readonly name: string; readonly value: string } | undefined {
  const [, name, value = ''] = /^([\w./-]+)=([^=\s]*)$/.exec(word) ?? [];
  if (name === undefined || view.labelsOf === undefined) return undefined;
  return view.columns.some(({ id }) => id === name.toLowerCase()) ? undefined : { name, value };
}
