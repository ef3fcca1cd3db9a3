import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  assertAllEnded,
  assertNoHalfFiles,
  type DumpCommand,
  linesOf,
  startDumpCommand,
} from '../support/dump-command.ts';

let stage: DumpCommand;
let server: string;
const mounted: string[] = [];
before(async () => {
  stage = await startDumpCommand();
  server = stage.server('prod-eu:shop/lena-was-');
});
after(async () => {
  for (const directory of mounted) spawnSync('umount', [directory]);
  await stage.close();
});

/** A disk of its own in memory; false where this user may mount none. */
function mount(directory: string, kibibytes: number): boolean {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', directory]);
  if (status === 0) mounted.push(directory);
  return status === 0;
}

describe('a disk that is full', () => {
  test('before a dump is begun is said, and nothing is asked of the server', async (t) => {
    const out = path.join(stage.built.home, 'small');
    if (!mount(out, 256)) {
      t.skip('needs the right to mount a tmpfs');
      return;
    }
    const { code, stdout, stderr } = await stage.run('dump', 'thread', server, '--out', out);
    assert.deepEqual([code, stdout], [5, ''], stderr);
    assert.match(
      stderr,
      /DISK_FULL: \S+small: 256(?:\.0)? KiB are free, about 1(?:\.0)? MiB are needed\. [A-Z]/,
    );
    assert.deepEqual(readdirSync(out), []);
  });

  test('for a heap is said before its JVM is asked', async (t) => {
    const out = path.join(stage.built.home, 'middle');
    if (!mount(out, 3_000)) {
      t.skip('needs the right to mount a tmpfs');
      return;
    }
    const kube = stage.fast.fleet.kube.get('prod-eu') ?? assert.fail('no prod-eu');
    const from = kube.requests.length;
    const { code, stdout, stderr } = await stage.run('dump', 'heap', server, '--yes', '--out', out);
    assert.deepEqual([code, stdout], [5, ''], stderr);
    assert.match(stderr, /DISK_FULL: /);
    assert.deepEqual(readdirSync(out), []);
    const asked = kube.requests.slice(from).filter(({ path: one }) => one.includes('/exec?'));
    assert.ok(!asked.some(({ path: one }) => one.includes('GC.heap_dump')));
    assertAllEnded(await stage.audit());
  });
});

describe('a directory that cannot take dumps', () => {
  test('is named, and its neighbours are as they were', async () => {
    const file = path.join(stage.built.home, 'file');
    writeFileSync(file, 'mine');
    const { code, stderr } = await stage.run('dump', 'thread', server, '--out', `${file}/../file/below`);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /STATE_UNWRITABLE: .*file.*\. [A-Z]/);
  });

  test('of the program itself is never a link to somewhere else', async () => {
    const elsewhere = path.join(stage.built.home, 'elsewhere');
    mkdirSync(elsewhere);
    mkdirSync(stage.stateDirectory, { recursive: true });
    symlinkSync(elsewhere, stage.dumps);
    const { code, stderr } = await stage.run('dump', 'thread', server);
    assert.equal(code, 5, stderr);
    assert.match(stderr, /STATE_UNWRITABLE: .*link/);
    assert.deepEqual(readdirSync(elsewhere), []);
  });

  test('given as a way up is where it leads, with a plain name', async () => {
    const out = path.join(stage.built.home, 'a', '..', 'b');
    const { code, stdout, stderr } = await stage.run('dump', 'thread', server, '--out', out);
    assert.equal(code, 0, stderr);
    const [file = ''] = linesOf(stdout);
    assert.equal(path.dirname(file), path.join(stage.built.home, 'b'));
    assert.deepEqual(assertNoHalfFiles(path.dirname(file)), [path.basename(file)]);
  });
});
