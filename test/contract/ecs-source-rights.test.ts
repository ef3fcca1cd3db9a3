import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { after, test } from 'node:test';
import { ecsSource, startEcs } from '../support/sources-ecs.ts';
import { listenTiny } from '../support/sources-server.ts';
import { startSource } from '../support/sources-sink.ts';

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** A region whose account may not call some operations. */
async function start(denied: readonly string[], clusters: readonly string[] = ['lena-*']) {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  const gate = await listenTiny((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    if (denied.includes(operation)) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(
        JSON.stringify({
          __type: 'AccessDeniedException',
          message: `User: l9s is not authorized to perform: ecs:${operation}`,
        }),
      );
      return;
    }
    const forwarded = send(
      ecs.simulator.endpoint,
      { method: 'POST', path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  closers.push(() => gate.close());
  const run = startSource(ecsSource(ecs, { endpoint: gate.url, clusters }));
  closers.push(() => run.stop());
  return { ...ecs, ...run, gate };
}

test('without the right to services the tasks still come, and the operation is named', async () => {
  const { sink } = await start(['ListServices']);
  await sink.untilState('live');
  await sink.until(() => sink.all('instance').length === 2, 'tasks');
  assert.deepEqual(sink.all('workload'), []);
  assert.equal(sink.lastFacts.capabilities?.['ListServices']?.state, 'denied');
  assert.match(sink.lastFacts.capabilities['ListServices'].detail ?? '', /ecs:ListServices/);
  assert.ok(sink.lastFacts.notes?.some((note) => note.startsWith('FORBIDDEN')));
});

test('without the right to tasks the services still come', async () => {
  const { sink } = await start(['ListTasks']);
  await sink.until(() => sink.all('workload').length === 1, 'a service');
  await sink.untilState('live');
});

test('without the right to task definitions the rows lack what only those tell', async () => {
  const { sink, gate } = await start(['DescribeTaskDefinition']);
  await sink.until(() => sink.all('instance').some(({ state }) => state === 'ready'), 'a ready task');
  assert.deepEqual(sink.all('instance')[0]?.environment, []);
  assert.equal(sink.all('instance')[0]?.containers[0]?.image, 'lenacloud/lena-cluster:1.3.2');
  const rounds = sink.statuses.length;
  const asked = gate.requests.length;
  await sink.until(() => sink.statuses.length > rounds + 1, 'two more rounds');
  assert.ok(gate.requests.length > asked);
  assert.equal(sink.lastFacts.capabilities?.['DescribeTaskDefinition']?.state, 'denied');
});

test('a cluster given by name needs no list and no description of clusters', async () => {
  const { sink } = await start(['ListClusters', 'DescribeClusters'], ['lena-a']);
  await sink.until(() => sink.all('instance').length === 2, 'tasks');
  await sink.untilState('live');
});

test('without any right it is denied, naming the operation', async () => {
  const { sink } = await start(['ListServices', 'ListTasks']);
  await sink.untilState('denied');
  assert.equal(sink.errorCode, 'FORBIDDEN');
});
