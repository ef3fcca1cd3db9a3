/** The type byte before each value. */
export const VALUE_TYPE = {
  null: 0,
  boolean: 10,
  decimal: 20,
  float: 30,
  double: 40,
  text: 50,
  blob: 60,
  ipv4: 61,
  list: 70,
  ints: 71,
  floats: 72,
  texts: 73,
  longs: 74,
  map: 80,
} as const;

/** The type byte before each pack. */
export const PACK_TYPE = {
  profile: 25,
  transaction: 20,
  dictionary: 50,
  counters: 60,
  alert: 70,
  object: 80,
} as const;

export const MAGIC = { one: 'JAVA', several: 'JAVN', fragment: 'JMTU' } as const;

/** Limits on what one pack may claim. */
export const LIMIT = { nesting: 8, entries: 10_000, packs: 4_096 } as const;
