import type { Dump } from '../../../domain/dump.ts';
import { dumpKindOfName, partsOfDumpName } from '../../../domain/dump-name.ts';
import { refOf } from '../../../domain/ref.ts';
import { text } from '../../../domain/text.ts';

/** A file without readable facts, by what its name tells; `undefined` for a name that is none of a dump. */
export function dumpFromName(
  name: string,
  file: { readonly path: string; readonly sizeBytes: number; readonly changedAt: number },
  problem: string | undefined,
): Dump | undefined {
  const kind = dumpKindOfName(name);
  if (kind === undefined) return undefined;
  const { lead, at } = partsOfDumpName(name) ?? { lead: name, at: file.changedAt };
  const why =
    problem === undefined
      ? text('no status file stands beside it', '옆에 상태 파일이 없음')
      : text(`its status file cannot be read: ${problem}`, `상태 파일을 읽을 수 없음: ${problem}`);
  return {
    ref: refOf('dump', '', name),
    path: file.path,
    sizeBytes: file.sizeBytes,
    kind,
    server: refOf('server', '', lead),
    serverName: lead,
    takenAt: at,
    how: '',
    isAuthenticated: false,
    by: '',
    missing: [why],
    figures: {},
  };
}
