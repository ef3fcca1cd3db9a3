/** What the receiver counted since it began; all numbers only grow. */
export interface Tallies {
  /** Everything the socket handed over: the sum of all that follows was part of it. */
  datagrams: number;
  /** From addresses the allow-list does not name. */
  denied: number;
  /** Refused because they did not decode, or named a sender in an impossible way. */
  rejected: number;
  /** Of no form known here: of their sender they say no more than that it lives. */
  unknownForm: number;
  /** Not read because their sender sent more than its rate. */
  limited: number;
  /** Costly ones that were not read because their socket was refused too often within a second. */
  barred: number;
  /** Not read because it is not clear which of several servers of one name they are from. */
  unclear: number;
  /** Servers, not datagrams: those found to call themselves as another of their address does. */
  namesakes: number;
  /** From newcomers without a place: the table is full of living senders, or too many came at once. */
  refused: number;
  /** Chunks of larger packs. */
  fragments: number;
  /** Packs whose form is not known (transactions, profiles). */
  unreadPacks: number;
  /** Dictionary texts, which are not kept. */
  dictionaryPacks: number;
  /** Datagrams that a fault of ours kept from being read. */
  faults: number;
}

export const createTallies = (): Tallies => ({
  datagrams: 0,
  denied: 0,
  rejected: 0,
  unknownForm: 0,
  limited: 0,
  barred: 0,
  unclear: 0,
  namesakes: 0,
  refused: 0,
  fragments: 0,
  unreadPacks: 0,
  dictionaryPacks: 0,
  faults: 0,
});
