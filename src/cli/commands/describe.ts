import type { Command } from 'commander';
import { appError } from '../../domain/errors.ts';
import type { Ref } from '../../domain/ref.ts';
import type { Language } from '../../domain/text.ts';
import type { BoundRow, BoundView } from '../../views/bound-view.ts';
import type { DetailSection } from '../../views/view.ts';
import { takeFreshDump } from '../act/fresh-dump.ts';
import { untilHeard } from '../act/until-heard.ts';
import type { CommandRunner } from '../command-runner.ts';
import { exitCodeOfSources } from '../exit-code.ts';
import { findOneRow, viewOfKind } from '../kinds.ts';
import { observe, type ReadOptions } from '../observe.ts';
import { renderData, renderSections } from '../render.ts';
import { outputOption, withReadFlags } from './get.ts';

interface DescribeOptions extends ReadOptions {
  readonly output: 'table' | 'json' | 'yaml';
  readonly why?: true;
  readonly dump?: true;
}

/** `l9s describe KIND NAME`. */
export function addDescribe(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('describe <kind> <name>'))
    .description('say everything known about one thing')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .option(
      '--why',
      'of a server: reasons, newest dump, restarts, probes, rollout, JVM, changes and events, for a ticket',
    )
    .option('--dump', 'with --why: take a thread dump first, and tell what it shows')
    .action((kind: string, name: string, _own: unknown, command: Command) =>
      run((env) => {
        const options = command.optsWithGlobals<DescribeOptions>();
        const view = viewOfKind(kind);
        return observe({ ...options, needsTargets: !view.isLocal }, env, async (observed) => {
          const find = () => findOneRow(view, view.rows(observed.viewContext()), name);
          const { ref } = isHeard(view) ? await untilHeard({ observed, env, written: [name], find }) : find();
          if (options.dump === true) {
            if (options.why !== true || !isServer(ref)) throw dumpWithoutWhy();
            await takeFreshDump(ref, observed, env);
          }
          const row = find();
          const sections = options.why === true ? pageOf(view, row) : row.detail();
          const { language } = observed.settings;
          const text =
            options.output === 'table'
              ? renderSections(sections, language)
              : renderData(
                  options.output,
                  options.why === true ? sectionsJson(sections, language) : row.json(),
                );
          env.output.print(text);
          return exitCodeOfSources(observed.contexts());
        });
      }),
    );
}

/** Rows that datagrams tell of. */
const isHeard = ({ kind }: BoundView): boolean => kind === 'server';
const isServer = (ref: Ref): ref is Ref<'server'> => ref.kind === 'server';
const dumpWithoutWhy = () =>
  appError('USAGE', '--dump goes with --why, of a server', {
    hint: 'Use `l9s describe servers NAME --why --dump`, or `l9s dump thread NAME`.',
  });

function pageOf(view: BoundView, row: BoundRow): readonly DetailSection[] {
  const page = row.page('why');
  if (page !== undefined) return page;
  throw appError('USAGE', `--why is for servers, not for ${view.id}`, {
    hint: 'Use `l9s describe servers NAME --why`.',
  });
}

/** What the page says, by its sections. */
const sectionsJson = (sections: readonly DetailSection[], language: Language) => ({
  sections: sections.map(({ title, lines }) => ({
    title: title[language],
    lines: lines.map(({ label, value }) => ({ label: label.trim(), value })),
  })),
});
