/** Numbers from one seed, so that what a fuzz finds is found again. */
export interface Dice {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    below: (limit) => next() % limit,
    pick(items) {
      const item = items[next() % items.length];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
  };
}

/** Bytes that lengths, counts and signs turn bad with. */
const BAD_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xfd, 0xfe, 0xff] as const;
const DIGITS = Buffer.from('0123456789.-+eE"{}[],:|#@');

type Mutation = (bytes: Buffer, others: readonly Uint8Array[], dice: Dice) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, _, dice) {
    for (let count = 1 + dice.below(8); count > 0; count--) {
      const at = dice.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
    }
    return bytes;
  },
  function cut(bytes, _, dice) {
    return bytes.subarray(0, dice.below(bytes.length + 1));
  },
  function cutOut(bytes, _, dice) {
    const from = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + dice.below(32))]);
  },
  function splice(bytes, others, dice) {
    const other = dice.pick(others);
    return Buffer.concat([
      bytes.subarray(0, dice.below(bytes.length)),
      other.subarray(dice.below(other.length)),
    ]);
  },
  function blowUpLengths(bytes, _, dice) {
    const at = dice.below(bytes.length);
    for (let i = at; i < Math.min(bytes.length, at + 1 + dice.below(5)); i++) bytes[i] = dice.pick(BAD_BYTES);
    return bytes;
  },
  function repeatPart(bytes, _, dice) {
    const from = dice.below(bytes.length);
    const part = bytes.subarray(from, from + 1 + dice.below(64));
    return Buffer.concat([
      bytes.subarray(0, from),
      ...new Array<Buffer>(1 + dice.below(40)).fill(part),
      bytes.subarray(from),
    ]);
  },
  function changeText(bytes, _, dice) {
    for (let count = 1 + dice.below(6); count > 0; count--)
      bytes[dice.below(bytes.length)] = DIGITS[dice.below(DIGITS.length)] ?? 0x30;
    return bytes;
  },
];

/** One to three of: bits flipped, cut, cut out, spliced with another, lengths blown up, parts repeated, text changed. */
export function mutate(bytes: Uint8Array, others: readonly Uint8Array[], dice: Dice): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let count = 1 + dice.below(3); count > 0 && mutated.length > 0; count--)
    mutated = dice.pick(MUTATIONS)(mutated, others, dice);
  return mutated.subarray(0, 65_507);
}
