import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { recordOf } from '../../src/core/json-read.ts';
import { createKubeSource } from '../../src/sources/kube/kube-source.ts';
import {
  answerStatus,
  createWorkspace,
  kubeconfigText,
  podObject,
  SmallApi,
} from '../support/kube-source-api.ts';
import { inMode } from '../support/modes.ts';
import { startSource } from '../support/sources-sink.ts';

let api: SmallApi;
let workspace: Awaited<ReturnType<typeof createWorkspace>>;
let running: ReturnType<typeof startSource> | undefined;

beforeEach(async () => {
  api = new SmallApi();
  await api.listen();
  workspace = await createWorkspace();
});
afterEach(async () => {
  await running?.stop();
  await api.close();
  await workspace.remove();
});

const SUCCESS = (revision: string) =>
  `2026-01-01T00:00:11Z Success to download LENA configuration template file. Template-ID : WAS-001(Full revision : ${revision})\n`;
const logsAsked = () => api.requests.filter(({ url }) => url.includes('/log?')).map(({ url }) => url);

function pod(name: string, template: string, status?: object) {
  return podObject(name, {
    spec: {
      containers: [
        {
          name: 'shop',
          image: 'registry.example/shop:1',
          env: [{ name: 'LENA_CONFIG_TEMPLATE_ID', value: template }],
        },
      ],
    },
    ...(status === undefined ? {} : { status }),
  });
}

async function start(log: (name: string) => string | number) {
  api.intercept = ({ request, response, name }) => {
    if (!(request.url ?? '').includes('/log?')) return false;
    const answer = log(name ?? '');
    if (typeof answer === 'number') answerStatus(response, answer, 'Forbidden', 'pods/log is forbidden');
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(answer);
    return true;
  };
  const source = createKubeSource({
    context: 'dev',
    kubeconfig: await workspace.write(
      'config',
      kubeconfigText({ server: api.url, user: { token: 'example-token' } }),
    ),
    clock: systemClock,
    random: () => 0.5,
    mode: inMode(),
    environment: {},
    limits: { startLogMs: 20 },
  });
  running = startSource(source);
  const { sink } = running;
  return {
    sink,
    startOf: (name: string) => sink.all('instance').find((one) => one.name === name)?.templateStart,
  };
}

test('reads the revision a container began with where its environment names none, once a start', async () => {
  api.put('pods', pod('was-0', 'WAS-001'));
  api.put('pods', pod('was-1', 'WAS-001:7'));
  const { sink, startOf } = await start(() => `2026-01-01T00:00:10Z configure\n${SUCCESS('12')}`);
  await sink.until(() => startOf('was-0') !== undefined, 'the revision');
  assert.deepEqual(startOf('was-0'), { revision: '12', hasFailed: false });
  assert.equal(startOf('was-1'), undefined, 'its environment says it');
  api.put('pods', podObject('other'));
  await sink.until(() => sink.all('instance').length === 3, 'another pod');
  assert.equal(logsAsked().length, 1);
  assert.match(logsAsked()[0] ?? '', /\/pods\/was-0\/log\?.*limitBytes=65536/);
});

test('a new start is read again, and what the former one said no longer holds', async () => {
  api.put('pods', pod('was-0', 'WAS-001'));
  let revision = '12';
  const { sink, startOf } = await start(() => SUCCESS(revision));
  await sink.until(() => startOf('was-0')?.revision === '12', 'the first');
  revision = '13';
  const again = recordOf(podObject('was-0')['status']);
  api.put(
    'pods',
    pod('was-0', 'WAS-001', {
      ...again,
      containerStatuses: [
        {
          name: 'shop',
          ready: true,
          restartCount: 1,
          state: { running: { startedAt: '2026-01-01T01:00:00Z' } },
        },
      ],
    }),
  );
  await sink.until(() => startOf('was-0')?.revision === '13', 'the second');
});

test('a download that failed is told', async () => {
  api.put('pods', pod('was-0', 'WAS-001'));
  const { sink, startOf } = await start(
    () => '2026-01-01T00:00:11Z Fail to download LENA configuration template file\n',
  );
  await sink.until(() => startOf('was-0')?.hasFailed === true, 'the failure');
});

test('logs that may not be read are asked for once, and the context stays live', async () => {
  for (let number = 0; number < 5; number++) api.put('pods', pod(`was-${number}`, 'WAS-001'));
  const { sink } = await start(() => 403);
  await sink.until(() => sink.lastFacts.capabilities?.['get pods/log']?.state === 'denied', 'the denial');
  api.put('pods', podObject('other'));
  await sink.until(() => sink.all('instance').length === 6, 'another pod');
  assert.equal(logsAsked().length, 1);
  assert.equal(sink.lastStatus?.state, 'live');
});
