import type { AppError } from '../../../core/app-error.ts';
import { sizeText } from '../../../core/size-text.ts';
import { cleanLine } from '../../../core/text.ts';
import type { DumpKind } from '../../../domain/dump.ts';
import { dumpKindOfName, isDumpFileName, partsOfDumpName } from '../../../domain/dump-name.ts';
import type { DumpTaking, ServerFile, TakenDump } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { dumpTemplateOf, execTemplateOf, LENA_HOMES } from '../../../domain/exec-template.ts';
import { type Text, text } from '../../../domain/text.ts';
import type { ContainerCommands } from '../../container-commands.ts';
import { saidFailure } from '../../said-failure.ts';
import { cutError, dumpError, saidLine, thrownError } from './container-failure.ts';
import { readListing } from './file-listing.ts';
import type { ContainerDumpsOptions } from './runner.ts';

/** As LENA limits a folder itself. */
const MAX_FILES = 200;
const MAX_OTHER_HOSTS = 8;
const KINDS = { tdump: 'thread', sdump: 'service', hdump: 'heap' } as const satisfies Record<
  string,
  DumpKind
>;
const FOLDER_NAMES = ['tdump', 'sdump', 'hdump'] as const;
const LIST = { timeoutMs: 10_000, maxBytes: 1_048_576 };
const HASH = { timeoutMs: 120_000, maxBytes: 4_096 };
const MAX_HOST_NAME_BYTES = 256;
const HOST_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

export interface ServerFilesOptions extends ContainerDumpsOptions {
  readonly commands: ContainerCommands;
}

/**
 * Folders LENA writes its dumps to, as its documents name them, for the names the container may have; those that are
 * no path of the list are left out.
 */
export async function dumpFolders(
  { commands, hostNames, outputFolder }: ServerFilesOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const said = await commands.read('/etc/hostname', MAX_HOST_NAME_BYTES, signal);
  const own = said.kind === 'said' ? Buffer.from(said.bytes).toString('utf8').trim() : '';
  const hosts = [...new Set([own, ...hostNames])]
    .filter((host) => HOST_NAME.test(host))
    .slice(0, MAX_OTHER_HOSTS);
  const dumps = [
    ...(outputFolder === undefined ? [] : [outputFolder.replace(/\/+$/, '')]),
    ...LENA_HOMES.map((home) => `${home}/servers/appServer/dumps`),
  ];
  const parents = [
    ...dumps.flatMap((folder) => hosts.map((host) => `${folder}/${host}`)),
    ...(outputFolder === undefined ? [] : dumps.slice(0, 1)),
    ...LENA_HOMES.map((home) => `${home}/servers/appServer/logs`),
  ];
  const folders = parents.flatMap((parent) => FOLDER_NAMES.map((name) => `${parent}/${name}`));
  return [...new Set(folders)].filter((folder) => execTemplateOf(['ls', '-ln', folder]) !== undefined);
}

/** Dumps a LENA server took itself, newest first; `note` hears what is not among them. Rejects with an AppError. */
export async function listServerFiles(
  options: ServerFilesOptions,
  signal: AbortSignal,
  note: (what: Text) => void = () => undefined,
): Promise<readonly ServerFile[]> {
  const { commands, runner } = options;
  const found: ServerFile[] = [];
  for (const folder of await dumpFolders(options, signal)) {
    const said = await commands.ask(['ls', '-ln', folder], LIST, signal);
    if (said.kind === 'absent') continue;
    if (said.kind === 'denied') {
      note(text(`${folder} may not be read: ${said.message}`, `${folder} 읽기 거부: ${said.message}`));
      continue;
    }
    const failure = saidFailure(said, folder, runner.name);
    if (failure !== undefined) throw dumpError(failure);
    if (said.kind !== 'said') continue;
    found.push(...filesIn(folder, Buffer.from(said.bytes).toString('utf8'), note));
  }
  return found.toSorted(byNewest);
}

