import { describeThrown } from '../core/app-error.ts';
import { type Clock, sleep } from '../core/clock.ts';
import { hostPort } from '../core/host-port.ts';
import { appError } from '../domain/errors.ts';
import type { ServerType } from '../domain/server-type.ts';
import type { L9sEvent, L9sJvm } from '../wire/l9s/datagram.ts';
import { encodeL9sDatagram } from '../wire/l9s/encode.ts';
import { DatagramSocket, type Destination } from './datagram-socket.ts';
import type { DumpServer } from './dump/dump-job.ts';
import { type FoundJvm, JvmFinder, type UnreadableJvm, type Wanted } from './find-jvms.ts';
import { fitDatagram } from './fit-datagram.ts';
import { HostIds } from './host-ids.ts';
import { JvmWatch } from './jvm-watch.ts';
import { SaidOnce } from './said-once.ts';
import { namesakesLine, startLine } from './start-line.ts';
import type { ManagerAccess } from './tomcat/manager-http.ts';
import { TomcatBeside } from './tomcat/tomcat-beside.ts';
import { TomcatReader, type TomcatWay } from './tomcat/tomcat-reader.ts';

export interface AdvertiserOptions {
  readonly proc: string;
  readonly temporary: string;
  readonly wanted: Pick<Wanted, 'pid' | 'matches'>;
  /** First part of every id. */
  readonly host: string;
  /** Instead of what is read off the JVM. */
  readonly serverType?: ServerType | undefined;
  readonly serviceCluster?: string | undefined;
  readonly intervalMs: number;
  readonly to: readonly Destination[];
  readonly tomcat?: { readonly access: ManagerAccess; readonly onlyWay: TomcatWay | undefined } | undefined;
  readonly clock: Clock;
  /** Ms of a clock that only goes forward. */
  readonly monotonic: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Takes one line for whoever runs the agent. */
  readonly say: (line: string) => void;
}

const MAX_JVMS = 64;
const POLL_MS = 500;
/** A JVM that hangs in a dead file system must not stop the others. */
const READ_LASTS_MS = 2_000;
const FIND_MS = 5_000;
/** While one is missing: it is likely just starting again. */
const FIND_SOON_MS = 1_000;
const YOUNG_AGAIN_MS = 250;
const SOON_LASTS_MS = 120_000;
/** Intervals for which a Tomcat's figures stand. */
const TOMCAT_LASTS = 2;
const JITTER = 0.1;
/**
 * A JVM that ran before us may have been told of by an agent before us; our numbers must be higher than that one's,
 * and so much that a receiver does not take the step for loss, be it a tenth of a second only.
 */
const NUMBERS_PER_MS = 1_000;

/** Finds JVMs, reads them and sends what they show, until it is aborted. */
export class Advertiser {
  readonly #options: AdvertiserOptions;
  readonly #finder: JvmFinder;
  readonly #ids: HostIds;
  readonly #sockets: readonly DatagramSocket[];
  readonly #tomcat: TomcatBeside<JvmWatch> | undefined;
  readonly #watches = new Map<string, JvmWatch>();
  readonly #said: SaidOnce;
  readonly #startedAt: number;
  #wanted: Wanted;
  #finding: Promise<readonly UnreadableJvm[]> | undefined = undefined;
  #findAt = 0;
  /** By the clock that only goes forward: until then one may be starting again. */
  #soonUntil: number;

  constructor(options: AdvertiserOptions) {
    this.#options = options;
    this.#wanted = options.wanted;
    this.#finder = new JvmFinder({ proc: options.proc, temporary: options.temporary });
    this.#ids = new HostIds(options.host);
    this.#sockets = options.to.map((to) => new DatagramSocket(to));
    const { clock, monotonic, intervalMs, tomcat } = options;
    this.#tomcat =
      tomcat &&
      new TomcatBeside({
        reader: new TomcatReader(tomcat.access, tomcat.onlyWay),
        clock,
        monotonic,
        lastsMs: TOMCAT_LASTS * intervalMs,
        say: options.say,
      });
    this.#said = new SaidOnce(options.monotonic, options.say);
    this.#startedAt = options.clock.now();
    this.#soonUntil = options.monotonic() + SOON_LASTS_MS;
  }

