import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as z from 'zod';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { readRecording } from '../support/lena-recordings.ts';
import { runProgram } from '../support/run-program.ts';

const instant = z.iso.datetime();
/** The documented shape (README, Commands): fields that must be there, types of those that may. */
const serverSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    context: z.string(),
    namespace: z.string().optional(),
    ecsCluster: z.string().optional(),
    host: z.string().optional(),
    workload: z.strictObject({ kind: z.string(), name: z.string() }).optional(),
    serviceCluster: z.string().optional(),
    revision: z
      .strictObject({
        running: z.string().optional(),
        wanted: z.string().optional(),
        default: z.string().optional(),
      })
      .optional(),
    state: z.enum(['starting', 'ready', 'notReady', 'stopping', 'stopped', 'failed', 'unknown']),
    health: z.looseObject({
      level: z.enum(['ok', 'warn', 'error', 'unknown']),
      reasons: z.array(z.looseObject({ code: z.string(), text: z.string(), next: z.string() })),
    }),
    manager: z.looseObject({ context: z.string(), registered: z.boolean() }).optional(),
    jvm: z
      .looseObject({
        source: z.string(),
        at: instant,
        heap: z.looseObject({ usedBytes: z.number().optional(), maxBytes: z.number().optional() }).optional(),
      })
      .optional(),
    heartbeat: z.looseObject({ at: instant, perMinute: z.number() }).optional(),
    restarts: z.number().optional(),
    startedAt: instant.optional(),
    seenAt: instant.optional(),
    address: z.string().optional(),
    node: z.string().optional(),
    image: z.string().optional(),
  })
  .loose();
const answerSchema = z.strictObject({
  servers: z.array(serverSchema),
  sources: z.array(z.looseObject({ name: z.string(), kind: z.string(), state: z.string() })),
});

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const file = (name: string, text: string): string => {
  const target = path.join(built.home, name);
  writeFileSync(target, text);
  return target;
};

