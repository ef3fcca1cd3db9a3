import { type Text, text } from '../../domain/text.ts';

const KNOWN: Readonly<Record<string, Text>> = {
  client: text('client addresses', '클라이언트 주소'),
  sql: text('SQL', 'SQL'),
  txid: text('transaction ids', '트랜잭션 ID'),
  cpuMs: text('CPU time', 'CPU 시간'),
  elapsedMs: text('elapsed time', '경과 시간'),
  service: text('URIs', 'URI'),
  frame: text('application frames', '애플리케이션 프레임'),
  lock: text('locks', '락'),
  state: text('thread states', '스레드 상태'),
};

/** The name of a column or part that a dump lacks, in words. */
export const missingWords = (name: string): Text => KNOWN[name] ?? text(name, name);
