import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ExecFault } from '../../fixtures/fleet/kube/exec/exec-fault.ts';
import {
  assertHarmless,
  assertNoHalfFiles,
  type DumpCommand,
  HOSTILE_WORDS,
  linesOf,
  startDumpCommand,
} from '../support/dump-command.ts';

let stage: DumpCommand;
let server: string;
before(async () => {
  stage = await startDumpCommand();
  server = stage.server('prod-eu:shop/lena-was-');
});
after(() => stage.close());

const production = () => stage.fast.fleet.kube.get('prod-eu') ?? assert.fail('no prod-eu');
function suffer(fault: ExecFault | undefined): void {
  const [, namespace = '', name = ''] = /^[^:]+:([^/]+)\/(.+)$/.exec(server) ?? [];
  production().setExecFault({ namespace, name }, fault);
}
/** Commands in the container from now on, by their first words. */
function commandsFrom(): () => readonly string[] {
  const from = production().requests.length;
  return () =>
    production()
      .requests.slice(from)
      .flatMap(({ path }) => new URL(path, 'http://x').searchParams.getAll('command').slice(0, 1));
}

describe('a heap dump', () => {
  const cases: readonly {
    readonly name: string;
    readonly fault: ExecFault;
    readonly code: number;
    readonly says: RegExp;
    /** It was written there, and has to go. */
    readonly isRemoved: boolean;
  }[] = [
    {
      name: 'whose hash is another',
      fault: { kind: 'says', tools: ['sha256sum'], out: `${'0'.repeat(64)}  /tmp/x\n`, exitCode: 0 },
      code: 5,
      says: /DUMP_DAMAGED: .*sha256 [0-9a-f]{64}, not 0{64}\)\. Nothing was kept/,
      isRemoved: true,
    },
    {
      name: 'that does not fit the disk there',
      fault: {
        kind: 'says',
        tools: ['jcmd'],
        out: '87:\nDumping heap to /tmp/x.hprof ...\nDump file is incomplete: No space left on device\n',
        exitCode: 0,
      },
      code: 5,
      says: /DISK_FULL: no heap dump of .*No space left on device\. Free space in the container/,
      isRemoved: true,
    },
    {
      name: 'for which there is no room there',
      fault: {
        kind: 'says',
        tools: ['df'],
        out: 'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 90 10 90% /\n',
        exitCode: 0,
      },
      code: 5,
      says: /DISK_FULL: .*on the server has 10 KiB free, up to .* are needed/,
      isRemoved: false,
    },
    {
      name: 'that is cut on its way',
      fault: { kind: 'cut', afterBytes: 3_000_000, how: 'reset' },
      code: 5,
      says: /: (?:DUMP_DAMAGED|CONNECTION_LOST|DUMP_FAILED): .*\. [A-Z].*\.$/m,
      isRemoved: true,
    },
  ];
  for (const { name, fault, code, says, isRemoved } of cases)
    test(`${name} is not kept, here or there`, async () => {
      suffer(fault);
      const before = assertNoHalfFiles(stage.dumps);
      const commands = commandsFrom();
      const run = await stage.run('dump', 'heap', server, '--yes');
      suffer(undefined);
      assert.deepEqual([run.code, run.stdout], [code, ''], run.stderr);
      assert.match(run.stderr, says);
      assert.deepEqual(assertNoHalfFiles(stage.dumps), before);
      assert.equal(commands().includes('rm'), isRemoved);
      assertHarmless(run.stderr);
    });

  test('whose file cannot be removed there is kept, and says where the file is', async () => {
    suffer({ kind: 'says', tools: ['rm'], error: `${HOSTILE_WORDS}\n`, exitCode: 1 });
    const run = await stage.run('dump', 'heap', server, '--yes');
    suffer(undefined);
    assert.equal(run.code, 0, run.stderr);
    assert.match(
      run.stderr,
      /its file \/\S+\.hprof is left on the server: it is.* broken, password=\*{3} Bearer \*{3}/,
    );
    assert.equal(linesOf(run.stdout).length, 1);
    assertHarmless(run.stdout + run.stderr + stage.log());
    const [entry] = await stage.audit();
    assertHarmless(JSON.stringify(entry));
  });
});
