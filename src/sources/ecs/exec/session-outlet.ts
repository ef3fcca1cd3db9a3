import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { type Environment, readCaBundles } from '../../http-ca.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** The way sessions' sockets take: proxies and authorities as the API's own, from the same variables. */
export async function createSessionOutlet(environment: Environment): Promise<Dispatcher> {
  const ca = await readCaBundles(environment, ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']);
  const tls = { ...(ca === undefined ? {} : { ca }), timeout: CONNECT_TIMEOUT_MS };
  return new EnvHttpProxyAgent({
    httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
    httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    // A channel without TLS needs a tunnel as well: a proxy that forwards requests knows no WebSocket.
    proxyTunnel: true,
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
  });
}
