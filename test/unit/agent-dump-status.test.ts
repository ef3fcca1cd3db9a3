import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JvmFinder } from '../../src/agent/find-jvms.ts';
import { agentStatusText, readAgentStatus } from '../../src/wire/dump-channel/status.ts';
import { BOOTED_AT, PretendedMachine, shopValues } from '../support/jvm-proc.ts';

describe('what an agent says it can do', () => {
  test('is read as it was written, and cleaned', () => {
    const status = {
      running: ['thread'],
      can: ['thread', 'heap'],
      heap: { folder: '/tmp', freeBytes: 5, neededBytes: 4 },
    } as const;
    assert.deepEqual(readAgentStatus(agentStatusText(status)), status);
    const odd = agentStatusText({ running: [], can: [], heap: { why: 'no\u001b[31mroom' } });
    assert.deepEqual(readAgentStatus(odd)?.heap, { why: 'no␛[31mroom' });
  });
  for (const text of [
    '',
    '{',
    '[]',
    '{"running":["shell"],"can":[]}',
    '{"running":[],"can":[],"heap":{"freeBytes":-1}}',
  ])
    test(`is nothing where it is ${text === '' ? 'empty' : text}`, () =>
      assert.equal(readAgentStatus(text), undefined));

  for (const [words, vmArguments, refuses] of [
    [['java', 'com.example.shop.Shop'], '-XX:+DisableAttachMechanism -Xmx1g', true],
    [['java', '-XX:+DisableAttachMechanism', 'com.example.shop.Shop'], undefined, true],
    [['java', 'com.example.shop.Shop', '-XX:+DisableAttachMechanism'], '-Xmx1g', false],
  ] as const) {
    test(`is ${refuses ? 'nothing' : 'dumps'} of ${words.join(' ')} with ${vmArguments ?? 'no counter'}`, async () => {
      const machine = new PretendedMachine();
      try {
        const started = BOOTED_AT + 1_000;
        machine.start({ pid: 4_321, words });
        const values = vmArguments === undefined ? {} : { 'java.rt.vmArgs': vmArguments };
        machine.writePerfFile(4_321, shopValues(started, values));
        const { found } = await new JvmFinder(machine).find({}, () => false);
        for (const { file } of found) await file.close();
        assert.deepEqual(
          found.map(({ refusesAttach }) => refusesAttach),
          [refuses],
        );
      } finally {
        machine.remove();
      }
    });
  }
});
