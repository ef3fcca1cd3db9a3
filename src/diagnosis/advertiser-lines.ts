import type { Server } from '../domain/server.ts';
import { SERVER_TYPES } from '../domain/server-type.ts';

/** Where l9s receives datagrams, as a server would write it. */
export interface ReceiverAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * The lines that make a LENA server send here beside its Manager (the secondary address gets every
 * datagram); `undefined` for a server that has no advertiser.
 */
export function advertiserLines(
  server: Server,
  receivers: readonly ReceiverAddress[],
): readonly string[] | undefined {
  if (server.type === 'unknown' || !SERVER_TYPES[server.type].hasAdvertiser) return undefined;
  const [first, ...others] = receivers;
  if (first === undefined) {
    return [
      '# l9s receives no datagrams: start it with --listen 0.0.0.0:16100 (or telemetry.listen) and ask again.',
    ];
  }
  return [
    `# conf/advertiser.conf of ${server.name} (in its working directory, or -Dlena.config=FILE); re-read while running`,
    `advertiser.server.secondary.addr=${first.address}`,
    `advertiser.server.secondary.port=${first.port}`,
    '# or in LENA_JVM_OPTIONS:',
    `#   -Dadvertiser.server.secondary.addr=${first.address} -Dadvertiser.server.secondary.port=${first.port}`,
    ...others.map(({ address }) => `# this machine also answers at ${address}`),
    '# Its Manager stays the primary address and keeps getting every datagram.',
    '# Dumps over TCP 16100 go to the primary address only, so none come here this way.',
  ];
}
