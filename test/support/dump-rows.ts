import type { Analysis, Evidence } from '../../src/domain/analysis.ts';
import type { Dump } from '../../src/domain/dump.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { NOW } from './store-entities.ts';

export const DEADLOCK = text(
  'Deadlock of 2 threads: order-1 and order-2 wait for each other',
  '스레드 2개의 데드락: order-1, order-2',
);

/** A thread dump of `shop/was-1` of context `prod` that shows a deadlock. */
export const dumpOf = (file: string, more: Partial<Dump> = {}): Dump => ({
  ref: refOf('dump', 'prod', file),
  kind: 'thread',
  server: refOf('server', 'prod', 'shop/was-1'),
  serverName: 'was-1',
  namespace: 'shop',
  takenAt: NOW - 60_000,
  way: 'pod-exec',
  how: 'jcmd 1 Thread.print -l',
  isAuthenticated: true,
  by: 'ops@bastion',
  missing: [],
  figures: { heapUsedBytes: 1_048_576 },
  path: `/state/l9s/dumps/${file}`,
  sizeBytes: 204_800,
  verdict: [
    {
      code: 'deadlock',
      level: 'error',
      text: DEADLOCK,
      next: text('Restart was-1: it cannot go on by itself', 'was-1을 재시작하세요'),
    },
  ],
  ...more,
});

/** What reading `file` put: the verdict and one thread, each with its stack. */
export function analysisRows(file: string): {
  readonly analysis: Analysis;
  readonly evidence: readonly Evidence[];
} {
  const [found] = dumpOf(file).verdict ?? [];
  const common = { analysis: file, count: undefined };
  return {
    analysis: {
      ref: refOf('analysis', 'prod', file),
      dumps: [refOf('dump', 'prod', file)],
      name: 'was-1 05:00:00',
      state: 'done',
      verdict: found === undefined ? [] : [found],
      problems: [],
    },
    evidence: [
      {
        ...common,
        ref: refOf('evidence', 'prod', `${file}#0`),
        part: 'verdict',
        order: 0,
        level: 'error',
        subject: 'deadlock',
        text: DEADLOCK,
        count: 2,
        blocks: [
          {
            title: '"order-1" waits for 0x01, held by "order-2"',
            lines: ['at com.shop.Order.pay(Order.java:42)', '- waiting to lock <0x01> (a com.shop.Stock)'],
          },
        ],
      },
      {
        ...common,
        ref: refOf('evidence', 'prod', `${file}#1`),
        part: 'thread',
        order: 1,
        subject: 'main',
        state: 'TIMED_WAITING',
        text: text('waits for connections', '연결 대기'),
        blocks: [{ title: 'main', lines: ['at java.lang.Object.wait(Native Method)'] }],
      },
    ],
  };
}