describe('the command line', () => {
  test('get servers --demo -o json has the documented shape', async () => {
    const { code, stdout, stderr } = await runProgram(built, ['get', 'servers', '--demo', '-o', 'json']);
    assert.equal(code, 0, stderr);
    const answer = answerSchema.parse(JSON.parse(stdout));
    assert.ok(answer.servers.length >= 35, `${answer.servers.length} servers`);
    const contexts = new Set(answer.servers.map(({ context }) => context));
    for (const name of ['prod-eu', 'dr-eu', 'lab', 'seoul', 'vms']) assert.ok(contexts.has(name), name);
    assert.ok(
      answer.sources.every(({ state }) => state === 'live'),
      JSON.stringify(answer.sources),
    );
  });

  test('type, service cluster and revision of a Tomcat image, of envFrom and of the ConfigMap keys alone', async () => {
    const { stdout } = await runProgram(built, ['get', 'servers', '--demo', '-o', 'json']);
    const { servers } = answerSchema.parse(JSON.parse(stdout));
    const of = (workload: string) => {
      const found = servers.filter(
        (server) => server.context === 'prod-eu' && server.workload?.name === workload,
      );
      assert.ok(found.length > 0, workload);
      return found;
    };
    for (const { type, image, serviceCluster } of of('ledger')) {
      assert.match(image ?? '', /tomcat/);
      assert.deepEqual([type, serviceCluster], ['tomcat', undefined]);
    }
    for (const { type, serviceCluster } of of('lena-was')) {
      assert.deepEqual([type, serviceCluster], ['was', 'shop-was']);
    }
    for (const { type, image, serviceCluster, revision } of of('shop')) {
      assert.equal(image, 'registry.example/shop:1');
      assert.deepEqual(
        [type, serviceCluster, revision?.wanted, revision?.running],
        ['was', 'shop-was', '3', '3'],
      );
    }
  });

  test('a recorded advertiser becomes the row vm/tomcat1 with its heap, rates, connectors and restarts', async () => {
    const port = await unusedPort();
    const reading = runProgram(built, [
      ...['get', 'servers', '--listen', `127.0.0.1:${port}`, '--settle', '3s', '-o', 'json'],
    ]);
    const datagrams = readRecording('g1').map(({ bytes }) => bytes);
    const socket = createSocket('udp4');
    // The program binds when it is ready; a datagram that comes too early is lost, so the first is repeated.
    const first = datagrams[0];
    assert.ok(first !== undefined);
    const repeat = setInterval(() => socket.send(first, port, '127.0.0.1'), 50);
    await new Promise((resolve) => setTimeout(resolve, 1_500).unref());
    clearInterval(repeat);
    for (const datagram of datagrams) socket.send(datagram, port, '127.0.0.1');
    const { code, stdout, stderr } = await reading;
    socket.close();
    assert.equal(code, 0, stderr);
    const { servers } = answerSchema.parse(JSON.parse(stdout));
    const row = servers.find(({ name }) => name === 'vm/tomcat1');
    assert.ok(row !== undefined, stdout);
    assert.deepEqual([row.context, row.type, row.jvm?.source], ['udp', 'was', 'lena']);
    assert.equal(
      row.jvm?.heap?.usedBytes,
      29.8321533203125 * 2 ** 20,
      'the last HeapUsed recorded, MiB to bytes',
    );
    assert.equal(row.jvm?.heap?.maxBytes, 256 * 2 ** 20);
  });

  test('one dead target of three: the others are printed within the connect time-out and the code is 3', async () => {
    const closed = await unusedPort();
    const open = createServer((socket) => socket.on('error', () => {}).end());
    await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve));
    const address = open.address();
    assert.ok(typeof address === 'object' && address !== null);
    const hosts = (name: string) =>
      `  - name: ${name}\n    hosts: {servers: [{name: ${name}-1, address: 127.0.0.1, type: was, port: ${address.port}}]}\n`;
    const config = file(
      'three.yaml',
      `contexts:\n${hosts('a')}${hosts('b')}  - name: dead\n    manager: {urls: ["http://127.0.0.1:${closed}"]}\n`,
    );
    const { code, stdout, stderr, elapsedMs } = await runProgram(built, [
      'get',
      'servers',
      '--config',
      config,
      '-o',
      'name',
    ]);
    open.close();
    assert.equal(code, 3, stderr);
    assert.deepEqual(stdout.trim().split('\n').sort(), ['a:a-1', 'b:b-1']);
    assert.match(stderr, /dead: REFUSED/);
    assert.ok(elapsedMs < 6_000, `${elapsedMs} ms`);
  });

  test('every source failing is code 1', async () => {
    const config = file(
      'dead.yaml',
      `contexts:\n  - name: dead\n    manager: {urls: ["http://127.0.0.1:${await unusedPort()}"]}\n`,
    );
    const { code } = await runProgram(built, ['get', 'servers', '--config', config]);
    assert.equal(code, 1);
  });

  test('wrong use is code 2 with what to do', async () => {
    for (const [args, said] of [
      [['get', 'severs'], /did you mean "servers"/],
      [['get', 'servers', '--config', '/nonexistent/x.yaml'], /CONFIG_MISSING/],
      [['get', 'servers', '--kubeconfig', '/nonexistent/k'], /KUBECONFIG_MISSING/],
      [['get', 'servers', '--kubeconfig', file('broken.kube', 'a: [')], /KUBECONFIG_INVALID/],
      [['get', 'servers', '--no-such-flag'], /unknown option/],
      [[], /NO_TERMINAL/],
      [['doctor'], /nothing to connect to/],
      [['get', 'servers'], /nothing to connect to/],
      [['gett', 'servers'], /no command "gett"; did you mean "get"/],
    ] as const) {
      const { code, stdout, stderr } = await runProgram(built, args);
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, said);
      assert.equal(stdout, '');
    }
  });

  test('what is kept on this machine is listed without any target', async () => {
    for (const kind of ['dumps', 'audit']) {
      const { code, stderr, stdout } = await runProgram(built, ['get', kind, '-o', 'json']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout)[kind], []);
    }
  });

  test('an ambiguous name lists the candidates, and the context makes it one', async () => {
    const { code, stderr } = await runProgram(built, ['describe', 'server', 'lena-manager-0', '--demo']);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /TARGET_AMBIGUOUS[\s\S]*prod-eu:.*lena-manager-0[\s\S]*dr-eu:.*lena-manager-0|dr-eu:.*lena-manager-0[\s\S]*prod-eu:.*lena-manager-0/,
    );
    const one = await runProgram(built, ['describe', 'server', 'prod-eu:lena-manager-0', '--demo']);
    assert.equal(one.code, 0, one.stderr);
    assert.match(one.stdout, /lena-manager-0/);
  });

  test('doctor prints a line a target and check, and what makes a LENA server send here', async () => {
    const { code, stdout } = await runProgram(built, ['doctor', '--demo']);
    assert.equal(code, 0);
    for (const name of ['prod-eu', 'dr-eu', 'lab', 'udp'])
      assert.match(stdout, new RegExp(`✔ ${name} +reachable`));
    assert.match(stdout, /lab +note/);
    const names = await runProgram(built, ['get', 'servers', '--demo', '-o', 'json']);
    const was = answerSchema
      .parse(JSON.parse(names.stdout))
      .servers.find(({ type, context }) => type === 'was' && context === 'prod-eu');
    assert.ok(was !== undefined);
    const lines = await runProgram(built, [
      'doctor',
      '--demo',
      '--server',
      `prod-eu:${was.name}`,
      '--listen',
      '127.0.0.1:0',
      '--settle',
      '1s',
    ]);
    assert.match(lines.stdout + lines.stderr, /advertiser\.server\.secondary\.port=[1-9]\d+|TARGET_UNKNOWN/);
    assert.match(stdout, /✔ udp +dumps +ok +TCP [1-9]\d+, \d+ connected, agents by their key/);
    assert.match(lines.stdout + lines.stderr, /dumps by l9s agent +(?:ok|skipped) +\S|TARGET_UNKNOWN/);
  });

  test('config init writes a private file once, check and show agree with it', async () => {
    const home = { XDG_CONFIG_HOME: path.join(built.home, 'xdg') };
    const first = await runProgram(built, ['config', 'init'], { ...home, AWS_REGION: 'ap-northeast-2' });
    assert.equal(first.code, 0, first.stderr);
    const written = path.join(home.XDG_CONFIG_HOME, 'l9s', 'config.yaml');
    assert.equal(statSync(written).mode & 0o777, 0o600);
    assert.match(readFileSync(written, 'utf8'), /ap-northeast-2/);
    assert.equal((await runProgram(built, ['config', 'init'], home)).code, 2);
    assert.equal((await runProgram(built, ['config', 'check'], home)).code, 0);
    assert.match(
      (await runProgram(built, ['config', 'show'], home)).stdout,
      /contexts\.ecs\.region +ap-northeast-2/,
    );
    const wrong = await runProgram(built, ['config', 'check', '--config', file('wrong.yaml', 'levls: {}\n')]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stdout, /wrong\.yaml:1: levls: unknown key; did you mean `levels`/);
  });

  test('csv, yaml, name, wide and version', async () => {
    const csv = await runProgram(built, ['get', 'contexts', '--demo', '-o', 'csv']);
    assert.match(csv.stdout.split('\n')[0] ?? '', /^name,/);
    for (const word of ['version', '--version'])
      assert.match((await runProgram(built, [word])).stdout, /^l9s \d+\.\d+\.\d+ \(node v/);
    assert.match((await runProgram(built, ['keys'])).stdout, /filter/i);
    assert.match((await runProgram(built, ['--help'])).stdout, /doctor/);
  });

  test('a watch prints one JSON document a line until it is interrupted', async () => {
    const child = spawn(process.execPath, [built.program, 'get', 'servers', '--demo', '-w', '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: built.environment,
    });
    let text = '';
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.split('\n').length > 80 && !child.killed) child.kill('SIGINT');
    }
    const code = await new Promise((resolve) => {
      if (child.exitCode !== null) resolve(child.exitCode);
      else child.once('close', resolve);
    });
    assert.equal(code, 130);
    for (const line of text.trim().split('\n')) {
      assert.ok(['put', 'drop'].includes(JSON.parse(line).type), line);
    }
  });

  test('-n narrows to the namespaces, and output that cannot be written is an error', async () => {
    const { stdout } = await runProgram(built, ['get', 'servers', '--demo', '-n', 'pay', '-o', 'name']);
    const names = stdout.trim().split('\n');
    assert.ok(names.length >= 5, stdout);
    for (const name of names) assert.match(name, /^[^:]+:pay\//);
    const full = spawn('sh', ['-c', `exec "$0" "$1" version > /dev/full`, process.execPath, built.program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: built.environment,
    });
    let said = '';
    full.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    assert.equal(await new Promise((resolve) => full.once('close', resolve)), 1);
    assert.match(said, /could not be written: ENOSPC/);
  });

  test('a reader that goes away ends a watch', async () => {
    const child = spawn(process.execPath, [built.program, 'get', 'servers', '--demo', '--watch'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: built.environment,
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(typeof code, 'number');
  });
});

/** A port that was free a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 9;
}
