import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewContext } from '../../src/app/view-context.ts';
import { checksOf } from '../../src/diagnosis/doctor.ts';
import { folded, readReceiver, skewAmount } from '../../src/diagnosis/receiver-reading.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { ContextView } from '../../src/domain/source-status.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { contextsView } from '../../src/views/contexts.view.ts';
import { pageLines } from '../support/heard-servers.ts';
import { contextOf, NOW, putOf, senderOf, storeOptionsOf } from '../support/store-entities.ts';

const MIB = 1_048_576;
const receiver = (counts: Readonly<Record<string, number>>): ContextView => ({
  ref: refOf('context', 'udp', 'udp'),
  name: 'udp',
  kind: 'udp',
  isProtected: false,
  status: { state: 'live', lastGoodAt: NOW },
  facts: { target: 'udp 0.0.0.0:16100', requestsPerMinute: counts['perMinute'], counts },
  servers: 2,
});
const WELL = { datagrams: 72_311, perMinute: 1_204, senders: 48, rejected: 0, denied: 0, dropped: 0 };
const BAD = {
  ...WELL,
  receiveBufferBytes: 212_992,
  dropped: 12,
  rejected: 9,
  'rejected.lena: cut short': 3,
  'rejected.l9s: no JSON': 6,
  limited: 4,
  denied: 2,
  forwarded: 100,
  forwardFailed: 1,
  readers: 2,
  namesakes: 1,
  unclear: 3,
  tcpPort: 17_100,
  tcpPeers: 1,
  tcpLied: 2,
  newCount: 5,
};
const SENDERS = [
  senderOf('ahead', {
    heartbeat: { at: NOW, perMinute: 30, rejected: 0, intervalMs: 2_000, clockSkewMs: 86_400_000 },
  }),
  senderOf('behind', {
    heartbeat: { at: NOW, perMinute: 30, rejected: 7, intervalMs: 2_000, clockSkewMs: -6_200 },
  }),
  senderOf('well', {
    heartbeat: { at: NOW, perMinute: 30, rejected: 0, intervalMs: 2_000, clockSkewMs: 400 },
  }),
];
const checks = (counts: Readonly<Record<string, number>>, senders = SENDERS) =>
  checksOf(receiver(counts), NOW, senders).map(
    ({ check, outcome, detail, next }) =>
      `${outcome} ${check}: ${[detail, next].filter(Boolean).join(' — ')}`,
  );

test('doctor: a receiver that loses nothing is well, and says what it hears', () => {
  const lines = checks({ ...WELL, receiveBufferBytes: 4 * MIB }, []);
  assert.ok(lines.includes('ok datagrams: 1204/min from 48 senders, 72311 in all'), lines.join('\n'));
  assert.ok(lines.includes('ok kernel drops: 0'));
  assert.ok(lines.includes('ok receive buffer: 4.0 MiB'));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('warn')),
    [],
  );
});

test('doctor: nobody authenticates to a receiver, and one is one', () => {
  const lines = checksOf({ ...receiver({ ...WELL, senders: 1 }), servers: 1 }, NOW, []);
  assert.deepEqual(
    lines.slice(0, 4).map(({ check, detail }) => `${check} ${detail}`),
    [
      'configured udp',
      'reachable udp 0.0.0.0:16100',
      'answers 1 server',
      'datagrams 1204/min from 1 sender, 72311 in all',
    ],
  );
  const error = { code: 'FORBIDDEN', message: 'pods/exec', hint: '' } as const;
  const refused = checksOf({ ...receiver({}), status: { state: 'denied', error } }, NOW, []);
  assert.deepEqual(
    refused.slice(0, 4).map(({ check, outcome }) => `${check} ${outcome}`),
    ['configured ok', 'reachable ok', 'allowed failed', 'answers skipped'],
  );
});

