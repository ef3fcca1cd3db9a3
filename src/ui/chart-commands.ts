import { SERIES_STEPS } from '../domain/series.ts';
import { text } from '../domain/text.ts';
import { type Shell, updatePage } from '../store/shell/shell.ts';
import type { Flasher } from './flash.ts';
import type { Screen } from './screen/screen.ts';

const KEPT_MS = SERIES_STEPS.coarse.spanMs;

/** Which stretch of time a page of charts shows. */
export function createChartCommands({
  shell,
  screen,
  flasher,
}: {
  readonly shell: Shell;
  readonly screen: Screen;
  readonly flasher: Flasher;
}) {
  return {
    chartSpan(spanMs: number) {
      updatePage(shell, { spanMs });
    },
    moveCharts(by: -1 | 1) {
      const { page, context } = screen.world();
      const spanMs = screen.charts()?.spanMs;
      if (spanMs === undefined) return;
      const endAt = page.pausedAt ?? context.now;
      if (by === 1) {
        if (page.pausedAt === undefined) {
          return flasher.show(text('The charts follow the present', '차트가 현재를 따라가는 중'));
        }
        const next = endAt + spanMs / 2;
        return updatePage(shell, { pausedAt: next >= context.now ? undefined : next, spanMs });
      }
      const oldest = context.now - KEPT_MS + spanMs;
      const next = Math.max(oldest, endAt - spanMs / 2);
      if (next >= endAt) {
        return flasher.show(
          text('Nothing older is kept: 2 hours', '더 오래된 기록 없음: 2시간 보관'),
          'warn',
        );
      }
      // The span holds still too: a window that grew by itself would not be half a step away.
      updatePage(shell, { pausedAt: next, spanMs });
    },
    resumeCharts() {
      const { page } = screen.world();
      updatePage(shell, page.pausedAt === undefined ? { spanMs: undefined } : { pausedAt: undefined });
    },
  };
}
