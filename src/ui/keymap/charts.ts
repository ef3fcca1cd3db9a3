import { text } from '../../domain/text.ts';
import type { Binding } from './binding.ts';

const MINUTE_MS = 60_000;
/** What the keys `1`–`6` choose. */
const SPANS_MS = [1, 5, 10, 30, 60, 120].map((minutes) => minutes * MINUTE_MS);

/** Keys of pages of charts: how long a stretch they show, and which. */
export const chartBindings: readonly Binding[] = [
  {
    id: 'chart-span',
    keys: ['1', '2', '3', '4', '5', '6'],
    scope: 'charts',
    title: text(
      'the last 1 m, 5 m, 10 m, 30 m, 1 h, 2 h; every sample up to 10 m, half minutes beyond',
      '최근 1분, 5분, 10분, 30분, 1시간, 2시간; 10분까지는 모든 표본, 그 이상은 30초 단위',
    ),
    run: (controller, key) => {
      const spanMs = SPANS_MS[Number(key) - 1];
      if (spanMs !== undefined) controller.chartSpan(spanMs);
    },
  },
  {
    id: 'chart-live',
    keys: ['0'],
    scope: 'charts',
    title: text(
      'follow the present; again: the shortest window that holds what is known',
      '현재 따라가기; 다시 누르면 알려진 만큼의 가장 짧은 구간',
    ),
    run: (controller) => controller.resumeCharts(),
  },
  {
    id: 'chart-back',
    keys: ['h', 'left'],
    scope: 'charts',
    title: text('half a window back; the charts stand still', '구간 절반 뒤로, 차트 정지'),
    run: (controller) => controller.moveCharts(-1),
  },
  {
    id: 'chart-on',
    keys: ['l', 'right'],
    scope: 'charts',
    title: text('half a window on, up to the present', '구간 절반 앞으로, 현재까지'),
    run: (controller) => controller.moveCharts(1),
  },
];
