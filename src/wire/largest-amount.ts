/** The largest number a JVM counts to (Java's `long`): what claims more is no figure, and would overflow in sums. */
export const LARGEST_AMOUNT = 2 ** 63;
