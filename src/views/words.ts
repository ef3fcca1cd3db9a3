import type { HealthLevel } from '../domain/health.ts';
import type { SourceState } from '../domain/source-status.ts';
import type { Language, Text } from '../domain/text.ts';
import { text } from '../domain/text.ts';
import type { DetailLine, Tone, ViewContext } from './view.ts';

/** Signs beside the words, so that colour is never the only sign. */
export const HEALTH_SIGNS: Readonly<Record<HealthLevel, string>> = {
  ok: '●',
  warn: '▲',
  error: '✖',
  unknown: '?',
};
export const HEALTH_TONES: Readonly<Record<HealthLevel, Tone>> = {
  ok: 'good',
  warn: 'warn',
  error: 'bad',
  unknown: 'muted',
};
export const SOURCE_SIGNS: Readonly<Record<SourceState, string>> = {
  connecting: '○',
  live: '●',
  stale: '◐',
  denied: '⊘',
  failed: '✖',
};
export const SOURCE_TONES: Readonly<Record<SourceState, Tone>> = {
  connecting: 'muted',
  live: 'good',
  stale: 'warn',
  denied: 'bad',
  failed: 'bad',
};

export const say = (context: { readonly language: Language }, words: Text): string => words[context.language];

export const line = (label: string, value: string, tone?: Tone): DetailLine =>
  tone === undefined ? { label, value } : { label, value, tone };

/** One line where the value is known, none where it is not. */
export const lineIfKnown = (label: string, value: string | undefined, tone?: Tone): readonly DetailLine[] =>
  value === undefined ? [] : [line(label, value, tone)];

/** What is not known of a row, and how it can be had. */
export interface Gap {
  readonly why: Text;
  readonly next: Text;
}
export const gapText = ({ why, next }: Gap, context: ViewContext): string =>
  `${say(context, why)} → ${say(context, next)}`;

/** One line where something is not known, none where all is. */
export const gapLine = (gap: Gap | undefined, context: ViewContext): readonly DetailLine[] =>
  gap === undefined ? [] : [line(say(context, WORDS.notKnown), gapText(gap, context), 'muted')];

/** Words several pages use. */
export const WORDS = {
  name: text('Name', '이름'),
  type: text('Type', '종류'),
  context: text('Context', '컨텍스트'),
  namespace: text('Namespace', '네임스페이스'),
  ecsCluster: text('ECS cluster', 'ECS 클러스터'),
  host: text('Host', '호스트'),
  workload: text('Workload', '워크로드'),
  serviceCluster: text('Service cluster', '서비스 클러스터'),
  state: text('State', '상태'),
  health: text('Health', '상태 판정'),
  address: text('Address', '주소'),
  node: text('Node', '노드'),
  image: text('Image', '이미지'),
  restarts: text('Restarts', '재시작'),
  created: text('Created', '생성'),
  started: text('Started', '시작'),
  seen: text('Data age', '데이터 나이'),
  labels: text('Labels', '레이블'),
  environment: text('Environment', '환경 변수'),
  findings: text('Findings', '발견 사항'),
  events: text('Recent events', '최근 이벤트'),
  next: text('Next', '다음 단계'),
  none: text('none', '없음'),
  notKnown: text('Not known', '알 수 없음'),
} as const;

/** `2026-11-21 06:30:00 (3d)`. */
export function instantWithAge(
  at: number | undefined,
  context: ViewContext,
  format: (at: number | undefined, isUtc: boolean) => string,
  age: (ageMs: number) => string,
): string | undefined {
  return at === undefined
    ? undefined
    : `${format(at, context.isUtc)} (${age(Math.max(0, context.now - at))})`;
}
