import type { CallRequest, JsonObject, JsonValue, Sent } from './call.ts';

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
  /** Hands over stdout until the command or the signal ends it. Rejects with an AppError where it cannot begin. */
  stream(
    request: StreamRequest,
    onBytes: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<StreamEnd>;
}
export interface EcsRemote extends RemoteBase {
  readonly kind: 'ecs';
  /** A Describe or List operation by its API name. Rejects with an AppError. */
  read(operation: string, input: JsonObject, signal: AbortSignal): Promise<JsonObject>;
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
