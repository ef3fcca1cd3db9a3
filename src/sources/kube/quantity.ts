const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/;

/** A Kubernetes quantity (`512Mi`, `250m`, `1e9`) as a number: bytes for memory, cores for CPU. */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const match = FORM.exec(value);
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix = ''] = match;
  const number =
    Number(digits) * (exponent === undefined ? (FACTORS[suffix] ?? Number.NaN) : 10 ** Number(exponent));
  return Number.isFinite(number) ? number : undefined;
}
