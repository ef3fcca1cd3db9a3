import { type Text, text } from '../../domain/text.ts';
import type { Narrowing } from '../../store/shell/page.ts';
import { viewByName } from '../../views/index.ts';
import type { LooseView } from '../../views/view.ts';
import { rankFuzzy } from './fuzzy.ts';
import { commandNames, PLAIN_COMMANDS, type PlainCommand } from './names.ts';

/** What a line after `:` asks for. */
export type Command =
  | {
      readonly kind: 'view';
      readonly view: LooseView;
      readonly narrowing: Narrowing;
      readonly filter: string;
    }
  | { readonly kind: 'plain'; readonly name: PlainCommand; readonly argument: string }
  | { readonly kind: 'wrong'; readonly reason: Text };

const wrong = (en: string, ko: string): Command => ({ kind: 'wrong', reason: text(en, ko) });

/** `servers @prod-* -n shop,pay app=web /heap>80%` and the like. */
export function parseCommand(line: string): Command {
  const trimmed = line.trim();
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(trimmed) ?? [];
  const name = resolveName(word);
  if (name === undefined) {
    const near = rankFuzzy(word, commandNames())[0];
    const hint = near === undefined ? '' : `; did you mean :${near}`;
    return wrong(
      `No command :${word}${hint}`,
      `:${word} 명령 없음${near === undefined ? '' : `; :${near} 인가요`}`,
    );
  }
  const plain = PLAIN_COMMANDS.find((command) => command.name === name || command.aliases.includes(name));
  if (plain !== undefined) return { kind: 'plain', name: plain.name, argument: rest.trim() };
  const view = viewByName(name);
  if (view === undefined) return wrong(`No command :${word}`, `:${word} 명령 없음`);
  return parseArguments(view, rest);
}

/** A name or alias as it is, or the only one it begins. */
function resolveName(word: string): string | undefined {
  const wanted = word.toLowerCase();
  const names = commandNames();
  if (names.includes(wanted)) return wanted;
  if (wanted === '') return undefined;
  const begun = new Set(
    names.filter((name) => name.startsWith(wanted)).map((name) => viewByName(name)?.id ?? name),
  );
  const [only] = begun;
  return begun.size === 1 ? only : undefined;
}

function parseArguments(view: LooseView, rest: string): Command {
  const slash = /(?:^|\s)\/(.*)$/s.exec(rest);
  const filter = slash?.[1]?.trim() ?? '';
  const words = (slash === null ? rest : rest.slice(0, slash.index))
    .split(/\s+/)
    .filter((word) => word !== '');
  const contexts: string[] = [];
  const namespaces: string[] = [];
  const labels: Record<string, string> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const label = /^([^=\s]+)=([^=\s]*)$/.exec(word);
    if (word.startsWith('@')) {
      contexts.push(
        ...word
          .slice(1)
          .split(',')
          .filter((name) => name !== ''),
      );
    } else if (word === '-n') {
      const names = words[++index];
      if (names === undefined) return wrong('Give namespaces after -n', '-n 다음에 네임스페이스를 주세요');
      namespaces.push(...names.split(',').filter((name) => name !== ''));
    } else if (label !== null) {
      labels[label[1] ?? ''] = label[2] ?? '';
    } else {
      return wrong(
        `:${view.id} does not understand ${word}; use @context, -n namespace, label=value or /filter`,
        `:${view.id}: ${word} 이해 불가; @컨텍스트, -n 네임스페이스, label=value, /필터`,
      );
    }
  }
  return { kind: 'view', view, narrowing: { contexts, namespaces, labels }, filter };
}
