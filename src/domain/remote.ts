import type { CallRequest, JsonObject, JsonValue, Sent } from './call.ts';
import type { Text } from './text.ts';

/** What actions may ask of one context; each call leaves once, through the lock of its client, never again. */
interface RemoteBase {
  readonly context: string;
  /** Who we are there (kube user, ARN, Manager key's fingerprint), for the audit; absent where it cannot be told. */
  identity(signal: AbortSignal): Promise<string | undefined>;
  /** Sends one call as planned. Never rejects, never repeats; a request of another system is `notSent`. */
  send(request: CallRequest, signal: AbortSignal): Promise<Sent>;
  /** Lets the remote say what it would do, where it can (Kubernetes `dryRun=All`); `undefined` where it cannot. */
  dryRun(request: CallRequest, signal: AbortSignal): Promise<Sent | undefined>;
  close(): Promise<void>;
}

/** A right in Kubernetes, as an access review asks for it. */
export interface KubeAccess {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}
/** `unknown` where the review itself could not be made. */
export interface Permission {
  readonly state: 'allowed' | 'denied' | 'unknown';
  /** As the server words it. */
  readonly reason?: string | undefined;
}

/** A command run in a container without stdin; its argv must equal a template of the mode's list. */
export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  /** Of stdout and stderr together. */
  readonly maxBytes: number;
}
export interface ExecResult {
  /** `undefined` where the tool was ended by us or the connection. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** The same as it came, for what is no text. */
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
  /** What the remote said instead of an exit code, where the command could not be started. */
  readonly notStarted?: string | undefined;
}
/** A command whose output is read as it comes; its argv must equal a template of the mode's list. */
export type StreamRequest = Omit<ExecRequest, 'timeoutMs' | 'maxBytes'>;
export interface StreamEnd {
  /** `undefined` where the connection ended it. */
  readonly exitCode: number | undefined;
  /** Its last 4 KiB. */
  readonly stderr: string;
  /** As of an {@link ExecResult}. */
  readonly notStarted?: string | undefined;
}

/** What a container writes to its output. */
export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Goes on with what is written from now on. */
  readonly isFollowed: boolean;
  /** Of the end, as many lines. @default all */
  readonly tailLines?: number | undefined;
  /** Not older than that. @default any */
  readonly sinceSeconds?: number | undefined;
  /** Of what would be sent, as much. @default all */
  readonly limitBytes?: number | undefined;
}

export interface KubeRemote extends RemoteBase {
  readonly kind: 'kube';
  /** GET of one JSON object. Rejects with an AppError (NOT_FOUND, FORBIDDEN, UNREACHABLE …). */
  get(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<JsonObject>;
  /** Cached for a minute; never rejects. */
  mayI(access: KubeAccess, signal: AbortSignal): Promise<Permission>;
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecResult>;
  /**
   * Hands over stdout until the command or the signal ends it; while a promise `onBytes` gave is open nothing more is
   * read. Rejects with an AppError where it cannot begin, and with what `onBytes` rejected with.
   */
  stream(
    request: StreamRequest,
    onBytes: (bytes: Uint8Array) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<StreamEnd>;
  /**
   * Hands over each line, its RFC 3339 stamp and a blank in front, until the log or the signal ends it. Rejects with
   * an AppError, or with the signal's reason.
   */
  log(request: LogRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
}
/** A container of an ECS task: names as ECS has them, the task by its id. */
export interface EcsContainer {
  readonly cluster: string;
  readonly task: string;
  readonly container: string;
}
/** Why no command can be run there, and what would change that. */
export interface ExecObstacle {
  readonly why: Text;
  readonly next?: Text | undefined;
}
/** A command run in a container of a task; its argv must equal a template of the mode's list. */
export interface EcsExecRequest extends EcsContainer {
  /** Words that need no quoting: ECS takes them as one line. */
  readonly argv: readonly string[];
  /** From the asking for a session on, which takes some seconds. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}
export type EcsStreamRequest = Omit<EcsExecRequest, 'timeoutMs' | 'maxBytes'>;
export interface EcsExecEnd {
  /** The agent said that the command ended; false where time, bytes or the connection ended it. */
  readonly hasEnded: boolean;
  /** ECS tells none of a command on a terminal, which all are. */
  readonly exitCode: number | undefined;
  /** What the agent said where the command could not be started. */
  readonly notStarted?: string | undefined;
}
export interface EcsExecResult extends EcsExecEnd {
  /** What the command wrote to its terminal, both streams in one, line ends as it wrote them. */
  readonly output: string;
  readonly outputBytes: Uint8Array;
}
export interface EcsRemote extends RemoteBase {
  readonly kind: 'ecs';
  /** A Describe or List operation by its API name. Rejects with an AppError. */
  read(operation: string, input: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** What keeps commands from running in a container; asks about it, runs nothing. Rejects with an AppError. */
  execObstacle(place: EcsContainer, signal: AbortSignal): Promise<ExecObstacle | undefined>;
  /**
   * Rejects with an AppError where no session could be had (PERMISSION_DENIED, ACTION_IMPOSSIBLE with what the task
   * lacks, NO_TOOL …); an abort interrupts the command.
   */
  exec(request: EcsExecRequest, signal: AbortSignal): Promise<EcsExecResult>;
  /** Hands over the output until the command or the signal ends it, and waits for each promise before it goes on. */
  stream(
    request: EcsStreamRequest,
    onBytes: (bytes: Uint8Array) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<EcsExecEnd>;
}
/** A template as its Manager gives it: in memory only, limits checked (64 MiB, 5,000 entries, ratio 100). */
export interface Template {
  readonly serviceCluster: string;
  /** As `lena-template.ver` says. */
  readonly revision: string;
  /** By path inside the zip, without `lena-template.ver`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}
export interface ManagerRemote extends RemoteBase {
  readonly kind: 'manager';
  /** GET of JSON below the base path. Rejects with an AppError. */
  get(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    signal: AbortSignal,
  ): Promise<JsonValue>;
  /** Without a revision the default one. Rejects with an AppError (NOT_FOUND, KEY_REFUSED, TEMPLATE_INVALID …). */
  template(serviceCluster: string, revision: string | undefined, signal: AbortSignal): Promise<Template>;
}
export type Remote = KubeRemote | EcsRemote | ManagerRemote;
/** Back ends that can be acted on. */
export type BackEnd = Remote['kind'];
export type RemoteOf<B extends BackEnd> = Extract<Remote, { readonly kind: B }>;
