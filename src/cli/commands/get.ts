import { type Command, Option } from 'commander';
import { sleep, systemClock } from '../../core/clock.ts';
import type { BoundRow, BoundView } from '../../views/bound-view.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { exitCodeOfSources } from '../exit-code.ts';
import { findRows, unknownName, viewOfKind } from '../kinds.ts';
import { type Observed, observe, type ReadOptions } from '../observe.ts';
import { FORMATS, type Format, nameOf, renderRows } from '../render.ts';
import { durationArgument } from '../shared-flags.ts';
import { watchForm } from '../watch-form.ts';

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
  return await observe({ ...options, needsTargets: !view.isLocal }, env, async (observed) => {
    const read = () => select(view, names, { observed, options });
    if (view.kind === 'server') await readByRule(options, env, observed);
    if (options.watch === true) await watch(view, read, { options, env, observed });
    else {
      const beside = () => sourcesOf(view, observed);
      const rows = read();
      env.output.print(renderRows(view, rows, { format: options.output, beside }));
      const why = rows.length === 0 ? view.whenEmpty(observed.viewContext()) : undefined;
      if (why !== undefined) env.output.warn(`l9s: ${why[observed.settings.language]}`);
    }
    return exitCodeOfSources(observed.contexts());
  });
}

/** Servers that `telemetry.probe` names are read before they are printed. */
async function readByRule(
  { settle = PROBES_SETTLE_MS }: GetOptions,
  { signal }: CommandEnvironment,
  { probing, runtime }: Observed,
): Promise<void> {
  probing.startRules();
  await probing.settled(settle, signal);
  signal.throwIfAborted();
  runtime.flush();
}
const PROBES_SETTLE_MS = 10_000;

interface Selection {
  readonly observed: Observed;
  readonly options: GetOptions;
}

/** All rows of the namespaces asked for, or those the names mean; a name that means none is an error. */
function select(
  view: BoundView,
  names: readonly string[],
  { observed, options }: Selection,
): readonly BoundRow[] {
  const { namespace: namespaces = [] } = options;
  const all = view.rows(observed.viewContext());
  const rows =
    namespaces.length === 0 || !view.hasNamespaces
      ? all
      : all.filter(({ namespace }) => namespace !== undefined && namespaces.includes(namespace));
  if (names.length === 0) return rows;
  const found = new Set<BoundRow>();
  for (const name of names) {
    const meant = findRows(rows, name);
    if (meant.length === 0 && options.watch !== true) throw unknownName(view, rows, name);
    for (const row of meant) found.add(row);
  }
  return [...found];
}

/** Beside rows whose sources are not those rows themselves. */
const sourcesOf = ({ id }: BoundView, observed: Observed): object =>
  id === 'contexts'
    ? {}
    : {
        sources: viewOfKind('contexts')
          .rows(observed.viewContext())
          .map((row) => row.json()),
      };

const WATCH_PAUSE_MS = 500;

/** Goes on printing what changes until interrupted. */
async function watch(
  view: BoundView,
  read: () => readonly BoundRow[],
  { options, env }: GetCall & { readonly observed: Observed },
): Promise<void> {
  const form = watchForm(view, options.output);
  const print = (line: string) => {
    if (line !== '') env.output.print(line);
  };
  const printed = (rows: readonly BoundRow[]) =>
    new Map(rows.map((row) => [nameOf(row), { row, facts: form.facts(row) }]));
  const rows = read();
  print(form.first(rows));
  let before = printed(rows);
  while (!env.signal.aborted) {
    await sleep(systemClock, WATCH_PAUSE_MS, env.signal);
    const after = printed(read());
    for (const [name, { row, facts }] of after) {
      if (before.get(name)?.facts !== facts) print(form.changed(row));
    }
    for (const [name, { row }] of before) if (!after.has(name)) print(form.gone(row));
    before = after;
  }
}
