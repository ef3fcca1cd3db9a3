/** `health` of the config; shares are 0–1. */
export interface HealthLevels {
  readonly afterGcWarn: number;
  readonly afterGcError: number;
  /** Old-generation collections in a row that must leave so much behind. */
  readonly forGcs: number;
  readonly gcOverheadWarn: number;
  readonly gcOverheadError: number;
  /** Full collections within the window that are too many; at least twice as many are worse. */
  readonly fullGcs: number;
  readonly fullGcWindowMs: number;
  /** What collections leave behind is a suspected leak where it grows to the maximum within this long. */
  readonly growthMs: number;
  /** Busy threads of a connector, connections of a data source in use, requests that fail. */
  readonly connectorWarn: number;
  readonly connectorError: number;
  readonly poolWarn: number;
  readonly poolError: number;
  readonly errorRateWarn: number;
  readonly errorRateError: number;
  /** How long what a JVM's figures raised stays after they are well again. */
  readonly clearMs: number;
  /** Requests over 8 s seen for this long are stuck. */
  readonly stuckMs: number;
}
/** The defaults of the configuration's `health`. */
export const DEFAULT_HEALTH_LEVELS: HealthLevels = {
  afterGcWarn: 0.75,
  afterGcError: 0.9,
  forGcs: 3,
  gcOverheadWarn: 0.1,
  gcOverheadError: 0.25,
  stuckMs: 600_000,
  fullGcs: 2,
  fullGcWindowMs: 60_000,
  growthMs: 14_400_000,
  connectorWarn: 0.8,
  connectorError: 0.98,
  poolWarn: 0.9,
  poolError: 0.98,
  errorRateWarn: 0.05,
  errorRateError: 0.2,
  clearMs: 30_000,
};
