import type { Heartbeat } from '../domain/jvm-sample.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import { refOf } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { SERVER_TYPES } from '../domain/server-type.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import { type Text, text } from '../domain/text.ts';
import { formatAge } from './format-age.ts';
import { isOverdue } from './jvm-reading.ts';
import type { ViewContext } from './view.ts';
import type { Gap } from './words.ts';

export interface Absence extends Gap {
  /** A cell's worth. */
  readonly brief: Text;
}

/** What a probe of this server found last, if one ever ran. */
export function probeOf({ records }: Server, { related }: ViewContext): ProbeReading | undefined {
  if (records.probe !== undefined) return related.get(records.probe);
  const { instance } = records;
  return instance && related.get(refOf('probe', instance.context, instance.id));
}

const isAdvertiser = ({ type }: Server): boolean => type !== 'unknown' && SERVER_TYPES[type].hasAdvertiser;

const howToSend = (server: Server): Text =>
  isAdvertiser(server)
    ? text(
        `l9s doctor --server ${server.name} prints what to set`,
        `설정 방법: l9s doctor --server ${server.name}`,
      )
    : text('run l9s advertise beside it', '서버 옆에서 l9s advertise 실행');

const failedProbe = ({ code, message, hint }: SourceFailure): Absence => ({
  brief: text('probe failed', '프로브 실패'),
  why: text(`${code}: ${message}`, `${code}: ${message}`),
  next: text(hint, hint),
});

/** Somebody who was heard: long ago, or without a word of a JVM. */
function withoutFigures(server: Server, heartbeat: Heartbeat, { now }: ViewContext): Absence {
  if (!isOverdue(heartbeat, now))
    return {
      brief: text('no figures', '지표 없음'),
      why: text('Its datagrams carry no figures of a JVM', '데이터그램에 JVM 지표가 없음'),
      next: howToSend(server),
    };
  const age = formatAge(now - heartbeat.at);
  return {
    brief: text(`silent ${age}`, `침묵 ${age}`),
    why: text(`Nothing heard of it for ${age}`, `${age} 동안 수신 없음`),
    next: text(
      'check its process, its advertiser and the network between',
      '프로세스, advertiser, 네트워크를 확인하십시오',
    ),
  };
}

/** Why there is no figure of a JVM, and how to get one; `undefined` where there are some. */
export function whyNoJvm(server: Server, context: ViewContext): Absence | undefined {
  if (server.jvm !== undefined) return undefined;
  if (server.state === 'stopped')
    return {
      brief: text('stopped', '정지됨'),
      why: text('It is stopped', '정지된 서버'),
      next: text('figures come once it runs', '실행되면 지표가 표시됨'),
    };
  const { heartbeat } = server;
  const probe = probeOf(server, context);
  if (probe?.failure !== undefined) return failedProbe(probe.failure);
  if (probe !== undefined)
    return {
      brief: text('reading…', '읽는 중…'),
      why: text('Its JVM is being read', 'JVM을 읽는 중'),
      next: text('figures come within seconds', '몇 초 안에 지표가 표시됨'),
    };
  if (heartbeat !== undefined) return withoutFigures(server, heartbeat, context);
  return {
    brief: text('no datagrams', '수신 없음'),
    why: text('No datagram of it was ever heard', '수신된 데이터그램 없음'),
    next: howToSend(server),
  };
}
