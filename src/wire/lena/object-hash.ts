import { crc32 } from 'node:zlib';

/** How LENA names an object in a number: CRC-32 of its UTF-8 name, signed. */
export const objHashOf = (objName: string): number => crc32(objName) | 0;
