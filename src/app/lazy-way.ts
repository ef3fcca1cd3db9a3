import type { DumpWayId } from '../domain/dump.ts';
import type { DumpWay } from '../domain/dump-way.ts';

/** Loads when it is wanted first, and then no more. */
export function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

export interface LazyWayOptions {
  /** Among them is the way. */
  readonly load: () => Promise<readonly DumpWay[]>;
  /** It looks for room of heap dumps. @default false */
  readonly hasRoom?: true;
  /** It lists and fetches what servers wrote. @default false */
  readonly hasFiles?: true;
}

/** A way that is loaded when somebody asks it first: what it needs costs every start otherwise. */
export function lazyWay(id: DumpWayId, { load, hasRoom, hasFiles }: LazyWayOptions): DumpWay {
  const own = async (): Promise<DumpWay> => {
    const way = (await load()).find((one) => one.id === id);
    if (way === undefined) throw new Error(`no way ${id}`);
    return way;
  };
  const room: DumpWay['room'] = async (...asked) => (await own()).room?.(...asked);
  const list: DumpWay['list'] = async (...asked) => (await (await own()).list?.(...asked)) ?? [];
  const fetch: DumpWay['fetch'] = async (...asked) => {
    const way = await own();
    if (way.fetch === undefined) throw new Error(`${id} fetches no files`);
    return await way.fetch(...asked);
  };
  return {
    id,
    offer: async (...asked) => (await own()).offer(...asked),
    take: async (...asked) => (await own()).take(...asked),
    ...(hasRoom && { room }),
    ...(hasFiles && { list, fetch }),
  };
}
