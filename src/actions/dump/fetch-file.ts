import path from 'node:path';
import { sizeText } from '../../core/size-text.ts';
import { cleanLine, counted } from '../../core/text.ts';
import { DUMP_TITLES, DUMP_WAY_TITLES } from '../../domain/dump.ts';
import { partsOfDumpName } from '../../domain/dump-name.ts';
import { dumpTargetOf } from '../../domain/dump-target.ts';
import type { DumpTarget, DumpWay, ServerFile } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanDraft, PlanWarning } from '../../domain/plan.ts';
import { isAllowed } from '../../domain/policy.ts';
import { refKey } from '../../domain/ref.ts';
import type { Server } from '../../domain/server.ts';
import { type Text, text } from '../../domain/text.ts';
import type { InputOption, PlanRequest, Way } from '../action.ts';
import { createLimit, orAborted } from '../executor/concurrency.ts';
import { errorOf, failureOf } from '../executor/failure.ts';
import type { ActionTools, DumpTools } from '../tools.ts';
import { dumpAsk } from './dump-inputs.ts';
import { dumpToolsOf } from './dump-target.ts';
import { HEAP_SECRETS } from './heap-room.ts';
import { directoryOf, plannedFor } from './plan-dump.ts';
import { whyNoFiles } from './reach.ts';
import { afterDump, dumpStep } from './take-step.ts';

const LIST_TIMEOUT_MS = 20_000;

/** Options, their check and the plan ask for the same list within seconds; listing is a command on the server. */
const KNOWN_FOR_MS = 15_000;

interface Files {
  readonly way: DumpWay & Required<Pick<DumpWay, 'list' | 'fetch'>>;
  readonly files: readonly ServerFile[];
  /** What is not among them, and why. */
  readonly notes: readonly Text[];
}
interface KnownFiles {
  readonly at: number;
  readonly files: Files;
}
const known = new WeakMap<DumpTools['folder'], Map<string, KnownFiles>>();

/** Its files, listed anew when the last list is some seconds old. Rejects with an AppError. */
async function filesOf(target: DumpTarget, tools: ActionTools, signal: AbortSignal): Promise<Files> {
  const { folder } = dumpToolsOf(tools);
  const lists = known.get(folder) ?? new Map<string, KnownFiles>();
  known.set(folder, lists);
  const now = tools.clock.now();
  for (const [key, { at }] of lists) if (now - at >= KNOWN_FOR_MS) lists.delete(key);
  const key = `${refKey(target.server.ref)}\n${target.instance?.uid ?? ''}`;
  const found = lists.get(key);
  if (found !== undefined) return found.files;
  const files = await listFiles(target, tools, signal);
  lists.set(key, { at: tools.clock.now(), files });
  return files;
}

const hasFiles = (way: DumpWay): way is Files['way'] => way.list !== undefined && way.fetch !== undefined;

/** The files a server wrote itself, as the first way that leads there lists them. Rejects with an AppError. */
async function listFiles(target: DumpTarget, tools: ActionTools, signal: AbortSignal): Promise<Files> {
  const refusals: ReturnType<typeof failureOf>[] = [];
  const said: string[] = [];
  for (const way of dumpToolsOf(tools).ways) {
    if (!hasFiles(way)) continue;
    const limit = createLimit(signal, LIST_TIMEOUT_MS, tools.clock);
    try {
      const notes: Text[] = [];
      const listing = way.list(target, limit.signal, (what) => notes.push(what));
      return { way, files: await orAborted(listing, limit.signal), notes };
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = failureOf(thrown);
      refusals.push(failure);
      said.push(`${DUMP_WAY_TITLES[way.id].en}: ${failure.message}`);
    } finally {
      limit.clear();
    }
  }
  const [only] = refusals;
  if (only !== undefined && refusals.length === 1) throw errorOf(only);
  const why = said.length === 0 ? 'nothing that lists files is configured' : said.join('; ');
  throw appError('NO_WAY_TO_DUMP', `dump files of ${target.server.name}: no way leads there: ${why}`);
}