function filesIn(folder: string, said: string, note: (what: Text) => void): readonly ServerFile[] {
  const { files, unread } = readListing(said);
  const kind = KINDS[FOLDER_NAMES.find((name) => folder.endsWith(`/${name}`)) ?? 'tdump'];
  const offered = files.flatMap(({ name, sizeBytes }): ServerFile[] => {
    const path = `${folder}/${name}`;
    const isFetched = isDumpFileName(name) && dumpKindOfName(name) === kind && mayRead(path);
    return isFetched ? [{ path, kind, sizeBytes }] : [];
  });
  const foreign = unread + files.length - offered.length;
  if (foreign > 0)
    note(
      text(
        `${folder}: ${foreign} not offered, whose names are none of a dump`,
        `${folder}: 덤프 이름이 아닌 ${foreign}개 제외`,
      ),
    );
  if (offered.length > MAX_FILES)
    note(
      text(
        `${folder}: the newest ${MAX_FILES} of ${offered.length}`,
        `${folder}: ${offered.length}개 중 최근 ${MAX_FILES}개`,
      ),
    );
  return offered.toSorted(byNewest).slice(0, MAX_FILES);
}
const mayRead = (path: string): boolean => dumpTemplateOf(['cat', path]) !== undefined;

/** The instant stands in the name. */
const takenAtOf = ({ path }: ServerFile): number =>
  partsOfDumpName(path.slice(path.lastIndexOf('/') + 1))?.at ?? 0;
const byNewest = (a: ServerFile, b: ServerFile): number =>
  takenAtOf(b) - takenAtOf(a) || b.path.localeCompare(a.path);

/** Takes one of them, checked against its hash where the image can tell it. Rejects with an AppError. */
export async function fetchServerFile(
  { commands, runner }: ServerFilesOptions,
  { path, sizeBytes, kind }: ServerFile,
  { write, report, signal }: DumpTaking,
): Promise<TakenDump> {
  const what = `${cleanLine(path, 300)} in ${runner.name}`;
  if (!mayRead(path)) throw appError('INPUT_INVALID', `${what}: its name is none of a dump`);
  if (kind === 'heap' && !runner.isExact) throw notExact(what);
  try {
    const sha256 = runner.isExact ? await hashOf(commands, path, signal) : undefined;
    const bytes = await readFile(runner, path, sizeBytes, { write, report, signal });
    if (runner.isExact && bytes < sizeBytes)
      throw appError('DUMP_DAMAGED', `${what}: ${bytes} bytes came of ${sizeBytes}`);
    const missing = sha256 === undefined ? [NOT_COMPARED] : [];
    return { how: `cat ${path}`, missing, sha256 };
  } catch (thrown) {
    signal.throwIfAborted();
    throw heldBack(thrownError(thrown, runner.name), kind);
  }
}

export const NOT_COMPARED = text(
  'a compared hash: the container has no sha256sum',
  '해시 비교: 컨테이너에 sha256sum이 없음',
);
export const notExact = (what: string): AppError =>
  appError('DUMP_FAILED', `${what}: a heap dump does not come whole through a terminal`, {
    hint: 'Take it through our agent (`l9s advertise --dumps --allow-heap-dumps`), or copy it by other means.',
  });

/** In a mode that changes nothing a heap dump stays where it is: it holds all the memory held, secrets too. */
const heldBack = (error: AppError, kind: DumpKind): AppError =>
  error.code === 'TRANSPORT_LOCKED' && kind === 'heap'
    ? appError('TRANSPORT_LOCKED', error.message, {
        hint: 'Nothing was sent: a heap dump holds what the server’s memory held, secrets too, and is fetched in normal mode alone.',
      })
    : error;

/** SHA-256 of a file in the container; `undefined` where no tool tells it. */
export async function hashOf(
  commands: ContainerCommands,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const said = await commands.ask(['sha256sum', path], HASH, signal);
  const line = said.kind === 'said' ? Buffer.from(said.bytes).toString('utf8') : '';
  return /^\\?([0-9a-f]{64}) /.exec(line)?.[1];
}

const MIB = 1_048_576;

/** Streams a file; resolves with how many bytes came. Rejects with an AppError, or as `write` does. */
export async function readFile(
  runner: ContainerDumpsOptions['runner'],
  path: string,
  sizeBytes: number,
  { write, report, signal }: DumpTaking,
): Promise<number> {
  let bytes = 0;
  let told = 0;
  const end = await runner.stream(
    ['cat', path],
    (chunk) => {
      bytes += chunk.length;
      if (bytes - told >= MIB) {
        told = bytes;
        report(`${sizeText(bytes)} / ${sizeText(sizeBytes)}`);
      }
      return write(chunk);
    },
    signal,
  );
  if (end.exitCode === 0) return bytes;
  const why = saidLine(end.notStarted ?? end.stderr.split('\n')[0] ?? '') || 'it ended in the middle';
  throw cutError(`cat ${path}`, runner.name, why);
}
