import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeldReasons } from '../../src/diagnosis/health/held-reasons.ts';
import { type HealthLevel, healthRank } from '../../src/domain/health.ts';
import { text } from '../../src/domain/text.ts';
import { openHealth } from '../support/health-stage.ts';

const draftOf = (level: HealthLevel) => ({ level, text: text('bad', '나쁨'), next: text('look', '보기') });

test('a reason is there at once, never better than found, and goes after the time to clear and no later', () => {
  const step = fc.record({
    passedMs: fc.integer({ min: 0, max: 20_000 }),
    found: fc.constantFrom<HealthLevel | undefined>(undefined, 'warn', 'error'),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 80 }),
      fc.constantFrom(0, 1, 10_000, 30_000),
      (steps, clearMs) => {
        const held = new HeldReasons();
        let now = 1_000_000;
        let lastFoundAt = Number.NEGATIVE_INFINITY;
        let lastErrorAt = Number.NEGATIVE_INFINITY;
        // Since when nothing, and nothing as bad as an error, was found.
        let wellSince = Number.NEGATIVE_INFINITY;
        let dueAt = Number.POSITIVE_INFINITY;
        for (const { passedMs, found } of steps) {
          now += passedMs;
          dueAt = Number.POSITIVE_INFINITY;
          const draft = found === undefined ? undefined : draftOf(found);
          if (found === undefined && lastFoundAt >= wellSince) wellSince = now;
          if (found !== undefined) {
            lastFoundAt = now;
            wellSince = now;
          }
          if (found === 'error') lastErrorAt = now;
          const reason = held.hold('x', draft, {
            now,
            clearMs,
            isHeard: true,
            lookAgainAt: (at) => {
              dueAt = Math.min(dueAt, at);
            },
          });
          if (found !== undefined) {
            assert.ok(reason !== undefined && healthRank(reason.level) >= healthRank(found));
            assert.equal(reason.endsAt, undefined);
            assert.ok((reason.since ?? 0) <= now);
          } else if (reason !== undefined) {
            assert.ok((reason.endsAt ?? 0) > now && (reason.endsAt ?? 0) <= now + clearMs);
            assert.equal(dueAt, reason.endsAt);
          } else assert.ok(lastFoundAt === Number.NEGATIVE_INFINITY || now - lastFoundAt >= clearMs);
          if (reason?.level === 'error' && found !== 'error') assert.ok(lastErrorAt > 0);
          // Asked twice at one instant, it says the same.
          const again = held.hold('x', draft, { now, clearMs, isHeard: true, lookAgainAt: () => undefined });
          assert.deepEqual(again?.level, reason?.level);
          assert.deepEqual(again?.endsAt, reason?.endsAt);
        }
      },
    ),
  );
});

const GC_HIGH = { gcTimePercent: 30 };
const GC_WARN = { gcTimePercent: 15 };
const GC_WELL = { gcTimePercent: 1 };

test('a level goes up at once and down only after the time to clear', () => {
  const stage = openHealth();
  assert.equal(stage.hear(2, GC_WARN).level, 'warn');
  assert.equal(stage.hear(4, GC_HIGH).level, 'error');
  const lower = stage.hear(6, GC_WARN);
  assert.equal(lower.level, 'error');
  assert.match(lower.reasons[0]?.text.en ?? '', /15\.0 %/);
  assert.ok(stage.dues.includes(36));
  assert.equal(stage.hear(34, GC_WARN).level, 'error');
  assert.equal(stage.hear(36, GC_WARN).level, 'warn');
});

test('a reason keeps its last figures and its begin while it ends, and comes back as it was', () => {
  const stage = openHealth();
  stage.hear(2, GC_WARN);
  const ending = stage.hear(20, GC_WELL).reasons[0];
  assert.match(ending?.text.en ?? '', /15\.0 %.*\(over; stays a little in case it comes back\)/);
  assert.match(ending?.text.ko ?? '', /해소됨/);
  const back = stage.hear(40, GC_WARN).reasons[0];
  assert.equal(back?.endsAt, undefined);
  assert.doesNotMatch(back?.text.en ?? '', /over;/);
  assert.equal(back?.since, ending?.since);
});

test('it flaps no faster than the time to clear', () => {
  const stage = openHealth();
  const levels = Array.from(
    { length: 60 },
    (_, index) => stage.hear(2 + index * 2, index % 3 === 0 ? GC_WARN : GC_WELL).level,
  );
  assert.deepEqual(new Set(levels), new Set(['warn']));
  // Last bad at 116 s, first well at 118 s.
  assert.equal(stage.assess(147).level, 'warn');
  assert.equal(stage.assess(148).level, 'ok');
});

test('what is no longer heard is said to be old, and goes as well', () => {
  const stage = openHealth();
  stage.hear(2, GC_HIGH);
  const old = stage.miss(18).reasons[0];
  assert.match(old?.text.en ?? '', /\(when it was last heard\)/);
  assert.ok(stage.dues.includes(48));
  assert.equal(stage.assess(48).level, 'ok');
});

test('without a time to clear a reason goes at once', () => {
  const stage = openHealth({ clearMs: 0 });
  stage.hear(2, GC_HIGH);
  assert.equal(stage.hear(4, GC_WELL).level, 'ok');
});

test('another pod, a restart, a stop and a JVM that says it began anew clear at once', () => {
  const raised = () => {
    const stage = openHealth();
    stage.hear(2, { ...GC_HIGH, startedAt: 1_000_000, fullGcs: 9 });
    return stage;
  };
  const restarted = raised();
  restarted.observe(4, { restarts: 1 });
  assert.equal(restarted.assess(4).level, 'ok', 'what the last run said is still fresh');
  assert.equal(restarted.hear(6, GC_HIGH).level, 'error');
  const replaced = raised();
  replaced.observe(4, { uid: 'u2' });
  assert.equal(replaced.assess(4).level, 'ok');
  for (const [what, sample] of [
    ['another start', { startedAt: 1_060_000, fullGcs: 9 }],
    ['a count that fell', { startedAt: 1_000_000, fullGcs: 1 }],
  ] as const) {
    assert.equal(raised().hear(4, { ...GC_WELL, ...sample }).level, 'ok', what);
  }
  const same = raised().hear(4, { ...GC_WELL, startedAt: 1_001_000, fullGcs: 9 });
  assert.equal(same.level, 'error', 'a start that trembles');
});
