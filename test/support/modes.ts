import type { Mode, ModeInForce } from '../../src/domain/policy.ts';

/** A mode as a client's lock asks for it. */
export const inMode =
  (mode: Mode = 'normal') =>
  (): ModeInForce => ({ mode, origin: 'the test' });
