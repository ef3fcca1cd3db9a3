/**
 * The same text in memory of its own. A part cut out of a datagram's text holds all of that text for as long as it is
 * kept; what is kept goes through here.
 */
export const ownText = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
