import path from 'node:path';

/** Where the owner of a port takes asks for dumps; beside the one its datagrams' content is handed on by. */
export const dumpSocketFileOf = (directory: string, port: number): string =>
  path.join(directory, `dumps-${port}.sock`);
