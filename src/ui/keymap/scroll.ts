import { text } from '../../domain/text.ts';
import type { Binding } from './binding.ts';

/** Keys of pages that scroll by lines: details and help. */
export const scrollBindings: readonly Binding[] = [
  {
    id: 'scroll-down',
    keys: ['j', 'down'],
    scope: 'scroll',
    title: text('a line down', '한 줄 아래'),
    run: (controller) => controller.scroll(1),
  },
  {
    id: 'scroll-up',
    keys: ['k', 'up'],
    scope: 'scroll',
    title: text('a line up', '한 줄 위'),
    run: (controller) => controller.scroll(-1),
  },
  {
    id: 'scroll-top',
    keys: ['g', 'home'],
    scope: 'scroll',
    title: text('top', '맨 위'),
    run: (controller) => controller.scroll(Number.NEGATIVE_INFINITY),
  },
  {
    id: 'scroll-bottom',
    keys: ['G', 'end'],
    scope: 'scroll',
    title: text('bottom', '맨 아래'),
    run: (controller) => controller.scroll(Number.POSITIVE_INFINITY),
  },
  {
    id: 'scroll-page-down',
    keys: ['^f', 'pgdn', 'space'],
    scope: 'scroll',
    title: text('page down', '한 쪽 아래'),
    run: (controller) => controller.scroll(controller.pageSize()),
  },
  {
    id: 'scroll-page-up',
    keys: ['^b', 'pgup'],
    scope: 'scroll',
    title: text('page up', '한 쪽 위'),
    run: (controller) => controller.scroll(-controller.pageSize()),
  },
  {
    id: 'scroll-half-down',
    keys: ['^d'],
    scope: 'scroll',
    title: text('half a page down', '반 쪽 아래'),
    run: (controller) => controller.scroll(Math.ceil(controller.pageSize() / 2)),
  },
  {
    id: 'scroll-half-up',
    keys: ['^u'],
    scope: 'scroll',
    title: text('half a page up', '반 쪽 위'),
    run: (controller) => controller.scroll(-Math.ceil(controller.pageSize() / 2)),
  },
  {
    id: 'detail-describe',
    keys: ['d'],
    scope: 'detail',
    title: text('everything known', '알려진 모든 것'),
    run: (controller) => controller.describe('sections'),
  },
  {
    id: 'detail-json',
    keys: ['y'],
    scope: 'detail',
    title: text('JSON, secrets masked', 'JSON (비밀 값 가림)'),
    run: (controller) => controller.describe('json'),
  },
  {
    id: 'detail-copy-name',
    keys: ['c'],
    scope: 'detail',
    title: text('copy name', '이름 복사'),
    run: (controller) => controller.copy('name'),
  },
  {
    id: 'detail-copy-namespace',
    keys: ['n'],
    scope: 'detail',
    title: text('copy namespace', '네임스페이스 복사'),
    run: (controller) => controller.copy('namespace'),
  },
  {
    id: 'detail-audit',
    keys: ['!'],
    scope: 'detail',
    title: text('audit of this row', '이 행의 감사 기록'),
    run: (controller) => controller.auditOfRow(),
  },
];
