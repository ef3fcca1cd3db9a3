/** What a middleware process is; the table says what follows from it, so that no code branches on a type. */
export interface ServerTypeFacts {
  /** Runs a JVM, so heap and GC are expected. */
  readonly isJvm: boolean;
  /** A part of the LENA family, so a Manager may list it. */
  readonly isLena: boolean;
  /** Registers itself with a Manager after start [doc: containers of WAS and web servers]. */
  readonly registers: boolean;
  /** Has LENA's advertiser, a module of the WAS: it can send its numbers here by its own configuration. */
  readonly hasAdvertiser: boolean;
  /** Ports its documentation names, first the one requests come in on. */
  readonly ports: readonly number[];
}

export const SERVER_TYPES = {
  manager: { isJvm: true, isLena: true, registers: false, hasAdvertiser: false, ports: [7700] },
  session: { isJvm: true, isLena: true, registers: false, hasAdvertiser: false, ports: [5180] },
  was: { isJvm: true, isLena: true, registers: true, hasAdvertiser: true, ports: [8180] },
  embedded: { isJvm: true, isLena: true, registers: true, hasAdvertiser: true, ports: [8180] },
  web: { isJvm: false, isLena: true, registers: true, hasAdvertiser: false, ports: [7180, 7543] },
  tomcat: { isJvm: true, isLena: false, registers: false, hasAdvertiser: false, ports: [8080] },
  wildfly: { isJvm: true, isLena: false, registers: false, hasAdvertiser: false, ports: [8080, 9990] },
  springboot: { isJvm: true, isLena: false, registers: false, hasAdvertiser: false, ports: [8080] },
  httpd: { isJvm: false, isLena: false, registers: false, hasAdvertiser: false, ports: [80, 443] },
  nginx: { isJvm: false, isLena: false, registers: false, hasAdvertiser: false, ports: [80, 443] },
  jvm: { isJvm: true, isLena: false, registers: false, hasAdvertiser: false, ports: [] },
  node: { isJvm: false, isLena: false, registers: false, hasAdvertiser: false, ports: [] },
} as const satisfies Record<string, ServerTypeFacts>;

export type ServerType = keyof typeof SERVER_TYPES;

export const isServerType = (name: string): name is ServerType => Object.hasOwn(SERVER_TYPES, name);

export const SERVER_STATES = [
  'starting',
  'ready',
  'notReady',
  'stopping',
  'stopped',
  'failed',
  'unknown',
] as const;
export type ServerState = (typeof SERVER_STATES)[number];
