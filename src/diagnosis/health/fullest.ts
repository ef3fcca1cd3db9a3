/** How much of something is taken. */
export interface Use {
  readonly name: string;
  readonly used: number;
  readonly max: number;
  /** 0–1, more where more is used than there is. */
  readonly share: number;
}

/** The fullest of several, if it is at least as full as `atLeast`; what has no maximum is never full. */
export function fullest<Part extends { readonly name: string; readonly max?: number | undefined }>(
  parts: readonly Part[] | undefined,
  usedOf: (part: Part) => number | undefined,
  atLeast: number,
): Use | undefined {
  if (parts === undefined) return undefined;
  let found: Use | undefined;
  for (const part of parts) {
    const used = usedOf(part);
    const { name, max } = part;
    if (used === undefined || max === undefined || max <= 0 || used <= 0) continue;
    const share = used / max;
    if (share >= atLeast && share > (found?.share ?? 0)) found = { name, used, max, share };
  }
  return found;
}
