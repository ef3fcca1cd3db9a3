import { type Clock, sleep } from '../../core/clock.ts';
import type { FoundJvm } from '../find-jvms.ts';
import { tomcatLine } from '../start-line.ts';
import type { TomcatFigures } from './tomcat-figures.ts';
import type { TomcatReader } from './tomcat-reader.ts';

export interface TomcatBesideOptions {
  readonly reader: TomcatReader;
  readonly clock: Clock;
  /** Ms of a clock that only goes forward. */
  readonly monotonic: () => number;
  /** How long figures stand. */
  readonly lastsMs: number;
  readonly say: (line: string) => void;
}
/** Figures of a Tomcat, and the JVM it runs in. */
export interface TomcatOf<Watch> {
  readonly watch: Watch;
  readonly figures: TomcatFigures;
  /** By the clock that only goes forward. */
  readonly at: number;
}

const WAITS_MS = 200;

/** A Tomcat that is read beside its JVM: slow to answer (it may be collecting), it holds nothing back. */
export class TomcatBeside<Watch extends { readonly jvm: FoundJvm }> {
  readonly #options: TomcatBesideOptions;
  #reading: Promise<void> | undefined = undefined;
  #newest: TomcatOf<Watch> | undefined = undefined;
  #said = '';
  /** The JVM that answered last, and when. */
  #answered: { readonly watch: Watch; readonly at: number } | undefined = undefined;
  #isSilent: boolean = false;
  #isClosed = false;

  constructor(options: TomcatBesideOptions) {
    this.#options = options;
  }
  /** Reads it anew and waits a moment for that; `watches` are the JVMs it may be. */
  async read(watches: readonly Watch[], signal: AbortSignal): Promise<TomcatOf<Watch> | undefined> {
    if (watches.length === 0) return undefined;
    const { clock, monotonic, lastsMs } = this.#options;
    const reading = this.#reading ?? this.#readNow(watches, signal);
    this.#reading = reading;
    await Promise.race([reading, sleep(clock, WAITS_MS, signal)]);
    const newest = this.#newest;
    return newest !== undefined && monotonic() - newest.at <= lastsMs ? newest : undefined;
  }
  /** The JVM whose Tomcat answered and does so no more, and for how long. */
  get unanswered(): { readonly watch: Watch; readonly forMs: number } | undefined {
    if (!this.#isSilent || this.#answered === undefined) return undefined;
    const { watch, at } = this.#answered;
    return { watch, forMs: Math.round(this.#options.monotonic() - at) };
  }
  /** The JVM whose Tomcat answers; `undefined` where none does, or which one cannot be told. */
  get answering(): Watch | undefined {
    return this.#isSilent ? undefined : this.#newest?.watch;
  }
  /** Resolves once what was asked is answered, or its time is up. */
  async settled(): Promise<void> {
    await this.#reading;
  }
  close(): void {
    // What is broken off by that is no fault of the Tomcat's.
    this.#isClosed = true;
    this.#options.reader.close();
  }
  async #readNow(watches: readonly Watch[], signal: AbortSignal): Promise<void> {
    const { reader, monotonic, say } = this.#options;
    try {
      const at = monotonic();
      const result = await reader.read(at, signal);
      const { state } = reader;
      this.#isSilent = state.isSilent;
      if (result === undefined && state.problem === undefined) return;
      const watch = result && whichOf(watches, result.innerPid);
      const isUnclear = result !== undefined && watch === undefined;
      this.#newest = result && watch && { watch, figures: result.figures, at };
      if (watch !== undefined) this.#answered = { watch, at };
      const line = isUnclear
        ? 'Tomcat answers, but which of the JVMs it is cannot be told'
        : tomcatLine(state);
      if (line !== this.#said && !signal.aborted && !this.#isClosed) say(line);
      this.#said = line;
    } finally {
      this.#reading = undefined;
    }
  }
}

/** The one with its process number; where it does not tell, the only one that may be a Tomcat. */
function whichOf<Watch extends { readonly jvm: FoundJvm }>(
  watches: readonly Watch[],
  innerPid: number | undefined,
): Watch | undefined {
  const likely =
    innerPid === undefined
      ? watches.filter(({ jvm }) => watches.length === 1 || jvm.identity.serverType !== 'jvm')
      : watches.filter(({ jvm }) => jvm.entry.innerPid === innerPid);
  return likely.length === 1 ? likely[0] : undefined;
}
