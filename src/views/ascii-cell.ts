const ASCII_ONLY = /^[\x20-\x7e]*$/;

/** A name for a cell of a small table, where everything else is drawn as `?`. */
export const asciiCell = (name: string): string =>
  ASCII_ONLY.test(name) ? name : name.replace(/[^\x20-\x7e]/gu, '?');
