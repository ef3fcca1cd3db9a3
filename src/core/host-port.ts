/** `host:port`, with the brackets that an IPv6 address needs. */
export const hostPort = (host: string, port: number | string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
