import type { Clock } from '../../core/clock.ts';
import { deriveServiceDump, type ToldRequests } from '../../diagnosis/service-dump/derive.ts';
import { appError } from '../../domain/errors.ts';
import type { ThreadDump } from '../../domain/thread-dump.ts';
import { encodeServiceDump } from '../../wire/service-dump/encode.ts';
import { attach } from '../attach/attach-jvm.ts';
import { commandText } from '../attach/attach-socket.ts';
import type { RunningRequest } from '../tomcat/jmx-proxy.ts';
import type { DumpJob, DumpMaker } from './dump-job.ts';
import { THREAD_DUMP } from './take-text.ts';

export interface ServiceMakerOptions {
  readonly clock: Clock;
  /** What that server's Tomcat tells; `undefined` where it does not answer. Absent where none is read. */
  readonly requests?: ((signal: AbortSignal) => Promise<readonly RunningRequest[] | undefined>) | undefined;
  /** Reads one thread dump. Rejects with an AppError. */
  readonly read: (chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<ThreadDump>;
}

const TOMCAT = 'Tomcat jmxproxy RequestProcessor';

/** The requests a server works on: Tomcat's, then at once a thread dump that says what their workers do. */
export const serviceMaker =
  ({ clock, requests, read }: ServiceMakerOptions): DumpMaker =>
  async (job) => {
    const { server, signal } = job;
    const running = server.hasTomcat ? await requests?.(signal) : undefined;
    signal.throwIfAborted();
    const at = clock.now();
    const dump = await read(bounded(job, attach(server.target, THREAD_DUMP, signal, { clock })), signal);
    const service = deriveServiceDump(dump, { server: server.id, at, told: running && toldOf(running) });
    await job.write(Buffer.from(encodeServiceDump(service)));
    const how = commandText(THREAD_DUMP);
    return { how: running === undefined ? how : `${TOMCAT}, ${how}`, missing: service.missing };
  };

const toldOf = (running: readonly RunningRequest[]): ToldRequests => ({
  from: 'agent',
  missing: ['sql', 'txid'],
  requests: running.map(({ worker, uri, method, client, elapsedMs }) => ({
    thread: worker,
    elapsedMs,
    service: uri === undefined ? undefined : [method, uri].filter((word) => word !== undefined).join(' '),
    client,
  })),
});

/** A thread dump larger than the answer may be is not read either. */
async function* bounded(
  { maxBytes }: DumpJob,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw appError('DUMP_TOO_LARGE', `its thread dump is larger than the ${maxBytes} bytes taken`);
    yield chunk;
  }
}
