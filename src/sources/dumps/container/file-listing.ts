/** What `ls -ln` says of a folder or of one file. */
export interface FileListing {
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** Lines that are neither a plain file with a name of one word nor a folder. */
  readonly unread: number;
}

/** The time as GNU and busybox write it, whatever the language: `Nov 21 10:00`, `2026-11-21 10:00`. */
const TIME = String.raw`(?:\d{4}-\d\d-\d\d \d\d:\d\d(?::\S+)?(?: [+-]\d{4})?|\S+ +\S+ +(?:\d\d:\d\d|\d{4}))`;
const FILE = new RegExp(String.raw`^-[rwxsStT-]{9}[.+@]? +\d+ +\d+ +\d+ +(\d{1,15}) +${TIME} (\S+)$`);
const FOLDER_OR_SUM = /^(?:d|total |합계 )/;

export function readListing(said: string): FileListing {
  const files: { name: string; sizeBytes: number }[] = [];
  let unread = 0;
  for (const line of said.split(/\r?\n/)) {
    const [, size, name] = FILE.exec(line) ?? [];
    if (size !== undefined && name !== undefined) files.push({ name, sizeBytes: Number(size) });
    else if (line.trim() !== '' && !FOLDER_OR_SUM.test(line)) unread++;
  }
  return { files, unread };
}
