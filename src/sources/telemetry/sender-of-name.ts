import type { SenderPorts } from './sender-ports.ts';
import type { SenderTable } from './sender-table.ts';
import type { Peer, TrackedSender } from './tracked-sender.ts';

/** A sender whose form gives it a name, and that is told apart from others of that name by its port. */
export interface NamedSender extends TrackedSender {
  readonly ports: SenderPorts;
}
export interface NameClaim<S extends NamedSender> {
  /** Cleaned, as the sender calls itself. */
  readonly name: string;
  /** One host may be named alike by two forms: both may run beside one JVM. */
  readonly codec: 'l9s' | 'statsd';
  readonly peer: Pick<Peer, 'address' | 'port'>;
  readonly now: number;
  readonly isSame: (sender: TrackedSender | undefined) => sender is S;
  /** `name`: that of its row, with the port where two call themselves so. */
  readonly create: (id: string, name: string) => S;
  /** A second one of that name has got a row. */
  readonly onNamesake: () => void;
}

/** Who speaks by a name from a port: the one known, a second one of that name, or somebody new. */
export function senderOfName<S extends NamedSender>(
  table: SenderTable,
  { name, codec, peer: { address, port }, now, isSame, create, onNamesake }: NameClaim<S>,
): S | 'unclear' | 'refused' {
  const idOf = (called: string): string => `${called}@${address}/${codec}`;
  const added = (called: string): S | 'refused' => {
    const id = idOf(called);
    if (table.get(id) === undefined && !table.hasRoom(now)) return 'refused';
    const created = create(id, called);
    table.put(created);
    return created;
  };
  const known = table.get(idOf(name));
  if (!isSame(known)) return added(name);
  switch (known.ports.judge(port, now)) {
    case 'own':
      return known;
    case 'unclear':
      return 'unclear';
    case 'other': {
      const called = `${name}:${port}`;
      const twin = table.get(idOf(called));
      if (isSame(twin)) return twin;
      const namesake = added(called);
      if (namesake !== 'refused') onNamesake();
      return namesake;
    }
  }
}
