import { deriveServiceDump, UNTOLD_BY_STACKS } from '../../../diagnosis/service-dump/derive.ts';
import { DumpReader } from '../../../diagnosis/thread-dump/read-dump.ts';
import type { TakenDump } from '../../../domain/dump-way.ts';
import { appError } from '../../../domain/errors.ts';
import { encodeServiceDump } from '../../../wire/service-dump/encode.ts';
import { missingWords } from '../missing-words.ts';
import type { ContainerDumpsOptions } from './runner.ts';
import { type TakingOf, takeThreadDump } from './thread-dump.ts';

export const SERVICE_MISSING = UNTOLD_BY_STACKS.map(missingWords);

/**
 * The requests in flight as a thread dump shows them, which is read as it comes and not kept. Rejects as a thread dump
 * does.
 */
export async function takeServiceDump(
  options: ContainerDumpsOptions,
  taking: TakingOf,
  signal: AbortSignal,
): Promise<TakenDump> {
  const { runner, clock, serverName } = options;
  const at = clock.now();
  const reader = new DumpReader({ name: `the thread dump of ${runner.name}` });
  const read = async (bytes: Uint8Array) => reader.write(bytes);
  const how = await takeThreadDump(options, { ...taking, write: read }, signal);
  const content = reader.end();
  const dump = content.kind === 'threads' ? content.dumps.at(-1) : undefined;
  if (dump === undefined)
    throw appError('DUMP_FAILED', `${how} in ${runner.name}: no threads could be read of what it said`);
  const service = deriveServiceDump(dump, { server: serverName, at });
  const bytes = Buffer.from(encodeServiceDump(service));
  if (bytes.length > taking.maxBytes)
    throw appError(
      'DUMP_TOO_LARGE',
      `the service dump of ${runner.name} is larger than ${taking.maxBytes} bytes`,
    );
  await taking.write(bytes);
  return { how, missing: service.missing.map(missingWords) };
}
