import type { SourceFailure } from './source-status.ts';
import type { Text } from './text.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One request to a Kubernetes API server, as it leaves. */
export interface KubeCall {
  readonly system: 'kube';
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query, segments encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Of the body, e.g. `application/strategic-merge-patch+json`. @default application/json */
  readonly contentType?: string | undefined;
  readonly body?: JsonValue | undefined;
}
/** One operation of the ECS API. */
export interface EcsCall {
  readonly system: 'ecs';
  /** As the API names it, e.g. `UpdateService`. */
  readonly operation: string;
  readonly input: JsonObject;
}
/** One request to a Manager; the key is added where it leaves and is no part of a plan. */
export interface ManagerCall {
  readonly system: 'manager';
  readonly method: 'POST';
  /** Below the base path, segments encoded. */
  readonly path: string;
  readonly body?: JsonObject | undefined;
}
export type CallRequest = KubeCall | EcsCall | ManagerCall;

/** One exact request, as it is shown, audited and sent. */
export interface Call {
  /** The context it goes to. */
  readonly context: string;
  /** What it does, in one line. */
  readonly title: Text;
  readonly request: CallRequest;
}

/**
 * What became of a call. `unknown`: it left, and whether it was carried out cannot be told; such a call is never
 * sent again. `notSent`: it never left this machine.
 */
export type Sent =
  | { readonly outcome: 'done'; readonly answer: JsonValue }
  | { readonly outcome: 'failed' | 'unknown' | 'notSent'; readonly error: SourceFailure };
export type CallOutcome = Sent['outcome'];

/** A request in one line without its body, e.g. `PATCH /apis/apps/v1/namespaces/shop/deployments/was`. */
export function requestLine(request: CallRequest): string {
  switch (request.system) {
    case 'kube': {
      const query = new URLSearchParams(request.query ?? {}).toString();
      return `${request.method} ${request.path}${query === '' ? '' : `?${query}`}`;
    }
    case 'ecs':
      return request.operation;
    case 'manager':
      return `${request.method} ${request.path}`;
  }
}
export const requestBody = (request: CallRequest): JsonValue | undefined =>
  request.system === 'ecs' ? request.input : request.body;
