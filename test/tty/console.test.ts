import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type BuiltProgram, buildProgram } from '../support/built.ts';
import { type FastFleet, startFastFleet } from '../support/fast-fleet.ts';
import { hasPty, type Pty, startInPty } from '../support/pty.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

let built: BuiltProgram;
before(async () => {
  built = await buildProgram();
});
after(() => built.remove());

const start = (
  args: readonly string[],
  size: { readonly columns?: number; readonly rows?: number } = {},
): Pty => startInPty([process.execPath, built.program, ...args], { ...size, environment: built.environment });

/** A UDP port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

function send(port: number, datagram: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.send(datagram, port, '127.0.0.1', (error) => {
      socket.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}

const heap = (id: string): string =>
  JSON.stringify({
    l9s: 1,
    type: 'jvm',
    id,
    serverType: 'springboot',
    at: Date.now(),
    seq: 1,
    upMs: 60_000,
    heap: { used: 3_000_000, committed: 4_000_000, max: 4_000_000 },
  });

describe('the console in a real terminal', { skip: hasPty ? false : 'needs script (util-linux)' }, () => {
  test('the simulated fleet appears as one joined table', async () => {
    const pty = start(['--demo']);
    await pty.until((screen) => /lena-was-\S+ .*prod-eu .*ready/.test(screen) && /heap|HEAP/.test(screen));
    await pty.until((screen) => /was .*▇.*\d+%/.test(screen));
    assert.match(pty.screen(), /simulated|SIMULATED|DEMO/i);
    pty.write('q');
    assert.equal(await pty.exited, 0);
  });

  test('a datagram sent by hand shows within a second, its escapes made visible', async () => {
    const port = await freePort();
    const pty = start(['--listen', `127.0.0.1:${port}`]);
    await pty.until((screen) => screen.includes('udp'));
    await pty.until((screen) => screen.includes(`${port}:`));
    const sentAt = performance.now();
    await send(port, heap('shop-1\u001b]0;owned\u0007/app'));
    await pty.until((screen) => /shop-1.*springboot.*75%/.test(screen));
    const elapsedMs = performance.now() - sentAt;
    assert.ok(elapsedMs < 1_000, `${elapsedMs} ms`);
    assert.ok(!pty.raw().includes('\u001b]0;owned'), 'no raw escape reaches the terminal');
    pty.write('\u0003');
    assert.equal(await pty.exited, 0);
  });

  test('leaving by key restores the terminal', async () => {
    const pty = start(['--listen', `127.0.0.1:${await freePort()}`]);
    await pty.until((screen) => screen.includes('Servers'));
    pty.write('q');
    assert.equal(await pty.exited, 0);
    assert.ok(pty.raw().includes('\u001b[?1049h'), 'the alternate screen was used');
    assert.ok(pty.raw().lastIndexOf('\u001b[?1049l') > pty.raw().lastIndexOf('\u001b[?1049h'), 'and left');
    assert.ok(
      pty.raw().lastIndexOf('\u001b[?25h') > pty.raw().lastIndexOf('\u001b[?25l'),
      'the cursor shows again',
    );
  });

  test('a crash restores the terminal, prints one error and exits 1', async () => {
    const bug = "setTimeout(() => { throw new Error('a bug of ours') }, 1500)";
    const pty = startInPty(
      [
        process.execPath,
        '--import',
        `data:text/javascript,${bug}`,
        built.program,
        '--listen',
        `127.0.0.1:${await freePort()}`,
      ],
      { environment: built.environment },
    );
    await pty.until((screen) => screen.includes('Servers'));
    assert.equal(await pty.exited, 1);
    const after = pty.raw().slice(pty.raw().lastIndexOf('\u001b[?1049l'));
    assert.match(after, /l9s: INTERNAL: a bug of ours/);
    assert.doesNotMatch(after, /at .*:\d+:\d+/);
  });

  test('SIGHUP and SIGTERM leave within a second', async () => {
    for (const [signal, code] of [
      ['SIGHUP', 129],
      ['SIGTERM', 143],
    ] as const) {
      const pty = start(['--listen', `127.0.0.1:${await freePort()}`]);
      await pty.until((screen) => screen.includes('Servers'));
      const [program] = pty.processIds().slice(-1);
      assert.ok(program !== undefined);
      const sentAt = performance.now();
      process.kill(program, signal);
      assert.equal(await pty.exited, code);
      assert.ok(performance.now() - sentAt < 2_500, `${performance.now() - sentAt} ms`);
      assert.ok(pty.raw().includes('\u001b[?1049l'));
    }
  });

  /** The console on a simulated cluster with a rolling restart under way. */
  const startWithJob = async (fast: FastFleet): Promise<Pty> => {
    const pty = startInPty(
      [process.execPath, built.program, '--config', fast.configPath, '--context', 'dr-eu'],
      { environment: { ...built.environment, ...fast.environment } },
    );
    await pty.until((screen) => /lena-was-standby/.test(screen));
    pty.write(':workloads\r');
    await pty.until((screen) => /lena-web +Deployment/.test(screen));
    pty.write('/lena-web\r');
    await pty.until((screen) => /▸ lena-web/.test(screen) && !/lena-manager/.test(screen));
    pty.write('R');
    await pty.until((screen) => /Cancel/.test(screen) && /Dry run/.test(screen));
    // The plan takes no keys for a moment, so that none typed ahead confirms it.
    for (let tries = 0; tries < 20 && !/▸\[ Rolling restart/.test(pty.screen()); tries++) {
      pty.write('\u001b[C');
      await pause(500);
    }
    pty.write('\r');
    await pty.until((screen) => /1 job/.test(screen));
    return pty;
  };
  const auditResults = (): readonly string[] => {
    const { stdout } = spawnSync(process.execPath, [built.program, 'audit', '-o', 'json'], {
      env: built.environment,
      encoding: 'utf8',
    });
    const { audit }: { audit: { action: string; result: string }[] } = JSON.parse(stdout);
    return audit.map(({ action, result }) => `${action} ${result}`);
  };

  const signal = (pty: Pty, name: NodeJS.Signals) => {
    const program = pty.processIds().at(-1);
    assert.ok(program !== undefined);
    process.kill(program, name);
  };

  test('SIGTERM asks once while a job runs, and the next one leaves', async (context) => {
    const fast = await startFastFleet();
    context.after(() => fast.close());
    const pty = await startWithJob(fast);
    signal(pty, 'SIGTERM');
    await pty.until((screen) => /stay/i.test(screen) && /leave/i.test(screen));
    signal(pty, 'SIGTERM');
    assert.equal(await pty.exited, 143);
    assert.ok(pty.raw().includes('\u001b[?1049l'), 'the terminal is restored');
    assert.equal(auditResults()[0], 'rolling-restart interrupted');
  });

  test('SIGHUP leaves at once while a job runs, and the audit says interrupted', async (context) => {
    const fast = await startFastFleet();
    context.after(() => fast.close());
    const pty = await startWithJob(fast);
    signal(pty, 'SIGHUP');
    assert.equal(await pty.exited, 129);
    assert.equal(auditResults()[0], 'rolling-restart interrupted');
  });

  test('a taken port is said in the header and in :contexts, and nothing else stops', async () => {
    const port = await freePort();
    const owner = createSocket('udp4');
    await new Promise<void>((resolve) => owner.bind(port, '127.0.0.1', resolve));
    const pty = start(['--listen', `127.0.0.1:${port}`]);
    await pty.until((screen) => /✖ udp/.test(screen));
    pty.write(':contexts\r');
    await pty.until((screen) => /PORT_TAKEN/.test(screen));
    pty.write('\u0003');
    await pty.exited;
    await new Promise<void>((resolve) => owner.close(() => resolve()));
  });

  test('80×24 holds, smaller says so', async () => {
    const pty = start(['--listen', `127.0.0.1:${await freePort()}`], { columns: 80, rows: 24 });
    await pty.until((screen) => /NAME.*STATE/.test(screen));
    pty.write('\u0003');
    await pty.exited;
    const small = start(['--listen', `127.0.0.1:${await freePort()}`], { columns: 40, rows: 10 });
    await small.until((screen) => /80/.test(screen));
    small.write('\u0003');
    assert.equal(await small.exited, 0);
  });
});

