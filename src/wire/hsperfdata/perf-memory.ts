import { sumOf } from '../../core/sum.ts';
import type { PerfMemory } from './jvm-figures.ts';

export const isMemoryKnown = ({ used, committed, max }: PerfMemory): boolean =>
  used !== undefined || committed !== undefined || max !== undefined;

/** Several parts as one; of what no part tells nothing is known. */
export const memoryTogether = (parts: readonly PerfMemory[]): PerfMemory => ({
  used: sumOf(parts.map(({ used }) => used)),
  committed: sumOf(parts.map(({ committed }) => committed)),
  max: sumOf(parts.map(({ max }) => max)),
});
