import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  connectorsOf,
  dataSourcesOf,
  readBeans,
  readPid,
  sessionsOf,
} from '../../src/agent/tomcat/jmx-proxy.ts';
import {
  credentialsOfEnvironment,
  parseManagerUrl,
  readCredentialsFile,
} from '../../src/agent/tomcat/manager-access.ts';
import { readStatusXml } from '../../src/agent/tomcat/status-xml.ts';
import type { TomcatReading } from '../../src/agent/tomcat/tomcat-figures.ts';
import { TomcatRates } from '../../src/agent/tomcat/tomcat-rates.ts';
import { AppError } from '../../src/core/app-error.ts';

const STATUS = `<?xml version="1.0" encoding="utf-8"?>
<status><jvm><memory free='1' total='2' max='3'/></jvm>
<connector name='"http-nio-8080"'><threadInfo  maxThreads="200" currentThreadCount="10" currentThreadsBusy="3" />
<requestInfo  maxTime="9" processingTime="1500" requestCount="100" errorCount="4" bytesReceived="0" bytesSent="0" />
<workers><worker  stage="S" requestProcessingTime="32" currentUri="&#47;manager&#47;status" method="GET" />
<worker  stage="S" requestProcessingTime="9000" currentUri="/shop" method="GET" />
<worker  stage="K" requestProcessingTime="0" currentUri="?" method="?" /></workers></connector>
<connector name='"ajp-nio-8009"'><threadInfo maxThreads="50" currentThreadsBusy="0"/></connector></status>`;
const bean = (name: string, attributes: Readonly<Record<string, string | number>>): string =>
  [`Name: ${name}`, ...Object.entries(attributes).map(([key, value]) => `${key}: ${value}`), '', ''].join(
    '\r\n',
  );
const answer = (...beans: readonly string[]): string =>
  `OK - Number of results: ${beans.length}\r\n\r\n${beans.join('')}`;
const beansOf = (text: string) => readBeans(text) ?? assert.fail('no beans');

describe('the manager’s status', () => {
  test('gives connectors, our own request left out of what runs', () => {
    assert.deepEqual(readStatusXml(STATUS, '/manager/status')?.connectors, [
      {
        name: 'http-nio-8080',
        busy: 3,
        max: 200,
        requests: 100,
        processingMs: 1_500,
        errors: 4,
        active: 1,
        isOurs: true,
      },
      {
        name: 'ajp-nio-8009',
        busy: 0,
        max: 50,
        requests: undefined,
        processingMs: undefined,
        errors: undefined,
        active: 0,
        isOurs: false,
      },
    ]);
  });
  test('cut at every length, or another page, throws nothing', () => {
    for (let length = 0; length < STATUS.length; length++)
      readStatusXml(STATUS.slice(0, length), '/manager/status');
    assert.equal(readStatusXml('<html>login</html>', '/manager/status'), undefined);
    assert.equal(readStatusXml('<status>', '/manager/status')?.connectors.length, 0);
  });
});

describe('the JMX proxy', () => {
  const pool = (name: string, more: Readonly<Record<string, string | number>> = {}) =>
    bean(`Catalina:type=ThreadPool,name="${name}"`, { currentThreadsBusy: 2, maxThreads: 20, ...more });
  test('gives connectors with their totals and what runs', () => {
    const found = connectorsOf({
      pools: beansOf(
        answer(
          pool('http-nio-127.0.0.1-8080'),
          bean('Catalina:type=ThreadPool,name="http-nio-127.0.0.1-8080",subType=SocketProperties', { a: 1 }),
        ),
      ),
      totals: beansOf(
        answer(
          bean('Catalina:type=GlobalRequestProcessor,name="http-nio-127.0.0.1-8080"', {
            requestCount: 7,
            processingTime: 70,
            errorCount: 1,
          }),
        ),
      ),
      requests: beansOf(
        answer(
          bean('Catalina:type=RequestProcessor,worker="http-nio-127.0.0.1-8080",name=HttpRequest1', {
            stage: 3,
            currentUri: '/manager/jmxproxy/',
          }),
          bean('Catalina:type=RequestProcessor,worker="http-nio-127.0.0.1-8080",name=HttpRequest2', {
            stage: 3,
            currentUri: '/shop',
          }),
          bean('Catalina:type=RequestProcessor,worker="other",name=HttpRequest1', {
            stage: 3,
            currentUri: '/shop',
          }),
        ),
      ),
      ourPath: '/manager/jmxproxy/',
    });
    assert.deepEqual(found, [
      {
        name: 'http-nio-127.0.0.1-8080',
        busy: 2,
        max: 20,
        requests: 7,
        processingMs: 70,
        errors: 1,
        active: 1,
        isOurs: true,
      },
    ]);
  });
  test('gives sessions, pools of both kinds and the process', () => {
    const managers = [4, 5].map((activeSessions) =>
      bean('Catalina:type=Manager,host=localhost,context=/', { activeSessions }),
    );
    assert.equal(sessionsOf(beansOf(answer(...managers))), 9);
    assert.equal(sessionsOf([]), undefined);
    assert.deepEqual(
      dataSourcesOf(
        beansOf(
          answer(
            bean(
              'Catalina:type=DataSource,host=localhost,context=/shop,class=javax.sql.DataSource,name="jdbc/main"',
              { numActive: 3, numIdle: 5, maxTotal: 8, password: 'open-sesame' },
            ),
            bean(
              'Catalina:type=DataSource,host=localhost,context=/shop,class=javax.sql.DataSource,name="jdbc/main",connectionpool=connections',
              { numActive: 3 },
            ),
            bean('Catalina:type=DataSource,class=javax.sql.DataSource,name="jdbc/pay"', {
              active: 1,
              idle: 2,
              maxActive: -1,
            }),
          ),
        ),
      ),
      [
        { name: '/shop jdbc/main', active: 3, idle: 5, max: 8 },
        { name: 'jdbc/pay', active: 1, idle: 2, max: undefined },
      ],
    );
    assert.equal(readPid("OK - Attribute get 'java.lang:type=Runtime' - Name = 29073@was-0"), 29_073);
    assert.equal(readPid('Error - no such bean'), undefined);
  });
  test('an answer of something else is none', () => {
    assert.equal(readBeans('<html>'), undefined);
    assert.deepEqual(beansOf('OK - Number of results: 0\r\n'), []);
  });
});

