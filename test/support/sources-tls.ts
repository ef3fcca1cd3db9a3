import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../../fixtures/fleet/kube/certificates.ts';

const ignore = () => undefined;
const portOf = (address: unknown): number =>
  typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0;

/** TLS in front of a plain port, by a certificate of an authority only `caFile` knows. */
export async function startTls(plainPort: number) {
  const authority = await createAuthority([], Math.random);
  const folder = await mkdtemp(path.join(tmpdir(), 'l9s-ca-'));
  const caFile = path.join(folder, 'ca.pem');
  await writeFile(caFile, authority.caPem);
  const sockets = new Set<Socket>();
  const server = createTlsServer(
    { cert: authority.server.certPem, key: authority.server.keyPem },
    (socket) => {
      const inner = createConnection({ host: '127.0.0.1', port: plainPort });
      for (const each of [socket, inner]) {
        sockets.add(each);
        each.on('error', ignore);
      }
      socket.pipe(inner).pipe(socket);
    },
  );
  server.on('tlsClientError', ignore);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${portOf(server.address())}`,
    caFile,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

/** An HTTP proxy that tunnels (CONNECT) and answers plain requests itself with 502; it keeps what it was asked. */
export async function startProxy() {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const inner = createConnection({ host, port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(inner).pipe(socket);
    });
    for (const each of [socket, inner]) {
      sockets.add(each);
      each.on('error', ignore);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
