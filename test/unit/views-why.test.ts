import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRelated } from '../../src/app/view-context.ts';
import type { Change } from '../../src/domain/ports.ts';
import { refOf } from '../../src/domain/ref.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import type { DetailSection } from '../../src/views/view.ts';
import { whySections } from '../../src/views/why-sections.ts';
import { dumpOf } from '../support/dump-rows.ts';
import { containerOf, contextOf, instanceOf, NOW, putOf, storeOptionsOf } from '../support/store-entities.ts';

function whyOf(...changes: readonly Change[]): readonly DetailSection[] {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod')]));
  store.apply([
    putOf(
      'instance',
      instanceOf('was-1', {
        restarts: 3,
        state: 'notReady',
        containers: [
          containerOf({
            name: 'lena',
            restarts: 3,
            lastTermination: { reason: 'OOMKilled', exitCode: 137, at: NOW - 120_000 },
          }),
        ],
      }),
    ),
    ...changes,
  ]);
  const related = createRelated(store);
  const [server] = related.all('server');
  assert.ok(server);
  return whySections(server, {
    now: NOW,
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
    related,
  });
}
const textOf = (sections: readonly DetailSection[]): string =>
  sections
    .flatMap(({ title, lines }) => [
      `## ${title.en}`,
      ...lines.map(({ label, value }) => `${label}: ${value}`),
    ])
    .join('\n');

test('says how often it restarted, with exit codes and the signals they stand for', () => {
  const said = textOf(whyOf());
  assert.match(said, /Restarts: 3/);
  assert.match(said, /last end: OOMKilled, exit 137 \(SIGKILL\), 2026-01-15 04:58:00Z \(2m\)/);
});

test('tells the verdict of its newest dump, and of no other server', () => {
  const older = dumpOf('a_tdump.txt', { takenAt: NOW - 600_000, verdict: [] });
  const foreign = dumpOf('b_tdump.txt', { server: refOf('server', 'prod', 'shop/was-2'), takenAt: NOW });
  const server = refOf('server', 'prod', 'shop/was-1');
  const sections = whyOf(
    putOf('dump', { ...older, server }),
    putOf('dump', foreign),
    putOf('dump', dumpOf('c_tdump.txt', { server })),
  );
  const said = textOf(sections);
  assert.match(said, /## Newest thread dump \(1m\)\n✖ deadlock: Deadlock of 2 threads/);
  assert.match(said, /File: c_tdump\.txt/);
  assert.doesNotMatch(said, /[ab]_tdump\.txt/);
});

test('without a dump it says which key takes one', () => {
  assert.match(textOf(whyOf()), /## Thread dump\nnone: t takes a thread dump/);
});

test('probe failures stand apart from the other events', () => {
  const event = (id: string, type: string, message: string, ago: number) =>
    putOf('event', {
      ref: refOf('event', 'prod', id),
      at: NOW - ago,
      level: 'warning',
      type,
      message,
      target: refOf('instance', 'prod', 'shop/was-1'),
      targetName: 'was-1',
    });
  const said = textOf(
    whyOf(
      event('1', 'Unhealthy', 'Readiness probe failed: connection refused', 5_000),
      event('2', 'Pulled', 'image already present', 9_000),
    ),
  );
  assert.match(said, /## Probe failures\n2026-01-15 04:59:55Z: Unhealthy: Readiness probe failed/);
  assert.match(said, /## Recent events\n.*Unhealthy.*\n.*Pulled: image already present/);
});
