import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { configSchema } from '../../src/config/schema.ts';

const MAIN = path.resolve(import.meta.dirname, '../../fixtures/fleet/main.ts');
const READY = z.object({
  type: z.literal('ready'),
  configPath: z.string(),
  kubeconfigPath: z.string(),
  environment: z.record(z.string(), z.string()),
  counts: z.object({ contexts: z.number(), servers: z.number(), senders: z.number() }),
});

function endWithTest(t: TestContext, child: ChildProcess): void {
  t.after(() => {
    child.kill('SIGKILL');
  });
}
const deadline = () => ({ signal: AbortSignal.timeout(20_000) });

test('says ready on its channel, obeys, and is gone with its files when the channel closes', async (t) => {
  const child = fork(MAIN, ['--size', 'small', '--seed', '5', '--no-script'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  endWithTest(t, child);
  const [message] = await once(child, 'message', deadline());
  const ready = READY.parse(message);
  assert.ok(ready.counts.servers >= 36);

  const folder = path.dirname(ready.configPath);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const file of [ready.configPath, ready.kubeconfigPath, ...Object.values(ready.environment)]) {
    if (file.startsWith(folder)) assert.equal(statSync(file).mode & 0o777, 0o600, file);
  }
  const config = configSchema.parse(parse(readFileSync(ready.configPath, 'utf8')));
  assert.deepEqual(
    config.contexts.map(({ name }) => name),
    ['prod-eu', 'dr-eu', 'lab', 'seoul', 'mgr-eu', 'mgr-seoul', 'vms'],
  );
  assert.equal(config.telemetry.listen, '127.0.0.1:0');
  assert.equal(config.telemetry.tcp, true);
  const keyFile = config.telemetry.agentKey ?? '';
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  assert.ok(statSync(keyFile).size >= 32);
  for (const { manager } of config.contexts) {
    if (manager === undefined) continue;
    const key =
      manager.key !== undefined && 'file' in manager.key ? readFileSync(manager.key.file, 'utf8') : '';
    const url = manager.urls?.[0] ?? '';
    const answer = await fetch(`${url}/lena/rest/was/servers?key=${key.trim()}`, deadline());
    assert.equal(answer.status, 200);
  }

  const managed = config.contexts.find(({ name }) => name === 'mgr-eu')?.manager?.urls?.[0] ?? '';
  const info = `${managed}/lena/rest/public/managerInfo`;
  assert.equal((await fetch(info, deadline())).status, 200);
  child.send({ type: 'fault', target: 'mgr-eu', fault: { kind: 'status', status: 503 } });
  child.send({ type: 'nonsense' });
  const end = Date.now() + 5_000;
  let status = 200;
  while (status === 200 && Date.now() < end) ({ status } = await fetch(info, deadline()));
  assert.equal(status, 503);

  const exited = once(child, 'exit', deadline());
  child.disconnect();
  assert.deepEqual(await exited, [0, null]);
  assert.equal(existsSync(folder), false);
});

test('without a channel it speaks JSON lines and ends with its stdin', async (t) => {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--no-script'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endWithTest(t, child);
  const [line] = await once(createInterface(child.stdout), 'line', deadline());
  const ready = READY.parse(JSON.parse(String(line)));
  child.stdin.write('{"type":"trigger","step":"vm-down"}\nnot json\n');
  const exited = once(child, 'exit', deadline());
  child.stdin.end();
  assert.deepEqual(await exited, [0, null]);
  assert.equal(existsSync(path.dirname(ready.configPath)), false);
});

test('refuses arguments it does not know', async (t) => {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, '--size', 'enormous'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithTest(t, child);
  const [code] = await once(child, 'exit', deadline());
  assert.equal(code, 1);
});
