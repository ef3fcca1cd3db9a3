import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createPaths } from '../../src/config/paths.ts';
import { readSystemPolicy } from '../../src/config/read-config.ts';
import { AppError } from '../../src/core/app-error.ts';
import { listenError } from '../../src/sources/telemetry/receiver-socket.ts';
import { ESCAPES } from '../support/bad-targets.ts';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { kubeconfigText, podObject, SmallApi } from '../support/kube-source-api.ts';
import { readRecording } from '../support/lena-recordings.ts';
import { hasPty, startInPty } from '../support/pty.ts';
import { freePort, openSender } from '../support/relay-stage.ts';
import { runProgram } from '../support/run-program.ts';
import { listenTiny } from '../support/sources-server.ts';
import { l9sDatagram } from '../support/telemetry-datagrams.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const RAW_CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
/** What only the hostile texts of these tests hold: ours never set a title, nor clear by one byte. */
const HOSTILE = ['\u001b]0;owned', 'owned\u0007', '\u009b2J'];
/** A name of these tests as the program shows it. */
const SHOWN = 'was␛[31m␛]0;owned␇\ufffd2J';
const withPty = { skip: hasPty ? false : 'needs script (util-linux)' };

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const file = (name: string, text: string | Uint8Array): string => {
  const target = path.join(built.home, name);
  writeFileSync(target, text);
  return target;
};
const refused = async (
  args: readonly string[],
  said: RegExp,
  environment: Readonly<Record<string, string>> = {},
) => {
  const { code, stdout, stderr } = await runProgram(built, ['get', 'servers', ...args], environment);
  assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
  assert.match(stderr, said);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, RAW_CONTROL);
  // What is wrong, a line each, and what to do.
  assert.match(stderr, /^l9s: [A-Z_]+: [^\n]+\n(?:\/[^\n]+\n)*[A-Z][^\n]+\.\n$/);
};

