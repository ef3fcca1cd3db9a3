import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import type { JvmScenario } from '../../fixtures/fleet/jvm/jvm-trouble.ts';
import { webFiguresOf } from '../../fixtures/fleet/jvm/web-figures.ts';
import type { ContainerQuirk } from '../../fixtures/fleet/kube/exec/container-quirk.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import { dumpFileName } from '../../src/domain/dump-name.ts';
import { dumpTemplateOf } from '../../src/domain/exec-template.ts';
import { openExec } from '../support/fleet-exec.ts';
import { applyLena, names, startKube } from '../support/fleet-kube.ts';

const LENA_JDK = '/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.412.b08-1.el7_9.x86_64';
/** The pids LENA's entry script and its server have. */
const SERVER = '87';

/** A pod of LENA's (JDK 8) and one of Tomcat's (JDK 17), with their JVMs. */
async function pods(context: TestContext, quirk?: ContainerQuirk, agedMs = 3_600_000) {
  const processes = new ProcessTable();
  const jvms = new JvmRegistry({ processes, clock: systemClock, seed: 3 });
  const kube = await startKube(
    context,
    {
      processes,
      jvmOf: ({ id }) => jvms.advance(id)?.read(),
      webOf: (process) => (process.type === 'web' ? webFiguresOf(process, 3, Date.now()) : undefined),
      quirkOf: () => quirk,
      ageAtStartMs: agedMs,
    },
    (simulator) => {
      applyLena(simulator);
      simulator.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'plain', namespace: 'lena' },
        spec: { containers: [{ name: 'tomcat', image: 'tomcat:9.0.87-jdk17' }] },
      });
    },
  );
  const podOf = async (type: string) =>
    String(names(await kube.json(`/api/v1/namespaces/lena/pods?labelSelector=type%3D${type}`))[0]);
  const run = async (pod: string, ...command: readonly string[]) => {
    const ran = await (await openExec(context, kube, { pod, command })).ended();
    return {
      out: ran.text(1),
      err: ran.text(2),
      isOk: Reflect.get(Object(ran.status), 'status') === 'Success',
    };
  };
  const suffer = (pod: string, scenario: JvmScenario) => {
    for (const { process } of processes.all()) {
      if (process.hostName === pod) jvms.set(process.id, scenario);
    }
  };
  return { kube, run, suffer, was: await podOf('lena-was'), web: await podOf('lena-web'), plain: 'plain' };
}
function threadsIn(text: string) {
  const reader = new DumpReader();
  reader.write(Buffer.from(text));
  const content = reader.end();
  assert.ok(content.kind === 'threads');
  const [dump] = content.dumps;
  assert.ok(dump !== undefined);
  assert.deepEqual(dump.problems, []);
  return dump;
}

