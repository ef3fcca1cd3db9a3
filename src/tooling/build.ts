import { chmodSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../..');
const OUT = path.join(ROOT, 'dist');

/** Ink asks for the developer tools only when DEV is set; the bundle never needs them. */
const withoutDevtools: Plugin = {
  name: 'without-devtools',
  setup(context) {
    context.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'devtools', namespace: 'stub' }));
    context.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
      contents: 'export default {}',
      loader: 'js',
    }));
  },
};

/** `ink-table` is CommonJS and would `require` Ink, an ES module with top-level await: make its requires imports. */
const inkTableAsModule: Plugin = {
  name: 'ink-table-as-module',
  setup(context) {
    context.onLoad({ filter: /node_modules[\\/]ink-table[\\/]dist[\\/].*\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const imports: string[] = [];
      const contents = source.replace(/require\((["'][^"']+["'])\)/g, (_call, name: string) => {
        imports.push(`import * as required${imports.length} from ${name};`);
        return `required${imports.length - 1}`;
      });
      const head = `${imports.join('\n')}\nconst exports = {};\nconst module = { exports };\n`;
      return {
        contents: `${head}${contents}\nexport default module.exports.default ?? exports.default;\n`,
        loader: 'js',
      };
    });
  },
};

/**
 * Yoga's loader fetches its own data URL where there is a `fetch`: that loads Node's HTTP client, 20 ms before the
 * first frame. Without one it decodes the same bytes itself.
 */
const yogaWithoutFetch: Plugin = {
  name: 'yoga-without-fetch',
  setup(context) {
    context.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const contents = source.replaceAll('"function"!=typeof fetch', 'true');
      if (contents === source) throw new Error(`${file} asks for fetch in another way`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Ink and its helpers bring five copies of an older string-width, each of which builds the tables of all emoji when
 * it is loaded. One copy measures for everybody, so that Ink cuts lines where the console does.
 */
const oneStringWidth: Plugin = {
  name: 'one-string-width',
  setup(context) {
    const file = path.join(ROOT, 'node_modules/string-width/index.js');
    context.onResolve({ filter: /^string-width$/ }, () => ({ path: file }));
    // The set of all emoji takes 20 ms to build and no frame needs it before there is an emoji to measure.
    context.onLoad({ filter: /node_modules[\\/]string-width[\\/]index\.js$/ }, async ({ path: source }) => {
      const text = await readFile(source, 'utf8');
      const contents = text
        .replace(
          /const emojiPrefixRegex = (.+);\n/,
          'let emojiPrefix;\nconst prefixOfEmoji = () => (emojiPrefix ??= $1);\n',
        )
        .replaceAll('emojiPrefixRegex.', 'prefixOfEmoji().');
      if (!contents.includes('??= /') || contents.includes('emojiPrefixRegex'))
        throw new Error(`${source} builds its emoji in another way`);
      return { contents, loader: 'js' };
    });
  },
};

/** What all programs are built with. */
const BASE = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);",
  },
} as const;

/** Writes dist/: one small entry, everything heavy behind dynamic imports; the simulated fleet and the threads that receive and analyse are programs of their own. */
export async function buildAll(
  out: string = OUT,
): Promise<readonly { readonly file: string; readonly bytes: number }[]> {
  rmSync(out, { recursive: true, force: true });
  const result = await build({
    ...BASE,
    entryPoints: { l9s: 'src/cli/main.ts', fleet: 'fixtures/fleet/main.ts' },
    outdir: out,
    splitting: true,
    jsx: 'automatic',
    chunkNames: 'chunks/[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutDevtools, inkTableAsModule, yogaWithoutFetch, oneStringWidth],
  });
  // In one piece: it starts beside the first frame, and what it shares would split the chunks that frame needs.
  const thread = await build({
    ...BASE,
    entryPoints: { 'receiver-thread': 'src/sources/telemetry/receiver-thread.ts' },
    outdir: out,
  });
  const analysis = await build({
    ...BASE,
    entryPoints: { 'analysis-worker': 'src/app/analysis-worker.ts' },
    outdir: out,
  });
  chmodSync(path.join(out, 'l9s.js'), 0o755);
  return [result, thread, analysis].flatMap(({ metafile }) =>
    Object.entries(metafile.outputs).map(([file, { bytes }]) => ({ file, bytes })),
  );
}

if (import.meta.main) await buildAll();
