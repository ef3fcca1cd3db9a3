import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { ESCAPES } from '../support/bad-targets.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { kubeconfigText, podObject, SmallApi } from '../support/kube-source-api.ts';
import { freePort } from '../support/relay-stage.ts';
import { runProgram } from '../support/run-program.ts';
import { l9sDatagram, lenaCounters, lenaDatagram } from '../support/telemetry-datagrams.ts';

const MIB = 1_048_576;
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/;

let built: BuiltProgram;
let api: SmallApi;
before(async () => {
  built = await buildProgram();
  api = new SmallApi();
  await api.listen();
  api.put('pods', podObject('was01', { status: { podIP: '127.0.0.1' } }));
});
after(async () => {
  await api.close();
  built.remove();
});

/** A socket of its own on an address of loopback. */
async function socketAt(context: TestContext, address: string) {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  context.after(() => socket.close());
  return socket;
}

interface ShownServer {
  readonly name: string;
  readonly context: string;
  readonly state: string;
  readonly address?: string;
  readonly health: { readonly reasons: readonly { readonly code: string }[] };
  readonly jvm?: { readonly heap?: { readonly usedBytes?: number } };
  readonly heartbeat?: { readonly rejected?: number };
}
/** What `get servers -o json` shows while `send` is called twice a second. */
async function shownWhile(
  send: (port: number, round: number) => void,
): Promise<{ readonly text: string; readonly servers: readonly ShownServer[] }> {
  const port = await freePort();
  const kubeconfig = path.join(built.home, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText({ server: api.url }));
  const config = path.join(built.home, 'forged.yaml');
  writeFileSync(config, `contexts:\n  - name: k\n    kube: {kubeconfig: ${kubeconfig}}\n`);
  let round = 0;
  const timer = setInterval(() => send(port, ++round), 500);
  try {
    const listen = ['--listen', `127.0.0.1:${port}`, '--settle', '5s'];
    const done = await runProgram(built, ['get', 'servers', '-o', 'json', '--config', config, ...listen]);
    assert.equal(done.code, 0, done.stderr);
    assert.doesNotMatch(done.stderr, RAW_CONTROL);
    return { text: done.stdout, servers: JSON.parse(done.stdout).servers };
  } finally {
    clearInterval(timer);
  }
}
const usedMiB = (server: ShownServer | undefined): number =>
  Math.round((server?.jvm?.heap?.usedBytes ?? Number.NaN) / MIB);

test('another address that claims to be a server of the fleet does not get its row, its state or its end', async (context) => {
  const real = await socketAt(context, '127.0.0.1');
  const forger = await socketAt(context, '127.0.0.2');
  const startedAt = Date.now() - 600_000;
  const { servers } = await shownWhile((port, round) => {
    const objName = '/was01/tomcat1/';
    real.send(lenaDatagram(lenaCounters({ objName, startedAt, heapMiB: 100, gcCount: 1 })), port);
    const appStatus = round % 2 === 0 ? 'STOPPING' : 'STARTED';
    const lie = lenaCounters({ objName, startedAt: startedAt + 50, heapMiB: 900, gcCount: 9, appStatus });
    forger.send(lenaDatagram(lie), port);
    const bye = { l9s: 1, type: 'bye', id: 'was01/tomcat1', serverType: 'was', at: Date.now(), seq: round };
    forger.send(JSON.stringify({ ...bye, upMs: 1 }), port);
  });
  const own = servers.find(({ name }) => name === 'was01');
  assert.deepEqual([own?.context, own?.state, usedMiB(own)], ['k', 'ready', 100]);
  assert.ok(own?.health.reasons.some(({ code }) => code === 'duplicate-identity'));
  const others = servers.filter(({ name }) => name !== 'was01');
  assert.deepEqual(
    others.map(({ context: udp, address }) => [udp, address]),
    [['udp', '127.0.0.2']],
  );
  assert.equal(usedMiB(others[0]), 900);
});

test('hostile numbers and names leave a server its figures, and the JSON says only what is known', async (context) => {
  const socket = await socketAt(context, '127.0.0.1');
  const startedAt = Date.now() - 600_000;
  const { text, servers } = await shownWhile((port, round) => {
    const at = Date.now();
    const good = { id: 'was01/a', seq: round + 100, at, upMs: at - startedAt };
    if (round !== 3) socket.send(l9sDatagram({ ...good, heap: { used: 100 * MIB, max: 800 * MIB } }), port);
    // Once, and from the server's own socket: a number that puts all it sends after it in the past.
    else socket.send(l9sDatagram({ ...good, seq: LARGEST_INTEGER, at: 1, upMs: 1 }), port);
    const head = `{"l9s":1,"type":"jvm","serverType":"was","at":${at},"seq":${round},"upMs":1000`;
    socket.send(`${head},"id":"huge","heap":{"used":1e308,"max":1e308}}`, port);
    socket.send(`${head},"id":"huge","pauses":[{"name":"G1 Old Generation","pauseMs":1e308}]}`, port);
    socket.send(
      l9sDatagram({ id: `${'\u202e\u200b'}evil${ESCAPES}`, seq: round, at, upMs: LARGEST_INTEGER }),
      port,
    );
    socket.send(l9sDatagram({ id: 'x'.repeat(129), seq: round, at, upMs: 1 }), port);
    socket.send(`jvm.memory.used:1e308|g|#host:sd1,area:heap,id:${'p'.repeat(60_000)}`, port);
  });
  assert.doesNotMatch(text, RAW_CONTROL);
  assert.doesNotMatch(text, /\bnull\b/);
  const own = servers.find(({ name }) => name === 'was01');
  assert.deepEqual([own?.state, usedMiB(own)], ['ready', 100]);
  assert.ok(servers.some(({ name }) => /evil␛/.test(name)));
  const sources: readonly { readonly name: string; readonly counts?: Record<string, number> }[] =
    JSON.parse(text).sources;
  const counts = sources.find(({ name }) => name === 'udp')?.counts ?? {};
  for (const reason of [
    'heap.used: not a number',
    'pauses.pauseMs: not a number',
    'id: not a string of at most 128',
  ]) {
    assert.ok((counts[`rejected.l9s: ${reason}`] ?? 0) > 0, `${reason}: ${JSON.stringify(counts)}`);
  }
});
