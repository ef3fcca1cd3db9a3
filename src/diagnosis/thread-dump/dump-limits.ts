/** What reading one file may cost; what is beyond is counted as a problem, never silently dropped. */
export interface DumpLimits {
  /** Of the whole file. @default 500000 */
  readonly maxThreads: number;
  /** Of the whole file. @default 2000 */
  readonly maxDumps: number;
  /** Characters of a line that are looked at; the rest is skipped as it comes. @default 65536 */
  readonly maxLineLength: number;
  /** Stack lines of one thread. @default 4096 */
  readonly maxFrames: number;
  /** Stack lines of all different stacks of the file. @default 8000000 */
  readonly maxStackLines: number;
  /** Characters of all different texts kept of the file: frames, names, locks. @default 64000000 */
  readonly maxText: number;
  /** Lines of a class histogram. @default 200000 */
  readonly maxClasses: number;
}

export const DEFAULT_DUMP_LIMITS: DumpLimits = {
  maxThreads: 500_000,
  maxDumps: 2_000,
  maxLineLength: 65_536,
  maxFrames: 4_096,
  maxStackLines: 8_000_000,
  maxText: 64_000_000,
  maxClasses: 200_000,
};
