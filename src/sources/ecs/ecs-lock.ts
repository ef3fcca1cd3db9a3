import { parseObject } from '../../core/json-read.ts';
import { execTemplateOf } from '../../domain/exec-template.ts';
import type { Effect } from '../../domain/policy.ts';
import { assertUnlocked, type ModeReader, unclassified } from '../transport-lock.ts';
import { wordsOf } from './exec/command-line.ts';

/** A request about to leave, signed, as the SDK's last step has it. */
export interface EcsDeparture {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is sent; looked into for ExecuteCommand alone. */
  readonly body?: unknown;
}

const TARGET = /^AmazonEC2ContainerServiceV20141113\.([A-Z][A-Za-z]{2,63})$/;
const SIGNATURE = /^AWS4-HMAC-SHA256 Credential=[^/\s,]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request,/;

/** The operation a request asks for and where; `undefined` where it is no signed request to ECS. */
export function readEcsDeparture(
  request: EcsDeparture,
): { readonly operation: string; readonly region: string } | undefined {
  const { method, path, query = {} } = request;
  if (method !== 'POST' || path !== '/' || Object.keys(query).length > 0) return undefined;
  const target = onlyHeader(request.headers, 'x-amz-target');
  const operation = TARGET.exec(target ?? '')?.[1];
  const [, region, service] = SIGNATURE.exec(onlyHeader(request.headers, 'authorization') ?? '') ?? [];
  if (operation === undefined || region === undefined || service !== 'ecs') return undefined;
  return { operation, region };
}

/** A header given twice, in whatever case, could be read as either. */
function onlyHeader(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  const values = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  return values.length === 1 ? values[0]?.[1] : undefined;
}

/**
 * What an operation does, by its name: ECS calls nothing but reads List and Describe. What is not known to read is
 * taken to change something; of ExecuteCommand the command tells ({@link effectOfExecuteCommand}).
 */
export function effectOfEcsOperation(operation: string): Effect {
  if (/^(?:List|Describe)[A-Z]/.test(operation)) return 'observe';
  return /^(?:Stop|Delete|Deregister)[A-Z]/.test(operation) ? 'destroy' : 'change';
}

const EXEC_MEMBERS = ['cluster', 'task', 'container', 'interactive', 'command'];

/**
 * What running a command does: a template of the list only looks, whatever else may change something. Never a read,
 * and a body that could be read in two ways is none of the list.
 */
export function effectOfExecuteCommand(body: unknown): Effect {
  const input = typeof body === 'string' ? parseObject(body) : undefined;
  if (input === undefined || JSON.stringify(input) !== body) return 'change';
  const isKnown =
    Object.keys(input).every((name) => EXEC_MEMBERS.includes(name)) &&
    typeof input['container'] === 'string' &&
    input['interactive'] === true;
  const { command } = input;
  const words = isKnown && typeof command === 'string' ? wordsOf(command) : undefined;
  return words !== undefined && execTemplateOf(words) !== undefined ? 'diagnose' : 'change';
}

/** Throws TRANSPORT_LOCKED where the mode does not let a request out, or nobody can tell what it is. */
export function assertEcsUnlocked(departure: unknown, region: string, mode: ModeReader): void {
  const read = isDeparture(departure) ? readEcsDeparture(departure) : undefined;
  if (read === undefined)
    throw unclassified(`A request to ECS ${region}`, 'it is no signed operation of ECS');
  const what = `${read.operation} on ECS ${region}`;
  if (read.region !== region) throw unclassified(what, `it is signed for ${read.region}`);
  const isExec = read.operation === 'ExecuteCommand' && isDeparture(departure);
  const effect = isExec ? effectOfExecuteCommand(departure.body) : effectOfEcsOperation(read.operation);
  assertUnlocked(what, effect, mode());
}

const isDeparture = (value: unknown): value is EcsDeparture =>
  typeof value === 'object' &&
  value !== null &&
  'method' in value &&
  typeof value.method === 'string' &&
  'path' in value &&
  typeof value.path === 'string' &&
  'headers' in value &&
  typeof value.headers === 'object' &&
  value.headers !== null &&
  Object.values(value.headers).every((header) => typeof header === 'string') &&
  (!('query' in value) ||
    value.query === undefined ||
    (typeof value.query === 'object' && value.query !== null));
