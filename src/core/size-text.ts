const KIBIBYTE = 1_024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size in the largest unit that keeps a whole part: `512 B`, `9.6 MiB`, `1 GiB`, `-3 KiB`. */
export function sizeText(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= KIBIBYTE && unit < UNITS.length - 1) {
    value /= KIBIBYTE;
    unit++;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${bytes < 0 ? '-' : ''}${value.toFixed(digits)} ${UNITS[unit]}`;
}
