import type { Identity } from './identity.ts';

/** In this order: explicit rule, then host name, then address and port. */
export type JoinStep = 'rule' | 'hostName' | 'address';

/** Whose record this is. Two candidates are no join: a wrong row is worse than none. */
export type Decision =
  | { readonly kind: 'none' }
  | { readonly kind: 'joined'; readonly to: string; readonly by: JoinStep }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[]; readonly by: JoinStep };

export const NOBODY: Decision = { kind: 'none' };

/** One candidate joins, several are narrowed by whatever tells them apart; those still equal are ambiguous. */
export function pick(
  by: JoinStep,
  candidates: readonly Identity[],
  narrowings: readonly ((candidate: Identity) => boolean)[],
): Decision {
  let left = candidates;
  for (const agrees of narrowings) {
    if (left.length < 2) break;
    const narrowed = left.filter(agrees);
    if (narrowed.length > 0) left = narrowed;
  }
  const [first, second] = left;
  if (first === undefined) return NOBODY;
  if (second === undefined) return { kind: 'joined', to: first.key, by };
  return { kind: 'ambiguous', candidates: left.map(({ key }) => key).sort(), by };
}

export const sharesName =
  (seeker: Identity) =>
  (candidate: Identity): boolean =>
    seeker.names.some((name) => candidate.names.includes(name));

export const sharesPort =
  (seeker: Identity) =>
  (candidate: Identity): boolean =>
    seeker.ports.some((port) => candidate.ports.includes(port));

export const sharesAddress =
  (seeker: Identity) =>
  (candidate: Identity): boolean =>
    seeker.addresses.some((address) => candidate.addresses.includes(address));

/** Agreement on an address counts where the ports agree too, or one side does not tell its port. */
export const portsMayAgree = (seeker: Identity, candidate: Identity): boolean =>
  seeker.ports.length === 0 || candidate.ports.length === 0 || sharesPort(seeker)(candidate);

export function isSameDecision(a: Decision | undefined, b: Decision): boolean {
  if (a === undefined || a.kind !== b.kind) return false;
  if (a.kind === 'joined' && b.kind === 'joined') return a.to === b.to;
  if (a.kind === 'ambiguous' && b.kind === 'ambiguous')
    return a.candidates.join('\t') === b.candidates.join('\t');
  return true;
}
