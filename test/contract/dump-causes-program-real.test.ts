import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeDerivedKey, writeMasterKey } from '../../src/app/agent-keys.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { freeTcpPort } from '../support/dump-channel-stage.ts';
import { writeDumpPages } from '../support/dump-pages.ts';
import { blocksOf } from '../support/dump-text.ts';
import { noRealJvm, RealTomcat } from '../support/jvm-tools.ts';
import { runProgram } from '../support/run-program.ts';

/** `l9s advertise` until the test ends. */
function startAgent(built: BuiltProgram, args: readonly string[]) {
  const child = spawn(process.execPath, [built.program, 'advertise', ...args], {
    stdio: 'ignore',
    env: { ...built.environment },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}

test('the program names the deadlocks of a real Tomcat that its own agent dumped', {
  skip: noRealJvm(),
}, async (t) => {
  const tomcat = new RealTomcat(['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']);
  t.after(() => tomcat.remove());
  const [built, port] = await Promise.all([buildProgram(), freeTcpPort(), tomcat.start()]);
  t.after(() => built.remove());
  writeDumpPages(tomcat.base);
  const file = (name: string) => path.join(built.home, name);
  const run = (...args: readonly string[]) => runProgram(built, args, {}, 60_000);
  writeMasterKey(file('master'));
  writeDerivedKey({ identity: 'udp/host1', master: file('master'), out: file('own') });
  writeFileSync(
    file('config.yaml'),
    `telemetry: {listen: "127.0.0.1:${port}", tcp: true, agentKey: ${JSON.stringify(file('master'))}}\n`,
  );
  t.after(
    startAgent(built, [
      ...['--pid', `${tomcat.pid}`, '--to', `127.0.0.1:${port}`, '--id', 'host1'],
      ...['--dumps', `127.0.0.1:${port}`, '--dump-identity', 'udp/host1', '--dump-key', file('own')],
    ]),
  );
  for (const page of ['monitors.jsp', 'locks.jsp'])
    assert.equal((await fetch(`http://127.0.0.1:${tomcat.port}/${page}`)).status, 200);

  const dump = ['dump', 'thread', 'udp:host1*', '--all-matching', '1', '--triage', '--settle', '40s'];
  const taken = await run(...dump, '--config', file('config.yaml'));
  assert.equal(taken.code, 0, taken.stderr);
  const text = readFileSync(taken.stdout.trim(), 'utf8');
  const named = blocksOf(text).map(({ name }) => name);
  const said = [
    ['on monitors', 'order-taker', 'stock-keeper'],
    ['on java.util.concurrent locks', 'cart-filler', 'price-setter'],
  ] as const;
  const analyzed = await run('analyze', taken.stdout.trim());
  assert.equal(analyzed.code, 0, analyzed.stderr);
  const verdict = analyzed.stdout.replaceAll(/\s+/g, ' ');
  for (const [where, one, other] of said) {
    for (const name of [one, other]) assert.equal(named.filter((each) => each === name).length, 1, name);
    const sentence = `deadlock of 2 threads ${where}: "${one}", "${other}"`;
    assert.ok(taken.stderr.includes(`error: ${sentence}`), taken.stderr);
    assert.ok(verdict.includes(`✖ ${sentence}`), analyzed.stdout);
  }
});
