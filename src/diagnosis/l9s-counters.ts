import { text } from '../domain/text.ts';
import type { CounterMeaning } from './counter-meaning.ts';

/** What `l9s/1` carries beyond the fields of a sample (TELEMETRY.md), by the receiver's names. */
export const L9S_COUNTERS: Readonly<Record<string, CounterMeaning>> = {
  'tx.errors': { unit: 'requests', meaning: text('that failed', '실패한 요청') },
  'memory.used': { unit: 'bytes', meaning: text('memory used', '메모리 사용량') },
  'memory.total': { unit: 'bytes', meaning: text('memory of the machine', '장비 메모리') },
  'disk.used': { unit: 'bytes', meaning: text('disk used', '디스크 사용량') },
  'disk.total': { unit: 'bytes', meaning: text('disk of the machine', '장비 디스크') },
};
