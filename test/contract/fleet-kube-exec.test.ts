import assert from 'node:assert/strict';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { EVERYTHING, type KubeRule, READ_ONLY } from '../../fixtures/fleet/kube/kube-simulator.ts';
import { type ExecAsked, execPath, openExec } from '../support/fleet-exec.ts';
import { applyLena, at, names, type RunningKube, startKube } from '../support/fleet-kube.ts';
import { waitFor } from '../support/fleet-wait.ts';

const EXEC = (verbs: readonly string[]): readonly KubeRule[] => [
  ...READ_ONLY,
  { verbs, groups: [''], resources: ['pods/exec'] },
];
const users = [
  { name: 'admin', rules: EVERYTHING },
  { name: 'viewer', rules: READ_ONLY },
  { name: 'getter', rules: EXEC(['get']) },
  { name: 'operator', rules: EXEC(['get', 'create']) },
];
const SESSION = 'lena-session-0';
const WEBSOCKET = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
};
const V4 = { ...WEBSOCKET, 'sec-websocket-protocol': 'v4.channel.k8s.io' };

const lena = (context: TestContext, options = {}) => startKube(context, { users, ...options }, applyLena);
const wasPod = async (kube: RunningKube) =>
  String(names(await kube.json('/api/v1/namespaces/lena/pods?labelSelector=type%3Dlena-was'))[0]);
const runIn = async (context: TestContext, kube: RunningKube, asked: Partial<ExecAsked>) =>
  (await openExec(context, kube, { pod: SESSION, command: ['hostname'], ...asked })).ended();

