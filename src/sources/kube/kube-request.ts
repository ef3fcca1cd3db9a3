import type { Dispatcher } from 'undici';
import type { Json } from '../../core/json-read.ts';
import type { KubeRequestError } from './request-error.ts';

export interface KubeRequest {
  /** @default GET */
  readonly method?: KubeMethod | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly accept?: string | undefined;
  /** JSON text. */
  readonly body?: string | undefined;
  /** Of the body. @default application/json */
  readonly contentType?: string | undefined;
  readonly signal: AbortSignal;
  /**
   * Called with true when the request is about to be written: from here on it may be carried out; with false when it
   * was refused unread (401) and is about to be sent anew.
   */
  readonly leaving?: ((hasLeft: boolean) => void) | undefined;
}
export type KubeMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a server said, whatever its status. */
export interface KubeAnswer {
  readonly status: number;
  /** The body, where it is JSON of an object. */
  readonly json: Json | undefined;
  /** The error this answer is, unless its status is 2xx and its body Kubernetes JSON. */
  readonly error: KubeRequestError | undefined;
  /** The request as messages name it. */
  readonly what: string;
}
/** Where a WebSocket goes: an address and the locked way out, credentials added. */
export interface SocketOutlet {
  readonly address: URL;
  readonly outlet: Dispatcher;
  /** Epoch ms. */
  readonly now: number;
}