describe('the console in tmux', { skip: hasTmux ? false : 'needs tmux' }, () => {
  test('typing, pasting and resizing', async () => {
    const socket = path.join(built.home, 'tmux.sock');
    const tmux = (...args: readonly string[]): string =>
      execFileSync('tmux', ['-S', socket, ...args], {
        encoding: 'utf8',
        env: { ...built.environment, TERM: 'xterm-256color' },
      });
    const screen = () => tmux('capture-pane', '-p', '-t', 'l9s');
    const until = async (isReached: (text: string) => boolean, what: string) => {
      const deadline = performance.now() + 15_000;
      while (!isReached(screen())) {
        assert.ok(performance.now() < deadline, `${what}:\n${screen()}`);
        await pause(50);
      }
    };
    tmux(
      'new-session',
      '-d',
      '-s',
      'l9s',
      '-x',
      '120',
      '-y',
      '40',
      `${process.execPath} ${built.program} --demo`,
    );
    try {
      await until((text) => /lena-was/.test(text), 'the table');
      tmux('send-keys', '-t', 'l9s', '/', 'lena-was', 'Enter');
      await until(
        (text) => /lena-was/.test(text) && !/lena-web/.test(text.split('\n').slice(3).join('\n')),
        'the filter',
      );
      tmux('resize-window', '-t', 'l9s', '-x', '200', '-y', '50');
      await until((text) => /NODE|RESTARTS/.test(text), 'the wider table');
      tmux('resize-window', '-t', 'l9s', '-x', '80', '-y', '24');
      await until((text) => text.split('\n').length <= 25 && /NAME/.test(text), 'the smaller table');
      tmux('set-buffer', 'qqq\u001b[31m');
      tmux('paste-buffer', '-p', '-t', 'l9s');
      await until((text) => /NAME/.test(text), 'a paste is no keys');
      assert.equal(tmux('list-panes', '-t', 'l9s', '-F', '#{pane_dead}').trim(), '0');
    } finally {
      tmux('kill-server');
    }
  });
});
