import type { Shell } from '../../store/shell/shell.ts';
import type { LooseView, Related } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { type Completion, complete } from '../command/complete.ts';
import { type KnownNames, unknownInFilter } from '../command/known-names.ts';
import { filterProblem, type RowSet } from '../rows.ts';
import type { ConsoleSettings } from '../settings.ts';

export interface PromptStage {
  readonly related: Related;
  readonly shell: Shell;
  readonly settings: ConsoleSettings;
  view(): LooseView | undefined;
  rowSet(): RowSet;
}

/** What the prompt offers and refuses, by what is known at that moment. */
export function createPromptFacts({ related, shell, settings, view, rowSet }: PromptStage) {
  const knownNames = (): KnownNames => ({
    // The receiver of datagrams has a row of its own beside those configured.
    contexts: [
      ...new Set([...settings.configuredContexts, ...Array.from(related.all('context'), ({ name }) => name)]),
    ],
    namespaces: namespacesOf(related),
  });
  return {
    knownNames,
    completion(): Completion | undefined {
      const { prompt } = shell.getState();
      if (prompt?.kind !== 'command') return undefined;
      return complete(prompt.stem ?? prompt.text.slice(0, prompt.cursor), knownNames());
    },
    filterError(): string | undefined {
      const { prompt } = shell.getState();
      const shown = view();
      if (shown === undefined || prompt?.kind === 'command') return undefined;
      if (prompt === undefined) return rowSet().filterError;
      const problem = filterProblem(shown, prompt.text);
      if (problem !== undefined) return problem;
      const { context: stranger } = unknownInFilter(prompt.text, knownNames);
      return stranger === undefined ? undefined : say(settings, stranger);
    },
  };
}

/** Namespaces, ECS clusters and hosts that servers and workloads live in. */
function namespacesOf(related: Related): readonly string[] {
  const names = new Set<string>();
  for (const { place } of related.all('server')) if (place !== undefined) names.add(place.name);
  for (const { place } of related.all('workload')) names.add(place.name);
  return [...names].sort();
}
