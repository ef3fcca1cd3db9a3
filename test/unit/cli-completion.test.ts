import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { createProgram } from '../../src/cli/program.ts';

/** What `l9s completion SHELL` prints. */
async function scriptOf(shell: string): Promise<string> {
  const printed: string[] = [];
  const program = createProgram(async (work) => {
    await work({
      output: { print: (text) => printed.push(text), warn: () => undefined, isTerminal: false },
      environment: {},
      home: '/nowhere',
      fleetProgram: '',
      signal: new AbortController().signal,
      onTerminate: () => () => undefined,
      version: '0',
      stdin: process.stdin,
      stdout: process.stdout,
    });
  });
  await program.parseAsync(['node', 'l9s', 'completion', shell]);
  return printed.join('\n');
}

/** What bash would offer for the words typed so far, the last one unfinished. */
function offered(script: string, words: readonly string[]): readonly string[] {
  const ask = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _l9s; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', ...words], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('completion', () => {
  test('bash offers commands, kinds and options of the command typed', async () => {
    const script = await scriptOf('bash');
    assert.ok(offered(script, ['l9s', 'des']).includes('describe'));
    assert.deepEqual(offered(script, ['l9s', 'get', 'workl']), ['workloads']);
    assert.deepEqual(offered(script, ['l9s', '--context', 'a', 'get', 'servers', '--wat']), ['--watch']);
    assert.deepEqual(offered(script, ['l9s', 'config', 'ch']), ['check']);
  });

  test('zsh and fish scripts name every command', async () => {
    const names = createProgram(() => Promise.resolve()).commands.map((command) => command.name());
    for (const shell of ['zsh', 'fish']) {
      const script = await scriptOf(shell);
      for (const name of names) assert.ok(script.includes(name), `${name} in ${shell}`);
    }
  });

  test('an unknown shell is refused with the known ones', async () => {
    await assert.rejects(scriptOf('tcsh'), /bash, zsh, fish/);
  });
});
