import type { LogRequest } from '../../domain/remote.ts';
import type { KubeConnection } from './kube-connection.ts';
import { createLineSplitter, LineTooLongError } from './line-splitter.ts';
import { KubeRequestError, transportError } from './request-error.ts';

const MAX_LINE_BYTES = 1_048_576;

export interface LogHearing {
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Reads what a container writes, line by line. Rejects with a KubeRequestError, or with the signal's reason. */
export async function readPodLog(
  connection: KubeConnection,
  { namespace, pod, container, isFollowed, tailLines, sinceSeconds, limitBytes }: LogRequest,
  { onLine, signal }: LogHearing,
): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;
  const query = {
    container,
    timestamps: 'true',
    follow: isFollowed ? 'true' : undefined,
    tailLines,
    sinceSeconds,
    limitBytes,
  };
  const lines = createLineSplitter(MAX_LINE_BYTES);
  try {
    const chunks = await connection.openWatch(
      // The answer is text, and an error is JSON.
      { path, query, accept: 'application/json, */*', signal },
      'log',
    );
    for await (const chunk of chunks) {
      for (const line of lines.push(chunk)) onLine(line);
      signal.throwIfAborted();
    }
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    const what = `log of ${namespace}/${pod}`;
    if (thrown instanceof LineTooLongError)
      throw new KubeRequestError(
        'UNEXPECTED_ANSWER',
        `${what}: a line is longer than ${MAX_LINE_BYTES} bytes`,
      );
    throw transportError(what, thrown);
  }
}
