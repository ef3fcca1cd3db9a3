import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { startFleet } from '../../fixtures/fleet/start-fleet.ts';
import type { Fleet } from '../../fixtures/fleet/world/fleet.ts';
import { waitFor } from '../support/fleet-wait.ts';

let fleet: Fleet;
before(async () => {
  fleet = await startFleet({ size: 'small', seed: 1, script: false });
});
after(() => fleet.close());

test("the fleet's user may stop and start a server of a machine through its Manager", async () => {
  const manager = fleet.managers.get('mgr-seoul');
  const machines = fleet.hosts.get('vms');
  assert.ok(manager !== undefined && machines !== undefined);
  const path = `was/servers/was01/nodes/vm-was-01/systems/${encodeURIComponent('본사-IDC')}/action`;
  const act = async (body: object): Promise<string> => {
    const response = await fetch(`${manager.url}/lena/rest/${path}?key=${manager.key}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return `${response.status} ${await response.text()}`;
  };
  const { address, port } = machines.endpoint('vm-was-01');
  const isUp = () =>
    fetch(`http://${address}:${port}/`).then(
      () => true,
      () => false,
    );
  const server = () => fleet.processes.all().find((each) => each.process.hostName === 'vm-was-01')?.process;
  const stopped = server();
  assert.ok(stopped !== undefined && (await isUp()));
  assert.equal(await act({ action: 'stop', force: true }), '200 {"actionResult":"Y"}');
  assert.equal(server(), undefined);
  await waitFor('the port to close', async () => !(await isUp()));
  assert.equal(await act({ action: 'start' }), '200 {"actionResult":"Y"}');
  const started = server();
  assert.ok(started !== undefined && started.id !== stopped.id);
  assert.equal(started.environment['LENA_CONFIG_TEMPLATE_ID'], 'member:12');
});

test("every task definition of the fleet can be registered again, by the fleet's user", async () => {
  const region = fleet.ecs.get('seoul');
  assert.ok(region !== undefined);
  const { accessKeyId, secretAccessKey } = region;
  const client = new ECSClient({
    region: region.region,
    endpoint: region.endpoint,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
  try {
    const { taskDefinitionArns = [] } = await client.send(new ListTaskDefinitionsCommand({}));
    assert.ok(taskDefinitionArns.length >= 5);
    for (const arn of taskDefinitionArns) {
      const { taskDefinition: described } = await client.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: arn }),
      );
      const { family, containerDefinitions, executionRoleArn, networkMode, cpu, memory } = described ?? {};
      const { taskDefinition } = await client.send(
        new RegisterTaskDefinitionCommand({
          family,
          containerDefinitions,
          executionRoleArn,
          networkMode,
          cpu,
          memory,
          requiresCompatibilities: ['FARGATE'],
        }),
      );
      assert.equal(taskDefinition?.revision, 2, arn);
    }
    const { service } = await client.send(
      new UpdateServiceCommand({ cluster: 'lena-prod', service: 'member-web', taskDefinition: 'member-web' }),
    );
    assert.match(service?.taskDefinition ?? '', /member-web:2$/);
  } finally {
    client.destroy();
  }
});
