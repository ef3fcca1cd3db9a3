import { type Command, Option } from 'commander';
import { ACTIONS } from '../../actions/index.ts';
import { RULE_WORDS } from '../../app/rule-words.ts';
import { systemClock } from '../../core/clock.ts';
import { AUDIT_RESULTS, type AuditEntry } from '../../domain/audit-entry.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { viewOfKind } from '../kinds.ts';
import { openTargets } from '../observe.ts';
import { FORMATS, type Format, renderRows, renderSections } from '../render.ts';
import { durationArgument, type SharedOptions } from '../shared-flags.ts';
import { outputOption } from './get.ts';

interface AuditOptions extends SharedOptions {
  readonly output: Format;
  readonly since?: number;
  readonly action?: string;
  readonly result?: string;
}

/** `l9s audit [ID]`: what was done and refused, by whom; connects to nothing. */
export function addAudit(program: Command, run: CommandRunner): void {
  program
    .command('audit [id]')
    .description(
      'list what was done and refused here, by whom and with what result; with an id everything of it',
    )
    .addOption(outputOption(FORMATS))
    .option('--since <duration>', 'only what began so long ago at most, e.g. 24h', durationArgument)
    .addOption(new Option('--action <name>', 'only this action or verb').choices(RULE_WORDS.actions))
    .addOption(new Option('--result <result>', 'only with this result').choices(AUDIT_RESULTS))
    .action((id: string | undefined, _own: unknown, command: Command) =>
      run((env) => audit(id, command.optsWithGlobals<AuditOptions>(), env)),
    );
}

async function audit(
  id: string | undefined,
  options: AuditOptions,
  env: CommandEnvironment,
): Promise<number> {
  const observed = await openTargets(options, env);
  try {
    const { entries, problems, problemCount } = await observed.acting.readAudit(env.signal);
    for (const { file, line, message } of problems) {
      env.output.warn(`l9s: audit: ${file}${line === undefined ? '' : `:${line}`}: ${message}`);
    }
    if (problemCount > problems.length) {
      env.output.warn(`l9s: audit: ${problemCount - problems.length} more lines tell nothing`);
    }
    const wanted = entries.filter(isWanted(id, options));
    observed.store.apply(wanted.map((entity) => ({ type: 'put', kind: 'audit', entity })));
    const view = viewOfKind('audit');
    const rows = view.rows(observed.viewContext());
    const [single] = rows;
    if (id !== undefined && single === undefined) {
      env.output.warn(`l9s: audit: no action has the id ${id}`);
      return EXIT.error;
    }
    const whole = id !== undefined && single !== undefined && options.output === 'table';
    env.output.print(
      whole
        ? renderSections(single.detail(), observed.settings.language)
        : renderRows(view, rows, { format: options.output }),
    );
    return EXIT.done;
  } finally {
    await observed.close();
  }
}

/** `restart` is the verb of `restart` and of `rolling-restart`. */
const isOfVerb = (action: string, written: string): boolean =>
  action === written || ACTIONS.some(({ id, command }) => id === action && command === written);

const isWanted =
  (id: string | undefined, { since, action, result }: AuditOptions) =>
  (entry: AuditEntry): boolean =>
    (id === undefined || entry.ref.id === id) &&
    (since === undefined || entry.at >= systemClock.now() - since) &&
    (action === undefined || isOfVerb(entry.action, action)) &&
    (result === undefined || entry.result === result);
