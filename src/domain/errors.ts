import { AppError } from '../core/app-error.ts';
import type { SourceFailure } from './source-status.ts';

/** How far a connection got when it failed; `doctor` prints its checks from it. */
export type ConnectionStage = 'configure' | 'reach' | 'authenticate' | 'allow' | 'use';
/** Besides: `refuse` is our own gate, `act` the action itself. */
export type FailureStage = ConnectionStage | 'refuse' | 'act';

interface ErrorFacts {
  readonly stage: FailureStage;
  /** One sentence: what the user can do. */
  readonly hint: string;
}

/** Every code l9s can print, in one table; the README's list is made from it. */
export const ERRORS = {
  USAGE: { stage: 'configure', hint: 'See `l9s --help` for the commands and their options.' },
  CONFIG_MISSING: { stage: 'configure', hint: 'Check the path, or write a file with `l9s config init`.' },
  CONFIG_INVALID: { stage: 'configure', hint: 'Correct the line named and run `l9s config check`.' },
  CONTEXT_UNKNOWN: { stage: 'configure', hint: 'Give one of the contexts listed by `l9s get contexts`.' },
  TARGET_AMBIGUOUS: { stage: 'configure', hint: 'Name one of the candidates as context:namespace/name.' },
  TARGET_UNKNOWN: { stage: 'configure', hint: 'List what there is with `l9s get servers`.' },
  TARGET_UNSEEN: {
    stage: 'use',
    hint: 'See `l9s doctor` for the targets named, or wait longer with --settle 30s; nothing was done.',
  },
  NO_TERMINAL: {
    stage: 'configure',
    hint: 'Run it on a terminal, or use `l9s get`, `describe` or `events`.',
  },
  FILTER_INVALID: { stage: 'configure', hint: 'See `?` for the filter grammar.' },
  INTERNAL: { stage: 'use', hint: 'Please report it with the log file.' },
  UNREACHABLE: {
    stage: 'reach',
    hint: 'Check the address, the network and any proxy (HTTPS_PROXY, NO_PROXY).',
  },
  REFUSED: { stage: 'reach', hint: 'Nothing listens there: check the port and whether the service runs.' },
  NAME_UNKNOWN: { stage: 'reach', hint: 'Check the spelling of the name, the DNS and the VPN.' },
  TIMEOUT: {
    stage: 'reach',
    hint: 'Check whether it is up or overloaded, and what lies between (firewall, proxy, VPN).',
  },
  CONNECTION_LOST: {
    stage: 'reach',
    hint: 'Check what lies between (proxy, VPN, load balancer) if it stays; l9s goes on trying.',
  },
  TLS_UNTRUSTED: {
    stage: 'reach',
    hint: 'Give the authority that signed it: certificate-authority of the kubeconfig, or NODE_EXTRA_CA_CERTS.',
  },
  TLS_EXPIRED: {
    stage: 'reach',
    hint: 'Renew the certificate, or correct this machine’s clock if that is what is wrong.',
  },
  KUBECONFIG_MISSING: {
    stage: 'configure',
    hint: 'Correct kube.kubeconfig of the configuration, --kubeconfig or KUBECONFIG.',
  },
  KUBECONFIG_INVALID: {
    stage: 'configure',
    hint: 'Correct the kubeconfig at the place named; `kubectl config view` checks it too.',
  },
  UNAUTHORIZED: {
    stage: 'authenticate',
    hint: 'The credentials are not accepted or have expired: log in again.',
  },
  EXEC_PLUGIN_MISSING: {
    stage: 'authenticate',
    hint: 'Install the credential plugin the kubeconfig names, or fix its command.',
  },
  EXEC_PLUGIN_FAILED: {
    stage: 'authenticate',
    hint: 'Run the credential plugin by hand and see what it says.',
  },
  NEEDS_LOGIN: {
    stage: 'authenticate',
    hint: 'The credential plugin wants a terminal: log in with it first.',
  },
  CREDENTIALS_MISSING: {
    stage: 'authenticate',
    hint: 'Log in (`aws sso login`), or give a profile, AWS_ACCESS_KEY_ID and its secret, or an instance role.',
  },
  REGION_WRONG: {
    stage: 'configure',
    hint: 'Correct the region (--region or ecs.region); the endpoint belongs to another one.',
  },
  REGION_MISSING: { stage: 'configure', hint: 'Give a region: --region, the config, or AWS_REGION.' },
  FORBIDDEN: { stage: 'allow', hint: 'Ask for the right named in the message, or narrow the namespaces.' },
  NOT_FOUND: { stage: 'use', hint: 'Check the name and that it still exists.' },
  THROTTLED: {
    stage: 'use',
    hint: 'Wait: l9s slows down by itself; other users of the same account or server share the limit.',
  },
  REMOTE_ERROR: { stage: 'use', hint: 'Look at the log of the remote itself; l9s goes on trying.' },
  UNEXPECTED_ANSWER: {
    stage: 'use',
    hint: 'Check that the address is right, and that no proxy or login page answers in its place.',
  },
  REDIRECTED: {
    stage: 'use',
    hint: 'Give the final address: a redirect is never followed, so that no key goes astray.',
  },
  BASE_PATH_UNKNOWN: {
    stage: 'use',
    hint: 'Check that this is the Manager’s address and port, or set manager.basePath.',
  },
  KEY_REFUSED: {
    stage: 'allow',
    hint: 'Copy the key again from the Manager’s screen, percent-encoded as shown there.',
  },
  PORT_TAKEN: {
    stage: 'configure',
    hint: 'Another program owns the port: stop it, or give another with --listen or telemetry.listen.',
  },
  PORT_DENIED: {
    stage: 'configure',
    hint: 'This user may not bind it: give a port above 1023 with --listen or telemetry.listen.',
  },
  ADDRESS_UNAVAILABLE: {
    stage: 'configure',
    hint: 'This machine has no such address: give one it has, or 0.0.0.0, with --listen or telemetry.listen.',
  },
  MODE_REFUSED: {
    stage: 'refuse',
    hint: 'This mode changes nothing: start l9s without --readonly or --triage where you may, or ask who set it.',
  },
  POLICY_REFUSED: {
    stage: 'refuse',
    hint: 'The rule named forbids it: see policy in the configuration and /etc/l9s/policy.yaml.',
  },
  TRANSPORT_LOCKED: {
    stage: 'refuse',
    hint: 'Nothing was sent: in this mode the client lets no such request out.',
  },
  PERMISSION_DENIED: {
    stage: 'refuse',
    hint: 'Ask for the right named in the message.',
  },
  AUDIT_UNWRITABLE: {
    stage: 'refuse',
    hint: 'Nothing is done without a record: free space or repair the state directory (or syslog, where required).',
  },
  CONSENT_MISSING: {
    stage: 'configure',
    hint: 'Confirm in the dialog; on the command line give --yes (and --reason where one is asked for).',
  },
  ACTION_UNKNOWN: { stage: 'configure', hint: 'See `l9s --help` for the verbs.' },
  INPUT_INVALID: { stage: 'configure', hint: 'Correct the value; `l9s VERB --help` tells the options.' },
  ACTION_IMPOSSIBLE: { stage: 'act', hint: 'Read why in the message; nothing was changed.' },
  CONFLICT: {
    stage: 'act',
    hint: 'Somebody else changed it meanwhile: look at it again, then repeat the action if it is still wanted.',
  },
  DISRUPTION_BUDGET: {
    stage: 'act',
    hint: 'Wait until more of its kind are ready, or change the PodDisruptionBudget named.',
  },
  ADMISSION_REFUSED: {
    stage: 'act',
    hint: 'A rule of the cluster itself refused it: read its words, or ask who runs the cluster.',
  },
  OUTCOME_UNKNOWN: {
    stage: 'act',
    hint: 'It was sent and no answer came: look at the target before you do anything again.',
  },
  ACTION_TIMEOUT: {
    stage: 'act',
    hint: 'It goes on without us or is stuck: look at the target’s events and state.',
  },
  ROLLOUT_FAILED: { stage: 'act', hint: 'See the events of the pods or tasks named; roll back if need be.' },
  TEMPLATE_INVALID: {
    stage: 'act',
    hint: 'The Manager gave no usable template: check the revision and the Manager.',
  },
  SOCKET_UNSAFE: {
    stage: 'configure',
    hint: 'Consoles share one port over a socket only in a directory nobody else can write to: see the message, or set XDG_RUNTIME_DIR.',
  },
  ATTACH_FAILED: {
    stage: 'reach',
    hint: 'Check that a collector runs there and that `l9s attach --stdio` works in its place.',
  },
  ATTACH_VERSION: {
    stage: 'use',
    hint: 'The two l9s do not speak the same version of the stream: update the older one.',
  },
  FORWARD_FAILED: { stage: 'use', hint: 'Check the host and port that datagrams are passed on to.' },
  NO_JVM: {
    stage: 'use',
    hint: 'No running Java process was found there: check the pid, the pattern or the container.',
  },
  PERF_DATA_MISSING: {
    stage: 'use',
    hint: 'The JVM writes no hsperfdata file (-XX:-UsePerfData, -XX:+PerfDisableSharedMem, another JVM than HotSpot), or its /tmp is another one.',
  },
  PERF_DATA_DENIED: {
    stage: 'allow',
    hint: 'Run as the user of the JVM, or as root with CAP_SYS_PTRACE (containers drop it): its figures are readable by no one else.',
  },
  DUMP_FAILED: {
    stage: 'act',
    hint: 'Read what the tool said; another way may lead there: `M` shows all of them.',
  },
  DUMP_BUSY: { stage: 'act', hint: 'One dump of a kind at a time for a server: wait for the one that runs.' },
  DUMP_TOO_LARGE: {
    stage: 'act',
    hint: 'Nothing was kept: raise dumps.maxBytes (dumps.maxHeapBytes for heaps) if that much is wanted.',
  },
  DUMP_DAMAGED: {
    stage: 'act',
    hint: 'Nothing was kept: what came is not what was sent. Take it again; check what lies between.',
  },
  NO_WAY_TO_DUMP: {
    stage: 'act',
    hint: 'Open one of the ways named: TCP on the port of telemetry.listen (telemetry.tcp), an agent, or the right to exec.',
  },
  NO_TOOL: {
    stage: 'act',
    hint: 'The image holds no such tool: use one with a JDK, or run our agent beside it; what a LENA server that dials in gives is threads and requests.',
  },
  DISK_FULL: { stage: 'act', hint: 'Nothing was kept: free space in the directory named, or give --out.' },
  STATE_UNWRITABLE: {
    stage: 'configure',
    hint: 'Check owner and permissions of the directory named, or set XDG_STATE_HOME (for a dump: give another --out).',
  },
  NOT_A_DUMP: {
    stage: 'use',
    hint: 'Give a thread dump, a service dump or a class histogram as a JVM or LENA writes it.',
  },
  KEY_FILE_INVALID: {
    stage: 'configure',
    hint: 'Give a file with 32 or more random bytes that only its owner may read (chmod 600).',
  },
  PROBE_FAILED: { stage: 'use', hint: 'The host does not answer its probe: check the process and its port.' },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorCode = keyof typeof ERRORS;
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
/** True for an error of ours whose code is of the table. */
export const isTableError = (thrown: unknown): thrown is AppError<ErrorCode> =>
  thrown instanceof AppError && isErrorCode(thrown.code);

/** An AppError of the table; `hint` overrides the table's where the place knows better. */
export function appError(
  code: ErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly hint?: string | undefined } = {},
): AppError<ErrorCode> {
  return new AppError(code, message, { hint: options.hint ?? ERRORS[code].hint, cause: options.cause });
}

export function sourceFailure(
  code: ErrorCode,
  message: string,
  hint: string = ERRORS[code].hint,
): SourceFailure {
  return { code, message, hint };
}

/** A failure in one line: code, cause, remedy. */
export const failureText = ({ code, message, hint }: SourceFailure): string =>
  `${code}: ${message.replace(/[\s.:]+$/, '')}. ${hint}`;
