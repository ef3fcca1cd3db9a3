import { createBackoff } from '../../core/backoff.ts';
import type { L9sDataSource } from '../../wire/l9s/datagram.ts';
import { type Bean, connectorsOf, dataSourcesOf, readBeans, readPid, sessionsOf } from './jmx-proxy.ts';
import { type ManagerAccess, type ManagerAnswer, ManagerHttp } from './manager-http.ts';
import { readStatusXml } from './status-xml.ts';
import type { TomcatFigures, TomcatReading } from './tomcat-figures.ts';
import { type CountedReading, TomcatRates } from './tomcat-rates.ts';

export type TomcatWay = 'jmxproxy' | 'status';
export interface TomcatState {
  /** How it is read; absent until one way answered. */
  readonly way?: TomcatWay | undefined;
  readonly problem?: string | undefined;
  /** No answer of any kind came to the last request. */
  readonly isSilent: boolean;
}
/** What was read, and of which process where Tomcat tells. */
export interface TomcatResult {
  readonly figures: TomcatFigures;
  readonly innerPid?: number | undefined;
}

/** Pools and sessions change slowly, and asking for them costs Tomcat more. */
const SLOW_PARTS_MS = 10_000;
const STATUS = '/status?XML=true';
const query = (pattern: string): string => `/jmxproxy/?qry=${encodeURIComponent(pattern)}`;
const RUNTIME = `/jmxproxy/?get=${encodeURIComponent('java.lang:type=Runtime')}&att=Name`;

interface Slow {
  readonly at: number;
  readonly dataSources: readonly L9sDataSource[] | undefined;
  readonly sessions: number | undefined;
}

/** Reads one Tomcat through its manager, the richer way first; what fails is told and tried again ever more rarely. */
export class TomcatReader {
  readonly #access: ManagerAccess;
  readonly #http: ManagerHttp;
  readonly #rates = new TomcatRates();
  readonly #backoff = createBackoff({ firstMs: 2_000, maxMs: 30_000 });
  #way: TomcatWay | undefined = undefined;
  /** The only way allowed, where the address names one. */
  readonly #onlyWay: TomcatWay | undefined;
  #problem: string | undefined = undefined;
  #isSilent: boolean = false;
  #notBefore = Number.NEGATIVE_INFINITY;
  #innerPid: number | undefined = undefined;
  #slow: Slow | undefined = undefined;
  #ourRequests = 0;
  #ourMs = 0;
  #lastMs = 0;

  constructor(access: ManagerAccess, onlyWay: TomcatWay | undefined) {
    this.#access = access;
    this.#http = new ManagerHttp(access);
    this.#onlyWay = onlyWay;
  }
  get state(): TomcatState {
    return { way: this.#way, problem: this.#problem, isSilent: this.#isSilent };
  }
  /** `undefined` where it could not be read, or should not be asked yet. `monotonicMs` only goes forward. */
  async read(monotonicMs: number, signal: AbortSignal): Promise<TomcatResult | undefined> {
    if (monotonicMs < this.#notBefore) return undefined;
    const wanted = this.#onlyWay ?? this.#way;
    const result =
      wanted === undefined
        ? ((await this.#tryWay('jmxproxy', monotonicMs, signal)) ??
          (await this.#tryWay('status', monotonicMs, signal)))
        : await this.#tryWay(wanted, monotonicMs, signal);
    if (result === undefined) {
      this.#fail(monotonicMs);
      return undefined;
    }
    this.#problem = undefined;
    this.#backoff.reset();
    return result;
  }
  close(): void {
    this.#http.close();
  }
  #fail(monotonicMs: number): void {
    this.#way = undefined;
    this.#innerPid = undefined;
    this.#slow = undefined;
    this.#rates.forget();
    this.#notBefore = monotonicMs + this.#backoff.next();
  }
  async #tryWay(way: TomcatWay, at: number, signal: AbortSignal): Promise<TomcatResult | undefined> {
    const reading = way === 'status' ? await this.#readStatus(at, signal) : await this.#readJmx(at, signal);
    if (reading === undefined) return undefined;
    this.#way = way;
    const figures = this.#rates.figuresOf(reading);
    return { figures, innerPid: this.#innerPid };
  }
  async #readStatus(at: number, signal: AbortSignal): Promise<CountedReading | undefined> {
    const text = await this.#ask(STATUS, signal);
    if (text === undefined) return undefined;
    const reading = readStatusXml(text, `${this.#access.base.pathname}/status`);
    if (reading === undefined) this.#problem = 'its answer is no manager status';
    return reading && { reading, at, ...this.#ours };
  }
  async #readJmx(at: number, signal: AbortSignal): Promise<CountedReading | undefined> {
    const requests = await this.#beans('*:type=RequestProcessor,*', signal);
    const pools = requests && (await this.#beans('*:type=ThreadPool,*', signal));
    const totals = pools && (await this.#beans('*:type=GlobalRequestProcessor,*', signal));
    if (requests === undefined || pools === undefined || totals === undefined) return undefined;
    const ours = this.#ours;
    const ourPath = `${this.#access.base.pathname}/jmxproxy/`;
    const connectors = connectorsOf({ pools, totals, requests, ourPath });
    await this.#readSlowParts(at, signal);
    const { dataSources, sessions } = this.#slow ?? {};
    const reading: TomcatReading = { connectors, dataSources, sessions };
    return { reading, at, ...ours };
  }
  /** What the answer that just came counts of our requests: Tomcat adds one only after its answer. */
  get #ours(): { readonly ourRequests: number; readonly ourMs: number } {
    return { ourRequests: this.#ourRequests - 1, ourMs: this.#ourMs - this.#lastMs };
  }
  async #readSlowParts(at: number, signal: AbortSignal): Promise<void> {
    if (this.#slow !== undefined && at - this.#slow.at < SLOW_PARTS_MS) return;
    const managers = await this.#beans('*:type=Manager,*', signal);
    const sources = await this.#beans('*:type=DataSource,*', signal);
    this.#slow = {
      at,
      dataSources: sources && dataSourcesOf(sources),
      sessions: managers && sessionsOf(managers),
    };
    const runtime = await this.#ask(RUNTIME, signal);
    this.#innerPid = runtime === undefined ? undefined : readPid(runtime);
  }
  async #beans(pattern: string, signal: AbortSignal): Promise<readonly Bean[] | undefined> {
    const text = await this.#ask(query(pattern), signal);
    const beans = text === undefined ? undefined : readBeans(text);
    if (text !== undefined && beans === undefined) this.#problem = 'its answer is none of the JMX proxy';
    return beans;
  }
  async #ask(path: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#http.get(path, signal);
    this.#isSilent = answer.kind === 'failure';
    if (answer.kind === 'text') {
      this.#ourRequests++;
      this.#lastMs = answer.tookMs;
      this.#ourMs += answer.tookMs;
      return answer.text;
    }
    if (answer.kind === 'status') this.#ourRequests++;
    this.#problem = problemOf(answer, path.startsWith('/jmxproxy') ? 'manager-jmx' : 'manager-status');
    return undefined;
  }
}

function problemOf(answer: Exclude<ManagerAnswer, { kind: 'text' }>, role: string): string {
  if (answer.kind === 'failure') return answer.why;
  switch (answer.status) {
    case 401:
      return 'it does not accept the user or password (HTTP 401)';
    case 403:
      return `the user lacks the role ${role}, or the manager’s address filter refuses us (HTTP 403)`;
    case 404:
      return 'there is no manager application at that address (HTTP 404)';
    default:
      return `HTTP ${answer.status}`;
  }
}
