import { pipeline, Readable, Transform } from 'node:stream';

/**
 * Puts a limit on the answers of an AWS SDK client, which otherwise gathers whatever the endpoint sends until its
 * time is up. An answer past the limit is an error of its call.
 */
export function limitBody(response: unknown, maxBytes: number): void {
  if (typeof response !== 'object' || response === null || !('body' in response)) return;
  const { body } = response;
  if (!(body instanceof Readable)) return;
  let bytes = 0;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new Error(`the answer is larger than ${maxBytes} bytes`));
      else done(null, chunk);
    },
  });
  // Whoever reads `limited` gets its error; the source is destroyed with it.
  pipeline(body, limited, () => undefined);
  response.body = limited;
}
