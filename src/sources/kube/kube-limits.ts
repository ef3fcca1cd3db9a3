/** Every bound of one context's source; all have defaults so that a test can tighten one. */
export interface KubeLimits {
  /** TCP and TLS. @default 3000 */
  readonly connectMs: number;
  /** From the request to the first byte, and between bytes of an answer. @default 10000 */
  readonly requestMs: number;
  /**
   * From a write to the first byte of its answer: admission webhooks may take 30 s, and giving up on what is merely
   * slow makes an unknown of it. @default 40000
   */
  readonly writeMs: number;
  /** One page of a list, whole. @default 60000 */
  readonly pageMs: number;
  /** Asked of the server for one watch; jittered by a fifth. @default 300000 */
  readonly watchMs: number;
  /** A watch this long without a byte (bookmarks included) is reopened. @default 75000 */
  readonly silenceMs: number;
  /** @default 500 */
  readonly pageSize: number;
  /** @default 8 MiB */
  readonly maxLineBytes: number;
  /** Answers being read at one time, together: a page of 500 large pods is about a tenth. @default 128 MiB */
  readonly maxPageBytes: number;
  /** Objects kept of one resource. @default 50000 */
  readonly maxObjects: number;
  /** Events kept, newest first. @default 1000 */
  readonly maxEvents: number;
  /** Pause between two reads of the ConfigMaps in use. @default 60000 */
  readonly configMapMs: number;
  /** ConfigMaps read at all. @default 500 */
  readonly maxConfigMaps: number;
  /** Pause between two looks for starts whose log is to be read. @default 5000 */
  readonly startLogMs: number;
  /** Pods are listed this often where watching is denied; everything else at four times that. @default 15000 */
  readonly pollMs: number;
  /** First and longest pause after a failure. @default 500, 30000 */
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  /** Pause after a failure that only a person can mend (login, kubeconfig, missing right). @default 30000 */
  readonly deniedMs: number;
  /** Request budget of the context, as kubectl has it: a start reads each ConfigMap in use once. @default 300, 50 */
  readonly requestBurst: number;
  readonly requestsPerSecond: number;
}

export const KUBE_LIMITS: KubeLimits = {
  connectMs: 3_000,
  requestMs: 10_000,
  writeMs: 40_000,
  pageMs: 60_000,
  watchMs: 300_000,
  silenceMs: 75_000,
  pageSize: 500,
  maxLineBytes: 8 * 2 ** 20,
  maxPageBytes: 128 * 2 ** 20,
  maxObjects: 50_000,
  maxEvents: 1_000,
  configMapMs: 60_000,
  maxConfigMaps: 500,
  startLogMs: 5_000,
  pollMs: 15_000,
  backoffFirstMs: 500,
  backoffMaxMs: 30_000,
  deniedMs: 30_000,
  requestBurst: 300,
  requestsPerSecond: 50,
};
