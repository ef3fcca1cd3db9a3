import { appError } from '../domain/errors.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** `host:port`, `[v6]:port`, `:port` or `port`. */
export function parseListen(written: string, origin: string): ListenAddress {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(written.trim());
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw appError('CONFIG_INVALID', `${origin}: "${written}" is not address:port`, {
      hint: 'Write it as 0.0.0.0:16100 or [::]:16100.',
    });
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/** Where datagrams go: `host:port` or `[v6]:port`, neither of them left out. */
export function parseDestination(written: string, origin: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(written.trim());
  const port = Number(match?.[3]);
  if (match === null || port === 0 || port > 65_535) {
    throw appError('CONFIG_INVALID', `${origin}: "${written}" is not host:port`, {
      hint: 'Write it as collector.example:16100, 10.0.0.5:16100 or [fd00::5]:16100.',
    });
  }
  return { host: match[1] ?? match[2] ?? '', port };
}