describe('a command in a simulated container', () => {
  for (const protocol of ['v4.channel.k8s.io', 'v5.channel.k8s.io']) {
    test(`prints, says how it ended and closes (${protocol})`, async (context) => {
      const kube = await lena(context);
      const good = await runIn(context, kube, { protocols: [protocol] });
      assert.deepEqual(
        [good.protocol, good.text(1), good.text(2), good.status, good.closeCode],
        [protocol, `${SESSION}\n`, '', { metadata: {}, status: 'Success' }, 1000],
      );
      const bad = await runIn(context, kube, {
        command: ['sh', '-c', 'echo "it is $HOSTNAME"; cat /nosuch; exit 3'],
        protocols: [protocol],
      });
      assert.deepEqual(
        [bad.text(1), bad.text(2)],
        [`it is ${SESSION}\n`, 'cat: /nosuch: No such file or directory\n'],
      );
      assert.equal(at(bad.status, 'reason'), 'NonZeroExitCode');
      assert.deepEqual(at(bad.status, 'details', 'causes'), [{ reason: 'ExitCode', message: '3' }]);
    });
  }

  test('begins with an empty message, as a kubelet does', async (context) => {
    const kube = await lena(context);
    const quiet = await runIn(context, kube, { command: ['true'] });
    assert.deepEqual([quiet.messages, quiet.text(1)], [2, '']);
  });

  test('reads what is typed until version 5 closes its input', async (context) => {
    const kube = await lena(context);
    const cat = await openExec(context, kube, {
      pod: SESSION,
      command: ['cat'],
      streams: 'stdin=true&stdout=true',
      protocols: ['v5.channel.k8s.io'],
    });
    cat.send(0, 'one\n');
    cat.send(0, '두 번째\n');
    await waitFor('the echo', () => cat.text(1) === 'one\n두 번째\n');
    assert.equal(cat.status, undefined);
    cat.send(255, Buffer.from([0]));
    assert.deepEqual((await cat.ended()).status, { metadata: {}, status: 'Success' });
  });

  test('runs a shell on a terminal that echoes, resizes and knows ^C', async (context) => {
    const kube = await lena(context);
    const shell = await openExec(context, kube, {
      pod: SESSION,
      command: ['sh'],
      streams: 'stdin=true&stdout=true&tty=true',
    });
    await waitFor('a prompt', () => shell.text(1) === 'sh-4.2# ');
    shell.send(4, '{"Width":120,"Height":40}');
    shell.send(0, 'sleep 1000\r');
    await waitFor('the line', () => shell.text(1).includes('sleep 1000\r\n'));
    shell.send(0, '\u0003');
    await waitFor('the next prompt', () => shell.text(1).endsWith('^C\r\nsh-4.2# '));
    shell.send(0, 'echox\u007f $?\r');
    await waitFor('the code of the interrupted command', () => shell.text(1).includes('\r\n130\r\n'));
    shell.send(0, 'exit 4\r');
    const { status } = await shell.ended();
    assert.equal(at(status, 'details', 'causes', 0, 'message'), '4');
  });

  test('starts a better shell where there is one, as consoles ask for it', async (context) => {
    const kube = await lena(context);
    for (const script of [
      'command -v bash >/dev/null 2>&1 && exec bash || exec sh',
      '(bash || ash || sh)',
      '[ -x /bin/bash ] && exec /bin/bash || exec /bin/sh',
    ]) {
      const shell = await openExec(context, kube, {
        pod: SESSION,
        command: ['sh', '-c', script],
        streams: 'stdin=true&stdout=true&tty=true',
      });
      await waitFor('a prompt', () => shell.text(1).endsWith('sh-4.2# '));
      shell.send(0, 'hostname\r\u0004');
      const { status } = await shell.ended();
      assert.equal(at(status, 'status'), 'Success', script);
      assert.match(shell.text(1), new RegExp(`\r\n${SESSION}\r\n`));
    }
  });

  test('ends with its container', async (context) => {
    const kube = await lena(context);
    const container = { namespace: 'lena', name: SESSION };
    const killed = await openExec(context, kube, { pod: SESSION, command: ['sleep', '1000'] });
    kube.simulator.killContainer(container, { exitCode: 137, reason: 'OOMKilled' });
    assert.equal(at((await killed.ended()).status, 'details', 'causes', 0, 'message'), '137');
    const pod = await wasPod(kube);
    const removed = await openExec(context, kube, { pod, command: ['sleep', '1000'] });
    kube.simulator.delete({ kind: 'Pod', namespace: 'lena', name: pod });
    assert.equal(at((await removed.ended()).status, 'details', 'causes', 0, 'message'), '137');
  });

  test('sends large output whole and in order', async (context) => {
    const kube = await lena(context);
    const lines = Array.from({ length: 14_000 }, (_, i) => `line ${i} ${'x'.repeat(60)}`);
    kube.simulator.appendLog({ namespace: 'lena', name: SESSION }, ...lines);
    const log = '/usr/local/lena/servers/sessionServer/logs/entrypoint.log';
    const ran = await runIn(context, kube, { command: ['cat', log] });
    assert.ok(ran.messages > 3, 'in more than one piece');
    // A container's log keeps its last twelve thousand lines.
    assert.deepEqual(ran.text(1).trimEnd().split('\n'), lines.slice(-12_000));
  });

  test('takes a message in parts and answers a ping', async (context) => {
    const kube = await lena(context);
    const socket = await rawExec(context, kube, ['cat'], 'stdin=true&stdout=true');
    socket.send(0x9, true, 'are you there');
    socket.send(0x2, false, '\u0000he');
    socket.send(0x0, true, 'llo');
    await waitFor(
      'both answers',
      () => socket.received().includes('hello') && socket.received().includes('are you there'),
    );
    socket.send(0x8, true, Buffer.from([0x03, 0xe8]));
    await waitFor('the end', () => socket.isEnded());
    await waitFor('the command to go', () => kube.simulator.openCommands === 0);
  });

  test('refuses frames that are none with the code that says why', async (context) => {
    const kube = await lena(context);
    const unmasked = await rawExec(context, kube, ['cat'], 'stdin=true&stdout=true');
    unmasked.write(Buffer.from([0x82, 0x01, 0x00]));
    await waitFor('1002', () => unmasked.closeCode() === 1002);
    const huge = await rawExec(context, kube, ['cat'], 'stdin=true&stdout=true');
    huge.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 2, 3, 4]));
    await waitFor('1009', () => huge.closeCode() === 1009);
  });
});

