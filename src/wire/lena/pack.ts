/** Values and packs of the LENA advertiser's datagrams (envelope and meaning: see the folder's README). */

/** Integers beyond 2^53 are clamped when read: no counter of LENA reaches that. */
export type LenaValue =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'decimal'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'blob'; readonly value: Uint8Array }
  | { readonly type: 'ipv4'; readonly value: string }
  | { readonly type: 'list'; readonly value: readonly LenaValue[] }
  | { readonly type: 'ints' | 'floats' | 'longs'; readonly value: readonly number[] }
  | { readonly type: 'texts'; readonly value: readonly string[] }
  | { readonly type: 'map'; readonly value: LenaMap };
export type LenaMap = ReadonlyMap<string, LenaValue>;

export interface CounterPack {
  readonly pack: 'counters';
  /** Always 0 from real advertisers: stamp on arrival. */
  readonly time: number;
  readonly objName: string;
  /** 1 real time, 3 five minutes. */
  readonly timeType: number;
  readonly counters: LenaMap;
}
export interface ObjectPack {
  readonly pack: 'object';
  readonly objType: string;
  /** CRC-32 of objName, signed. */
  readonly objHash: number;
  readonly objName: string;
  readonly user: string;
  readonly address: string;
  readonly version: string;
  readonly isAlive: boolean;
  readonly wakeup: number;
  readonly tags: LenaMap;
}
export interface DictionaryPack {
  readonly pack: 'dictionary';
  readonly kind: string;
  readonly hash: number;
  readonly text: string;
}
export interface AlertPack {
  readonly pack: 'alert';
  readonly time: number;
  readonly level: number;
  readonly objType: string;
  readonly objHash: number;
  readonly title: string;
  readonly message: string;
  readonly tags: LenaMap;
}
/** A pack whose length cannot be known: the rest of its datagram is skipped and counted. */
export interface OpaquePack {
  readonly pack: 'opaque';
  readonly packType: number;
  readonly skippedBytes: number;
}
export type LenaPack = CounterPack | ObjectPack | DictionaryPack | AlertPack | OpaquePack;