  /** The JVMs that are read at this moment, as dumps can be asked of them. */
  get dumpServers(): readonly DumpServer[] {
    const answering = this.#tomcat?.answering;
    return [...this.#watches.values()].map((watch) => {
      const { entry, startTicks, refusesAttach } = watch.jvm;
      return {
        id: watch.id,
        target: {
          proc: this.#options.proc,
          pid: entry.pid,
          innerPid: entry.innerPid,
          startTicks,
          refusesAttach,
        },
        heap: watch.heap,
        hasTomcat: answering === watch,
      };
    });
  }
  /** Never rejects but for a process that was named and cannot be read. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, monotonic, intervalMs } = this.#options;
    try {
      const problems = await this.#findFirst(signal);
      const to = this.#sockets.map((socket) => hostPort(socket.to.host, socket.to.port)).join(', ');
      this.#said.say(`sending to ${to} every ${intervalMs / 1_000} s`);
      if (this.#watches.size === 0 && problems.length === 0)
        this.#said.say('no JVM was found yet; waiting for one');
      let sendAt = monotonic();
      while (!signal.aborted) {
        const started = monotonic();
        if (started >= this.#findAt && !this.#isSettled) this.#find().catch(() => undefined);
        await this.#readAll(signal);
        if (monotonic() >= sendAt) {
          await this.#sendAll(signal);
          sendAt = Math.max(sendAt, monotonic() - intervalMs) + this.#jittered();
        }
        const next = Math.min(started + Math.min(POLL_MS, intervalMs / 2), Math.max(sendAt, started));
        await sleep(clock, Math.max(1, next - monotonic()), signal);
      }
    } finally {
      await this.#close();
    }
  }

  /** Reads every wanted JVM twice, an interval apart, and gives their datagrams; sends them where it has a receiver. */
  async runOnce(
    signal: AbortSignal,
  ): Promise<{ readonly datagrams: readonly L9sJvm[]; readonly problems: readonly UnreadableJvm[] }> {
    const { clock, intervalMs } = this.#options;
    try {
      const problems = await this.#findFirst(signal);
      if (this.#watches.size === 0) return { datagrams: [], problems };
      await this.#readAll(signal);
      await this.#datagrams(signal);
      await sleep(clock, Math.min(intervalMs, 2_000), signal);
      await this.#tomcat?.settled();
      await this.#readAll(signal);
      const datagrams = await this.#datagrams(signal);
      for (const datagram of datagrams) await this.#send(datagram);
      return { datagrams, problems };
    } finally {
      await this.#close();
    }
  }

  /** The process that was named must be there and readable; a pattern may wait for its JVM. */
  async #findFirst(signal: AbortSignal): Promise<readonly UnreadableJvm[]> {
    const { wanted, clock } = this.#options;
    const { pid } = wanted;
    let problems = await this.#find();
    // A JVM that has just begun writes its file in a moment.
    while (pid !== undefined && problems[0]?.isYoung === true && !signal.aborted) {
      await sleep(clock, YOUNG_AGAIN_MS, signal);
      problems = await this.#find();
    }
    const [problem] = problems;
    if (this.#watches.size > 0) return problems;
    if (pid !== undefined && problem !== undefined) throw appError(problem.code, problem.message);
    if (pid !== undefined) throw appError('NO_JVM', `there is no process ${pid}`);
    return problems;
  }
  #find(): Promise<readonly UnreadableJvm[]> {
    const finding = this.#finding ?? this.#findNow();
    this.#finding = finding;
    return finding;
  }
  async #findNow(): Promise<readonly UnreadableJvm[]> {
    try {
      const { found, unreadable } = await this.#finder.find(this.#wanted, (pid, startTicks) =>
        this.#watches.has(keyOf(pid, startTicks)),
      );
      for (const jvm of found) await this.#follow(jvm, found.length === 1);
      for (const name of new Set(found.map(({ identity }) => identity.name))) this.#tellNamesakes(name);
      // Of a process that was named its error tells.
      for (const problem of unreadable)
        if (!problem.isYoung && this.#wanted.pid === undefined)
          this.#said.say(`${problem.code}: ${problem.message}`);
      if (found.length > 0) this.#soonUntil = Number.NEGATIVE_INFINITY;
      return unreadable;
    } catch (thrown) {
      this.#said.say(`the processes cannot be listed: ${describeThrown(thrown)}`);
      return [];
    } finally {
      this.#finding = undefined;
      const now = this.#options.monotonic();
      this.#findAt = now + (now < this.#soonUntil ? FIND_SOON_MS : FIND_MS);
    }
  }
  /** The process that was named is being read: nobody else is wanted. */
  get #isSettled(): boolean {
    return this.#options.wanted.pid !== undefined && this.#watches.size > 0;
  }
  async #follow(jvm: FoundJvm, isAlone: boolean): Promise<void> {
    if (this.#watches.size >= MAX_JVMS) {
      await jvm.file.close();
      this.#said.say(`only the first ${MAX_JVMS} JVMs are read; narrow them with --match`);
      return;
    }
    const { proc, serverType, serviceCluster, wanted } = this.#options;
    // A pattern may match a second one any time: the first must not be called otherwise then.
    const isOnly = wanted.pid !== undefined && isAlone && this.#watches.size === 0;
    const id = this.#ids.take({ name: jvm.identity.name, likeness: jvm.likeness, isOnly });
    const watch = new JvmWatch(jvm, {
      proc,
      id,
      serverType: serverType ?? jvm.identity.serverType,
      serviceCluster,
      firstSeq: this.#firstSeq(jvm.startedAt),
    });
    this.#watches.set(keyOf(jvm.entry.pid, jvm.startTicks), watch);
    this.#said.say(startLine({ id, jvm, hasTomcat: this.#tomcat !== undefined }));
    // Who named a process means the server it is: its successor has another number.
    if (this.#options.wanted.pid !== undefined) this.#wanted = { isLike: (text) => text === jvm.likeness };
  }
  #tellNamesakes(name: string): void {
    const ids = [...this.#watches.values()]
      .filter(({ jvm }) => jvm.identity.name === name)
      .map(({ id }) => id);
    if (ids.length > 1) this.#said.say(namesakesLine(ids));
  }
  #firstSeq(startedAt: number | undefined): number {
    if (startedAt === undefined || startedAt >= this.#startedAt) return 0;
    return Math.round(this.#options.clock.now() - startedAt) * NUMBERS_PER_MS;
  }
  async #readAll(signal: AbortSignal): Promise<void> {
    const { clock, monotonic } = this.#options;
    const all = [...this.#watches].map(async ([key, watch]) => {
      if (watch.isAlive) await watch.read({ now: clock.now(), monotonicMs: monotonic() });
      else await this.#lose(key, watch);
    });
    await Promise.race([Promise.all(all), sleep(clock, READ_LASTS_MS, signal)]);
  }
  async #lose(key: string, watch: JvmWatch): Promise<void> {
    this.#watches.delete(key);
    this.#ids.release(watch.id);
    this.#soonUntil = this.#options.monotonic() + SOON_LASTS_MS;
    this.#findAt = 0;
    const { pid } = watch.jvm.entry;
    this.#said.say(`process ${pid} (${watch.id}) has ended; looking for its successor`);
    await this.#send(watch.lastWord(this.#options.clock.now()));
    await watch.close();
  }
  async #sendAll(signal: AbortSignal): Promise<void> {
    for (const datagram of await this.#datagrams(signal)) await this.#send(datagram);
    for (const { to, state } of this.#sockets)
      if (state.failure !== undefined)
        this.#said.say(`datagrams to ${hostPort(to.host, to.port)} do not arrive: ${state.failure}`);
  }
  async #datagrams(signal: AbortSignal): Promise<readonly L9sJvm[]> {
    const { clock, monotonic } = this.#options;
    const watches = [...this.#watches.values()];
    const tomcat = await this.#tomcat?.read(watches, signal);
    const all = watches.map(async (watch) => {
      const figures = tomcat?.watch === watch ? tomcat.figures : undefined;
      const unanswered = this.#tomcat?.unanswered;
      const datagram = await watch.datagram({
        now: clock.now(),
        monotonicMs: monotonic(),
        tomcat: figures,
        unansweredMs: unanswered?.watch === watch ? unanswered.forMs : undefined,
      });
      if (datagram === undefined) this.#said.say(`${watch.id}: its hsperfdata file gives nothing at present`);
      return datagram;
    });
    return (await Promise.all(all)).filter((datagram) => datagram !== undefined);
  }
  async #send(datagram: L9sJvm | L9sEvent): Promise<void> {
    const bytes = datagram.type === 'jvm' ? fitDatagram(datagram) : encodeL9sDatagram(datagram);
    if (bytes === undefined) {
      this.#said.say(`${datagram.id}: its figures do not fit a datagram`);
      return;
    }
    await Promise.all(this.#sockets.map((socket) => socket.send(bytes, this.#options.monotonic())));
  }
  #jittered(): number {
    const { intervalMs, random } = this.#options;
    return intervalMs * (1 - JITTER + 2 * JITTER * random());
  }
  async #close(): Promise<void> {
    this.#tomcat?.close();
    await Promise.all([...this.#watches.values()].map((watch) => watch.close()));
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }
}

const keyOf = (pid: number, startTicks: number): string => `${pid}:${startTicks}`;
