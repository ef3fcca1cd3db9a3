import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dumpTemplateOf, execTemplateOf } from '../../src/domain/exec-template.ts';
import { MODES, type Mode } from '../../src/domain/policy.ts';
import { assertMayLeave } from '../../src/sources/kube/kube-lock.ts';

const TDUMP = '/usr/local/lena/servers/appServer/dumps/was-0/tdump';
const HDUMP = '/usr/local/lena/servers/appServer/dumps/was-0/hdump';
const OWN = '/tmp/l9s-0123456789abcdef.hprof';

/** Modes in which an exec of the argv leaves for an API server. */
const modesOf = (argv: readonly string[]): readonly Mode[] =>
  MODES.filter((mode) => {
    const query = new URLSearchParams({ container: 'was', stdout: 'true', stderr: 'true' });
    for (const word of argv) query.append('command', word);
    const target = `/api/v1/namespaces/shop/pods/was-0/exec?${query}`;
    try {
      assertMayLeave({ method: 'GET', target, isUpgrade: true }, { mode, origin: '--triage' });
      return true;
    } catch {
      return false;
    }
  });

describe('commands of dumps', () => {
  for (const argv of [
    ['jcmd', '1', 'Thread.print', '-l'],
    ['jcmd', '7', 'Thread.print', '-l', '-e'],
    ['/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.412.b08-1.el7_9.x86_64/bin/jcmd', '1', 'Thread.print', '-l'],
    ['jcmd', '1', 'GC.class_histogram', '-all'],
    ['jstack', '-l', '1'],
    ['/opt/java/openjdk/bin/jstack', '-l', '1'],
    ['kill', '-3', '1'],
    ['busybox', 'kill', '-3', '1'],
    ['readlink', '/proc/1/exe'],
    ['cat', '/proc/1/maps'],
    ['cat', '/etc/hostname'],
    ['ls', '-ln', TDUMP],
    ['ls', '-ln', HDUMP],
    ['cat', `${TDUMP}/was-0_was_20260102-030405_tdump.txt`],
    ['sha256sum', `${TDUMP}/was-0_was_20260102-030405_tdump.txt`],
  ]) {
    test(`${argv.join(' ')} leaves in triage, and never in read-only`, () => {
      assert.ok(execTemplateOf(argv) !== undefined && dumpTemplateOf(argv) !== undefined);
      assert.deepEqual(modesOf(argv), ['normal', 'triage']);
    });
  }

  for (const argv of [
    ['jcmd', '1', 'GC.class_histogram'],
    ['jcmd', '1', 'GC.heap_dump', OWN],
    ['jcmd', '1', 'GC.heap_dump', '-all', OWN],
    ['df', '-Pk', '/tmp'],
    ['ls', '-ln', OWN],
    ['cat', OWN],
    ['sha256sum', OWN],
    ['rm', '-f', OWN],
    ['cat', `${HDUMP}/was-0_was_20260102-030405_hdump.hprof`],
  ]) {
    test(`${argv.join(' ')} is a dump’s, and leaves in normal mode alone`, () => {
      assert.equal(execTemplateOf(argv), undefined);
      assert.ok(dumpTemplateOf(argv) !== undefined);
      assert.deepEqual(modesOf(argv), ['normal']);
    });
  }

  for (const argv of [
    ['jcmd', '1', 'VM.system_properties'],
    ['jcmd', '1', 'VM.command_line'],
    ['jcmd', '1', 'Thread.print'],
    ['jcmd', '1', 'Thread.print', '-l;rm'],
    ['jcmd', '1', 'Thread.print', '-l', '-e', '-x'],
    ['jcmd', '1', 'Thread.dump_to_file', '/tmp/x'],
    ['jcmd', '1', 'GC.run'],
    ['jcmd', '0', 'Thread.print', '-l'],
    ['jcmd', '-1', 'Thread.print', '-l'],
    ['jcmd', '1\n', 'Thread.print', '-l'],
    ['jcmd', 'Bootstrap', 'Thread.print', '-l'],
    ['jcmd', '-J-XX:OnError=sh', '1', 'Thread.print', '-l'],
    ['/tmp/../bin/jcmd', '1', 'Thread.print', '-l'],
    ['./bin/jcmd', '1', 'Thread.print', '-l'],
    ['/tmp/jcmd', '1', 'Thread.print', '-l'],
    ['/opt/java/bin/jcmdx', '1', 'Thread.print', '-l'],
    ['/opt/-x/bin/jcmd', '1', 'Thread.print', '-l'],
    ['jstack', '-F', '1'],
    ['jstack', '-l', '1', '2'],
    ['kill', '-9', '1'],
    ['kill', '1'],
    ['kill', '-3', '-1'],
    ['kill', '-3', '0'],
    ['kill', '-3', '1', '2'],
    ['busybox', 'kill', '-9', '1'],
    ['busybox', 'sh'],
    ['cat', '/proc/1/environ'],
    ['cat', '/proc/1/cmdline'],
    ['cat', ['/proc/1', 'root', 'etc/shadow'].join('/')],
    ['cat', '/etc/passwd'],
    ['readlink', '/proc/1/cwd'],
    ['readlink', '/proc/self/exe'],
    ['ls', '-ln', '/etc'],
    ['ls', '-ln', '/tdump/../../etc'],
    ['ls', '-ln', `${TDUMP}/`],
    ['cat', `${TDUMP}/../../../conf/server.xml`],
    ['cat', `${TDUMP}/../x_tdump.txt`],
    ['cat', `${TDUMP}/a b_tdump.txt`],
    ['cat', `${TDUMP}/x_tdump.txt\n`],
    ['cat', `${TDUMP}/x_hdump.hprof`],
    ['cat', '/etc/x_tdump.txt'],
    ['rm', '-rf', OWN],
    ['rm', '-f', '/tmp/other.hprof'],
    ['rm', '-f', `${HDUMP}/was-0_was_20260102-030405_hdump.hprof`],
    ['rm', '-f', OWN, '/etc/passwd'],
    ['jcmd', '1', 'GC.heap_dump', '/etc/passwd'],
    ['jcmd', '1', 'GC.heap_dump', '-overwrite', OWN],
    ['df', '-Pk', '-a'],
  ]) {
    test(`${JSON.stringify(argv.join(' '))} is no command of a dump`, () => {
      assert.equal(dumpTemplateOf(argv), undefined);
      assert.deepEqual(modesOf(argv), ['normal']);
    });
  }
});
