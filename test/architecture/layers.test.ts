import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Layer → layers it may import (README, "Layers"). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  domain: ['core'],
  wire: ['core', 'domain'],
  diagnosis: ['core', 'domain', 'wire'],
  config: ['core', 'domain'],
  store: ['core', 'domain', 'diagnosis'],
  sources: ['core', 'domain', 'wire', 'diagnosis'],
  agent: ['core', 'domain', 'wire', 'diagnosis'],
  actions: ['core', 'domain', 'diagnosis'],
  views: ['core', 'domain', 'diagnosis'],
  ui: ['core', 'domain', 'diagnosis', 'store', 'views', 'actions'],
  app: ['core', 'domain', 'diagnosis', 'config', 'sources', 'store', 'actions', 'views', 'ui', 'agent'],
  cli: ['core', 'domain', 'diagnosis', 'config', 'actions', 'views', 'app'],
  tooling: ['core', 'domain', 'config', 'views', 'actions', 'ui', 'app', 'cli'],
  fixtures: ['core', 'domain', 'wire'],
};

/** Folders of one layer that are closed to each other. */
const CLOSED = /^sources\/([a-z]+)\//;

/** Package → the only places that may see it; a package not listed may be used anywhere. */
const PACKAGE_HOMES: Readonly<Record<string, RegExp>> = {
  ink: /^(ui|app)\//,
  'ink-table': /^(ui|app)\//,
  react: /^(ui|app)\//,
  '@kubernetes/client-node': /^sources\/kube\//,
  '@aws-sdk/client-ecs': /^sources\/ecs\//,
  'dgram-as-promised': /^sources\/telemetry\//,
  zustand: /^store\//,
  commander: /^(cli|tooling)\//,
  '@peculiar/x509': /^fixtures\//,
  esbuild: /^tooling\//,
};

interface Import {
  readonly file: string;
  readonly spec: string;
}

function importsOf(folder: string): Import[] {
  const found: Import[] = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: folder })) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    for (const [, spec] of source.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)) {
      if (spec !== undefined) found.push({ file: file.split(path.sep).join('/'), spec });
    }
  }
  return found;
}

const packageOf = (spec: string): string =>
  spec
    .split('/')
    .slice(0, spec.startsWith('@') ? 2 : 1)
    .join('/');

test('imports follow the layers', () => {
  const bad: string[] = [];
  for (const [folder, prefix] of [
    ['src', ''],
    ['fixtures', 'fixtures/'],
  ] as const) {
    for (const { file, spec } of importsOf(path.join(ROOT, folder))) {
      const from = `${prefix}${file}`;
      const layer = from.split('/')[0] ?? '';
      // A file that its package does not export is still that package.
      const inside = /\/node_modules\/(.+)$/.exec(spec)?.[1];
      if (!spec.startsWith('.') || inside !== undefined) {
        const home = PACKAGE_HOMES[packageOf(inside ?? spec)];
        if (home !== undefined && !home.test(from)) bad.push(`${from} -> package ${spec}`);
        continue;
      }
      const absolute = path.resolve(ROOT, folder, path.dirname(file), spec);
      const inSource = path.relative(path.join(ROOT, 'src'), absolute).split(path.sep).join('/');
      const target = inSource.startsWith('../fixtures/') ? 'fixtures' : (inSource.split('/')[0] ?? '');
      if (target !== layer && !MAY_IMPORT[layer]?.includes(target)) bad.push(`${from} -> ${spec}`);
      const own = CLOSED.exec(from)?.[1];
      const other = CLOSED.exec(inSource)?.[1];
      if (own !== undefined && other !== undefined && own !== other) bad.push(`${from} -> ${spec}`);
    }
  }
  assert.deepEqual(bad, []);
});

test('only the command line prints or exits', () => {
  const bad: string[] = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: path.join(ROOT, 'src') })) {
    const place = file.split(path.sep).join('/');
    if (/^(cli|tooling)\//.test(place)) continue;
    const source = readFileSync(path.join(ROOT, 'src', file), 'utf8');
    if (/\bprocess\.(exit|stdout\.write)\(/.test(source)) bad.push(place);
  }
  assert.deepEqual(bad, []);
});
