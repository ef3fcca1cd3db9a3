import { rootCertificates } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { appError } from '../../domain/errors.ts';
import type { TlsMaterial } from './credentials.ts';
import type { Environment } from './kubeconfig.ts';
import { maskMessage } from './mask.ts';

export interface DispatcherOptions {
  readonly server: URL;
  readonly tls: TlsMaterial;
  /** `proxy-url` of the kubeconfig; goes before the environment's. */
  readonly proxyUrl: string | undefined;
  readonly environment: Environment;
  /** More authorities to trust, PEM. */
  readonly caPem: string | undefined;
  readonly connectMs: number;
}

const variable = (environment: Environment, name: string): string | undefined =>
  environment[name.toLowerCase()] || environment[name.toUpperCase()] || undefined;

function matchesNetwork(host: string, entry: string): boolean {
  if (!entry.includes('/') || !ipaddr.isValid(host)) return false;
  try {
    const address = ipaddr.process(host);
    const [network, bits] = ipaddr.parseCIDR(entry);
    return address.kind() === network.kind() && address.match(network, bits);
  } catch {
    return false;
  }
}

/** NO_PROXY as Go reads it: `*`, names with their sub-domains, addresses, networks, each with an optional port. */
export function isProxyBypassed(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'))
    return true;
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*' || matchesNetwork(host, entry)) return true;
      const withPort = /^(.+):(\d+)$/.exec(entry);
      if (withPort !== null && !ipaddr.isValid(entry) && withPort[2] !== port) return false;
      const name = (withPort !== null && !ipaddr.isValid(entry) ? (withPort[1] ?? '') : entry).replace(
        /^\*?\./,
        '',
      );
      return host === name || host.endsWith(`.${name}`);
    });
}

/** The proxy a server is reached through, if any. */
export function selectProxy({
  server,
  proxyUrl,
  environment,
}: Pick<DispatcherOptions, 'server' | 'proxyUrl' | 'environment'>): string | undefined {
  if (proxyUrl) return proxyUrl;
  const proxy =
    variable(environment, server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ??
    variable(environment, 'ALL_PROXY');
  if (proxy === undefined || isProxyBypassed(server, variable(environment, 'NO_PROXY') ?? ''))
    return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/**
 * One HTTP/1.1 pool per context. Not HTTP/2: nine watches on one connection share its fate and its flow control,
 * and a half-open one takes the lists with it.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { tls, connectMs, caPem } = options;
  const authorities = [tls.ca, caPem].filter((pem) => pem !== undefined);
  const requestTls = {
    // A bundle given beside the kubeconfig adds to the system's authorities, a kubeconfig's own replaces them.
    ...(authorities.length > 0 && {
      ca: tls.ca === undefined ? [...rootCertificates, ...authorities] : authorities,
    }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key.reveal() }),
    ...(tls.servername !== undefined && { servername: tls.servername }),
    rejectUnauthorized: tls.rejectUnauthorized,
    allowH2: false,
    timeout: connectMs,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const common = {
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  };
  const proxy = selectProxy(options);
  if (proxy === undefined) return new Agent({ ...common, connect: requestTls });
  if (!URL.canParse(proxy) || !/^(https?|socks5?h?):$/.test(new URL(proxy).protocol)) {
    throw appError(
      'KUBECONFIG_INVALID',
      `proxy ${maskMessage(proxy, 200)} is not an http, https or socks5 URL`,
    );
  }
  return new ProxyAgent({
    ...common,
    uri: proxy.replace(/^socks5h:/, 'socks5:'),
    requestTls,
    connectTimeout: connectMs,
    ...(caPem !== undefined && { proxyTls: { ca: [...rootCertificates, caPem] } }),
  });
}