describe('requests between two readings', () => {
  const reading = (requests: number, processingMs: number): TomcatReading => ({
    connectors: [
      { name: 'http', busy: 3, max: 20, requests, processingMs, errors: 2, active: 2, isOurs: true },
    ],
  });
  test('leave out what the agent itself asked', () => {
    const rates = new TomcatRates();
    const first = rates.figuresOf({ reading: reading(100, 1_000), at: 0, ourRequests: 3, ourMs: 30 });
    assert.deepEqual(first.tx, { active: 2, errors: 2 });
    assert.deepEqual(first.connectors, [{ name: 'http', busy: 2, max: 20 }]);
    const second = rates.figuresOf({ reading: reading(113, 1_230), at: 2_000, ourRequests: 6, ourMs: 60 });
    assert.deepEqual(second.tx, { perSec: 5, avgMs: 20, active: 2, errors: 2 });
  });
  test('without any have no mean', () => {
    const rates = new TomcatRates();
    rates.figuresOf({ reading: reading(100, 1_000), at: 0, ourRequests: 3, ourMs: 30 });
    const { tx } = rates.figuresOf({ reading: reading(103, 1_030), at: 2_000, ourRequests: 6, ourMs: 60 });
    assert.deepEqual(tx, { perSec: 0, avgMs: undefined, active: 2, errors: 2 });
  });
  test('are not known where the counts began anew', () => {
    const rates = new TomcatRates();
    rates.figuresOf({ reading: reading(100, 1_000), at: 0, ourRequests: 3, ourMs: 30 });
    const { tx } = rates.figuresOf({ reading: reading(5, 50), at: 2_000, ourRequests: 6, ourMs: 60 });
    assert.deepEqual(tx, { active: 2, errors: 2 });
  });
});

describe('access to the manager', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'l9s-access-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (content: string, mode: number): string => {
    const file = path.join(folder, 'credentials');
    writeFileSync(file, content);
    chmodSync(file, mode);
    return file;
  };
  const refusal = (thrown: unknown): boolean =>
    thrown instanceof AppError && thrown.code === 'INPUT_INVALID' && !thrown.message.includes('open-sesame');

  test('is read from a file, in one line or two', async () => {
    for (const content of ['agent:open:sesame\n', 'agent\nopen:sesame\n']) {
      const { user, password } = await readCredentialsFile(fileOf(content, 0o600));
      assert.deepEqual([user, password.reveal()], ['agent', 'open:sesame']);
    }
  });
  test('from a file others can read, an empty or a missing one is refused without its content', async () => {
    for (const mode of [0o604, 0o602, 0o620])
      await assert.rejects(readCredentialsFile(fileOf('agent:open-sesame', mode)), refusal);
    await assert.rejects(readCredentialsFile(fileOf('open-sesame', 0o600)), refusal);
    await assert.rejects(readCredentialsFile(path.join(folder, 'absent')), refusal);
  });
  test('comes from the environment in a pair only', () => {
    assert.equal(credentialsOfEnvironment({}), undefined);
    assert.equal(credentialsOfEnvironment({ L9S_TOMCAT_USER: 'a', L9S_TOMCAT_PASSWORD: 'b' })?.user, 'a');
    assert.throws(() => credentialsOfEnvironment({ L9S_TOMCAT_USER: 'a' }), refusal);
  });
  test('names the application, or one of its pages', () => {
    const placeOf = (written: string) => {
      const { access, onlyWay } = parseManagerUrl(written, undefined);
      return [access.base.href, onlyWay];
    };
    assert.deepEqual(placeOf('http://127.0.0.1:8080'), ['http://127.0.0.1:8080/manager', undefined]);
    assert.deepEqual(placeOf('http://127.0.0.1:8080/admin/'), ['http://127.0.0.1:8080/admin', undefined]);
    assert.deepEqual(placeOf('http://127.0.0.1:8080/manager/status'), [
      'http://127.0.0.1:8080/manager',
      'status',
    ]);
    assert.deepEqual(placeOf('http://127.0.0.1:8080/manager/jmxproxy/'), [
      'http://127.0.0.1:8080/manager',
      'jmxproxy',
    ]);
  });
  test('with a password in the address, or in clear over the network, is refused', async () => {
    const credentials = await readCredentialsFile(fileOf('agent:open-sesame', 0o600));
    assert.throws(() => parseManagerUrl('http://agent:open-sesame@127.0.0.1/', undefined), refusal);
    assert.throws(() => parseManagerUrl('http://10.1.0.5:8080/manager', credentials), refusal);
    assert.throws(() => parseManagerUrl('ftp://x', undefined), refusal);
    assert.throws(() => parseManagerUrl('manager', undefined), refusal);
    for (const fine of [
      'https://10.1.0.5:8443/manager',
      'http://[::1]:8080/manager',
      'http://localhost:8080/manager',
    ])
      parseManagerUrl(fine, credentials);
  });
});
