import type { RejectReason } from '../domain/jvm-sample.ts';
import type { Sender } from '../domain/sender.ts';
import type { ContextView, SourceFacts } from '../domain/source-status.ts';
import { type Text, text } from '../domain/text.ts';

/** What a receiver asks the kernel for; with less a burst is lost. */
export const WANTED_BUFFER_BYTES = 4 * 1_048_576;
/** A sender's clock further off makes its ages and starts doubtful. */
export const SENDER_SKEW_WARN_MS = 5_000;
export const BUFFER_ADVICE = `sysctl -w net.core.rmem_max=${WANTED_BUFFER_BYTES}`;

/** A count above nothing that an operator should do something about. */
export interface ReceiverTrouble {
  /** Stable name, as in the counts. */
  readonly name: string;
  readonly count: number;
  readonly label: Text;
  readonly next: Text;
}
/** A count above nothing that is as it should be. */
export interface ReceiverCount {
  readonly name: string;
  readonly count: number;
  readonly label: Text;
}

/** A receiver's facts in words. */
export interface ReceiverReading {
  readonly perMinute: number | undefined;
  readonly senders: number | undefined;
  /** Since it began. */
  readonly datagrams: number | undefined;
  /** Lost by the kernel; not known where it does not say. */
  readonly kernelDrops: number | undefined;
  readonly rejected: number;
  /** Most frequent first. */
  readonly rejectReasons: readonly RejectReason[];
  readonly bufferBytes: number | undefined;
  /** Where servers dial in for dumps, and how many are connected; absent where nobody listens. */
  readonly tcp: { readonly port: number; readonly peers: number } | undefined;
  readonly troubles: readonly ReceiverTrouble[];
  readonly counts: readonly ReceiverCount[];
  /** Counts nothing is known of here. */
  readonly others: readonly (readonly [string, number])[];
}

/** The most urgent first. */
const TROUBLES: Readonly<Record<string, { readonly label: Text; readonly next: Text }>> = {
  dropped: {
    label: text('lost by the kernel', '커널에서 손실'),
    next: text(
      `let the receive buffer grow (${BUFFER_ADVICE}), or let another l9s collector share the load`,
      `수신 버퍼를 늘리거나(${BUFFER_ADVICE}) 다른 l9s collector와 나누십시오`,
    ),
  },
  overrun: {
    label: text('received and not read in time', '수신했으나 제때 읽지 못함'),
    next: text(
      'this process is too slow for so many: run l9s collector with a core of its own, or share the load',
      '이 프로세스가 처리하기에 너무 많습니다: l9s collector에 전용 코어를 주거나 나누십시오',
    ),
  },
  denied: {
    label: text('from addresses not allowed', '허용되지 않은 주소에서 수신'),
    next: text(
      'add their range to telemetry.allow if they are yours',
      '아는 주소면 telemetry.allow에 추가하십시오',
    ),
  },
  limited: {
    label: text('beyond a sender’s rate', '송신자별 한도 초과'),
    next: text(
      'find who sends so much: l9s get servers -o json, heartbeat.perMinute',
      '과다 송신자를 찾으십시오: l9s get servers -o json의 heartbeat.perMinute',
    ),
  },
  barred: {
    label: text('unread after many refusals', '잦은 거부 후 읽지 않음'),
    next: text(
      'see why they are refused (Rejected), and who sends them',
      '거부 사유와 송신자를 확인하십시오',
    ),
  },
  unknownForm: {
    label: text('of a form not known here', '알 수 없는 형식'),
    next: text(
      'see who sends them (:servers, type unknown): another program’s datagrams, or a codec l9s has not',
      '송신자를 확인하십시오(:servers의 unknown 유형): 다른 프로그램의 데이터그램이거나 l9s에 없는 형식입니다',
    ),
  },
  namesakes: {
    label: text('of a name another server has', '다른 서버와 같은 이름'),
    next: text(
      'give each its own name (-Dlena.name, or the id of l9s/1)',
      '서버마다 다른 이름을 주십시오 (-Dlena.name 또는 l9s/1의 id)',
    ),
  },
  refused: {
    label: text('from newcomers without room', '자리가 없어 거절된 송신자'),
    next: text(
      'see who sends: forged names fill the table; narrow telemetry.allow',
      '송신자를 확인하고 telemetry.allow를 좁히십시오',
    ),
  },
  faults: {
    label: text('unread by a fault of l9s', 'l9s 결함으로 읽지 못함'),
    next: text('report it with the log file', '로그 파일과 함께 알려 주십시오'),
  },
  abandonedPacks: {
    label: text('incomplete larger packs', '일부만 도착한 큰 팩'),
    next: text('look for loss between sender and receiver', '송신 측과 수신 측 사이의 손실을 확인하십시오'),
  },
  droppedEvents: {
    label: text('events beyond the limit', '보관 한도를 넘은 이벤트'),
    next: text('see which server floods: :events', '과다 발생 서버를 확인하십시오: :events'),
  },
  droppedValues: {
    label: text('counters beyond the limit', '보관 한도를 넘은 카운터'),
    next: text('see who sends so many names', '이름을 과다하게 보내는 송신자를 확인하십시오'),
  },
  forwardFailed: {
    label: text('not passed on', '전달 실패'),
    next: text('check the address in telemetry.forward', 'telemetry.forward의 주소를 확인하십시오'),
  },
  slowReaders: {
    label: text('slow consoles cut off', '느려서 끊긴 접속 콘솔'),
    next: text(
      'they attach again by themselves; check the link',
      '자동으로 다시 접속합니다. 연결을 확인하십시오',
    ),
  },
  badFrames: {
    label: text('unreadable lines of the owner', '읽을 수 없는 소유자 데이터'),
    next: text('run the same version of l9s on both sides', '양쪽에 같은 버전의 l9s를 쓰십시오'),
  },
};
const COUNTS: Readonly<Record<string, Text>> = {
  fragments: text('parts of larger packs', '큰 팩의 조각'),
  unclear: text('left out, sender unclear', '송신자 불명으로 제외'),
  unreadPacks: text('packs of a kind not read', '읽지 않는 종류의 팩'),
  dictionaryPacks: text('dictionary texts (not kept)', '사전 텍스트 (보관하지 않음)'),
  evicted: text('silent senders that made room', '자리를 내준 침묵 송신자'),
  forwarded: text('passed on', '전달됨'),
  readers: text('consoles attached', '접속한 콘솔'),
  tcpDenied: text('TCP from addresses not allowed', '허용되지 않은 주소의 TCP'),
  tcpLimited: text('TCP beyond the limit', '한도를 넘은 TCP'),
  tcpUnknown: text('TCP of a form not known here', '알 수 없는 형식의 TCP'),
  tcpSilent: text('TCP that said nothing', '아무 말 없던 TCP'),
  tcpKeyRefused: text('TCP with a key refused', '키가 거부된 TCP'),
  tcpLied: text('TCP cut for what it said', '프로토콜 위반으로 끊은 TCP'),
  tcpDead: text('TCP found dead', '죽은 것으로 판명된 TCP'),
};
/** Said in lines of their own. */
const SAID = new Set([
  'datagrams',
  'perMinute',
  'senders',
  'rejected',
  'receiveBufferBytes',
  'tcpPort',
  'tcpPeers',
]);
const REJECTED = 'rejected.';

