import { Readable } from 'node:stream';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import type { JsonObject } from '../../domain/call.ts';
import { toJsonObject } from '../json-value.ts';
import type { ExactRequest } from './ecs-calls.ts';
import { limitBody } from './limit-body.ts';

const TARGET_PREFIX = 'AmazonEC2ContainerServiceV20141113';

/**
 * Any operation with exactly the input given, and its answer as it came. The SDK's own commands leave out every
 * member they do not know, on both ways: a task definition registered anew would silently lose what is newer than
 * the SDK. A command without input of its own is the vehicle; address, signature, time-outs and errors are the SDK's.
 */
export function exactCommand({ operation, input, onLeave }: ExactRequest, maxBytes: number) {
  const command = new ListClustersCommand({});
  let text = '';
  command.middlewareStack.add(
    (next) => (args) => {
      if (!isRequest(args.request)) throw new Error('the SDK built no HTTP request');
      args.request.headers['x-amz-target'] = `${TARGET_PREFIX}.${operation}`;
      args.request.body = JSON.stringify(input);
      args.request.headers['content-length'] = String(Buffer.byteLength(args.request.body));
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'exactRequest' },
  );
  command.middlewareStack.add(
    (next) => async (args) => {
      // Inside the lock: it has let the request pass.
      onLeave?.();
      const result = await next(args);
      limitBody(result.response, maxBytes);
      if (isResponse(result.response)) {
        const bytes = await collect(result.response.body);
        text = bytes.toString('utf8');
        // The SDK reads it again, for its errors.
        result.response.body = Readable.from(bytes);
      }
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'exactAnswer' },
  );
  return {
    command,
    /** Once the command was sent. Throws where the answer is no JSON object. */
    answer(): JsonObject {
      const body: unknown = text === '' ? {} : JSON.parse(text);
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new SyntaxError('the answer is no JSON object');
      return toJsonObject(body);
    },
  };
}

async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

interface Request {
  readonly headers: Record<string, string>;
  body?: string;
}
const isRequest = (value: unknown): value is Request =>
  typeof value === 'object' &&
  value !== null &&
  'headers' in value &&
  typeof value.headers === 'object' &&
  value.headers !== null;
const isResponse = (value: unknown): value is { body: Readable } =>
  typeof value === 'object' && value !== null && 'body' in value && value.body instanceof Readable;
