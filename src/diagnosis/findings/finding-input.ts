import type { Dump } from '../../domain/dump.ts';
import type { HealthLevel } from '../../domain/health.ts';
import type { ContainerFacts, Instance } from '../../domain/instance.ts';
import type { ManagerRead, Registration } from '../../domain/registration.ts';
import type { Sender } from '../../domain/sender.ts';
import type { Server } from '../../domain/server.ts';
import type { SourceStatus } from '../../domain/source-status.ts';
import type { Text } from '../../domain/text.ts';
import type { LenaEnvironment } from '../lena-environment.ts';

/** A record that could be two servers' alike. */
export interface Ambiguity {
  readonly record: 'registration' | 'sender';
  /** Names with context of those it could be. */
  readonly candidates: readonly string[];
}

/** Names that resolve in a server's context. */
export interface ServiceNames {
  /** True when services of this namespace are known. */
  hasNamespace(namespace: string): boolean;
  has(namespace: string | undefined, name: string): boolean;
  readonly isEmpty: boolean;
}

/** Everything a finding rule may look at, for one server at one instant. */
export interface FindingInput {
  readonly now: number;
  /** The joined row; its health comes after the findings. */
  readonly server: Omit<Server, 'health'>;
  readonly instance?: Instance | undefined;
  readonly container?: ContainerFacts | undefined;
  readonly registration?: Registration | undefined;
  readonly sender?: Sender | undefined;
  /** Its newest thread dump that was read. */
  readonly dump?: Pick<Dump, 'takenAt' | 'verdict'> | undefined;
  readonly environment: LenaEnvironment;
  /** Last reads of the Managers that serve its context. */
  readonly reads: readonly ManagerRead[];
  readonly services: ServiceNames;
  /** The other session servers of its pair. */
  readonly peers: readonly Omit<Server, 'health'>[];
  /** Names of live records that claim the same place. */
  readonly rivals: readonly string[];
  readonly ambiguity?: Ambiguity | undefined;
  /** When its orchestrator dropped it, for a row only the Manager still lists. */
  readonly goneSince?: number | undefined;
  /** State of the receiver that hears its sender. */
  readonly receiver?: SourceStatus | undefined;
  /** A rule whose answer changes by time alone says when to ask again. */
  readonly lookAgainAt: (at: number) => void;
}

export interface FindingDraft {
  readonly level: HealthLevel;
  readonly text: Text;
  readonly next: Text;
  /** Absent: since it was first found. */
  readonly since?: number | undefined;
}

/** One finding rule: a file of its own and a line in `finding-rules.ts`. */
export interface FindingRule {
  readonly code: string;
  /** It looks at what every datagram changes, so it is asked again with each; the others are not. */
  readonly readsDatagrams?: true;
  /** Whoever looks elsewhere is told when it comes and goes. */
  readonly raisesAlarm?: true;
  readonly check: (input: FindingInput) => FindingDraft | undefined;
}
