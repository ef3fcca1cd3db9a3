import { text } from '../../domain/text.ts';
import type { Binding } from './binding.ts';

/** Keys that hold on every page. */
export const everywhereBindings: readonly Binding[] = [
  {
    id: 'command',
    keys: [':'],
    scope: 'everywhere',
    title: text('command', '명령'),
    run: (controller) => controller.openPrompt('command'),
  },
  {
    id: 'help',
    keys: ['?'],
    scope: 'everywhere',
    title: text('help, this view first', '도움말 (이 화면부터)'),
    run: (controller) => controller.openHelp(),
  },
  {
    id: 'escape',
    keys: ['esc'],
    scope: 'everywhere',
    title: text('clear filter, else back', '필터 지우기, 아니면 뒤로'),
    run: (controller) => controller.escape(),
  },
  {
    id: 'back',
    keys: ['q'],
    scope: 'everywhere',
    title: text('back; quit at the root', '뒤로, 처음 화면에서는 종료'),
    run: (controller) => controller.backOrQuit(),
  },
  {
    id: 'quit',
    keys: ['^c'],
    scope: 'everywhere',
    title: text('quit', '종료'),
    run: (controller) => controller.quit(),
  },
  {
    id: 'last-view',
    keys: ['-'],
    scope: 'everywhere',
    title: text('last view', '직전 화면'),
    run: (controller) => controller.lastPage(),
  },
  {
    id: 'history-back',
    keys: ['['],
    scope: 'everywhere',
    title: text('back in history', '기록 뒤로'),
    run: (controller) => controller.stepHistory(-1),
  },
  {
    id: 'history-forward',
    keys: [']'],
    scope: 'everywhere',
    title: text('forward in history', '기록 앞으로'),
    run: (controller) => controller.stepHistory(1),
  },
  {
    id: 'refresh',
    keys: ['^r'],
    scope: 'everywhere',
    title: text('refresh now', '지금 새로 고침'),
    run: (controller) => controller.refresh(),
  },
  {
    id: 'save',
    keys: ['^s'],
    scope: 'everywhere',
    title: text('save: CSV of a table, summary of a page', '저장: 표는 CSV, 페이지는 요약'),
    run: (controller) => controller.save('csv'),
  },
  {
    id: 'toggle-header',
    keys: ['^e'],
    scope: 'everywhere',
    title: text('show or hide the header', '머리글 표시 전환'),
    run: (controller) => controller.toggle('hasHeader'),
  },
  {
    id: 'toggle-crumbs',
    keys: ['^g'],
    scope: 'everywhere',
    title: text('show or hide the crumbs', '경로 표시 전환'),
    run: (controller) => controller.toggle('hasCrumbs'),
  },
  {
    id: 'clock',
    keys: ['Z'],
    scope: 'everywhere',
    title: text('clock UTC or local', '시계 UTC/현지'),
    run: (controller) => controller.toggle('isUtc'),
  },
  {
    id: 'contexts',
    keys: ['@'],
    scope: 'everywhere',
    title: text('contexts', '컨텍스트'),
    run: (controller) => controller.runCommand('contexts'),
  },
];