export async function fileOptions(
  server: PlanRequest<'server'>['target'],
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly InputOption[]> {
  const { files } = await filesOf(dumpTargetOf(server, tools.lookup), tools, signal);
  const { modeOf } = tools;
  const isHeld = ({ kind }: ServerFile) =>
    kind === 'heap' && modeOf !== undefined && !isAllowed(modeOf(server.ref.context).mode, 'change');
  const held = files.filter(isHeld).length;
  return [
    ...files.map((file): InputOption => {
      const { path: value, kind, sizeBytes } = file;
      const { en, ko } = DUMP_TITLES[kind];
      const size = sizeText(sizeBytes);
      return {
        value,
        label: cleanLine(path.posix.basename(value), 200),
        detail: text(`${en}, ${size}`, `${ko}, ${size}`),
        ...(isHeld(file) ? { isUnlisted: true } : {}),
      };
    }),
    ...(held === 0 ? [] : [leftOut(held)]),
  ];
}

/** A heap holds what the memory held: no mode that changes nothing lets it out. */
function leftOut(count: number): InputOption {
  const why = text('fetched in normal mode alone', '일반 모드에서만 가져올 수 있음');
  return { value: '', label: `${counted(count, 'heap dump')} left out`, detail: why, unfit: why };
}

/** One of those files, taken here. */
export const fetchWay: Way<'server'> = {
  disabledReason: whyNoFiles,
  plan: planFetch,
  after: afterDump,
};

/** What a server opened to us gives no files of its own. */
export const whyNotFetched = (server: Server): Text =>
  whyNoFiles(server) ??
  text(
    'its own files are fetched by pod exec or ECS exec only',
    '서버의 파일은 pod exec나 ECS exec로만 가져옴',
  );

async function planFetch(
  { target: server, input, signal }: PlanRequest<'server'>,
  tools: ActionTools,
): Promise<PlanDraft> {
  const dumps = dumpToolsOf(tools);
  const { lookup, clock } = tools;
  const target = dumpTargetOf(server, lookup);
  const { way, files, notes } = await filesOf(target, tools, signal);
  const { file: wanted = '' } = input;
  const file = files.find((one) => one.path === wanted);
  if (file === undefined) {
    throw appError('NOT_FOUND', `${server.name} has no file ${wanted} any more`);
  }
  const { kind, sizeBytes } = file;
  const { maxBytes, timeoutMs } = dumpAsk(kind, dumps);
  if (sizeBytes > maxBytes) {
    throw appError(
      'DUMP_TOO_LARGE',
      `${file.path} has ${sizeText(sizeBytes)}, at most ${sizeText(maxBytes)} are taken`,
    );
  }
  const name = path.posix.basename(file.path);
  const writtenAt = writtenBefore(name, clock.now());
  const through = `${DUMP_WAY_TITLES[way.id].en}: ${server.name}`;
  const step = dumpStep({
    request: {
      context: server.ref.context,
      title: text(`fetch ${name} from ${server.name}`, `${server.name}에서 ${name} 가져오기`),
      through,
      asks: [`read ${file.path} (${sizeText(sizeBytes)})`],
    },
    order: {
      dumps,
      lookup,
      clock,
      target,
      kind,
      way: 'server-file',
      isAuthenticated: true,
      maxBytes,
      expectBytes: sizeBytes,
      takenAt: writtenAt,
      directory: directoryOf(input),
      take: (taking) => way.fetch(target, file, taking),
    },
    timeoutMs,
    what: `file ${name}`,
  });
  return {
    targets: [plannedFor(server, step)],
    warnings: [
      ...(kind === 'heap' ? [HEAP_SECRETS] : []),
      ...notes.map((note) => ({ level: 'info' as const, code: 'not-listed', text: note })),
      namedAnew(name, writtenAt),
    ],
    diff: [],
    // It changes nothing there, but all that was in its memory leaves it: no less than taking one.
    effect: kind === 'heap' ? 'change' : undefined,
  };
}

/** By its name, in whose time nothing says the zone: a time that is still to come is none of ours. */
function writtenBefore(name: string, now: number): number | undefined {
  const at = partsOfDumpName(name)?.at;
  return at === undefined || at > now ? undefined : at;
}

function namedAnew(name: string, writtenAt: number | undefined): PlanWarning {
  const time =
    writtenAt === undefined
      ? text('the time it is fetched', '가져온 시각')
      : text('the time in its own name', '원래 이름의 시각');
  return {
    level: 'info',
    code: 'named-anew',
    text: text(
      `It is kept under ${time.en}; that it was ${name} stands in its facts`,
      `${time.ko}의 이름으로 저장되며, 원래 이름 ${name}은(는) 상태 파일에 남습니다`,
    ),
  };
}