describe('tools of the JDK in a simulated container', () => {
  test('jcmd lists JVMs and prints threads as its JDK does', async (context) => {
    const { run, was, plain, suffer } = await pods(context);
    suffer(plain, 'lockDeadlock');
    const list = await run(was, 'jcmd', '-l');
    assert.match(
      list.out,
      /^87 org\.apache\.catalina\.startup\.Bootstrap start\n\d+ sun\.tools\.jcmd\.JCmd -l\n$/,
    );
    const eight = await run(was, `${LENA_JDK}/bin/jcmd`, SERVER, 'Thread.print', '-l');
    assert.match(
      eight.out,
      /^87:\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nFull thread dump OpenJDK 64-Bit Server VM \(25\.412/,
    );
    assert.doesNotMatch(eight.out, /cpu=|elapsed=|SMR/);
    assert.ok(threadsIn(eight.out).threads.length > 40);
    const seventeen = threadsIn((await run(plain, 'jcmd', '1', 'Thread.print', '-l', '-e')).out);
    assert.equal(seventeen.deadlocks.length, 1);
    assert.ok(seventeen.threads.every(({ cpuMs }) => cpuMs !== undefined));
    const refused = await run(was, 'jcmd', SERVER, 'Thread.print', '-l', '-e');
    assert.deepEqual(
      [refused.isOk, refused.out, refused.err],
      [false, '87:\n', "java.lang.IllegalArgumentException: Unknown argument '-e' in diagnostic command.\n"],
    );
  });

  test('jcmd refuses commands and processes it does not know', async (context) => {
    const { run, was } = await pods(context);
    const unknown = await run(was, 'jcmd', SERVER, 'No.such');
    assert.match(unknown.err, /Unknown diagnostic command/);
    const gone = await run(was, 'jcmd', '4711', 'Thread.print');
    assert.match(gone.err, /No such process/);
    const shell = await run(was, 'jcmd', '1', 'Thread.print');
    assert.match(shell.err, /AttachNotSupportedException/);
    assert.deepEqual([unknown.isOk, gone.isOk, shell.isOk], [false, false, false]);
  });

  test('jstack prints the same threads, and its own words where it cannot', async (context) => {
    const { run, was } = await pods(context);
    const plain = await run(was, 'jstack', SERVER);
    assert.doesNotMatch(plain.out, /Locked ownable synchronizers/);
    const long = await run(was, 'jstack', '-l', SERVER);
    assert.match(long.out, /Locked ownable synchronizers/);
    assert.deepEqual(
      threadsIn(plain.out).threads.map(({ name }) => name),
      threadsIn(long.out).threads.map(({ name }) => name),
    );
    assert.equal((await run(was, 'jstack', '4711')).err, '4711: No such process\n');
  });

  test('a class histogram adds up, and a heap dump is a file until it is removed', async (context) => {
    const { run, was } = await pods(context);
    const histogram = await run(was, 'jcmd', SERVER, 'GC.class_histogram', '-all');
    assert.match(histogram.out, /\nTotal +\d+ +\d+\n$/);
    const file = '/tmp/l9s-0123456789abcdef.hprof';
    const free = async () => Number(/(\d+) +\d+% \/\n$/.exec((await run(was, 'df', '-Pk', '/tmp')).out)?.[1]);
    const before = await free();
    const dumped = await run(was, 'jcmd', SERVER, 'GC.heap_dump', file);
    const bytes = Number(/Heap dump file created \[(\d+) bytes/.exec(dumped.out)?.[1]);
    assert.ok(bytes > 1_000_000, dumped.out);
    assert.ok((await free()) < before);
    const listed = await run(was, 'ls', '-ln', file);
    assert.match(
      listed.out,
      new RegExp(`^-rw\\S+ 1 0 0 +${bytes} \\w{3} [ \\d]\\d \\d\\d:\\d\\d ${file}\\n$`),
    );
    const again = await run(was, 'jcmd', SERVER, 'GC.heap_dump', file);
    assert.match(again.out, /Unable to create .*: File exists/);
    const content = Buffer.from((await run(was, 'base64', file)).out, 'base64');
    assert.equal(content.length, bytes);
    const sum = await run(was, 'sha256sum', file);
    assert.equal(sum.out, `${createHash('sha256').update(content).digest('hex')}  ${file}\n`);
    assert.ok((await run(was, 'rm', '-f', file)).isOk);
    assert.equal(await free(), before);
    const gone = await run(was, 'cat', file);
    assert.deepEqual([gone.isOk, gone.err], [false, `cat: ${file}: No such file or directory\n`]);
    assert.match(
      (await run(was, 'jcmd', SERVER, 'GC.heap_dump', '/nosuch/x')).out,
      /No such file or directory/,
    );
  });

  test('SIGQUIT writes threads and heap into the container’s log', async (context) => {
    const { kube, run, plain } = await pods(context);
    assert.ok((await run(plain, 'kill', '-3', '1')).isOk);
    const { text } = await kube.ask('/api/v1/namespaces/lena/pods/plain/log');
    assert.ok(threadsIn(text).threads.length > 40);
    assert.match(text, /\nHeap\n garbage-first heap/);
    const gone = await run(plain, 'kill', '-3', '99');
    assert.match(gone.err, /No such process/);
    assert.equal((await run(plain, 'kill', '-9', '1')).isOk, false);
  });

  test('where the JDK lies is found by the link of the process', async (context) => {
    const { run, was, plain } = await pods(context);
    assert.equal((await run(was, 'readlink', `/proc/${SERVER}/exe`)).out, `${LENA_JDK}/bin/java\n`);
    assert.equal((await run(plain, 'readlink', '/proc/1/exe')).out, '/opt/java/openjdk/bin/java\n');
    assert.match((await run(was, 'cat', `/proc/${SERVER}/maps`)).out, /libjvm\.so\n/);
    assert.deepEqual((await run(was, 'readlink', '/etc/passwd')).isOk, false);
  });

  test('an image may have none of them, and a JVM may not answer', async (context) => {
    const bare = await pods(context, 'jreOnly');
    for (const tool of ['jcmd', 'jstack', 'jstat']) {
      const { isOk } = await bare.run(bare.plain, tool, '-l');
      assert.equal(isOk, false, tool);
    }
    assert.ok((await bare.run(bare.plain, 'kill', '-QUIT', '1')).isOk);
    const denied = await pods(context, 'perfDataDenied');
    assert.match((await denied.run(denied.plain, 'jcmd', '1', 'Thread.print')).err, /not permitted/);
    assert.match((await denied.run(denied.plain, 'kill', '-3', '1')).err, /not permitted/);
    const stuck = await pods(context, 'attachHangs');
    const hanging = await openExec(context, stuck.kube, {
      pod: stuck.plain,
      command: ['jcmd', '1', 'Thread.print'],
    });
    assert.ok((await stuck.run(stuck.plain, 'kill', '-3', '1')).isOk);
    const { text } = await stuck.kube.ask('/api/v1/namespaces/lena/pods/plain/log');
    assert.doesNotMatch(text, /Full thread dump/);
    assert.equal(hanging.status, undefined, 'it still waits');
    hanging.close();
  });
});

describe('what a simulated LENA server keeps', () => {
  test('dumps under its host name, each named as documented and the same when read again', async (context) => {
    const { run, was } = await pods(context, undefined, 3 * 86_400_000);
    const folder = `/usr/local/lena/servers/appServer/dumps/${was}`;
    const command = ['ls', '-ln', `${folder}/tdump`];
    assert.ok(dumpTemplateOf(command) !== undefined);
    const { out } = await run(was, ...command);
    const rows = [...out.matchAll(/^-rw-r--r-- 1 0 0 +(\d+) \w{3} [ \d]\d \d\d:\d\d (.+)$/gm)];
    const files = rows.filter(([, , name = '']) => name.endsWith('_tdump.txt'));
    assert.equal(files.length, 3);
    assert.ok(
      rows.some(([, , name]) => name === 'read me first.txt'),
      'and what is no dump',
    );
    for (const [, bytes, name = ''] of files) {
      const path = `${folder}/tdump/${name}`;
      const text = (await run(was, 'cat', path)).out;
      assert.equal(Buffer.byteLength(text), Number(bytes));
      const dump = threadsIn(text);
      const at = dump.saidAt ?? 0;
      assert.equal(name, dumpFileName({ host: was, server: was, at, kind: 'thread' }));
    }
    assert.match((await run(was, 'ls', '-1', `${folder}/sdump`)).out, /_sdump\.txt\n$/);
    assert.ok((await run(was, 'ls', '-ln', `${folder}/hdump`)).isOk, 'a folder, though it may be empty');
  });

  test('of a fresh one the folders are empty', async (context) => {
    const { run, was } = await pods(context);
    const { out, isOk } = await run(was, 'ls', '-ln', `/usr/local/lena/servers/appServer/dumps/${was}/tdump`);
    assert.deepEqual([out, isOk], ['total 0\n', true]);
  });

  test('a web server shows its monitor to whoever asks from inside', async (context) => {
    const { run, web, was } = await pods(context);
    const url = 'http://127.0.0.1:7180/cmx-status?cmd=monitor&format=json';
    const said: unknown = JSON.parse((await run(web, 'curl', '-s', url)).out);
    assert.ok(typeof said === 'object' && said !== null);
    const values = Object.entries(said).filter(([, value]) => !Array.isArray(value));
    assert.ok(values.every(([, value]) => typeof value === 'string'));
    const wasInfos: unknown = Reflect.get(said, 'wasInfos');
    assert.ok(Array.isArray(wasInfos) && wasInfos.length === 3);
    assert.match((await run(web, 'curl', '-s', 'http://127.0.0.1:7180/other')).out, /404/);
    const elsewhere = await run(was, 'curl', '-s', url);
    assert.deepEqual([elsewhere.isOk, elsewhere.out], [false, '']);
  });
});
