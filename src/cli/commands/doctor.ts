import { networkInterfaces } from 'node:os';
import type { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { advertiserLines, type ReceiverAddress } from '../../diagnosis/advertiser-lines.ts';
import { checksOf } from '../../diagnosis/doctor.ts';
import type { DoctorCheck } from '../../diagnosis/doctor-check.ts';
import { skewWords } from '../../diagnosis/doctor-receiver.ts';
import { folded, SENDER_SKEW_WARN_MS } from '../../diagnosis/receiver-reading.ts';
import type { Heartbeat } from '../../domain/jvm-sample.ts';
import { refKey } from '../../domain/ref.ts';
import { isMiddleware, type Server } from '../../domain/server.ts';
import { dumpPortChecks, dumpWayChecks } from '../act/dump-checks.ts';
import type { CommandRunner } from '../command-runner.ts';
import type { CommandEnvironment } from '../environment.ts';
import { EXIT, exitCodeOfSources } from '../exit-code.ts';
import { findOneRow, viewOfKind } from '../kinds.ts';
import { type Observed, observe, type ReadOptions } from '../observe.ts';
import { alignColumns, renderData } from '../render.ts';
import { outputOption, withReadFlags } from './get.ts';

interface DoctorOptions extends ReadOptions {
  readonly server?: string;
  readonly output: 'table' | 'json' | 'yaml';
}

/** Longer than any time limit of a source, so that each can say what it ran into: a credential plugin has 20 s. */
const SETTLE_MS = 25_000;
const SIGNS: Record<DoctorCheck['outcome'], string> = { ok: '✔', warn: '▲', failed: '✖', skipped: '·' };

/** `l9s doctor [--server NAME]`. */
export function addDoctor(program: Command, run: CommandRunner): void {
  withReadFlags(program.command('doctor'))
    .description('check every target: reachable, authenticated, allowed, capabilities, clock, datagrams')
    .option('--server <name>', 'check one server and print the lines that make it send its numbers here')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action((_own: unknown, command: Command) =>
      run((env) => doctor(command.optsWithGlobals<DoctorOptions>(), env)),
    );
}

async function doctor(options: DoctorOptions, env: CommandEnvironment): Promise<number> {
  // Its table says what a warning would; with --server nothing else says why a target is missing.
  const waits = { settleMs: SETTLE_MS, warns: options.server !== undefined };
  return await observe({ ...options, ...waits }, env, (observed) => {
    const contexts = observed.contexts();
    if (options.server !== undefined) return checkServer(options.server, { options, env, observed });
    const { tables } = observed.store.state.getState();
    const servers = [...tables.server.rows.values()].filter(isMiddleware);
    const senders = [...tables.sender.rows.values()];
    const targets = contexts.flatMap((view) => {
      const own = servers.filter(({ ref }) => ref.context === view.name);
      return [...checksOf(view, systemClock.now(), senders), ...serversCheck(view.name, own)];
    });
    const checks = [...targets, ...dumpPortChecks(observed)];
    if (options.output === 'table') {
      env.output.print(renderChecks(checks));
      for (const line of silentServers(observed)) env.output.print(line);
    } else {
      env.output.print(renderData(options.output, { checks }));
    }
    return exitCodeOfSources(contexts);
  });
}

/** How many of a target's servers are ready: a target may answer while everything in it is down. */
function serversCheck(context: string, servers: readonly Server[]): readonly DoctorCheck[] {
  if (servers.length === 0) return [];
  const ready = servers.filter(({ state }) => state === 'ready').length;
  const outcome = ready === servers.length ? 'ok' : ready === 0 ? 'failed' : 'warn';
  const next = outcome === 'ok' ? undefined : `See l9s get servers --context ${context}.`;
  return [{ context, check: 'servers', outcome, detail: `${ready} of ${servers.length} ready`, next }];
}

interface ServerCheck {
  readonly options: DoctorOptions;
  readonly env: CommandEnvironment;
  readonly observed: Observed;
}

async function checkServer(name: string, { options, env, observed }: ServerCheck): Promise<number> {
  const view = viewOfKind('servers');
  const row = findOneRow(view, view.rows(observed.viewContext()), name);
  const server = observed.store.state.getState().tables.server.rows.get(refKey(row.ref));
  if (server === undefined) return EXIT.error;
  const checks = [...serverChecks(server), ...(await dumpWayChecks(server, observed, env.signal))];
  const lines = advertiserLines(server, receivers(observed));
  if (options.output === 'table') {
    env.output.print(renderChecks(checks));
    if (lines === undefined)
      env.output.print(`\n${server.name} is a ${server.type} server: no LENA advertiser to set.`);
    else env.output.print(`\n${lines.join('\n')}`);
  } else {
    env.output.print(renderData(options.output, { checks, advertiserLines: lines ?? [] }));
  }
  return exitCodeOfSources(observed.contexts());
}

/** `30/min, 3 rejected: cut short (2), …; its clock is 6.2 s ahead`. */
function heardWords({ perMinute, rejected, rejectReasons = [], clockSkewMs }: Heartbeat): string {
  const reasons = rejectReasons.map(({ reason, count }) => `${reason} (${count})`);
  const why = reasons.length === 0 ? '' : `: ${folded(reasons).en}`;
  const isOff = clockSkewMs !== undefined && Math.abs(clockSkewMs) > SENDER_SKEW_WARN_MS;
  const clock = isOff ? `; its clock is ${skewWords(clockSkewMs)}` : '';
  return `${perMinute.toFixed(0)}/min, ${rejected} rejected${why}${clock}`;
}

function serverChecks(server: Server): readonly DoctorCheck[] {
  const context = `${server.ref.context}:${server.name}`;
  const { heartbeat, manager } = server;
  return [
    {
      context,
      check: 'type',
      outcome: server.type === 'unknown' ? 'warn' : 'ok',
      detail: `${server.type} (${server.typeReason})`,
    },
    {
      context,
      check: 'state',
      outcome: server.state === 'ready' ? 'ok' : 'warn',
      detail: [server.state, server.stateReason].filter(Boolean).join(': '),
    },
    {
      context,
      check: 'registered',
      outcome: manager === undefined ? 'skipped' : manager.registered ? 'ok' : 'warn',
      detail:
        manager === undefined
          ? 'no Manager serves this context'
          : `${manager.context}: ${manager.status ?? 'listed'}`,
    },
    {
      context,
      check: 'datagrams',
      outcome: heartbeat === undefined || heartbeat.rejected > 0 ? 'warn' : 'ok',
      detail: heartbeat === undefined ? 'never heard' : heardWords(heartbeat),
      next: heartbeat === undefined ? 'Set the lines below on the server.' : undefined,
    },
    ...server.health.reasons.map(
      (reason): DoctorCheck => ({
        context,
        check: 'health',
        outcome: reason.level === 'error' ? 'failed' : 'warn',
        detail: reason.text.en,
        next: reason.next.en,
      }),
    ),
  ];
}

/** Servers that could send their numbers and were never heard, in one line. */
function silentServers(observed: Observed): readonly string[] {
  const servers = [...observed.store.state.getState().tables.server.rows.values()];
  const silent = servers.filter(
    (server) =>
      server.heartbeat === undefined && advertiserLines(server, [{ address: '', port: 0 }]) !== undefined,
  );
  const [first] = silent;
  if (first === undefined) return [];
  return [
    `\n${silent.length} LENA servers have never been heard; l9s doctor --server ${first.ref.context}:${first.name} prints what to set.`,
  ];
}

/** Addresses servers can send to: the bound one, or this machine's own where it is bound to all. */
function receivers(observed: Observed): readonly ReceiverAddress[] {
  const { telemetry } = observed.settings;
  if (telemetry === undefined) return [];
  const { host } = telemetry;
  const port = telemetry.port === 0 ? boundPort(observed) : telemetry.port;
  if (host !== '0.0.0.0' && host !== '::') return [{ address: host, port }];
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && (family === 'IPv4' || host === '::'))
    .map(({ address }) => ({ address, port }));
  return outside.length > 0 ? outside : [{ address: '127.0.0.1', port }];
}

/** Port 0 takes any: the receiver's own facts say which it got. */
function boundPort(observed: Observed): number {
  const receiver = observed.contexts().find(({ kind }) => kind === 'udp');
  return Number(/:(\d+)$/.exec(receiver?.facts.target ?? '')?.[1] ?? 0);
}

function renderChecks(checks: readonly DoctorCheck[]): string {
  const rows = checks.map(({ context, check, outcome, detail, next }) => [
    `${SIGNS[outcome]} ${context}`,
    check,
    outcome,
    [detail, next].filter(Boolean).join(' — '),
  ]);
  return alignColumns(['TARGET', 'CHECK', 'OUTCOME', 'DETAIL'], rows);
}
