import { type Command, Option } from 'commander';
import { sleep, systemClock } from '../../core/clock.ts';
import type { BoundRow, BoundView } from '../../views/bound-view.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT, exitCodeOfSources } from '../exit-code.ts';
import { findRows, jsonKeyOf, unknownName, viewOfKind } from '../kinds.ts';
import { type Observed, observe, type ReadOptions } from '../observe.ts';
import { FORMATS, type Format, renderCsv, renderData, renderNames, renderTable } from '../render.ts';
import { durationArgument } from '../shared-flags.ts';

interface GetOptions extends ReadOptions {
  readonly output: Format;
  readonly watch?: boolean;
}

export const withReadFlags = (command: Command): Command =>
  command.option(
    '--settle <duration>',
    'longest wait for every source to answer (default: 10s)',
    durationArgument,
  );

export const outputOption = (formats: readonly string[]): Option =>
  new Option('-o, --output <format>', 'form of the output').choices(formats).default('table');

/** `l9s get KIND [NAME…]`. */
export function addGet(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('get <kind> [names...]'))
    .description('list servers, workloads, contexts, events, findings … of every target')
    .addOption(outputOption(FORMATS))
    .option('-w, --watch', 'go on and print what changes')
    .action((kind: string, names: readonly string[], _own: unknown, command: Command) =>
      run((env) => get(viewOfKind(kind), names, { options: command.optsWithGlobals<GetOptions>(), env })),
    );
}

/** `l9s events`: newest last, so that a terminal ends on what just happened. */
export function addEvents(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('events [names...]'))
    .description('list what happened, of every target')
    .addOption(outputOption(FORMATS))
    .option('-w, --watch', 'go on and print what happens')
    .action((names: readonly string[], _own: unknown, command: Command) =>
      run((env) => get(viewOfKind('events'), names, { options: command.optsWithGlobals<GetOptions>(), env })),
    );
}

interface GetCall {
  readonly options: GetOptions;
  readonly env: CommandEnvironment;
}

async function get(view: BoundView, names: readonly string[], { options, env }: GetCall): Promise<number> {
  return await observe(options, env, async (observed) => {
    const rows = select(view, names, observed);
    env.output.print(render(view, rows, { format: options.output, observed }));
    if (options.watch === true) await watch(view, names, { options, env, observed });
    return names.length > 0 && rows.length === 0 ? EXIT.error : exitCodeOfSources(observed.contexts());
  });
}

/** All rows, or those the names mean; a name that means none is an error, unless a source is missing. */
function select(view: BoundView, names: readonly string[], observed: Observed): readonly BoundRow[] {
  const rows = view.rows(observed.viewContext());
  if (names.length === 0) return rows;
  const found = new Set<BoundRow>();
  for (const name of names) {
    const meant = findRows(rows, name);
    if (meant.length === 0) throw unknownName(view, name);
    for (const row of meant) found.add(row);
  }
  return [...found];
}

interface RenderCall {
  readonly format: Format;
  readonly observed: Observed;
}

function render(view: BoundView, rows: readonly BoundRow[], { format, observed }: RenderCall): string {
  switch (format) {
    case 'table':
    case 'wide':
      return renderTable(view, rows, format === 'wide');
    case 'csv':
      return renderCsv(view, rows);
    case 'name':
      return renderNames(rows);
    case 'json':
    case 'yaml': {
      const contexts = viewOfKind('contexts').rows(observed.viewContext());
      return renderData(format, {
        [jsonKeyOf(view)]: rows.map((row) => row.json()),
        ...(view.id === 'contexts' ? {} : { sources: contexts.map((row) => row.json()) }),
      });
    }
  }
}

const WATCH_PAUSE_MS = 500;

/** Prints rows that are new, changed or gone until interrupted: JSON a line each, otherwise table rows. */
async function watch(
  view: BoundView,
  names: readonly string[],
  { options, env, observed }: GetCall & { readonly observed: Observed },
): Promise<void> {
  const isJson = options.output === 'json' || options.output === 'yaml';
  let before = printable(view, select(view, names, observed), options.output);
  while (!env.signal.aborted) {
    await sleep(systemClock, WATCH_PAUSE_MS, env.signal);
    const rows = view.rows(observed.viewContext());
    const wanted = names.length === 0 ? rows : names.flatMap((name) => findRows(rows, name));
    const after = printable(view, wanted, options.output);
    for (const [key, line] of after) {
      if (before.get(key) === line) continue;
      env.output.print(isJson ? `{"type":"put","row":${line}}` : line);
    }
    for (const [key] of before) {
      if (after.has(key)) continue;
      const [context, id] = key.split('\n');
      env.output.print(isJson ? JSON.stringify({ type: 'drop', context, id }) : `gone: ${context}:${id}`);
    }
    before = after;
  }
}

function printable(view: BoundView, rows: readonly BoundRow[], format: Format): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  const isWide = format === 'wide';
  for (const row of rows) {
    const key = `${row.ref.context}\n${row.ref.id}`;
    const cells = () =>
      row
        .texts()
        .filter((_text, index) => isWide || view.columns[index]?.isWide === false)
        .join('   ');
    lines.set(key, format === 'json' || format === 'yaml' ? JSON.stringify(row.json()) : cells());
  }
  return lines;
}
