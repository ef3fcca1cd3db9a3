const FULL = '▇';
const EMPTY = '▁';

/** A bar of `cells` for a share 0–100; anything above nothing shows at least one cell. */
export function bar(percent: number, cells: number): string {
  const share = Math.min(100, Math.max(0, percent)) / 100;
  const filled = share === 0 ? 0 : Math.max(1, Math.round(share * cells));
  return FULL.repeat(filled) + EMPTY.repeat(cells - filled);
}
