import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { isOffer } from '../../src/domain/dump-way.ts';
import { createTaking, startDumpPod } from '../support/dump-pod.ts';

/** Threads of the only dump in the bytes. */
function threadNames(bytes: Buffer): readonly string[] {
  const reader = new DumpReader();
  reader.write(bytes);
  const content = reader.end();
  assert.ok(content.kind === 'threads' && content.dumps.length === 1);
  const [dump] = content.dumps;
  assert.equal(dump?.isTruncated, false);
  return dump?.threads.map(({ name }) => name) ?? [];
}

describe('dumps of a server in a pod', () => {
  test('are offered with what would be asked, before anything runs there', async (context) => {
    const { offer, kube } = await startDumpPod(context);
    const offered = await offer('thread');
    assert.ok(isOffer(offered));
    assert.match(offered.through, /^pod exec in pay\/ledger-\S+ \(ledger\)$/);
    assert.deepEqual(offered.asks, [
      'jcmd PID Thread.print -l',
      'jstack -l PID',
      'kill -3 PID, and the container’s log',
    ]);
    assert.equal(offered.isAuthenticated, true);
    const heap = await offer('heap');
    assert.ok(isOffer(heap) && heap.asks.some((ask) => ask.startsWith('rm -f')));
    const files = await offer('thread', 'server-file');
    assert.ok(!isOffer(files));
    assert.equal(kube.simulator.requests.filter(({ path }) => path.includes('/exec')).length, 0);
  });

  for (const mode of ['normal', 'triage'] as const)
    test(`are taken in ${mode} mode by jcmd`, async (context) => {
      const { take } = await startDumpPod(context, { mode });
      const { taken, bytes, reports } = await take('thread');
      assert.match(taken.how, /^jcmd \d+ Thread\.print -l -e$/);
      assert.ok(threadNames(bytes).includes('main'));
      assert.ok(reports.length > 0);
      const histogram = await take('histogram');
      assert.match(histogram.taken.how, /^jcmd \d+ GC\.class_histogram -all$/);
      const service = await take('service');
      assert.match(service.bytes.toString('utf8'), /^# l9s service dump 1\n/);
      assert.ok(service.taken.missing.length > 0);
    });

  test('of a JDK 8 in a LENA image', async (context) => {
    const { take } = await startDumpPod(context, { image: 'lenacloud/lena-cluster:1.3.2.10' });
    const { taken, bytes } = await take('thread');
    assert.match(taken.how, /^jcmd \d+ Thread\.print -l$/);
    assert.ok(threadNames(bytes).length > 10);
  });

  test('come out of the log where the image has no JDK', async (context) => {
    const { take, kube, pod } = await startDumpPod(context, { quirk: 'jreOnly', mode: 'triage' });
    kube.simulator.appendLog(pod, 'Full thread dump of somebody else, long ago');
    const { taken, bytes } = await take('thread');
    assert.match(taken.how, /^kill -3 \d+ and the container’s log$/);
    assert.ok(threadNames(bytes).includes('main'));
    assert.doesNotMatch(bytes.toString('utf8'), /somebody else|^\d{4}-\d\d-\d\dT/m);
    const again = await take('thread');
    assert.ok(threadNames(again.bytes).includes('main'));
  });

  test('without a JDK are not asked by SIGQUIT where nobody could read the answer', async (context) => {
    const environment = { LOG_OUTPUT_TYPE: 'file' };
    const toFile = await startDumpPod(context, { quirk: 'jreOnly', environment });
    await assert.rejects(toFile.take('thread'), { code: 'NO_TOOL', message: /LOG_OUTPUT_TYPE is file/ });
    const blind = await startDumpPod(context, { quirk: 'jreOnly', as: 'blind' });
    await assert.rejects(blind.take('thread'), { code: 'NO_TOOL', message: /no right to get pods\/log/ });
    const offered = await blind.offer('thread');
    assert.ok(isOffer(offered) && offered.asks.length === 2);
    for (const { kube } of [toFile, blind])
      assert.ok(!kube.simulator.requests.some(({ path }) => path.includes('command=kill')));
  });

  test('are found where the JVM writes no counters', async (context) => {
    const { take } = await startDumpPod(context, { quirk: 'noPerfData' });
    assert.ok(threadNames((await take('thread')).bytes).includes('main'));
  });

  test('of an image without tools say what is missing', async (context) => {
    const { take, kube, pod } = await startDumpPod(context, { quirk: 'noCat' });
    await assert.rejects(take('thread'), { code: 'NO_TOOL', message: /the container has no `cat`/ });
    kube.simulator.setExecFault(pod, { kind: 'noShell' });
    await assert.rejects(take('thread'), { code: 'NO_TOOL', message: /the container has no `ls`/ });
  });

  test('of another user’s JVM say so', async (context) => {
    const { take } = await startDumpPod(context, { quirk: 'perfDataDenied' });
    await assert.rejects(take('thread'), {
      code: 'DUMP_FAILED',
      message: /jcmd .*: .*not permitted.*; jstack .*not permitted.*; kill -3 .*not permitted/,
      hint: /another user/,
    });
  });

  test('without the right are neither offered nor taken', async (context) => {
    const { offer, take } = await startDumpPod(context, { as: 'viewer' });
    const offered = await offer('thread');
    assert.ok(!isOffer(offered));
    assert.match(offered.why.en, /no right to get pods\/exec in pay/);
    assert.match(offered.next?.en ?? '', /pods\/exec/);
    await assert.rejects(take('thread'), { code: 'PERMISSION_DENIED', message: /pods\/exec/ });
  });

  test('of a pod that is gone say so', async (context) => {
    const { way, target } = await startDumpPod(context);
    const instance = target.instance ?? assert.fail('no pod');
    const gone = { ...target, instance: { ...instance, name: 'ledger-gone' } };
    const ask = { kind: 'thread', maxBytes: 1_000_000, timeoutMs: 20_000 } as const;
    await assert.rejects(way('pod-exec').take(gone, ask, createTaking()), {
      code: 'NOT_FOUND',
      hint: /its successor/,
    });
  });

  test('leave in no other mode than they may', async (context) => {
    const triage = await startDumpPod(context, { mode: 'triage' });
    await assert.rejects(triage.take('histogram', { isLive: true }), { code: 'TRANSPORT_LOCKED' });
    await assert.rejects(triage.take('heap'), { code: 'TRANSPORT_LOCKED' });
    const readonly = await startDumpPod(context, { mode: 'readonly' });
    for (const kind of ['thread', 'service', 'histogram', 'heap'] as const)
      await assert.rejects(readonly.take(kind), { code: 'TRANSPORT_LOCKED' }, kind);
    assert.ok(!readonly.kube.simulator.requests.some(({ path }) => path.includes('/exec')));
  });

  test('larger than their limit are refused, and nothing more is read', async (context) => {
    const { take } = await startDumpPod(context);
    await assert.rejects(take('thread', { maxBytes: 2_000 }), { code: 'DUMP_TOO_LARGE' });
  });
});

describe('a heap dump of a server in a pod', () => {
  test('comes whole, and nothing of it is left there', async (context) => {
    const { take, way, target, kube } = await startDumpPod(context);
    const room = await way('pod-exec').room?.(target, AbortSignal.timeout(20_000));
    assert.ok(room !== undefined && room.freeBytes > room.neededBytes && room.neededBytes > 0);
    const { taken, bytes } = await take('heap');
    assert.match(taken.how, /^jcmd \d+ GC\.heap_dump -all \/tmp\/l9s-[0-9a-f]{16}\.hprof$/);
    assert.equal(bytes.subarray(0, 12).toString('latin1'), 'JAVA PROFILE');
    assert.equal(taken.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.ok(kube.simulator.requests.some(({ path }) => path.includes('command=rm')));
  });

  test('above its limit is removed again', async (context) => {
    const { take, kube } = await startDumpPod(context);
    await assert.rejects(take('heap', { maxBytes: 100 }), { code: 'DUMP_TOO_LARGE' });
    assert.ok(kube.simulator.requests.some(({ path }) => path.includes('command=rm')));
  });
});

describe('files a LENA server wrote', () => {
  test('are listed from its folders; there is no other server’s to fetch', async (context) => {
    const { way, target } = await startDumpPod(context, {
      image: 'lenacloud/lena-cluster:1.3.2.10',
      mode: 'triage',
    });
    const files = way('server-file');
    assert.deepEqual(await files.list?.(target, AbortSignal.timeout(20_000)), []);
    const path = '/usr/local/lena/servers/appServer/dumps/x/tdump/../../conf/server.xml';
    await assert.rejects(
      files.fetch?.(target, { path, kind: 'thread', sizeBytes: 1 }, createTaking()) ?? Promise.resolve(),
      { code: 'INPUT_INVALID' },
    );
    await assert.rejects(files.take(target, { kind: 'thread', maxBytes: 1, timeoutMs: 1 }, createTaking()), {
      code: 'NO_WAY_TO_DUMP',
    });
  });
});
