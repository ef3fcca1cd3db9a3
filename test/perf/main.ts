import { globSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** `npm run bench -- NAME…`: runs the benchmarks named (all without a name), one JSON line each. */
const wanted = process.argv.slice(2);
const files = globSync('*.bench.{ts,tsx}', { cwd: import.meta.dirname }).sort();
const nameOf = (file: string) => path.basename(file).replace(/\.bench\.tsx?$/, '');
const unknown = wanted.filter((name) => !files.some((file) => nameOf(file) === name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${files.map(nameOf).join(', ')}\n`);
  process.exit(2);
}
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
};
for (const file of files) {
  const name = nameOf(file);
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const module: unknown = await import(pathToFileURL(path.join(import.meta.dirname, file)).href);
  if (
    typeof module !== 'object' ||
    module === null ||
    !('run' in module) ||
    typeof module.run !== 'function'
  ) {
    throw new Error(`${file} exports no run()`);
  }
  const figures: unknown = await module.run();
  process.stdout.write(`${JSON.stringify({ bench: name, node: process.version, machine, figures })}\n`);
}
process.exit(0);
