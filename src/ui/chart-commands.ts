import { SERIES_STEPS } from '../domain/series.ts';
import { type Text, text } from '../domain/text.ts';
import { type Shell, updatePage } from '../store/shell/shell.ts';
import type { Flasher } from './flash.ts';
import { timeOfDay } from './screen/chart-grid.ts';
import type { Screen } from './screen/screen.ts';

const KEPT_MS = SERIES_STEPS.coarse.spanMs;

const nothingOlder = (since: number | undefined, isUtc: boolean): Text => {
  if (since === undefined) return text('Nothing older is known', '더 오래된 기록 없음');
  const at = timeOfDay(since, isUtc);
  return text(`Nothing older is known: heard since ${at}`, `더 오래된 기록 없음: ${at}부터 수신`);
};

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
      const shown = screen.charts();
      if (shown === undefined) return;
      const { spanMs, since, view } = shown;
      const endAt = page.pausedAt ?? context.now;
      if (by === 1) {
        if (page.pausedAt === undefined) {
          return flasher.show(text('The charts follow the present', '차트가 현재를 따라가는 중'));
        }
        const next = endAt + spanMs / 2;
        return updatePage(shell, { pausedAt: next >= context.now ? undefined : next, spanMs });
      }
      if (since === undefined || view.window.fromAt <= since) {
        return flasher.show(nothingOlder(since, context.isUtc), 'warn');
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
