import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ExecFault } from '../../fixtures/fleet/kube/exec/exec-fault.ts';
import {
  assertAllEnded,
  assertHarmless,
  assertNoHalfFiles,
  type DumpCommand,
  HOSTILE_WORDS,
  linesOf,
  startDumpCommand,
} from '../support/dump-command.ts';

/** As the JDK's tools say it of a JVM that opens no door. */
const NOT_RESPONDING =
  "com.sun.tools.attach.AttachNotSupportedException: Unable to open socket file: target process 87 doesn't respond within 10500ms or HotSpot VM not loaded\n";

let stage: DumpCommand;
before(async () => {
  stage = await startDumpCommand();
});
after(() => stage.close());

/** `shop/was-1` of `prod-eu:shop/was-1`, in parts. */
function podOf(server: string): { readonly namespace: string; readonly name: string } {
  const [, namespace = '', name = ''] = /^[^:]+:([^/]+)\/(.+)$/.exec(server) ?? [];
  return { namespace, name };
}
const production = () => stage.fast.fleet.kube.get('prod-eu') ?? assert.fail('no prod-eu');
/** Lets commands in the pod of a server meet the fault; says the server's name. */
function suffer(start: string, fault: ExecFault): string {
  const server = stage.server(start);
  production().setExecFault(podOf(server), fault);
  return server;
}
const isOf = (server: string) => (line: string) => line.startsWith(`l9s: ${server.replace(/:.*\//, ':')}: `);

interface Bad {
  readonly server: string;
  readonly says: RegExp;
}

describe('servers whose dumps cannot be had, beside some whose can', () => {
  test('each says on one line why and what to do; the others are dumped; nothing else is left', async () => {
    const [first = '', second = '', third = ''] = await names('prod-eu:shop/lena-was-');
    const [pay = '', otherPay = ''] = await names('prod-eu:pay/pay-was-');
    const bad: readonly Bad[] = [
      {
        server: suffer(first, { kind: 'cut', afterBytes: 6_000, how: 'reset' }),
        says: /DUMP_FAILED: jcmd \d+ Thread\.print -l in shop\/lena-was-\S+ \(lena-was\): it ended in the middle; nothing of it was kept\. Take it again/,
      },
      {
        server: suffer(second, { kind: 'cut', afterBytes: 6_000, how: 'close' }),
        says: /DUMP_FAILED: jcmd .*: it ended in the middle; nothing of it was kept\. Take it again/,
      },
      {
        server: suffer(pay, {
          kind: 'says',
          tools: ['jcmd', 'jstack', 'kill'],
          error: `${HOSTILE_WORDS}\n`,
          exitCode: 1,
        }),
        says: /DUMP_FAILED: no thread dump of pay\/pay-was-\S+ \(pay-was\): jcmd \d+ Thread\.print -l: it is.* broken, password=\*{3}.*; jstack .*; kill -3 .*\. Read what the tools said/,
      },
      {
        // Words like a dump's beginning, and no dump.
        server: suffer(otherPay, {
          kind: 'says',
          tools: ['jcmd', 'jstack'],
          out: `87:\nFull thread dump ${HOSTILE_WORDS}\n\n"main" #1 prio=5\n`,
          exitCode: 0,
        }),
        says: /DUMP_FAILED: jcmd .*: its end is missing; nothing of it was kept/,
      },
      {
        server: suffer('prod-eu:shop/shop-', { kind: 'hang' }),
        says: /TIMEOUT: ls -1 \/tmp in shop\/shop-\S+ \(shop\): no end within 10 s\. Check whether/,
      },
      {
        server: suffer('prod-eu:shop/cart-embedded-', { kind: 'noShell' }),
        says: /NO_TOOL: .*the container has no `ls`: its JVM cannot be found from outside\. The image holds no such tool/,
      },
      {
        server: stage.server('prod-eu:pay/orders-api-'),
        says: /NO_TOOL: .*the container has no `cat`/,
      },
      {
        server: suffer('prod-eu:pay/settlement-', {
          kind: 'says',
          tools: ['jcmd', 'jstack', 'kill'],
          error: NOT_RESPONDING,
          exitCode: 0,
        }),
        says: /DUMP_FAILED: .*doesn't respond.*; kill -3 \d+ and the container’s log: it was sent, and no dump came .*within 10 s.*\. The JVM does not answer/,
      },
      {
        server: stage.server('lab:lab/lena-was-'),
        says: /NO_WAY_TO_DUMP: .*pod exec: no right to get pods\/exec in lab \(ask for `create` and `get` on `pods\/exec` there\).*\. Open one of the ways/s,
      },
    ];
    const good = [third, stage.server('prod-eu:pay/ledger-')];
    const { code, stdout, stderr } = await stage.run(
      'dump',
      'thread',
      ...bad.map(({ server }) => server),
      ...good,
    );
    assert.equal(code, 5, stderr);
    for (const { server, says } of bad) {
      const [said = '', ...more] = stderr.split(/^(?=l9s: )/m).filter(isOf(server));
      assert.deepEqual(more, [], 'said once');
      assert.match(said, says);
    }
    const files = linesOf(stdout).map((file) => path.basename(file));
    assert.deepEqual(assertNoHalfFiles(stage.dumps).toSorted(), files.toSorted());
    assert.equal(files.length, good.length, stdout);
    for (const file of linesOf(stdout)) assert.match(readFileSync(file, 'utf8'), /^Full thread dump/m);
    assert.doesNotMatch(stderr, /: $/m, 'a line says something');
    assertHarmless(stdout + stderr);
    const audit = await stage.audit();
    assertAllEnded(audit);
    const [entry] = audit;
    assert.deepEqual([entry?.action, entry?.result], ['dump-thread', 'partial']);
    const results = new Map(entry?.targets.map(({ name, result, error }) => [name, { result, error }]));
    for (const { server } of bad) {
      const { result, error } = results.get(podOf(server).name) ?? {};
      assert.equal(result, 'failed', server);
      assert.match(error ?? '', /^[A-Z_]+: /);
    }
    for (const server of good) assert.equal(results.get(podOf(server).name)?.result, 'done');
    assertHarmless(audit.map((one) => JSON.stringify(one)).join('\n'));
    assertHarmless(stage.log());
  });
});

/** All servers of a workload. */
async function names(start: string): Promise<readonly string[]> {
  const { stdout } = await stage.run('get', 'servers', '-o', 'name');
  return linesOf(stdout).filter((line) => line.startsWith(start));
}
