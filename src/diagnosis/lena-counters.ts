import { type Text, text } from '../domain/text.ts';
import type { CounterMeaning } from './counter-meaning.ts';

/** What one item of a counter that is a list stands for. */
const item = (name: string, unit: string) => ({ name, unit });
const meaning = (unit: string | undefined, words: Text, more?: Partial<CounterMeaning>): CounterMeaning => ({
  unit,
  meaning: words,
  ...more,
});
const serviceControl = (what: string): CounterMeaning =>
  meaning(
    'threads',
    text(`active ${what} threads, for service control`, `서비스 제어용 활성 ${what} 스레드`),
  );
const peakControl = (what: string): CounterMeaning =>
  meaning('threads', text(`active ${what} threads, for peak control`, `피크 제어용 활성 ${what} 스레드`));

/**
 * Every counter an advertiser is known to send, by its name on the wire (LENA-WIRE.md). Where the document names no
 * unit there is none here.
 */
export const LENA_COUNTERS: Readonly<Record<string, CounterMeaning>> = {
  HeapUsed: meaning('MiB', text('heap used', '힙 사용량')),
  HeapTotUsage: meaning('MiB', text('heap', '힙'), {
    items: [item('committed', 'MiB'), item('used', 'MiB'), item('max', 'MiB')],
  }),
  GcCount: meaning(
    'collections',
    text('since the sample before, all collectors', '직전 표본 이후, 모든 수집기'),
  ),
  GcTime: meaning('ms', text('in collections since the sample before', '직전 표본 이후 GC 시간')),
  GcMemory: meaning('bytes', text('last collection of the old generation', '마지막 old 영역 GC'), {
    items: [
      item('started', 'ms'),
      item('before', 'bytes'),
      item('after', 'bytes'),
      item('max', 'bytes'),
      item('count', 'collections'),
    ],
  }),
  TPS: meaning('requests/s', text('requests a second', '초당 요청')),
  ElapsedTime: meaning('ms', text('mean response time', '평균 응답 시간')),
  ErrorRate: meaning('%', text('requests that threw', '예외가 발생한 요청')),
  ServiceCount: meaning('requests', text('in the last 60 s', '최근 60초'), {
    over5Minutes: text('in the last 300 s', '최근 300초'),
  }),
  ActiveSpeed: meaning('requests', text('running now, by age', '실행 중인 요청, 경과 시간별'), {
    items: [item('<3s', 'requests'), item('3-8s', 'requests'), item('>8s', 'requests')],
  }),
  ActiveService: meaning('requests', text('running, mean of 30 s', '실행 중, 30초 평균'), {
    over5Minutes: text('running, mean of 300 s', '실행 중, 300초 평균'),
  }),
  visit5m: meaning('visitors', text('visitors in 5 minutes', '5분간 방문자')),
  visit0: meaning('visitors', text('new visitors', '신규 방문자')),
  serverStartTime: meaning('epoch ms', text('start of the server', '서버 시작 시각')),
  appStatus: meaning(undefined, text('what the server says of itself', '서버가 밝힌 상태')),
  maxThreads: meaning('threads', text('setting of the connector', '커넥터 설정값')),
  currentThreadsBusy: meaning(
    'threads',
    text('busy, mean of up to 15 samples', '사용 중, 최대 15개 표본 평균'),
  ),
  ConnActive: meaning('connections', text('active, mean of up to 15 samples', '활성, 최대 15개 표본 평균')),
  ConnIdle: meaning('connections', text('idle, mean of up to 15 samples', '유휴, 최대 15개 표본 평균')),
  dbMaxActive: meaning('connections', text('most the pool gives', '풀 최대 연결 수')),
  ajpActiveThreadCountForServiceControl: serviceControl('AJP'),
  ajpActiveThreadCountForPeakControl: peakControl('AJP'),
  httpActiveThreadCountForServiceControl: serviceControl('HTTP'),
  httpActiveThreadCountForPeakControl: peakControl('HTTP'),
  DiagnosticsServerControl: meaning(undefined, text('unit not documented', '단위 미공개')),
  cgroupCpuQuota: meaning(
    undefined,
    text('CPU quota of the container; unit not documented', '컨테이너 CPU 할당량, 단위 미공개'),
  ),
  cgroupCpuUsage: meaning(
    undefined,
    text('CPU used by the container; unit not documented', '컨테이너 CPU 사용량, 단위 미공개'),
  ),
};
