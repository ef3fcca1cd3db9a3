import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import type { Json, RunningKube } from './fleet-kube.ts';

export const PODS = '/api/v1/namespaces/lena/pods';
export const DEPLOYMENT = '/apis/apps/v1/namespaces/lena/deployments/lena-was';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const MERGE = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';

export interface WriteAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
}

/** Sends writes to a simulated cluster as JSON. */
export function writerOf(kube: RunningKube, as = 'admin') {
  const send = async (
    method: string,
    path: string,
    body?: object,
    type = 'application/json',
  ): Promise<WriteAnswer> => {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await kube.ask(path, { method, as, ...content });
    const { status, headers, text } = answer;
    const isJson = headers['content-type'] === 'application/json';
    return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  return {
    send,
    /** A patch that has to succeed. */
    async patch(path: string, body: object, type = STRATEGIC): Promise<Json> {
      const answer = await send('PATCH', path, body, type);
      assert.equal(answer.status, 200, answer.text);
      return answer.body;
    },
  };
}
