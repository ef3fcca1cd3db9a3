import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../src/core/app-error.ts';
import { SIGNAL, startExec } from '../support/ecs-exec.ts';

const LIST_TMP = ['ls', '-1', '/tmp'];
const rejectsWith = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} | ${error.hint}`, words);
  return true;
};

test('runs a command on a terminal of the task and gives its lines back as it wrote them', async (context) => {
  const { run, simulator } = await startExec(context);
  const { output, outputBytes, hasEnded, exitCode } = await run(['cat', '/proc/87/status']);
  assert.match(output, /^Name:\tjava\nPid:\t87\n/);
  assert.equal(outputBytes.length, Buffer.byteLength(output));
  assert.equal(output.includes('\r'), false);
  assert.equal(hasEnded, true);
  assert.equal(exitCode, undefined);
  assert.deepEqual(simulator.execViolations, []);
});
