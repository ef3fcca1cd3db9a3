import type { L9sConnector, L9sDataSource, L9sJvm } from '../../wire/l9s/datagram.ts';

/** What a Tomcat tells of its work, in the terms of a datagram. */
export interface TomcatFigures {
  readonly connectors?: readonly L9sConnector[] | undefined;
  readonly dataSources?: readonly L9sDataSource[] | undefined;
  readonly tx?: L9sJvm['tx'];
  readonly sessions?: number | undefined;
}

/** One connector as the manager shows it; counts and times since its start. */
export interface ConnectorReading {
  readonly name: string;
  readonly busy?: number | undefined;
  readonly max?: number | undefined;
  readonly requests?: number | undefined;
  readonly processingMs?: number | undefined;
  readonly errors?: number | undefined;
  /** Requests being served, ours left out; `isOurs` where one of them was. */
  readonly active?: number | undefined;
  readonly isOurs?: boolean | undefined;
}
export interface TomcatReading {
  readonly connectors: readonly ConnectorReading[];
  readonly dataSources?: readonly L9sDataSource[] | undefined;
  readonly sessions?: number | undefined;
}
