import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { AnyAction } from '../../actions/action.ts';
import { dumpHistogramLive } from '../../actions/dump-histogram.action.ts';
import { dumpSeries } from '../../actions/dump-series.action.ts';
import { ACTIONS } from '../../actions/index.ts';
import { dumpDirectory, keptDump } from '../../app/kept-dump.ts';
import { cleanText } from '../../core/text.ts';
import type { VerdictLine } from '../../domain/analysis.ts';
import type { Dump } from '../../domain/dump.ts';
import { UNAUTHENTICATED } from '../../domain/dump-way.ts';
import { failureText } from '../../domain/errors.ts';
import { isAccomplished, type Job } from '../../domain/job.ts';
import { type Language, text } from '../../domain/text.ts';
import { verdictJson } from '../../views/verdict-json.ts';
import { jobJson } from '../act/render-plan.ts';
import { seriesVerdict } from '../act/series-verdict.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import type { ReadOptions } from '../observe.ts';
import { act, withActFlags } from './act.ts';
import { outputOption } from './get.ts';

/** Beside those of every command that acts. */
interface DumpOptions extends ReadOptions {
  readonly out?: string;
  readonly count?: string;
  readonly interval?: string;
  readonly live?: boolean;
  readonly output: 'path' | 'json';
}

const COMMAND = 'dump';
/** A sub-command of several verbs is the first of them, unless its options mean another. */
const MEANT: readonly { readonly action: AnyAction; readonly isMeant: (options: DumpOptions) => boolean }[] =
  [
    {
      action: dumpSeries,
      isMeant: ({ count, interval }) => count !== undefined || interval !== undefined,
    },
    { action: dumpHistogramLive, isMeant: ({ live }) => live === true },
  ];

/** `l9s dump thread|service|histogram|heap|fetch SERVER…`: the paths of what was taken, one a line. */
export function addDump(program: Command, run: CommandRunner): void {
  const dump = program
    .command(COMMAND)
    .description('take dumps of servers: threads, requests, classes, the heap, files they wrote');
  const verbs = Map.groupBy(
    ACTIONS.filter(({ command }) => command === COMMAND),
    ({ subcommand }) => subcommand ?? '',
  );
  for (const [word, actions] of verbs) {
    const sub = withActFlags(dump.command(`${word} <servers...>`))
      .description([...new Set(actions.map(({ help }) => help.en))].join(' '))
      .addOption(outputOption(['path', 'json']).default('path'));
    const fields = new Map(
      actions.flatMap(({ inputs }) => inputs.map(({ flag }) => [flag.spelling, flag.help] as const)),
    );
    for (const [spelling, help] of fields) sub.option(spelling, help);
    if (actions.includes(dumpHistogramLive)) {
      sub.option('--live', 'only what is reachable: the JVM makes a full collection first');
    }
    sub.action((servers: readonly string[], _own: unknown, self: Command) =>
      run((env) => takeDumps({ word, actions, servers, options: self.optsWithGlobals<DumpOptions>(), env })),
    );
  }
}

interface DumpCall {
  readonly word: string;
  readonly actions: readonly AnyAction[];
  readonly servers: readonly string[];
  readonly options: DumpOptions;
  readonly env: CommandEnvironment;
}

async function takeDumps({ word, actions, servers, options, env }: DumpCall): Promise<number> {
  const special = MEANT.find(({ action, isMeant }) => actions.includes(action) && isMeant(options))?.action;
  const action = special ?? actions[0];
  const out = options.out === undefined ? undefined : path.resolve(options.out);
  const isJson = options.output === 'json';
  const { live, ...others } = options;
  const isNew = out !== undefined && !existsSync(out);
  return await act({
    verb: `${COMMAND} ${word}`,
    actions: action === undefined ? [] : [action],
    targets: servers,
    options: {
      ...others,
      ...(out === undefined ? {} : { out }),
      // It has chosen the verb where it is none of its inputs.
      ...(live === true && special === undefined ? { live } : {}),
      wait: true,
      output: isJson ? 'json' : 'table',
    },
    env,
    show: async (job, { settings: { language }, stateDirectory }) => {
      await show(job, { directory: out ?? dumpDirectory(stateDirectory), isJson, language, env });
      if (isNew && existsSync(out)) {
        env.output.warn(
          cleanText(text(`l9s: made the directory ${out}`, `l9s: 디렉터리 ${out} 생성`)[language]),
        );
      }
    },
  });
}

interface Shown {
  readonly directory: string;
  readonly isJson: boolean;
  readonly language: Language;
  readonly env: CommandEnvironment;
}

/** Paths on stdout, so that a script can read them; what is in the dumps, and what failed, on stderr. */
async function show(job: Job, { directory, isJson, language, env }: Shown): Promise<void> {
  const { output } = env;
  const taken = job.targets.flatMap(({ taken: refs = [] }) => refs);
  const dumps = new Map<string, Dump>();
  for (const { id } of taken) {
    const dump = await keptDump(directory, id);
    if (dump !== undefined) dumps.set(id, dump);
  }
  if (isJson) {
    const dumpJson = ({ id }: Dump['ref']) => dumpFacts(id, dumps.get(id), { directory, language });
    output.print(JSON.stringify(jobJson(job, language, dumpJson), undefined, 2));
  } else for (const { id } of taken) output.print(path.join(directory, id));
  const warnAll = (what: string, verdict: readonly VerdictLine[] = []) => {
    for (const { level, text: said, next } of verdict) {
      const more = next === undefined ? '' : ` (${next[language]})`;
      output.warn(cleanText(`${what}: ${level}: ${said[language]}${more}`));
    }
  };
  for (const { context, name, taken: refs = [] } of job.targets) {
    const names = refs.map(({ id }) => id);
    const together = names.length > 1 ? await seriesVerdict(directory, names, env.signal) : undefined;
    // What each shows was told as it was taken.
    if (together !== undefined)
      warnAll(`${context}:${name}, ${seriesWords(names.length)[language]}`, together);
    else for (const id of names) warnAll(id, dumps.get(id)?.verdict);
  }
  for (const { id } of taken) {
    const missing = (dumps.get(id)?.missing ?? []).map((words) => words[language]).join('; ');
    const lacks = text(`it lacks: ${missing}`, `빠진 것: ${missing}`);
    if (missing !== '') output.warn(cleanText(`${id}: ${lacks[language]}`));
    if (dumps.get(id)?.isAuthenticated === false) output.warn(`${id}: ${UNAUTHENTICATED[language]}`);
  }
  for (const { context, name, state, error } of job.targets) {
    if (isAccomplished(state)) continue;
    const why = error === undefined ? state : failureText(error);
    output.warn(cleanText(`l9s: ${context}:${name}: ${why}`));
  }
}

const seriesWords = (count: number) => text(`series of ${count}`, `연속 ${count}개`);

/** Every fact of the status file, with where the file is. */
function dumpFacts(
  name: string,
  dump: Dump | undefined,
  { directory, language }: Pick<Shown, 'directory' | 'language'>,
) {
  const file = path.join(directory, name);
  if (dump === undefined) return { name, path: file };
  const { ref: _ref, server, takenAt, missing, verdict, ...facts } = dump;
  return {
    name,
    ...facts,
    server: { context: server.context, id: server.id },
    takenAt: new Date(takenAt).toISOString(),
    missing: missing.map((words) => words[language]),
    verdict: verdict && verdictJson(verdict, language),
  };
}
