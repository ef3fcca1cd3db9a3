import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMessage, writeMessage } from '../../fixtures/fleet/ecs/exec/session-message.ts';
import { splitWords } from '../../fixtures/fleet/ecs/exec/split-words.ts';
import { AppError } from '../../src/core/app-error.ts';
import { decodeAgentMessage, encodeAgentMessage } from '../../src/sources/ecs/exec/agent-message.ts';
import { commandLine, wordsOf } from '../../src/sources/ecs/exec/command-line.ts';
import { answerHandshake } from '../../src/sources/ecs/exec/handshake.ts';
import { InSequence } from '../../src/sources/ecs/exec/in-sequence.ts';
import { createTerminalText } from '../../src/sources/ecs/exec/terminal-text.ts';

const AT = Date.UTC(2026, 10, 21);
const ID = '730f6649-1453-4e2a-9f01-a37dbffefce1';
const SENT = writeMessage({
  type: 'output_stream_data',
  sequence: 7,
  flags: 0,
  id: ID,
  at: AT,
  kind: 1,
  payload: Buffer.from('one line\r\n'),
});

test('what the agent writes is read, and what we write is what it reads', () => {
  const message = decodeAgentMessage(SENT);
  assert.ok(typeof message !== 'string', String(message));
  assert.deepEqual(
    { ...message, payload: message.payload.toString() },
    { type: 'output_stream_data', sequence: 7, id: ID, payloadType: 1, payload: 'one line\r\n' },
  );
  const ours = encodeAgentMessage({
    type: 'input_stream_data',
    sequence: 3,
    flags: 1,
    at: AT,
    payloadType: 3,
    payload: Buffer.from('{"cols":300,"rows":100}'),
  });
  const read = readMessage(ours, AT);
  assert.equal(read.type, 'input_stream_data');
  assert.equal(read.sequence, 3);
  assert.equal(read.flags, 1);
  assert.equal(read.kind, 3);
  assert.equal(read.payload.toString(), '{"cols":300,"rows":100}');
});

test('the id is written with its second half first', () => {
  assert.equal(SENT.toString('hex', 64, 80), '9f01a37dbffefce1730f664914534e2a');
});

test('bytes of whatever origin are a message or a reason, never an error', () => {
  assert.equal(decodeAgentMessage(Buffer.alloc(0)), '0 bytes are no message');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(SENT.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.nat(200),
      (changes, cut) => {
        const bytes = Buffer.from(SENT);
        for (const [at, value] of changes) bytes[at] = value;
        const read = decodeAgentMessage(cut > 150 ? bytes : bytes.subarray(0, Math.min(cut, bytes.length)));
        assert.ok(typeof read === 'string' || read.payload.length <= SENT.length);
      },
    ),
    { numRuns: 3_000 },
  );
});

test('puts messages in their order, each once, and holds no more than it may', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 12 }, (_, number) => number),
        { minLength: 12 },
      ),
      fc.array(fc.nat(11), { maxLength: 10 }),
      (order, again) => {
        const handed: number[] = [];
        const sequence = new InSequence<number>({
          hand: (message) => handed.push(message),
          maxMessages: 12,
          maxBytes: 1_000,
        });
        for (const number of [...order, ...again]) sequence.take(number, number, 10);
        assert.deepEqual(
          handed,
          [...order].sort((a, b) => a - b),
        );
        assert.equal(sequence.waiting, 0);
      },
    ),
  );
  const bounded = new InSequence<string>({ hand: () => undefined, maxMessages: 2, maxBytes: 30 });
  bounded.take(5, 'five', 10);
  assert.equal(bounded.canTake(6, 21), false);
  bounded.take(6, 'six', 10);
  assert.equal(bounded.canTake(7, 1), false);
  assert.equal(bounded.canTake(5, 10), true);
  assert.equal(bounded.canTake(0, 1_000), true);
  assert.equal(bounded.waiting, 2);
});

test('takes the terminal’s carriage returns out wherever pieces are cut', () => {
  const written = 'one\ntwo\r keeps its own\n\n';
  const shown = Buffer.from(written.replaceAll('\n', '\r\n'));
  for (let cut = 0; cut <= shown.length; cut++) {
    const text = createTerminalText();
    const parts = [text.push(shown.subarray(0, cut)), text.push(shown.subarray(cut)), text.end()];
    assert.equal(Buffer.concat(parts).toString(), written, `cut at ${cut}`);
  }
  const last = createTerminalText();
  assert.equal(last.push(Buffer.from('x\r')).toString() + last.end().toString(), 'x\r');
});

test('a line is sent only where everybody cuts it into the same words', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 5 }), (argv) => {
      let line: string;
      try {
        line = commandLine(argv);
      } catch (error) {
        assert.ok(error instanceof AppError && error.code === 'ACTION_IMPOSSIBLE');
        return;
      }
      assert.deepEqual(splitWords(line), argv);
      assert.deepEqual(wordsOf(line), argv);
    }),
    { numRuns: 3_000 },
  );
  for (const line of ['ls  /tmp', ' ls', 'ls ', "ls '/tmp'", 'ls\t/tmp', 'ls /tmp\n', 'a;b', '']) {
    assert.equal(wordsOf(line), undefined, JSON.stringify(line));
  }
});

test('answers a handshake: the kind of session, no encryption, nothing it does not know', () => {
  const ask = (actions: unknown) =>
    answerHandshake(Buffer.from(JSON.stringify({ RequestedClientActions: actions })));
  const answer = ask([{ ActionType: 'SessionType' }, { ActionType: 'Other' }, 'x']);
  assert.equal(answer?.isEncrypted, false);
  const said: unknown = JSON.parse(answer?.payload.toString() ?? '');
  assert.deepEqual(said, {
    ClientVersion: '1.2.0.0',
    ProcessedClientActions: [
      { ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' },
      { ActionType: 'Other', ActionStatus: 3, ActionResult: null, Error: 'Unsupported action Other' },
      { ActionType: '', ActionStatus: 3, ActionResult: null, Error: 'Unsupported action ' },
    ],
    Errors: ['Unsupported action Other', 'Unsupported action '],
  });
  assert.equal(ask([{ ActionType: 'KMSEncryption' }])?.isEncrypted, true);
  assert.equal(answerHandshake(Buffer.from('{')), undefined);
});
