import type { Command } from 'commander';
import { diffRevisions } from '../../actions/template/diff-revisions.ts';
import { suggest } from '../../core/suggest.ts';
import { appError } from '../../domain/errors.ts';
import type { ServiceCluster } from '../../domain/service-cluster.ts';
import type { CommandRunner } from '../command-runner.ts';
import { EXIT } from '../exit-code.ts';
import { type Observed, observe, type ReadOptions } from '../observe.ts';
import { outputOption, withReadFlags } from './get.ts';

interface DiffOptions extends ReadOptions {
  readonly output: 'table' | 'json';
}

/** `l9s diff-revision SERVICECLUSTER A B`: what differs between two template revisions; reads only. */
export function addDiffRevision(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('diff-revision <servicecluster> <from> <to>'))
    .description('show file by file what differs between two template revisions (`default` is one too)')
    .addOption(outputOption(['table', 'json']))
    .action((name: string, from: string, to: string, _own: unknown, command: Command) =>
      run((env) => {
        const options = command.optsWithGlobals<DiffOptions>();
        return observe(options, env, async (observed) => {
          const cluster = findCluster(observed, name);
          const { tools } = observed.acting;
          const diff = await diffRevisions(cluster, [from, to], { tools, signal: env.signal });
          const { summary, isEqual, blocks } = diff;
          const text =
            options.output === 'json'
              ? JSON.stringify(
                  {
                    serviceCluster: cluster.name,
                    from: diff.from,
                    to: diff.to,
                    isEqual,
                    summary: summary.en,
                    files: blocks,
                  },
                  undefined,
                  2,
                )
              : blocks.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]).join('\n');
          env.output.print(text);
          return EXIT.done;
        });
      }),
    );
}

/** `[context:]name`. */
function findCluster(observed: Observed, written: string): ServiceCluster {
  const all = [...observed.viewContext().related.all('serviceCluster')];
  const found = all.filter(({ name, ref }) => name === written || `${ref.context}:${name}` === written);
  const [first, second] = found;
  if (first === undefined) {
    const near = suggest(
      written,
      all.map(({ name }) => name),
    );
    const help = near === undefined ? '' : `; did you mean "${near}"?`;
    throw appError('TARGET_UNKNOWN', `no service cluster is named "${written}"${help}`, {
      hint: 'List them with `l9s get service-clusters`.',
    });
  }
  if (second === undefined) return first;
  const candidates = found.map(({ ref, name }) => `  ${ref.context}:${name}`).join('\n');
  throw appError('TARGET_AMBIGUOUS', `"${written}" names ${found.length}:\n${candidates}`, {
    hint: 'Name one of them as context:name.',
  });
}
