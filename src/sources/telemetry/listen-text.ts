import { hostPort } from '../../core/host-port.ts';
import type { ListenAddress } from './receiver-socket.ts';

export const addressText = ({ host, port }: ListenAddress): string => hostPort(host, port);

const WILDCARDS: readonly string[] = ['0.0.0.0', '[::]'];
const hostOf = (text: string): string => text.slice(0, Math.max(0, text.lastIndexOf(':')));

/** Two addresses of one port, written out, that only one socket can have. */
export function wouldCollide(one: string, other: string): boolean {
  const [first, second] = [hostOf(one), hostOf(other)];
  return first === second || WILDCARDS.includes(first) || WILDCARDS.includes(second);
}