describe('a simulated API server asked to run a command', () => {
  test('wants the right to create besides get since 1.35, and get alone before', async (context) => {
    const ask = async (kube: RunningKube, as: string) =>
      kube.ask(execPath({ pod: SESSION, command: ['id'] }), { headers: V4, as });
    const modern = await lena(context);
    const viewed = await ask(modern, 'viewer');
    assert.deepEqual([viewed.status, at(JSON.parse(viewed.text), 'message')], [403, denied('viewer', 'get')]);
    const got = await ask(modern, 'getter');
    assert.deepEqual([got.status, at(JSON.parse(got.text), 'message')], [403, denied('getter', 'create')]);
    assert.equal((await runIn(context, modern, { as: 'operator' })).closeCode, 1000);
    const old = await lena(context, { version: '1.20.2' });
    assert.equal((await runIn(context, old, { as: 'getter' })).closeCode, 1000);
  });

  test('refuses without an upgrade, in a wrong container and without a stream', async (context) => {
    const kube = await lena(context);
    const path = execPath({ pod: SESSION, command: ['id'] });
    const message = async (where: string, method: string, headers = {}) => {
      const { status, text } = await kube.ask(where, { method, headers });
      return [status, at(JSON.parse(text), 'message')];
    };
    assert.deepEqual(await message(path, 'GET'), [400, 'Upgrade request required']);
    assert.deepEqual(await message(path, 'POST'), [400, 'Upgrade request required']);
    assert.deepEqual(await message(`${path}&container=nosuch`, 'GET', V4), [
      400,
      `container nosuch is not valid for pod ${SESSION}`,
    ]);
    assert.deepEqual(await message(path.replace(SESSION, 'gone'), 'GET', V4), [404, 'pods "gone" not found']);
    const [status, spdy] = await message(path, 'POST', { upgrade: 'SPDY/3.1', connection: 'Upgrade' });
    assert.equal(status, 400);
    assert.match(String(spdy), /speaks websocket only, not SPDY\/3\.1/);
    const none = await kube.ask(execPath({ pod: SESSION, command: ['id'], streams: '' }), { headers: V4 });
    assert.deepEqual(
      [none.status, none.text],
      [400, 'you must specify at least 1 of stdin, stdout, stderr\n'],
    );
  });

  test('speaks version 5 only since it has it', async (context) => {
    const kube = await lena(context, { version: '1.20.2' });
    const path = execPath({ pod: SESSION, command: ['id'] });
    const headers = { ...WEBSOCKET, 'sec-websocket-protocol': 'v5.channel.k8s.io' };
    const { status, text } = await kube.ask(path, { headers });
    assert.deepEqual([status, text], [403, '']);
    assert.equal((await runIn(context, kube, {})).protocol, 'v4.channel.k8s.io');
  });

  test('finds no container before it runs', async (context) => {
    const kube = await lena(context, { startAfterMs: 600_000 });
    const { status, text } = await kube.ask(execPath({ pod: SESSION, command: ['id'] }), { headers: V4 });
    assert.deepEqual([status, text], [500, 'container not found ("lena-session")\n']);
  });
});

