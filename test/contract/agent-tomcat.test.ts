import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { tomcatLine } from '../../src/agent/start-line.ts';
import { TomcatReader, type TomcatWay } from '../../src/agent/tomcat/tomcat-reader.ts';
import { Secret } from '../../src/core/secret.ts';

const PASSWORD = 'open-sesame';
const STATUS = `<status><connector name='"http-nio-8080"'><threadInfo maxThreads="20" currentThreadsBusy="1"/>
<requestInfo processingTime="0" requestCount="0" errorCount="0"/><workers></workers></connector></status>`;
const bean = (name: string, attributes: Readonly<Record<string, number>>): string =>
  [`Name: ${name}`, ...Object.entries(attributes).map(([key, value]) => `${key}: ${value}`), '', ''].join(
    '\r\n',
  );
const ok = (...beans: readonly string[]): string =>
  `OK - Number of results: ${beans.length}\r\n\r\n${beans.join('')}`;

type Answer = (url: URL, response: ServerResponse) => void;
let server: Server;
let answer: Answer;
let asked: { readonly path: string; readonly authorization: string | undefined }[];
let reader: TomcatReader | undefined;
const never = new AbortController().signal;

beforeEach(async () => {
  asked = [];
  reader = undefined;
  server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    asked.push({ path: url.pathname, authorization: request.headers.authorization });
    answer(url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  reader?.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

function open(onlyWay?: TomcatWay): TomcatReader {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  reader = new TomcatReader(
    {
      base: new URL(`http://127.0.0.1:${port}/manager`),
      credentials: { user: 'agent', password: new Secret(PASSWORD) },
    },
    onlyWay,
  );
  return reader;
}
/** A Tomcat whose counts grow by ten foreign requests of 30 ms between two readings, and by ours. */
function jmx(): Answer {
  let requests = 0;
  let processingMs = 0;
  return (url, response) => {
    const query = url.searchParams.get('qry') ?? '';
    if (query.includes('GlobalRequestProcessor')) {
      requests += 10;
      processingMs += 300;
    }
    const body = query.includes('GlobalRequestProcessor')
      ? ok(
          bean('Catalina:type=GlobalRequestProcessor,name="http"', {
            requestCount: requests,
            processingTime: processingMs,
            errorCount: 3,
          }),
        )
      : query.includes('ThreadPool')
        ? ok(bean('Catalina:type=ThreadPool,name="http"', { currentThreadsBusy: 4, maxThreads: 20 }))
        : query.includes('Manager')
          ? ok(bean('Catalina:type=Manager,context=/', { activeSessions: 6 }))
          : url.searchParams.has('get')
            ? "OK - Attribute get 'java.lang:type=Runtime' - Name = 77@was-0"
            : ok();
    response.end(body);
    requests++;
  };
}

describe('a Tomcat beside its JVM', () => {
  test('is read through its JMX proxy, our own requests left out', async () => {
    answer = jmx();
    const tomcat = open();
    const first = await tomcat.read(0, never);
    assert.equal(first?.innerPid, 77);
    assert.deepEqual(first.figures.connectors, [{ name: 'http', busy: 4, max: 20 }]);
    assert.equal(first.figures.sessions, 6);
    const second = await tomcat.read(2_000, never);
    assert.equal(second?.figures.tx?.perSec, 5);
    assert.equal(second.figures.tx.errors, 3);
    assert.deepEqual(tomcat.state, { way: 'jmxproxy', problem: undefined, isSilent: false });
    assert.ok(asked.every(({ authorization }) => authorization?.startsWith('Basic ')));
  });
  test('whose user may not use the proxy is read through its status', async () => {
    answer = (url, response) => {
      if (url.pathname === '/manager/status') response.end(STATUS);
      else response.writeHead(403).end();
    };
    const tomcat = open();
    assert.equal((await tomcat.read(0, never))?.figures.connectors?.[0]?.max, 20);
    assert.deepEqual(tomcat.state, { way: 'status', problem: undefined, isSilent: false });
    assert.match(tomcatLine(tomcat.state), /need the role manager-jmx/);
    const seen = asked.length;
    await tomcat.read(2_000, never);
    assert.deepEqual(
      asked.slice(seen).map(({ path }) => path),
      ['/manager/status'],
    );
  });
  for (const [what, status, words] of [
    ['refuses the password', 401, /user or password/],
    ['refuses the user', 403, /role manager-status/],
    ['has no manager', 404, /no manager application/],
    ['fails', 500, /HTTP 500/],
  ] as const) {
    test(`that ${what} says so without the password, and is asked ever more rarely`, async () => {
      answer = (_url, response) => response.writeHead(status).end();
      const tomcat = open();
      assert.equal(await tomcat.read(0, never), undefined);
      assert.match(tomcat.state.problem ?? '', words);
      assert.equal(tomcat.state.isSilent, false);
      assert.ok(!tomcatLine(tomcat.state).includes(PASSWORD));
      const seen = asked.length;
      assert.equal(await tomcat.read(500, never), undefined);
      assert.equal(asked.length, seen);
      await tomcat.read(60_000, never);
      assert.ok(asked.length > seen);
    });
  }
  test('that sends us elsewhere gets no password there', async () => {
    answer = (_url, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    assert.equal(await open().read(0, never), undefined);
    assert.ok(asked.every(({ path }) => path.startsWith('/manager/')));
  });
  test('that answers something else, or without end, or breaks off, is a problem and nothing more', async () => {
    const tomcat = open('jmxproxy');
    answer = (_url, response) => response.end('<html>login</html>');
    assert.equal(await tomcat.read(0, never), undefined);
    assert.match(tomcat.state.problem ?? '', /none of the JMX proxy/);
    answer = (_url, response) => {
      const flood = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', flood);
      };
      flood();
    };
    assert.equal(await tomcat.read(100_000, never), undefined);
    assert.match(tomcat.state.problem ?? '', /4 MiB|1\.5 s/);
    answer = (_url, response) => response.destroy();
    assert.equal(await tomcat.read(200_000, never), undefined);
    assert.ok(tomcat.state.problem !== undefined);
    answer = jmx();
    assert.ok(await tomcat.read(300_000, never));
    assert.equal(tomcat.state.problem, undefined);
  });
  test('that hangs ends with its deadline', async () => {
    answer = () => undefined;
    const tomcat = open('status');
    assert.equal(await tomcat.read(0, never), undefined);
    assert.match(tomcat.state.problem ?? '', /no answer within/);
    assert.equal(tomcat.state.isSilent, true);
  });
});
