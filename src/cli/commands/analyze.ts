import path from 'node:path';
import { type Command, Option } from 'commander';
import { AppError } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import type { DumpFindings } from '../../diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpInput } from '../../diagnosis/dump-analysis/analyze-server.ts';
import { EVIDENCE_PARTS, type Evidence } from '../../domain/analysis.ts';
import { partsOfDumpName } from '../../domain/dump-name.ts';
import { appError } from '../../domain/errors.ts';
import { inLanguage, type Language } from '../../domain/text.ts';
import { verdictJson } from '../../views/verdict-json.ts';
import { renderFindings } from '../analyze/render-findings.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT } from '../exit-code.ts';
import { explain } from '../explain.ts';
import { countArgument } from '../shared-flags.ts';

interface AnalyzeOptions {
  readonly output: 'text' | 'json';
  readonly top: number;
  readonly all?: true;
  readonly lang?: Language;
}

interface Failed {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const DEFAULT_TOP = 10;
const STANDARD_INPUT = '-';

/** `l9s analyze FILE…`: needs no target, no configuration and no terminal. */
export function addAnalyze(program: Command, run: CommandRunner): void {
  program
    .command('analyze <files...>')
    .description(
      'say what thread dumps, service dumps and class histograms show: one, a series, or two compared (`-` is standard input, .gz is unpacked)',
    )
    .addOption(new Option('-o, --output <format>', 'how').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--top <n>', 'rows of each part of the evidence')
        .argParser(countArgument)
        .default(DEFAULT_TOP),
    )
    .option('--all', 'every row with every stack')
    .action((files: readonly string[], _own: unknown, command: Command) =>
      run((env) => analyze(files, command.optsWithGlobals<AnalyzeOptions>(), env)),
    );
}

/** 0 whatever the verdict is, 3 where some files could not be read, 1 where none could. */
async function analyze(
  files: readonly string[],
  options: AnalyzeOptions,
  env: CommandEnvironment,
): Promise<number> {
  if (files.filter((file) => file === STANDARD_INPUT).length > 1)
    throw appError('USAGE', 'standard input (-) can be read once');
  const { analyzeDumps } = await import('../../diagnosis/dump-analysis/analyze-dumps.ts');
  const inputs: DumpInput[] = [];
  const failed: Failed[] = [];
  for (const file of files) {
    env.signal.throwIfAborted();
    try {
      inputs.push(await read(file, env));
    } catch (error) {
      env.signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      explain(error, env.output);
      failed.push({ file: cleanLine(file), code: error.code, message: error.message, hint: error.hint });
    }
  }
  if (inputs.length === 0) return EXIT.error;
  const findings = analyzeDumps(inputs, { isWhole: options.all === true });
  const language = options.lang ?? languageOf(env);
  env.output.print(
    options.output === 'json'
      ? JSON.stringify(jsonOf(findings, { inputs, failed, options, language }), undefined, 2)
      : renderFindings(findings, { language, top: options.top, isWhole: options.all === true }),
  );
  return failed.length > 0 ? EXIT.partial : EXIT.done;
}

async function read(file: string, env: CommandEnvironment): Promise<DumpInput> {
  const { readDumpFile, readDumpStream } = await import('../../app/read-dump-file.ts');
  if (file === STANDARD_INPUT) {
    const content = await readDumpStream(env.stdin, { name: 'standard input' }, env.signal);
    return { name: 'standard input', content };
  }
  const name = cleanLine(path.basename(file), 200);
  const content = await readDumpFile(file, { name: cleanLine(file) }, env.signal);
  const parts = partsOfDumpName(name);
  return { name, content, takenAt: parts?.at, server: parts && serverOf(parts.lead) };
}

/** `HOST_server`, once where both are the same, as in a pod. */
function serverOf(lead: string): string {
  const half = lead.slice(0, (lead.length - 1) / 2);
  return lead === `${half}_${half}` ? half : lead;
}

/** As the console decides where no configuration says it. */
function languageOf({ environment }: CommandEnvironment): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return locale.startsWith('ko') ? 'ko' : 'en';
}

interface Shown {
  readonly inputs: readonly DumpInput[];
  readonly failed: readonly Failed[];
  readonly options: AnalyzeOptions;
  readonly language: Language;
}

function jsonOf(findings: DumpFindings, { inputs, failed, options, language }: Shown): object {
  const { verdict, evidence, problems, json } = findings;
  return {
    files: inputs.map(({ name, content }) => ({ name, kind: content.kind })),
    failed,
    verdict: verdictJson(verdict, language),
    ...json,
    evidence: EVIDENCE_PARTS.flatMap((part): readonly object[] => {
      const rows = evidence.filter((row: Pick<Evidence, 'part'>) => row.part === part);
      const shown = options.all === true ? rows : rows.slice(0, options.top);
      return shown.map((row) => ({
        ...row,
        text: row.text[language],
        blocks: row.blocks.map(({ title, lines }) => ({
          title: inLanguage(title, language),
          lines: lines.map((words) => inLanguage(words, language)),
        })),
      }));
    }),
    problems: problems.map((problem) => problem[language]),
  };
}
