import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { createAttachSource } from '../../src/sources/telemetry/relay/attach-source.ts';
import { createSshTransport } from '../../src/sources/telemetry/relay/ssh-transport.ts';
import { privateDirectory, RelaySink } from '../support/relay-stage.ts';

/** Longer than a test may take: what waits for it has failed. */
const HELD_S = 20;
const LIMIT = { timeout: 15_000 };

/** A console that attaches through a program in the place of ssh. */
function attachThrough(context: TestContext, script: string) {
  const command = path.join(privateDirectory(context), 'ssh');
  writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const sink = new RelaySink();
  const abort = new AbortController();
  const source = createAttachSource({
    context: 'far',
    transport: createSshTransport({ host: 'bastion', environment: process.env, command }),
    clock: systemClock,
    random: () => 0,
  });
  const run = source.run(sink, abort.signal);
  const stop = async () => {
    abort.abort();
    await run;
  };
  context.after(stop);
  const error = async () => {
    await sink.until(() => sink.lastStatus !== undefined && 'error' in sink.lastStatus, 'an error', 10_000);
    const status = sink.lastStatus;
    return status !== undefined && 'error' in status ? status.error : undefined;
  };
  return { stop, error };
}
/** As ControlPersist and ProxyCommand do, a process stays that has the pipes. */
const held = `sleep ${HELD_S} &`;

test('why ssh ended is told although a process that it left holds its pipes', LIMIT, async (context) => {
  const { error } = attachThrough(context, `${held} echo 'Permission denied (publickey).' >&2; exit 255`);
  const told = await error();
  assert.deepEqual([told?.code, /Permission denied/.test(told?.message ?? '')], ['ATTACH_FAILED', true]);
});

test('it stops although a process below ssh holds its pipes', LIMIT, async (context) => {
  const { stop } = attachThrough(context, `sleep ${HELD_S}; true`);
  await stop();
});

test('what never ends and is no stream is told at once', LIMIT, async (context) => {
  const { error } = attachThrough(context, 'yes Welcome');
  const told = await error();
  assert.deepEqual(
    [told?.code, /no stream of l9s: "Welcome"/.test(told?.message ?? '')],
    ['ATTACH_FAILED', true],
  );
});
