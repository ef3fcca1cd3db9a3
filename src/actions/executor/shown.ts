import { cleanLine } from '../../core/text.ts';
import type { AuditCall, AuditTarget } from '../../domain/audit-entry.ts';
import type { Call, CallRequest, JsonObject, JsonValue } from '../../domain/call.ts';
import type { CallStep, Facts, Plan, PlanTarget, Step, TakeRequest, TakeStep } from '../../domain/plan.ts';
import { MASK } from '../../domain/secret-name.ts';
import { maskDeep, maskFacts, maskText } from '../mask.ts';
import { safeLine, safeText } from './failure.ts';

const MAX_DIFF_LINE = 2_000;

/** The copy of a plan that is shown and audited; what is sent is the plan itself, which never leaves the executor. */
export function shownPlan(plan: Plan): Plan {
  return {
    ...plan,
    title: safeText(plan.title),
    input: maskFacts(plan.input),
    targets: plan.targets.map(shownTarget),
    warnings: plan.warnings.map((warning) => ({ ...warning, text: safeText(warning.text) })),
    diff: plan.diff.map(({ title, lines }) => ({
      title: safeLine(title),
      lines: lines.map((line) => maskText(cleanLine(line, MAX_DIFF_LINE))),
    })),
  };
}

function shownTarget(target: PlanTarget): PlanTarget {
  const { restore, wayBack } = target;
  return {
    ...target,
    name: cleanLine(target.name, 300),
    before: safeFacts(target.before),
    steps: target.steps.map(shownStep),
    ...(restore === undefined ? {} : { restore: restore.map(shownCallStep) }),
    ...(wayBack === undefined ? {} : { wayBack: safeText(wayBack) }),
  };
}

function shownStep(step: Step): Step {
  switch (step.type) {
    case 'call':
      return shownCallStep(step);
    case 'take':
      return { ...step, request: shownTake(step.request), run: neverTaken, result: () => ({}) };
    case 'wait':
      return { ...step, title: safeText(step.title) };
  }
}
/** What is shown takes nothing: only the executor's own plan does. */
const neverTaken = () => Promise.reject(new Error('a shown plan is not carried out'));

const shownTake = (request: TakeRequest): TakeRequest => ({
  ...request,
  title: safeText(request.title),
  through: safeLine(request.through),
  asks: request.asks.map((ask) => safeLine(ask)),
});

/** Without what completes it: that gets the answers of remotes, and is for the executor alone. */
const shownCallStep = ({ call }: CallStep): CallStep => ({
  type: 'call',
  call: { ...call, title: safeText(call.title), request: maskRequest(call.request) },
});

export function maskRequest(request: CallRequest): CallRequest {
  switch (request.system) {
    case 'kube':
      return {
        ...request,
        ...(request.query === undefined ? {} : { query: maskFacts(request.query) }),
        ...(request.body === undefined ? {} : { body: maskBody(request.path, request.body) }),
      };
    case 'ecs':
      return { ...request, input: maskObject(request.input) };
    case 'manager':
      return { ...request, ...(request.body === undefined ? {} : { body: maskObject(request.body) }) };
  }
}

/** A patch of a Secret says `data` without saying what it patches: the path does. */
function maskBody(path: string, body: JsonValue): JsonValue {
  if (!/\/secrets(\/|$)/.test(path)) return maskDeep(body);
  return hideStrings(body);
}

function hideStrings(value: JsonValue): JsonValue {
  if (typeof value === 'string') return MASK;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(hideStrings);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideStrings(inner)]));
}
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function maskObject(value: JsonObject): JsonObject {
  const masked = maskDeep(value);
  return typeof masked === 'object' && masked !== null && !isList(masked) ? masked : {};
}

export const safeFacts = (facts: Facts): Facts =>
  maskFacts(
    Object.fromEntries(
      Object.entries(facts).map(([name, value]) => [
        cleanLine(name, 200),
        typeof value === 'string' ? cleanLine(value) : value,
      ]),
    ),
  );

/** A call as the audit holds it: its exact request as one line, secrets masked. */
export const auditCall = ({ context, title }: Call, request: CallRequest): AuditCall => ({
  context,
  title: safeText(title).en,
  request: JSON.stringify(maskRequest(request)),
});

/** What is taken, as the audit holds it. */
export const auditTake = (request: TakeRequest): AuditCall => {
  const { context, title, through, asks } = shownTake(request);
  return { context, title: title.en, request: JSON.stringify({ system: 'dump', through, asks }) };
};

export const auditAsking = (step: CallStep | TakeStep): AuditCall =>
  step.type === 'call' ? auditCall(step.call, step.call.request) : auditTake(step.request);

export const auditTarget = ({ ref, context, namespace, kind, name, before }: PlanTarget): AuditTarget => ({
  ref,
  context,
  ...(namespace === undefined ? {} : { namespace }),
  kind,
  name: cleanLine(name, 300),
  before: safeFacts(before),
});