describe('what can be wrong with a command', () => {
  test('a program that is not there is told as containerd or as Docker tells it', async (context) => {
    const modern = await runIn(context, await lena(context), { command: ['nosuch'] });
    assert.equal(at(modern.status, 'reason'), 'InternalError');
    assert.match(
      String(at(modern.status, 'message')),
      /OCI runtime exec failed: .* exec: "nosuch": executable file not found in \$PATH: unknown$/,
    );
    const old = await runIn(context, await lena(context, { version: '1.20.2' }), { command: ['nosuch'] });
    assert.match(
      old.text(1),
      /^OCI runtime exec failed: .*"nosuch": executable file not found in \$PATH: unknown\r\n$/,
    );
    assert.equal(at(old.status, 'details', 'causes', 0, 'message'), '126');
    const inShell = await runIn(context, await lena(context), { command: ['sh', '-c', 'nosuch'] });
    assert.equal(at(inShell.status, 'details', 'causes', 0, 'message'), '127');
  });

  test('a container without a shell runs no scripts and no tools', async (context) => {
    const kube = await lena(context);
    kube.simulator.setExecFault({ namespace: 'lena', name: SESSION }, { kind: 'noShell' });
    for (const command of [['sh'], ['cat', '/etc/hostname']]) {
      const { status } = await runIn(context, kube, { command });
      assert.match(
        String(at(status, 'message')),
        new RegExp(`exec: "${command[0]}": executable file not found`),
      );
    }
  });

  test('a command hangs until its reader goes', async (context) => {
    const kube = await lena(context);
    kube.simulator.setExecFault({ namespace: 'lena', name: SESSION }, { kind: 'hang' });
    const hanging = await openExec(context, kube, { pod: SESSION, command: ['hostname'] });
    await waitFor('the empty message', () => hanging.messages === 1);
    assert.deepEqual([hanging.text(1), hanging.closeCode, kube.simulator.openCommands], ['', undefined, 1]);
    hanging.close();
    await waitFor('the command to go', () => kube.simulator.openCommands === 0);
  });

  for (const [how, code] of [
    ['reset', 1006],
    ['close', 1000],
  ] as const) {
    test(`output is cut in the middle without a status (${how})`, async (context) => {
      const kube = await lena(context);
      const fault = { kind: 'cut', afterBytes: 5, how } as const;
      kube.simulator.setExecFault({ namespace: 'lena', name: SESSION }, fault);
      const cut = await runIn(context, kube, {});
      assert.deepEqual([cut.text(1), cut.status, cut.closeCode], [SESSION.slice(0, 5), undefined, code]);
    });
  }

  test('commands fall silent with a server that hangs, and end with a server that closes', async (context) => {
    const kube = await lena(context);
    const cat = await openExec(context, kube, {
      pod: SESSION,
      command: ['cat'],
      streams: 'stdin=true&stdout=true',
    });
    kube.simulator.setFault({ kind: 'hang' });
    cat.send(0, 'lost\n');
    kube.simulator.setFault(undefined);
    const other = await runIn(context, kube, { pod: await wasPod(kube) });
    assert.deepEqual([other.closeCode, cat.text(1)], [1000, '']);
    kube.simulator.setFault({ kind: 'reset' });
    assert.equal((await cat.ended()).closeCode, 1006);
  });
});

const denied = (user: string, verb: string) =>
  `pods "${SESSION}" is forbidden: User "${user}" cannot ${verb} resource "pods/exec" in API group "" in the namespace "lena"`;

/** A connection on which a test writes frames of its own. */
async function rawExec(context: TestContext, kube: RunningKube, command: readonly string[], streams: string) {
  const asked = request(`${kube.simulator.url}${execPath({ pod: SESSION, command, streams })}`, {
    ca: kube.simulator.caPem,
    headers: { ...V4, authorization: `Bearer ${kube.simulator.credentials('admin').token}` },
  });
  const socket = await new Promise<Duplex>((resolve, reject) => {
    asked.once('upgrade', (_response, upgraded) => resolve(upgraded));
    asked.once('response', ({ statusCode }) => reject(new Error(`not upgraded: ${statusCode}`)));
    asked.once('error', reject);
    asked.end();
  });
  context.after(() => socket.destroy());
  let bytes = Buffer.alloc(0);
  let isEnded = false;
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  socket.on('error', () => undefined);
  socket.once('end', () => {
    isEnded = true;
  });
  socket.once('close', () => {
    isEnded = true;
  });
  return {
    received: () => bytes.toString('utf8'),
    isEnded: () => isEnded,
    closeCode: () => {
      const start = bytes.lastIndexOf(Buffer.from([0x88, 2]));
      return start < 0 ? undefined : bytes.readUInt16BE(start + 2);
    },
    write: (data: Buffer) => socket.write(data),
    send(opcode: number, isFinal: boolean, data: string | Buffer) {
      const mask = Buffer.from([1, 2, 3, 4]);
      const payload = Buffer.from(data).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
      const header = Buffer.from([(isFinal ? 0x80 : 0) | opcode, 0x80 | payload.length]);
      socket.write(Buffer.concat([header, mask, payload]));
    },
  };
}