test('doctor: losses, refusals, clocks and a small buffer, each with who and what to do', () => {
  const lines = checks(BAD).join('\n');
  for (const wanted of [
    /^warn kernel drops: 12 lost before they were read — Let the receive buffer grow \(sysctl -w net\.core\.rmem_max=4194304\)/m,
    /^warn receive buffer: 0\.2 MiB of 4\.0 MiB asked for — sysctl -w net\.core\.rmem_max=4194304, then start again\.$/m,
    /^warn rejected: 9 datagrams; l9s: no JSON \(6\), lena: cut short \(3\); sent by behind\/tomcat1 \(7\)/m,
    /^warn sender clocks: ahead\/tomcat1 24 h ahead, behind\/tomcat1 6\.2 s behind — Synchronise them/m,
    /^warn datagrams: 2 from addresses not allowed — Add their range to telemetry\.allow/m,
    /^warn datagrams: 4 beyond a sender’s rate/m,
    /^warn datagrams: 1 not passed on — Check the address in telemetry\.forward/m,
    /^warn datagrams: 1 of a name another server has — Give each its own name/m,
    /^ok counts: TCP port 17100, TCP connections 1, passed on 100, consoles attached 2, left out, sender unclear 3, TCP cut for what it said 2, newCount 5$/m,
  ])
    assert.match(lines, wanted);
  assert.match(checks({ datagrams: 3 }).join('\n'), /^skipped kernel drops: this system does not say/m);
  assert.match(checks({ datagrams: 0 }).join('\n'), /^warn datagrams: 0\/min .*l9s doctor --server NAME/m);
});

test('a count nobody knows here is kept under its own name', () => {
  const reading = readReceiver(receiver(BAD).facts);
  assert.deepEqual(reading.others, [['newCount', 5]]);
  assert.deepEqual(reading.rejectReasons[0], { reason: 'l9s: no JSON', count: 6 });
});

test('how far a clock is off reads in the unit it calls for', () => {
  assert.deepEqual([6_200, -119_000, 720_000, -86_400_000, 10 * 86_400_000].map(skewAmount), [
    '6.2 s',
    '119.0 s',
    '12 min',
    '24 h',
    '10 d',
  ]);
});

test('long lists are folded', () => {
  assert.equal(folded(['a', 'b', 'c'], 3).en, 'a, b, c');
  assert.equal(folded(['a', 'b', 'c', 'd'], 3).en, 'a, b, c and 1 more');
  assert.equal(folded(['a', 'b', 'c', 'd'], 2).ko, 'a, b 외 2개');
});

test('the receiver’s row and page say it in words, in both languages', () => {
  const store = createConsoleStore(storeOptionsOf([contextOf('udp', 'udp')]));
  store.apply(SENDERS.map((sender) => putOf('sender', sender)));
  const settings = { isUtc: true, levels: { middle: 0.6, high: 0.8 } } as const;
  const context = createViewContext(store, NOW, { ...settings, language: 'en' });
  const row = receiver(BAD);
  const notes = contextsView.columns.find(({ id }) => id === 'notes');
  assert.equal(
    notes?.text?.(row, context),
    '48 senders, 12 lost, 9 rejected, 2 not allowed, 2 more consoles',
  );
  assert.match(
    contextsView.note?.(row, context)?.text ?? '',
    /^▲ 12 lost by the kernel → let the receive buffer/,
  );
  const page = pageLines(contextsView.detail?.(row, context) ?? []);
  assert.equal(page.get('Heard'), '1 204 a minute from 48 senders; 72 311 in all');
  assert.match(page.get('Receive buffer') ?? '', /^208 KiB of the 4 MiB asked for: sysctl/);
  assert.equal(page.get('Rejected'), '9: l9s: no JSON (6), lena: cut short (3)');
  assert.equal(page.get('of them'), 'behind/tomcat1 (7)');
  assert.match(page.get('Clocks off') ?? '', /behind\/tomcat1 6\.2 s behind ours → synchronise/);
  assert.equal(page.get('Consoles attached'), '2');
  assert.equal(page.get('newCount'), '5');
  assert.equal(page.get('Dumps over TCP'), 'port 17100, 1 connection');
  assert.equal(page.get('TCP cut for what it said'), '2');
  const korean = contextsView.detail?.(row, { ...context, language: 'ko' }) ?? [];
  assert.match(pageLines(korean).get('수신 버퍼') ?? '', /^요청한 4 MiB 중 208 KiB/);
  for (const label of [...page.keys(), ...pageLines(korean).keys()]) assert.ok(label.length <= 30, label);
});
