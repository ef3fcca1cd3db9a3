import type { DryRunResult, Prepared } from '../../actions/acting.ts';
import { type Call, requestBody, requestLine } from '../../domain/call.ts';
import { failureText } from '../../domain/errors.ts';
import type { Job, JobTarget } from '../../domain/job.ts';
import type { Plan, PlanTarget, Step } from '../../domain/plan.ts';
import type { Ref } from '../../domain/ref.ts';
import { inLanguage, type Language } from '../../domain/text.ts';
import { alignColumns } from '../render.ts';

interface Shown {
  readonly format: 'table' | 'json';
  readonly language: Language;
}

const WARNING_SIGNS = { info: '·', warn: '▲', danger: '✖' } as const;

const callsOf = ({ steps }: PlanTarget): readonly Call[] =>
  steps.flatMap((step) => (step.type === 'call' ? [step.call] : []));

/** A plan as text: what, what to know first, on which targets, the exact calls, the difference. */
export function renderPlan({ plan, verdict }: Prepared, language: Language): string {
  const lines = [plan.title[language]];
  if (verdict.state === 'refused') lines.push(`  ✖ ${failureText(verdict.error)}`);
  for (const { level, text } of plan.warnings) lines.push(`  ${WARNING_SIGNS[level]} ${text[language]}`);
  const said = new Set(plan.warnings.map(({ text }) => text.en));
  const more = verdict.state === 'allowed' ? verdict.because.filter(({ en }) => !said.has(en)) : [];
  for (const because of more) lines.push(`  ▲ ${because[language]}`);
  for (const target of plan.targets) {
    lines.push(`  ${target.kind} ${nameOf(target)}`);
    for (const step of target.steps) {
      lines.push(...stepLines(step, language).map((line) => `    ${line}`));
    }
  }
  for (const { title, lines: diff } of plan.diff)
    lines.push(`  ${title}`, ...diff.map((line) => `    ${line}`));
  return lines.join('\n');
}

function stepLines(step: Step, language: Language): readonly string[] {
  switch (step.type) {
    case 'call':
      return [`→ ${callLine(step.call)}`];
    case 'take': {
      const { title, context, through, asks, times } = step.request;
      if (times === 0) return [`✖ ${context}: ${title[language]}: ${through}`];
      return [`→ ${context}: ${title[language]}: ${through}`, ...asks.map((ask) => `    ${ask}`)];
    }
    case 'wait':
      return [`… ${step.title[language]}`];
  }
}

const nameOf = ({ context, namespace, name }: Pick<PlanTarget, 'context' | 'namespace' | 'name'>): string =>
  `${context}:${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** The exact request with its body in one line; what the gate hands out to be shown has its secrets masked. */
function callLine({ request, context }: Call): string {
  const body = requestBody(request);
  return `${context}: ${requestLine(request)}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`;
}

const planJson = (plan: Plan, language: Language) => ({
  action: plan.action,
  effect: plan.effect,
  title: plan.title[language],
  input: plan.input,
  targets: plan.targets.map((target) => ({
    kind: target.kind,
    context: target.context,
    namespace: target.namespace,
    name: target.name,
    before: target.before,
    calls: callsOf(target).map(({ context, title, request }) => ({
      context,
      title: title[language],
      request,
    })),
    takes: target.steps.flatMap((step) =>
      step.type === 'take' ? [{ ...step.request, title: step.request.title[language] }] : [],
    ),
  })),
  warnings: plan.warnings.map(({ level, code, text }) => ({ level, code, text: text[language] })),
  diff: plan.diff,
});

/** What the remotes say they would do. */
export function renderDryRun(
  { plan, verdict }: Prepared,
  results: readonly DryRunResult[],
  { format, language }: Shown,
): string {
  if (format === 'json') {
    const checks = results.map(({ call, context, sent }) => ({
      call,
      context,
      outcome: sent?.outcome ?? 'notChecked',
      error: sent !== undefined && 'error' in sent ? sent.error : undefined,
    }));
    const refused = verdict.state === 'refused' ? verdict.error : undefined;
    return JSON.stringify({ plan: planJson(plan, language), dryRun: checks, refused }, undefined, 2);
  }
  const lines = results.map(({ call, context, sent }) => {
    if (sent === undefined) return `  ${context}: ${call}: cannot be checked without doing it`;
    return sent.outcome === 'done'
      ? `  ${context}: ${call}: would be accepted`
      : `  ${context}: ${call}: ${failureText(sent.error)}`;
  });
  return ['Dry run: nothing was changed.', ...lines].join('\n');
}

const RESULT_WORDS: Readonly<Record<JobTarget['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  sent: 'sent, not waited for',
  failed: 'failed',
  unknown: 'sent, outcome unknown',
  timedOut: 'timed out',
  notStarted: 'not started',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};

/** A job as JSON; a dump is its name unless told otherwise. */
export const jobJson = (
  job: Job,
  language: Language,
  dumpJson: (dump: Ref<'dump'>) => unknown = ({ id }) => id,
) => ({
  id: job.ref.id,
  action: job.action,
  title: job.title[language],
  result: job.state,
  startedAt: new Date(job.startedAt).toISOString(),
  endedAt: job.endedAt === undefined ? undefined : new Date(job.endedAt).toISOString(),
  targets: job.targets.map(({ context, name, ref, state, detail, parts, error, outcomes, taken }) => ({
    context,
    name,
    id: ref.id,
    result: state,
    detail: detail === undefined ? undefined : inLanguage(detail, language),
    dumps: taken?.map(dumpJson),
    calls: outcomes,
    parts,
    error,
  })),
  auditError: job.auditError,
});

/** The result of every target. */
export function renderJob(job: Job, { format, language }: Shown): string {
  if (format === 'json') return JSON.stringify(jobJson(job, language), undefined, 2);
  const rows = job.targets.map(({ context, name, state, detail, error }) => [
    `${context}:${name}`,
    RESULT_WORDS[state],
    [error === undefined ? undefined : failureText(error), detail]
      .flatMap((said) => (said === undefined ? [] : inLanguage(said, language)))
      .join('; '),
  ]);
  return alignColumns(['TARGET', 'RESULT', 'DETAIL'], rows);
}
