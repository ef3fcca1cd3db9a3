import { counted } from '../core/text.ts';
import type { Sender } from '../domain/sender.ts';
import type { ContextView } from '../domain/source-status.ts';
import { checkOf, type DoctorCheck } from './doctor-check.ts';
import {
  BUFFER_ADVICE,
  folded,
  isBufferSmall,
  isReceiver,
  readReceiver,
  sendersOff,
  skewAmount,
} from './receiver-reading.ts';

/** `6.2 s ahead`. */
export const skewWords = (skewMs: number): string =>
  `${skewAmount(skewMs)} ${skewMs < 0 ? 'behind' : 'ahead'}`;

const inMebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

/** What a receiver of datagrams hears, loses and refuses; nothing for other targets. */
export function receiverChecks(view: ContextView, senders: Iterable<Sender>): readonly DoctorCheck[] {
  if (!isReceiver(view)) return [];
  const reading = readReceiver(view.facts);
  const { perMinute, datagrams = 0, rejected, rejectReasons, kernelDrops, bufferBytes } = reading;
  const off = sendersOff(senders, view.name);
  const check = (name: string, outcome: DoctorCheck['outcome'], detail: string, next?: string): DoctorCheck =>
    checkOf(view, name, outcome, { detail, next });
  const checks: DoctorCheck[] = [
    check(
      'datagrams',
      datagrams === 0 ? 'warn' : 'ok',
      `${perMinute ?? 0}/min from ${counted(reading.senders ?? 0, 'sender')}, ${datagrams} in all`,
      datagrams === 0 ? 'l9s doctor --server NAME prints what makes a server send here.' : undefined,
    ),
    kernelDrops === undefined || kernelDrops === 0
      ? check(
          'kernel drops',
          kernelDrops === undefined ? 'skipped' : 'ok',
          kernelDrops === undefined ? 'this system does not say' : '0',
        )
      : check('kernel drops', 'warn', `${kernelDrops} lost before they were read`, nextOf('dropped')),
  ];
  if (bufferBytes !== undefined) {
    checks.push(
      isBufferSmall(reading)
        ? check(
            'receive buffer',
            'warn',
            `${inMebibytes(bufferBytes)} of 4.0 MiB asked for`,
            `${BUFFER_ADVICE}, then start again.`,
          )
        : check('receive buffer', 'ok', inMebibytes(bufferBytes)),
    );
  }
  if (rejected > 0) {
    const why = folded(rejectReasons.map(({ reason, count }) => `${reason} (${count})`)).en;
    const who = folded(off.rejecting.map(({ name, rejected: count }) => `${name} (${count})`)).en;
    const words = [`${rejected} datagrams`, why, who === '' ? '' : `sent by ${who}`];
    checks.push(
      check(
        'rejected',
        'warn',
        words.filter(Boolean).join('; '),
        'See Datagrams on the page of who sends them.',
      ),
    );
  } else checks.push(check('rejected', 'ok', '0'));
  if (off.skewed.length > 0) {
    const who = folded(off.skewed.map(({ name, skewMs }) => `${name} ${skewWords(skewMs)}`)).en;
    checks.push(
      check('sender clocks', 'warn', who, 'Synchronise them (NTP): ages and starts follow their clocks.'),
    );
  }
  for (const { name, count, label, next } of reading.troubles) {
    if (name !== 'dropped')
      checks.push(check('datagrams', 'warn', `${count} ${label.en}`, sentence(next.en)));
  }
  const rest = [
    ...(reading.tcp === undefined
      ? []
      : [`TCP port ${reading.tcp.port}, TCP connections ${reading.tcp.peers}`]),
    ...reading.counts.map(({ label, count }) => `${label.en} ${count}`),
    ...reading.others.map(([name, count]) => `${name} ${count}`),
  ];
  if (rest.length > 0) checks.push(check('counts', 'ok', rest.join(', ')));
  return checks;

  function nextOf(trouble: string): string | undefined {
    const found = reading.troubles.find(({ name }) => name === trouble);
    return found && sentence(found.next.en);
  }
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
