import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const SOURCE = path.resolve(import.meta.dirname, '../../src');
/** What plans, guards and policy are made of. */
const DECIDING = ['actions/**/*.ts', 'domain/policy*.ts', 'domain/plan.ts', 'config/merge-policy.ts'];

/** What a datagram, which anybody can forge, ends up in: figures, senders, and what is concluded from them. */
const ADVICE: readonly RegExp[] = [
  /[.?{,]\s*(jvm|heartbeat|counters|sender)\b(?!\s*\()/,
  /'sender'/,
  /\bserver\??\.health\b|\bhealth\??\.(level|reasons)\b/,
  /from '[^']*\/(jvm-sample|sender|probe-reading|series|health)\.ts'/,
  /from '[^']*\/(diagnosis\/(health|findings|gc)|wire|telemetry)\//,
];

const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

const adviceIn = (source: string): readonly string[] =>
  withoutComments(source)
    .split('\n')
    .filter((line) => ADVICE.some((one) => one.test(line)));

test('no plan, guard or policy reads what a datagram says', () => {
  const files = DECIDING.flatMap((pattern) => globSync(pattern, { cwd: SOURCE }));
  assert.ok(files.length > 60, `${files.length} files`);
  const found = files.flatMap((file) =>
    adviceIn(readFileSync(path.join(SOURCE, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});

test('reading it would be noticed', () => {
  for (const line of [
    'if ((server.jvm?.active?.total ?? 0) > 0) return blocked;',
    'const { name, jvm } = server;',
    'const { heartbeat } = server;',
    "const sender = related.get(refOf('sender', 'udp', id));",
    'if (records.sender !== undefined) return undefined;',
    "if (server.health.level === 'error') return blocked;",
    "import type { JvmSample } from '../../domain/jvm-sample.ts';",
    "import { silent } from '../../diagnosis/findings/silent.ts';",
  ])
    assert.equal(adviceIn(line).length, 1, line);
  for (const line of [
    '/** `jvm`, `heartbeat` are advice. */',
    'return task.health === undefined;',
    "export const PROBE_ACTION = 'probe';",
    "command: 'jcmd',",
  ])
    assert.deepEqual(adviceIn(line), [], line);
});
