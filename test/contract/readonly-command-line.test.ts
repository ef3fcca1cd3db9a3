import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { ACTIONS } from '../../src/actions/index.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { runProgram } from '../support/run-program.ts';

let built: BuiltProgram;
let fast: FastFleet;
/** The fleet's configuration with a mode of its own. */
let readonlyConfig: string;
before(async () => {
  [built, fast] = await Promise.all([buildProgram(), startFastFleet()]);
  readonlyConfig = path.join(built.home, 'readonly.yaml');
  const config: object = parse(readFileSync(fast.configPath, 'utf8'));
  const policy = { mode: 'readonly', lift: { allowed: true, maxMinutes: 60 } };
  writeFileSync(readonlyConfig, stringify({ ...config, policy }));
});
after(async () => {
  await fast.close();
  built.remove();
});

/** Every verb with what it needs: names, inputs, patterns, several targets, one that is not there. */
const VERBS: readonly (readonly string[])[] = [
  ['restart', 'prod-eu:pay/ledger'],
  ['restart', 'prod-eu:shop/deployment/lena-was', 'seoul:lena-prod/member-web', '--no-wait'],
  ['restart', 'vm-was-01'],
  ['restart', 'prod-eu:lena/pod/lena-session-0', '--reason', 'a leak', '--stop-on-failure'],
  ['delete', 'prod-eu:lena/pod/lena-session-0', '--how', 'force'],
  ['delete', 'prod-eu:shop/lena-was-*', '--all-matching', '9', '--confirm', '3 in prod-eu'],
  ['start', 'vm-was-02'],
  ['stop', 'vm-was-01', '--timeout', '5s'],
  ['scale', 'prod-eu:pay/gateway', '--replicas', '0'],
  ['scale', 'seoul:lena-prod/member-was', '--replicas', '4'],
  ['rollback', 'prod-eu:pay/ledger', '--to', '1'],
  ['switch-revision', 'prod-eu:shop/cart-embedded', '--to', '3'],
  ['switch-revision', 'mgr-eu:shop-was', '--to', 'default'],
  ['scale', 'nothing-of-this-name', '--replicas', '1'],
  ['dump', 'heap', 'prod-eu:shop/lena-was-0', '--out', '/nowhere'],
  ['dump', 'histogram', 'prod-eu:shop/lena-was-0', '--live'],
];
/** What only looks, which triage allows. */
const LOOKING: readonly (readonly string[])[] = [
  ['dump', 'thread', 'prod-eu:shop/lena-was-0', 'vm-was-01', '--way', 'pod-exec'],
  ['dump', 'thread', 'seoul:lena-prod/member-was', '--count', '3', '--interval', '1'],
  ['dump', 'service', 'prod-eu:shop/lena-was-*', '--all-matching', '9'],
  ['dump', 'histogram', 'nothing-of-this-name', '-o', 'json'],
  ['dump', 'fetch', 'prod-eu:shop/lena-was-0', '--file', '/etc/passwd'],
];
const AT_ONCE = 4;

/** One of each, for whatever sets the same mode in another way. */
const ONE_EACH = VERBS.filter(([verb], at) => VERBS.findIndex(([other]) => other === verb) === at);

interface Setting {
  readonly what: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly inConfig?: true;
  /** As the audit names it. */
  readonly mode: 'readonly' | 'triage';
  readonly how: readonly (readonly string[])[];
}
const SETTINGS: readonly Setting[] = [
  {
    what: '--readonly',
    args: ['--readonly'],
    mode: 'readonly',
    how: [['--yes'], ['--dry-run', '-o', 'json']],
  },
  { what: '--triage', args: ['--triage'], mode: 'triage', how: [['--yes', '--dry-run']] },
  { what: 'L9S_MODE=readonly', environment: { L9S_MODE: 'readonly' }, mode: 'readonly', how: [['--yes']] },
  { what: 'L9S_MODE=triage', environment: { L9S_MODE: 'triage' }, mode: 'triage', how: [[]] },
  { what: 'policy.mode: readonly', inConfig: true, mode: 'readonly', how: [['--yes']] },
  {
    what: 'a looser variable beside a configuration that is strict',
    environment: { L9S_MODE: 'normal' },
    inConfig: true,
    mode: 'readonly',
    how: [['--yes']],
  },
  {
    what: 'a looser flag beside a variable that is strict',
    args: ['--triage'],
    environment: { L9S_MODE: 'readonly' },
    mode: 'readonly',
    how: [['--yes']],
  },
];

const auditSchema = z.object({
  audit: z.array(
    z.looseObject({ title: z.string(), result: z.string(), mode: z.string(), error: z.string().optional() }),
  ),
});

test('every verb there is stands among those tried', () => {
  const tried = new Set(VERBS.map(([verb]) => verb));
  assert.deepEqual(
    ACTIONS.map(({ command }) => command).filter((command) => !tried.has(command)),
    [],
  );
});

describe('in a mode that changes nothing every verb', () => {
  for (const [at, { what, args = [], environment = {}, inConfig, mode, how }] of SETTINGS.entries()) {
    test(`is exit 4 with ${what}, asks nobody anything and is in the audit`, async () => {
      const home = { XDG_STATE_HOME: path.join(built.home, `state-${at}`) };
      const config = inConfig === true ? readonlyConfig : fast.configPath;
      const run = (command: readonly string[]) =>
        runProgram(built, [...command, ...args, '--config', config], {
          ...fast.environment,
          ...environment,
          ...home,
        });
      // The flags are tried with all of them.
      const all = mode === 'readonly' ? [...VERBS, ...LOOKING] : VERBS;
      const verbs = what.startsWith('--') ? all : ONE_EACH;
      const left = verbs.flatMap((verb) => how.map((options) => [...verb, ...options]));
      const count = left.length;
      const work = async () => {
        for (let command = left.shift(); command !== undefined; command = left.shift()) {
          const { code, stdout, stderr } = await run(command);
          assert.equal(code, 4, `${command.join(' ')}: ${stdout}${stderr}`);
          assert.match(stderr, /MODE_REFUSED/, command.join(' '));
          const isLooking = LOOKING.some((one) => one.every((word) => command.includes(word)));
          assert.match(stderr, isLooking ? /--triage instead of --readonly/ : /changes nothing/);
          assert.equal(stdout, '', command.join(' '));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      assert.equal(fast.requestCount(), 0);

      const { code, stdout, stderr } = await run(['audit', '-o', 'json']);
      assert.equal(code, 0, stderr);
      const entries = auditSchema.parse(JSON.parse(stdout)).audit;
      assert.equal(entries.length, count);
      for (const [verb, target = ''] of verbs) {
        const own = entries.filter(({ title }) => title.startsWith(`${verb} ${target}`));
        assert.ok(own.length >= how.length, `${verb} ${target}`);
      }
      for (const entry of entries) {
        assert.deepEqual([entry.result, entry.mode], ['refused', mode], entry.title);
        assert.match(entry.error ?? '', /MODE_REFUSED/);
      }
      assert.equal(fast.requestCount(), 0);
    });
  }
});
