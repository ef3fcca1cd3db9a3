import type { L9sDatagram } from '../../../wire/l9s/datagram.ts';

/** Entries of the lists a datagram makes us keep. */
export function listLength(datagram: L9sDatagram): number {
  switch (datagram.type) {
    case 'jvm': {
      const { pools, gc, connectors, dataSources } = datagram;
      return (
        (pools?.length ?? 0) + (gc?.length ?? 0) + (connectors?.length ?? 0) + (dataSources?.length ?? 0)
      );
    }
    case 'web':
      return datagram.workers?.length ?? 0;
    case 'session':
    case 'node':
    case 'event':
    case 'bye':
      return 0;
  }
}

/** Without the single pauses, which are taken once and not kept with the figures. */
export const withoutPauses = (datagram: L9sDatagram): L9sDatagram =>
  datagram.type === 'jvm' && datagram.pauses !== undefined ? { ...datagram, pauses: undefined } : datagram;

export function withoutLists(datagram: L9sDatagram): L9sDatagram {
  switch (datagram.type) {
    case 'jvm':
      return {
        ...datagram,
        pools: undefined,
        gc: undefined,
        pauses: undefined,
        connectors: undefined,
        dataSources: undefined,
      };
    case 'web':
      return { ...datagram, workers: undefined };
    case 'session':
    case 'node':
    case 'event':
    case 'bye':
      return datagram;
  }
}
