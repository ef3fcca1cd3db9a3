import { readBraceLists, readFields } from './brace-list.ts';

/** What `console.sh status` tells; counts since the start unless said. Each absent where it is not told. */
export interface ConsoleStatus {
  readonly sessions?: number | undefined;
  readonly maxSessions?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly expired?: number | undefined;
  readonly logouts?: number | undefined;
  readonly pid?: number | undefined;
  /** Taken over from the partner. */
  readonly fromSecondary?: number | undefined;
  readonly lost: {
    readonly received?: number | undefined;
    readonly requests?: number | undefined;
    readonly responses?: number | undefined;
  };
  /** Every counter by its own name. */
  readonly counters: Readonly<Record<string, number>>;
}

/** `undefined` where the text tells no `session_count`. */
export function readConsoleStatus(output: string): ConsoleStatus | undefined {
  const lists = readBraceLists(output);
  const list = (lists.length > 0 ? lists : [readFields(output)]).find(
    (fields) => countOf(fields.get('session_count')) !== undefined,
  );
  if (list === undefined) return undefined;
  const counters: Record<string, number> = {};
  for (const [name, value] of list) {
    const count = countOf(value);
    if (count !== undefined) counters[name] = count;
  }
  const of = (name: string): number | undefined => countOf(list.get(name));
  const timeoutSeconds = of('session_timeout');
  return {
    sessions: of('session_count'),
    maxSessions: of('session_max_count'),
    timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000,
    expired: of('session_expired'),
    logouts: of('logout_count'),
    pid: of('pid'),
    fromSecondary: of('data_from_secondary'),
    // The guide writes the first one with its prefix and the others without.
    lost: {
      received: of('session_recv_lost'),
      requests: of('session_req_lost') ?? of('req_lost'),
      responses: of('session_resp_lost') ?? of('resp_lost'),
    },
    counters,
  };
}

const countOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
