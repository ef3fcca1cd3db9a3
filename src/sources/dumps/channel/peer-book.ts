import type { Clock } from '../../../core/clock.ts';
import type { DumpKind, DumpPeer } from '../../../domain/dump.ts';
import { refOf } from '../../../domain/ref.ts';
import { type Text, text } from '../../../domain/text.ts';
import type { AgentConnection } from './agent-connection.ts';
import { LenaPeer, lenaPeerId } from './lena-peer.ts';
import type { LenaSocket } from './lena-socket.ts';

/** Somebody who listens to what changes. */
export type PeerListener = (put: readonly DumpPeer[], drop: readonly string[]) => void;

const CONTEXT = 'udp';
/** Whoever lied is not asked, and not let in, for so long. */
export const PENALTY_MS = 60_000;
const MAX_PENALTIES = 256;
/** An advertiser between two connections is still there. */
const LINGER_MS = 4_000;
/** Rows are told together. */
const TELL_MS = 100;
const LENA_KINDS: readonly DumpKind[] = ['thread', 'service'];

interface Penalty {
  readonly row: DumpPeer;
  readonly cancel: () => void;
}

/** Who is connected, as rows; whom to ask. */
export class PeerBook {
  readonly #clock: Clock;
  readonly #lena = new Map<string, LenaPeer>();
  readonly #agents = new Map<string, AgentConnection>();
  readonly #penalties = new Map<string, Penalty>();
  /** Advertisers without a connection; the answer of each ends the waiting for it. */
  readonly #lingering = new Map<LenaPeer, () => void>();
  readonly #listeners = new Set<PeerListener>();
  #told = new Map<string, { readonly row: DumpPeer; readonly text: string }>();
  #cancelTell: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  get size(): number {
    return this.#lena.size + this.#agents.size;
  }
  lena(id: string): LenaPeer | undefined {
    return this.#lena.get(id);
  }
  agent(id: string): AgentConnection | undefined {
    return this.#agents.get(id);
  }
  /** As they are now. */
  rows(): readonly DumpPeer[] {
    return [
      ...this.#lenaRows(),
      ...this.#agentRows(),
      ...[...this.#penalties.values()].map(({ row }) => row),
    ];
  }
  /** Told of changes from now on, soon after they happened; the answer ends it. */
  onChange(listener: PeerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  isPenalised(id: string): boolean {
    return this.#penalties.has(id);
  }
  addLena(objHash: number, address: string): LenaPeer {
    const id = lenaPeerId(objHash, address);
    const peer = this.#lena.get(id) ?? new LenaPeer(objHash, address, this.#clock);
    this.#lena.set(id, peer);
    this.#changed();
    return peer;
  }
  removeLena(peer: LenaPeer, socket: LenaSocket): void {
    peer.remove(socket);
    this.#changed();
    if (peer.sockets.size > 0) return;
    this.#lingering.get(peer)?.();
    const cancel = this.#clock.after(LINGER_MS, () => {
      this.#lingering.delete(peer);
      if (peer.sockets.size > 0) return;
      if (this.#lena.get(peer.id) === peer) this.#lena.delete(peer.id);
      this.#changed();
    });
    this.#lingering.set(peer, cancel);
  }
  /** It has said hello; an older connection that said the same from the same address is dead or left behind. */
  addAgent(agent: AgentConnection): void {
    for (const [id, other] of this.#agents) {
      const isSame = other.identity === agent.identity && other.address === agent.address;
      if (!isSame || !sharesServer(agent, other)) continue;
      this.#agents.delete(id);
      other.close();
    }
    this.#agents.set(agentPeerId(agent), agent);
    this.#changed();
  }
  removeAgent(agent: AgentConnection): void {
    const id = agentPeerId(agent);
    if (this.#agents.get(id) === agent) this.#agents.delete(id);
    this.#changed();
  }
  /** A peer said what cannot be. */
  penalise(row: DumpPeer, what: string): void {
    const [oldest] = this.#penalties.keys();
    if (this.#penalties.size >= MAX_PENALTIES && oldest !== undefined) this.#forgive(oldest);
    this.#forgive(row.ref.id);
    const cancel = this.#clock.after(PENALTY_MS, () => this.#forgive(row.ref.id));
    this.#penalties.set(row.ref.id, { row: { ...row, refused: lied(what) }, cancel });
    if (row.protocol === 'lena') {
      this.#lena.get(row.ref.id)?.close();
      this.#lena.delete(row.ref.id);
    }
    this.#changed();
  }
  /** As {@link penalise}, for every connection of that agent from that address. */
  penaliseAgent(row: DumpPeer, what: string): void {
    const id = penalisedAgent(row.identity ?? '', row.address);
    this.penalise({ ...row, ref: refOf('peer', CONTEXT, id) }, what);
  }
  close(): void {
    for (const peer of this.#lena.values()) peer.close();
    for (const agent of this.#agents.values()) agent.close();
    for (const id of [...this.#penalties.keys()]) this.#forgive(id);
    this.#lena.clear();
    this.#agents.clear();
    for (const cancel of this.#lingering.values()) cancel();
    this.#lingering.clear();
    this.#cancelTell?.();
    this.#tell();
  }
  #forgive(id: string): void {
    this.#penalties.get(id)?.cancel();
    if (this.#penalties.delete(id)) this.#changed();
  }
  #lenaRows(): readonly DumpPeer[] {
    const byHash = new Map<number, LenaPeer[]>();
    for (const peer of this.#lena.values()) {
      byHash.set(peer.objHash, [...(byHash.get(peer.objHash) ?? []), peer]);
    }
    return [...this.#lena.values()].map((peer) => {
      const same = byHash.get(peer.objHash) ?? [];
      const others = same.filter((other) => other !== peer).map(({ address }) => address);
      return lenaRow(peer, others.length === 0 ? undefined : twice([peer.address, ...others]));
    });
  }
  #agentRows(): readonly DumpPeer[] {
    const agents = [...this.#agents.values()];
    const saidBy = new Map<string, AgentConnection[]>();
    for (const agent of agents) {
      for (const { id } of agent.hello?.servers ?? []) {
        const key = `${agent.identity}\n${id}`;
        saidBy.set(key, [...(saidBy.get(key) ?? []), agent]);
      }
    }
    return agents.map((agent) => {
      const same = (agent.hello?.servers ?? []).find(
        ({ id }) => (saidBy.get(`${agent.identity}\n${id}`)?.length ?? 0) > 1,
      );
      const all = same === undefined ? [] : (saidBy.get(`${agent.identity}\n${same.id}`) ?? []);
      return agentRow(agent, same === undefined ? undefined : twice(all.map(({ place }) => place)));
    });
  }
  #changed(): void {
    this.#cancelTell ??= this.#clock.after(TELL_MS, () => this.#tell());
  }
  #tell(): void {
    this.#cancelTell = undefined;
    const put: DumpPeer[] = [];
    const rows = new Map<string, { readonly row: DumpPeer; readonly text: string }>();
    for (const row of this.rows()) {
      const written = JSON.stringify(row);
      rows.set(row.ref.id, { row, text: written });
      if (this.#told.get(row.ref.id)?.text !== written) put.push(row);
    }
    const drop = [...this.#told.keys()].filter((id) => !rows.has(id));
    this.#told = rows;
    if (put.length > 0 || drop.length > 0) for (const listener of this.#listeners) listener(put, drop);
  }
}

const agentPeerId = ({ identity, address, port }: AgentConnection): string =>
  `l9s/${identity}@${address}:${port}`;

/** Who is not let in for a while. */
export const penalisedAgent = (identity: string, address: string): string => `l9s/${identity}@${address}`;

const sharesServer = (one: AgentConnection, other: AgentConnection): boolean => {
  const ids = new Set((one.hello?.servers ?? []).map(({ id }) => id));
  return (other.hello?.servers ?? []).some(({ id }) => ids.has(id));
};

export function lenaRow(peer: LenaPeer, refused?: Text): DumpPeer {
  return {
    ref: refOf('peer', CONTEXT, peer.id),
    protocol: 'lena',
    address: peer.address,
    port: peer.port,
    connectedAt: peer.connectedAt,
    objHash: peer.objHash,
    serverIds: [],
    can: LENA_KINDS,
    ...(refused !== undefined && { refused }),
  };
}

export function agentRow(agent: AgentConnection, refused?: Text): DumpPeer {
  const servers = agent.hello?.servers ?? [];
  return {
    ref: refOf('peer', CONTEXT, agentPeerId(agent)),
    protocol: 'l9s',
    address: agent.address,
    port: agent.port,
    connectedAt: agent.connectedAt,
    identity: agent.identity,
    serverIds: servers.map(({ id }) => id),
    can: [...new Set(servers.flatMap(({ can }) => can))],
    ...(refused !== undefined && { refused }),
  };
}

const twice = (places: readonly string[]): Text => {
  const where = [...places].sort((a, b) => (a < b ? -1 : 1)).join(', ');
  return text(
    `several say they are the same server (${where}): none is asked until one is left`,
    `여럿이 같은 서버라고 합니다(${where}): 하나만 남을 때까지 어느 것에도 요청하지 않습니다`,
  );
};
const lied = (what: string): Text =>
  text(
    `dropped for ${PENALTY_MS / 1_000} s, for what it said cannot be: ${what}`,
    `있을 수 없는 응답이어서 ${PENALTY_MS / 1_000}초 동안 연결을 끊었습니다: ${what}`,
  );
