import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { ExecFault } from '../../fixtures/fleet/kube/exec/exec-fault.ts';
import {
  assertAllEnded,
  assertNoHalfFiles,
  type DumpCommand,
  linesOf,
  startDumpCommand,
} from '../support/dump-command.ts';
import { waitFor } from '../support/fleet-wait.ts';

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

describe('a dump that is left', () => {
  /** Begins one and ends the program by a signal once the JVM is asked. */
  async function leave(signal: NodeJS.Signals, ...words: readonly string[]) {
    suffer({ kind: 'hang', tools: ['jcmd'] });
    const commands = commandsFrom();
    const child = spawn(
      process.execPath,
      [stage.built.program, 'dump', ...words, server, '--config', stage.fast.configPath],
      { env: { ...stage.built.environment, ...stage.environment }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await waitFor('the JVM is asked', () => commands().includes('jcmd'));
    assert.ok(readdirSync(stage.dumps).some((name) => name.endsWith('.part')));
    child.kill(signal);
    const code = await ended;
    suffer(undefined);
    return { code, stderr };
  }

  for (const [signal, code, word] of [
    ['SIGINT', 130, 'cancelled'],
    ['SIGTERM', 143, 'interrupted'],
    ['SIGHUP', 129, 'interrupted'],
  ] as const)
    test(`by ${signal} leaves nothing but a record`, async () => {
      const left = await leave(signal, 'thread');
      assert.equal(left.code, code, left.stderr);
      assert.match(left.stderr, new RegExp(`^l9s: prod-eu:lena-was-\\S+: ${word}$`, 'm'));
      assert.deepEqual(assertNoHalfFiles(stage.dumps), []);
      const [entry] = await stage.audit();
      assert.equal(entry?.result, word);
      assertAllEnded(entry === undefined ? [] : [entry]);
    });

  test('with its heap on the server takes that away, too', async () => {
    const commands = commandsFrom();
    const { code } = await leave('SIGINT', 'heap', '--yes');
    assert.equal(code, 130);
    assert.equal(commands().at(-1), 'rm');
    assert.deepEqual(assertNoHalfFiles(stage.dumps), []);
  });

  test('by a crash is cleared away by the next, and the audit says that it has no end', async () => {
    const { code } = await leave('SIGKILL', 'thread');
    assert.equal(code, null);
    assert.equal(readdirSync(stage.dumps).length, 1);
    const { code: next, stderr } = await stage.run('dump', 'thread', server);
    assert.equal(next, 0, stderr);
    assert.equal(assertNoHalfFiles(stage.dumps).length, 1);
    const [last, crashed] = await stage.audit();
    assert.deepEqual([last?.result, crashed?.result], ['done', 'unfinished']);
  });
});

test('a pod that is deleted while its JVM is asked says so, and its successor is dumped', async () => {
  const START = 'prod-eu:pay/pay-was-';
  const known = await names(START);
  const [gone = ''] = known;
  const [, namespace = '', name = ''] = /^[^:]+:([^/]+)\/(.+)$/.exec(gone) ?? [];
  production().setExecFault({ namespace, name }, { kind: 'hang', tools: ['jcmd'] });
  const before = assertNoHalfFiles(stage.dumps);
  const commands = commandsFrom();
  const running = stage.run('dump', 'thread', gone);
  await waitFor('the JVM is asked', () => commands().includes('jcmd'));
  production().delete({ kind: 'Pod', namespace, name });
  const { code, stdout, stderr } = await running;
  assert.deepEqual([code, stdout], [5, ''], stderr);
  const said = linesOf(stderr).filter((line) => line.startsWith('l9s: '));
  assert.equal(said.length, 1, stderr);
  assert.match(said[0] ?? '', /: NOT_FOUND: .*\. The pod is gone; take the dump of its successor\.$/);
  assert.deepEqual(assertNoHalfFiles(stage.dumps), before);
  const [entry] = await stage.audit();
  assert.equal(entry?.result, 'failed');
  const successor = (await names(START)).find((one) => !known.includes(one)) ?? assert.fail('no successor');
  const next = await stage.run('dump', 'thread', successor);
  assert.equal(next.code, 0, next.stderr);
});

/** All servers of a workload. */
async function names(start: string): Promise<readonly string[]> {
  const { stdout } = await stage.run('get', 'servers', '-o', 'name');
  return linesOf(stdout).filter((line) => line.startsWith(start));
}
