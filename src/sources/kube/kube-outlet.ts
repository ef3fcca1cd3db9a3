import type { Dispatcher } from 'undici';
import type { ModeInForce } from '../../domain/policy.ts';
import { assertMayLeave } from './kube-lock.ts';

/**
 * The place every request of a context leaves through, WebSockets included: what undici is about to write is parsed
 * and refused here, whoever asked for it.
 */
export function lockOutlet(dispatcher: Dispatcher, server: URL, mode: () => ModeInForce): Dispatcher {
  const base = server.pathname.replace(/\/$/, '');
  return dispatcher.compose((dispatch) => (options, handler) => {
    const { method, path, upgrade } = options;
    // What lies outside the server's own path is nothing that can be classified.
    const target = path.startsWith(`${base}/`) ? path.slice(base.length) : '';
    assertMayLeave({ method, target, isUpgrade: Boolean(upgrade) }, mode());
    return dispatch(options, handler);
  });
}

/** Calls `leaving` when a connection stands and the first byte of the request is about to be written to it. */
export const tellLeaving = (outlet: Dispatcher, leaving: () => void): Dispatcher =>
  outlet.compose((dispatch) => (options, handler) => dispatch(options, telling(handler, leaving)));

/** Hands everything on to the handler of the request, and tells of its start. */
const telling = (handler: Dispatcher.DispatchHandler, leaving: () => void): Dispatcher.DispatchHandler => ({
  onRequestStart(controller, context) {
    handler.onRequestStart?.(controller, context);
    leaving();
  },
  onRequestUpgrade: (controller, status, headers, socket) =>
    handler.onRequestUpgrade?.(controller, status, headers, socket),
  onResponseStart: (controller, status, headers, message) =>
    handler.onResponseStart?.(controller, status, headers, message),
  onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
  onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
  onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
});

/** Adds headers to each request, repeated names as repeated lines: `fetch` would join them into one. */
export const addHeaders = (outlet: Dispatcher, added: readonly string[]): Dispatcher =>
  outlet.compose((dispatch) => (options, handler) => {
    const headers = [...flatHeaders(options.headers), ...added];
    return dispatch({ ...options, headers }, handler);
  });

function flatHeaders(headers: Dispatcher.DispatchOptions['headers']): string[] {
  if (headers === undefined || headers === null) return [];
  if (Array.isArray(headers)) return headers;
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return entries.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (one === undefined ? [] : [name, String(one)])),
  );
}