/** True for a context whose facts are those of a receiver of datagrams. */
export const isReceiver = ({ kind, facts }: ContextView): boolean =>
  kind === 'udp' && facts.counts?.['datagrams'] !== undefined;

export function readReceiver(facts: SourceFacts): ReceiverReading {
  const counts: Readonly<Partial<Record<string, number>>> = facts.counts ?? {};
  const troubles = Object.entries(TROUBLES).flatMap(([name, words]): readonly ReceiverTrouble[] => {
    const count = counts[name] ?? 0;
    return count > 0 ? [{ name, count, ...words }] : [];
  });
  const plain: ReceiverCount[] = [];
  const others: (readonly [string, number])[] = [];
  const rejectReasons: RejectReason[] = [];
  for (const [name, count = 0] of Object.entries(counts)) {
    const label = Object.hasOwn(COUNTS, name) ? COUNTS[name] : undefined;
    if (name.startsWith(REJECTED)) rejectReasons.push({ reason: name.slice(REJECTED.length), count });
    else if (label !== undefined) {
      if (count > 0) plain.push({ name, count, label });
    } else if (!SAID.has(name) && !Object.hasOwn(TROUBLES, name)) others.push([name, count]);
  }
  return {
    perMinute: counts['perMinute'] ?? facts.requestsPerMinute,
    senders: counts['senders'],
    datagrams: counts['datagrams'],
    kernelDrops: counts['dropped'],
    rejected: counts['rejected'] ?? 0,
    rejectReasons: rejectReasons.sort((a, b) => b.count - a.count),
    bufferBytes: counts['receiveBufferBytes'],
    tcp:
      counts['tcpPort'] === undefined
        ? undefined
        : { port: counts['tcpPort'], peers: counts['tcpPeers'] ?? 0 },
    troubles,
    counts: plain,
    others,
  };
}

export const isBufferSmall = ({ bufferBytes }: ReceiverReading): boolean =>
  bufferBytes !== undefined && bufferBytes < WANTED_BUFFER_BYTES;

/** Senders of one receiver that need a look: the worst first. */
export interface SendersOff {
  /** Their clock is more than five seconds off. */
  readonly skewed: readonly { readonly name: string; readonly skewMs: number }[];
  /** Some of their datagrams were refused. */
  readonly rejecting: readonly { readonly name: string; readonly rejected: number }[];
}

export function sendersOff(senders: Iterable<Sender>, receiver: string): SendersOff {
  const skewed: { readonly name: string; readonly skewMs: number }[] = [];
  const rejecting: { readonly name: string; readonly rejected: number }[] = [];
  for (const { ref, name, heartbeat } of senders) {
    if (ref.context !== receiver) continue;
    const skewMs = heartbeat.clockSkewMs;
    if (skewMs !== undefined && Math.abs(skewMs) > SENDER_SKEW_WARN_MS) skewed.push({ name, skewMs });
    if (heartbeat.rejected > 0) rejecting.push({ name, rejected: heartbeat.rejected });
  }
  return {
    skewed: skewed.sort((a, b) => Math.abs(b.skewMs) - Math.abs(a.skewMs)),
    rejecting: rejecting.sort((a, b) => b.rejected - a.rejected),
  };
}

/** How far a clock is off, either way: `6.2 s`, `12 min`, `24 h`, `3 d`. */
export function skewAmount(skewMs: number): string {
  const seconds = Math.abs(skewMs) / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** The first few of a long list, and how many are left out. */
export function folded(words: readonly string[], most = 5): Text {
  const shown = words.slice(0, most).join(', ');
  const more = words.length - most;
  return more <= 0 ? text(shown, shown) : text(`${shown} and ${more} more`, `${shown} 외 ${more}개`);
}
