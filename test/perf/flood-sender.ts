import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decodeLenaDatagram } from '../../src/wire/lena/decode.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import type { LenaPack } from '../../src/wire/lena/pack.ts';
import { readRecording } from '../support/lena-recordings.ts';

/**
 * Run as a process of its own: `flood-sender.ts PORT RATE SECONDS SENDERS`. Every sender is heard once and again at a
 * slow rate, then the flood begins; says `{sent, flooded, errors, elapsedMs}`, the last two of the flood.
 */
const [port = 0, rate = 0, seconds = 0, senders = 0] = process.argv.slice(2).map(Number);

const SOCKETS = 64;
const TICK_MS = 4;
/** Heaps that take turns, so that no datagram is taken for a repeat of the one before. */
const VARIANTS = 6;
const MAX_WAITING = 20_000;
const WARM_RATE = 1_000;
const WARM_MS = 6_000;

function lenaDatagrams(server: number): readonly Uint8Array[] {
  const recorded = readRecording('g1').find(({ atMs }) => atMs === 9_983);
  const decoded = decodeLenaDatagram(recorded?.bytes ?? new Uint8Array());
  const packs = decoded.kind === 'packs' ? decoded.packs : [];
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const changed = packs.map((pack): LenaPack => {
      if (!('objName' in pack)) return pack;
      const objName = pack.objName.replace('/vm/', `/flood-${server}/`);
      if (pack.pack !== 'counters' || !pack.counters.has('HeapUsed')) return { ...pack, objName };
      const used = { type: 'float', value: 20 + variant * 4 } as const;
      return { ...pack, objName, counters: new Map([...pack.counters, ['HeapUsed', used]]) };
    });
    return encodeLenaDatagrams(changed)[0] ?? new Uint8Array();
  });
}

/** What stands before and behind the numbers that change: encoding each anew would cost more than sending it. */
function l9sParts(server: number): readonly [string, string] {
  const text = JSON.stringify({
    l9s: 1,
    type: 'jvm',
    id: `flood-${server}/app`,
    serverType: 'springboot',
    serviceCluster: 'flood',
    heap: { used: 100_000_000 + server, committed: 200_000_000, max: 400_000_000 },
    nonHeap: { used: 50_000_000, committed: 60_000_000 },
    gc: [
      { name: 'G1 Young Generation', count: 10, timeMs: 70 },
      { name: 'G1 Old Generation', count: 1, timeMs: 50 },
    ],
    threads: { live: 40, peak: 45, daemon: 30, blocked: 0, stuck: 0 },
    connectors: [{ name: 'http-nio-8080', busy: 3, max: 200 }],
    cpu: { process: 0.12, system: 0.3 },
    tx: { perSec: 12.5, avgMs: 20, p95Ms: 80, active: 2, errors: 0 },
  });
  return [text.slice(0, -1), '}'];
}

const startedAt = Date.now();
const lena = Array.from({ length: senders >> 1 }, (_, server) => lenaDatagrams(server));
const l9s = Array.from({ length: senders - lena.length }, (_, server) => l9sParts(server));

function datagram(number: number): Uint8Array | string {
  const server = number % senders;
  const round = Math.floor(number / senders);
  const recorded = lena[server];
  if (recorded !== undefined) return recorded[round % VARIANTS] ?? '';
  const [head, tail] = l9s[server - lena.length] ?? ['{', '}'];
  const at = Date.now();
  return `${head},"at":${at},"seq":${round},"upMs":${at - startedAt + 60_000}${tail}`;
}

const sockets = await Promise.all(
  Array.from({ length: SOCKETS }, async (_, index): Promise<Socket> => {
    const socket = createSocket('udp4');
    socket.bind(0, `127.0.1.${index + 1}`);
    await once(socket, 'listening');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }),
);

let number = 0;
let sent = 0;
let errors = 0;
const done = (error: Error | null) => {
  if (error === null) sent++;
  else errors++;
};
/** Sends what is due at this rate, tick by tick, until all of that time has been sent. */
async function sendAt(perSecond: number, forMs: number): Promise<void> {
  const first = number;
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = Math.min(performance.now() - began, forMs);
      const due = first + Math.floor((elapsedMs * perSecond) / 1_000);
      while (number < due && number - sent - errors < MAX_WAITING) {
        // A server keeps its socket, as a real one keeps its port.
        sockets[(number % senders) % SOCKETS]?.send(datagram(number), done);
        number++;
      }
      if (elapsedMs < forMs || number < due) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}
await sendAt(WARM_RATE, WARM_MS);
const warm = sent;
const began = performance.now();
await sendAt(rate, seconds * 1_000);
while (sent + errors < number) await new Promise((resolve) => setImmediate(resolve));
const elapsedMs = Math.round(performance.now() - began);
process.stdout.write(`${JSON.stringify({ sent, flooded: sent - warm, errors, elapsedMs })}\n`);
for (const socket of sockets) socket.close();