describe('configuration that is wrong', { concurrency: 2 }, () => {
  const context = (entry: string) => `contexts:\n  - name: a\n    ${entry}\n`;
  for (const [name, text, said] of [
    [
      'unknown keys',
      `${context('kube: {contxt: x}')}levls: {}\n`,
      /:3: .*contxt: .*did you mean `context`[\s\S]*:4: levls: .*`levels`/,
    ],
    ['broken YAML', 'contexts:\n  - name: "a\n    kube: {}\n', /:4: Missing closing "quote/],
    [
      'wrong types',
      'contexts: {a: 1}\nui: {refreshMs: fast}\n',
      /:1: contexts: expected array[\s\S]*:2: ui\.refreshMs: expected number/,
    ],
    [
      'names given twice',
      `${context('kube: {}')}  - name: a\n    kube: {}\n`,
      /:4: the context name "a" is given twice/,
    ],
    ['a reserved name', 'contexts:\n  - name: udp\n    kube: {}\n', /:2: .*"udp" is reserved/],
    [
      'two targets in one',
      context('kube: {}\n    ecs: {}'),
      /:2: .*exactly one of kube, ecs, manager, hosts/,
    ],
    [
      'an unknown context served',
      context('manager: {urls: ["http://h"], serves: [b]}'),
      /:3: .*unknown context "b"/,
    ],
    ['a URL without a host', context('manager: {urls: ["http://"]}'), /:3: .*a URL with a host/],
    [
      'a range that is none',
      'telemetry: {listen: "127.0.0.1:0", allow: ["10.0.0.0/99"]}\n',
      /:1: telemetry\.allow\.0: .*10\.0\.0\.0\/8/,
    ],
    [
      'an address that is none',
      'telemetry: {listen: here}\n',
      /:1: telemetry\.listen: "here" is not address:port/,
    ],
    [
      'escape sequences in keys',
      `"${ESCAPES.replaceAll('\u001b', '\\u001b').replaceAll('\u0007', '\\a').replaceAll('\u009b', '\\u009b')}": 1\n`,
      /:1: .*owned.*unknown key/,
    ],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\ncontexts: [*c,*c,*c,*c,*c,*c]\n`,
      /alias/,
    ],
  ] as const) {
    test(name, () => refused(['--config', file(`${name.replaceAll(' ', '-')}.yaml`, text)], said));
  }

  test('files that cannot be read, and variables and flags that say nothing', async () => {
    const directory = path.join(built.home, 'directory');
    mkdirSync(directory);
    await Promise.all([
      refused(['--config', '/nonexistent/x.yaml'], /CONFIG_MISSING: .*\/nonexistent\/x\.yaml does not exist/),
      refused(['--config', directory], /CONFIG_MISSING: .*EISDIR/),
      refused([], /CONFIG_MISSING: .*\/nonexistent/, { L9S_CONFIG: '/nonexistent' }),
    ]);
    await Promise.all([
      refused([], /L9S_MODE is "careful"; it is one of normal, triage, readonly/, { L9S_MODE: 'careful' }),
      refused([], /KUBECONFIG_MISSING/, { KUBECONFIG: '/nonexistent' }),
      refused(['--manager', 'ftp://x'], /CONFIG_INVALID: --manager: "ftp:\/\/x" is not an http\(s\) address/),
      refused(['--listen', 'here'], /--listen: "here" is not address:port/),
    ]);
  });

  test('a system policy that is broken stops rather than loosens', () => {
    const paths = createPaths({ config: built.home, state: built.home, home: built.home });
    for (const text of ['mode: anything\n', 'modus: readonly\n', 'mode: [', '- readonly\n']) {
      const systemPolicyFile = file('policy.yaml', text);
      assert.throws(
        () => readSystemPolicy({ ...paths, systemPolicyFile }),
        (error) =>
          error instanceof AppError &&
          error.code === 'CONFIG_INVALID' &&
          error.message.includes('policy.yaml'),
        text,
      );
    }
  });
});

describe('a socket that cannot be had', () => {
  test('a taken port and an address of another machine are one line each, and the other targets live', async () => {
    const owner = createSocket('udp4');
    await new Promise<void>((resolve) => owner.bind(0, '127.0.0.1', resolve));
    const hosts = `contexts:\n  - name: vms\n    hosts: {servers: [{name: was-1, address: 127.0.0.1, type: was, port: 9}]}\n`;
    const listening = async (listen: string) =>
      await runProgram(built, [
        ...[
          'get',
          'servers',
          '-o',
          'name',
          '--config',
          file(`${listen}.yaml`, `${hosts}telemetry: {listen: "${listen}"}\n`),
        ],
      ]);
    const [taken, foreign] = await Promise.all([
      listening(`127.0.0.1:${owner.address().port}`),
      listening('192.0.2.1:16100'),
    ]);
    owner.close();
    for (const [{ code, stdout, stderr }, said] of [
      [
        taken,
        /^l9s: udp: PORT_TAKEN: .*UDP 127\.0\.0\.1:\d+.*EADDRINUSE.*\. Another program owns the port: .*--listen/,
      ],
      [
        foreign,
        /^l9s: udp: ADDRESS_UNAVAILABLE: .*192\.0\.2\.1:16100.*\. This machine has no such address: /,
      ],
    ] as const) {
      assert.equal(code, 3, stderr);
      assert.equal(stdout.trim(), 'vms:was-1');
      assert.match(stderr, said);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });

  test('a port of the system is denied, with the remedy', () => {
    // Tests may run as root, who may bind any port: only the system's word for it is made up here.
    const cause = Object.assign(new Error('bind EACCES 0.0.0.0:80'), { code: 'EACCES' });
    const error = listenError({ host: '0.0.0.0', port: 80 }, cause);
    assert.equal(error.code, 'PORT_DENIED');
    assert.match(error.hint, /port above 1023/);
  });
});

const FLOOD = 12_000;
/** Far more than the receiver needs, far less than what the flood would take if all were kept. */
const MAX_RESIDENT_KIB = 400 * 1_024;

/** Datagrams nobody should have to send. */
function* badDatagrams(): Generator<Uint8Array> {
  const samples = [
    ...readRecording('ds')
      .slice(0, 3)
      .map(({ bytes }) => bytes),
    l9sDatagram({ id: 'cut-1' }),
  ];
  for (const bytes of samples)
    for (let length = 0; length < bytes.length; length += 7) yield bytes.subarray(0, length);
  yield Buffer.alloc(65_000, 0x41);
  yield Buffer.from('['.repeat(60_000));
  yield Buffer.from(`{"l9s":1,"type":"jvm","heap":${'{"a":'.repeat(1_500)}`);
  yield Buffer.from(`{"l9s":1,"type":"jvm","id":"${ESCAPES}","__proto__":{"x":1}}`);
  yield l9sDatagram({
    id: `evil${ESCAPES}/app`,
    serviceCluster: ESCAPES,
    revision: ESCAPES,
    upMs: 1,
    seq: 1,
    at: Date.now(),
  });
  for (let sender = 0; sender < FLOOD; sender++) {
    yield l9sDatagram({ id: `flood-${sender}-${'x'.repeat(80)}/app`, seq: 1, upMs: 1, at: Date.now() });
  }
}

test(
  'datagrams cut, huge, nested and of too many senders: the next good one shows, in bounded memory',
  withPty,
  async (t) => {
    const config = file('udp.yaml', 'telemetry: {listen: "127.0.0.1:0"}\n');
    const pty = startInPty([process.execPath, built.program, '--config', config], {
      columns: 160,
      environment: built.environment,
    });
    await pty.until((screen) => /NAME.*STATE/.test(screen));
    await pty.until((screen) => /\d+: 0\/min/.test(screen));
    const port = Number(/(\d+): 0\/min/.exec(pty.screen())?.[1]);
    const sender = createSocket('udp4');
    t.after(() => {
      sender.close();
      pty.kill();
    });
    const send = (bytes: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        sender.send(bytes, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
      });
    let sent = 0;
    for (const bytes of badDatagrams()) {
      await send(bytes);
      if (++sent % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const good = () =>
      l9sDatagram({
        id: 'cut-1',
        seq: Date.now(),
        upMs: 60_000,
        at: Date.now(),
        heap: { used: 3e6, max: 4e6 },
      });
    pty.write('/^(evil|cut)\r');
    await waitFor(
      'the good sender on the screen',
      async () => {
        await send(good());
        return /cut-1 .*75%/.test(pty.screen()) && /evil/.test(pty.screen());
      },
      10_000,
    );
    for (const sequence of HOSTILE) assert.ok(!pty.raw().includes(sequence), JSON.stringify(sequence));
    const [program] = pty.processIds().slice(-1);
    const status = readFileSync(`/proc/${program}/status`, 'utf8');
    const residentKiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    assert.ok(residentKiB < MAX_RESIDENT_KIB, `${residentKiB} KiB`);
    pty.write('\u0003');
    assert.equal(await pty.exited, 0);
  },
);

describe('a hostile Kubernetes API', () => {
  const evil = `was${ESCAPES}`;
  let api: SmallApi;
  let config: string;
  before(async () => {
    api = new SmallApi();
    await api.listen();
    const pod = podObject(evil, {
      spec: {
        nodeName: ESCAPES,
        containers: [
          {
            name: evil,
            image: `registry/was${ESCAPES}:1`,
            env: [
              { name: 'LENA_SERVER_TYPE', value: 'was' },
              { name: ESCAPES, value: ESCAPES },
            ],
          },
        ],
      },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: evil,
            ready: false,
            restartCount: 3,
            state: { waiting: { reason: ESCAPES, message: evil } },
          },
        ],
      },
    });
    api.put('pods', { ...pod, metadata: { ...pod.metadata, labels: { [ESCAPES]: ESCAPES } } });
    api.put('events', {
      metadata: { name: 'e', namespace: 'shop' },
      type: 'Warning',
      reason: ESCAPES,
      message: evil,
      lastTimestamp: new Date().toISOString(),
      involvedObject: { kind: 'Pod', name: evil, namespace: 'shop' },
    });
    config = file(
      'hostile.yaml',
      `contexts:\n  - name: k\n    kube: {kubeconfig: ${file('hostile.kubeconfig', kubeconfigText({ server: api.url }))}}\n`,
    );
  });
  after(() => api.close());

  test('its names, labels, events and messages are printed visibly, never raw', async () => {
    const runs = await Promise.all(
      [
        ['get', 'servers', '-o', 'wide'],
        ['get', 'servers', '-o', 'csv'],
        ['get', 'servers', '-o', 'json'],
      ].map((args) => runProgram(built, [...args, '--config', config])),
    );
    runs.push(
      ...(await Promise.all(
        [['events'], ['describe', 'server', SHOWN], ['doctor']].map((args) =>
          runProgram(built, [...args, '--config', config]),
        ),
      )),
    );
    for (const { code, stdout, stderr } of runs) {
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout + stderr, RAW_CONTROL);
    }
    assert.match(runs[0]?.stdout ?? '', /was␛\[31m␛\]0;owned␇/);
    assert.match(runs[3]?.stdout ?? '', /owned/);
  });

  test(
    'the console shows them visibly, and a pattern that would stall is answered at once',
    withPty,
    async () => {
      const pty = startInPty([process.execPath, built.program, '--config', config], {
        columns: 160,
        environment: built.environment,
      });
      await pty.until((screen) => /was␛\[31m/.test(screen));
      pty.write('d');
      await pty.until((screen) => /was␛\[31m/.test(screen));
      pty.write('q:events\r');
      await pty.until((screen) => /owned/.test(screen));
      pty.write(':servers\r');
      const askedAt = performance.now();
      pty.write('/(w+)+$\r');
      pty.write('\u001b');
      pty.write('/(?=was)\r');
      await pty.until((screen) => /look-around/.test(screen), 3_000);
      assert.ok(performance.now() - askedAt < 3_000);
      for (const sequence of HOSTILE) assert.ok(!pty.raw().includes(sequence), JSON.stringify(sequence));
      pty.write('\u0003');
      assert.equal(await pty.exited, 0);
    },
  );
});

test('answers without an end are refused in bounded memory', async () => {
  const chunk = Buffer.alloc(2 ** 20, ' ');
  const endless = await listenTiny((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    response.on('error', () => undefined);
    write();
  });
  const kubeconfig = file('endless.kubeconfig', kubeconfigText({ server: endless.url }));
  const config = file(
    'endless.yaml',
    `contexts:
  - {name: k, kube: {kubeconfig: ${kubeconfig}}}
  - {name: m, manager: {urls: ["${endless.url}"]}}
  - {name: e, ecs: {region: eu-west-1, endpoint: "${endless.url}"}}
  - {name: h, hosts: {servers: [{name: was-1, address: 127.0.0.1, type: was, port: ${endless.port}, health: /}]}}
`,
  );
  const hook = file(
    'memory.mjs',
    "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS));",
  );
  const { code, stderr } = await runProgram(
    built,
    ['get', 'servers', '--config', config, '--settle', '20s'],
    { NODE_OPTIONS: `--import=${hook}`, AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' },
  );
  await endless.close();
  assert.equal(code, 3, stderr);
  for (const name of ['k', 'm', 'e']) {
    assert.match(
      stderr,
      new RegExp(`^l9s: ${name}: UNEXPECTED_ANSWER: .* larger than \\d+ bytes\\. Check`, 'm'),
    );
  }
  // Four clients at once; without limits each gathers gigabytes until its time is up.
  const peakKiB = Number(/peak (\d+)/.exec(stderr)?.[1]);
  assert.ok(peakKiB < 900 * 1_024, `${peakKiB} KiB`);
});

describe('a terminal that goes away', () => {
  test('the console ends by itself when its terminal is closed', withPty, async () => {
    const config = file('gone.yaml', 'telemetry: {listen: "127.0.0.1:0"}\n');
    const pty = startInPty([process.execPath, built.program, '--config', config], {
      environment: built.environment,
    });
    await pty.until((screen) => /NAME.*STATE/.test(screen));
    const [program] = pty.processIds().slice(-1);
    assert.ok(program !== undefined);
    // The master side dies: the program gets SIGHUP, an end of stdin and EIO, in any order.
    pty.kill('SIGKILL');
    await waitFor('the end of the program', () => !isRunning(program), 5_000);
  });

  test('a reader that closes stdout and stderr ends a watch', async (context) => {
    const port = await freePort();
    const config = file('pipe.yaml', `telemetry: {listen: "127.0.0.1:${port}"}\n`);
    const child = spawn(process.execPath, [built.program, 'get', 'contexts', '--watch', '--config', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: built.environment,
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stderr.destroy();
    // Only something to write shows that nobody reads it.
    const send = await openSender(context, port);
    const sending = setInterval(() => send('anything'), 100);
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    clearInterval(sending);
    assert.equal(signal, null, `ended by itself, with ${code}`);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
