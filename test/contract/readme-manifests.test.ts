import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { createProgram } from '../../src/cli/program.ts';
import { configSchema } from '../../src/config/schema.ts';
import { startKube } from '../support/fleet-kube.ts';
import { writerOf } from '../support/fleet-kube-writer.ts';

const readme = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  Array.from(
    readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')),
    ([, text = '']) => text,
  );

const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});
const documents = blocks('yaml').flatMap((text) =>
  parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, [], text);
    const value: unknown = document.toJS();
    return value;
  }),
);
const isManifest = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'apiVersion' in value;
const manifests = documents.filter(isManifest).map((value) => manifestSchema.parse(value));

const program = createProgram(() => Promise.resolve());

/** Follows a command line of ours word by word; every option must exist and have its value. */
function checkCommandLine(words: readonly string[]): void {
  const line = words.join(' ');
  assert.match(words[0] ?? '', /(?:^|\/)l9s$/, line);
  let command: Command = program;
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) {
      const next = command.commands.find((candidate) => candidate.name() === word);
      assert.ok(next, `${line}: no command ${word}`);
      command = next;
      continue;
    }
    const known = [...command.options, ...program.options].find(
      ({ long, short }) => long === word || short === word,
    );
    assert.ok(known, `${line}: ${command.name()} has no option ${word}`);
    if (!known.required) continue;
    index++;
    assert.ok(words[index] !== undefined && !words[index]?.startsWith('-'), `${line}: ${word} needs a value`);
  }
}

const containerSchema = z.looseObject({
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
});
function containersOf(value: unknown): z.output<typeof containerSchema>[] {
  if (Array.isArray(value)) return value.flatMap(containersOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'containers' ? z.array(containerSchema).parse(inner) : containersOf(inner),
  );
}

const RESOURCES: Readonly<Record<string, string>> = {
  Service: 'services',
  StatefulSet: 'statefulsets',
  Deployment: 'deployments',
  DaemonSet: 'daemonsets',
};

describe('the manifests of the README', () => {
  test('there is a collector, an agent beside a JVM and two units', () => {
    assert.deepEqual(
      new Set(manifests.map(({ kind }) => kind)),
      new Set(['Service', 'StatefulSet', 'Deployment']),
    );
    assert.equal(blocks('ini').length, 2);
  });

  for (const version of ['1.20.2', '1.36.2'] as const)
    test(`an API server ${version} takes each of them`, async (t) => {
      const kube = await startKube(t, { version });
      const { send } = writerOf(kube);
      for (const name of new Set(manifests.map(({ metadata }) => metadata.namespace))) {
        await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      }
      for (const manifest of manifests) {
        const resource = RESOURCES[manifest.kind] ?? '';
        const base = manifest.apiVersion === 'v1' ? '/api/v1' : `/apis/${manifest.apiVersion}`;
        const answer = await send(
          'POST',
          `${base}/namespaces/${manifest.metadata.namespace}/${resource}?fieldValidation=Strict`,
          manifest,
        );
        assert.equal(answer.status, 201, answer.text);
      }
    });

  test('commands of ours in containers and units exist with their options', () => {
    const inContainers = manifests
      .flatMap(containersOf)
      .map(({ command = [], args = [] }) => [...command, ...args])
      .filter(([first]) => first?.endsWith('l9s') === true);
    const inUnits = blocks('ini').flatMap((text) =>
      Array.from(text.matchAll(/^ExecStart=(.+)$/gm), ([, line = '']) => line.split(' ')),
    );
    assert.ok(inContainers.length >= 2 && inUnits.length === 2);
    for (const words of [...inContainers, ...inUnits]) checkCommandLine(words);
  });

  test('pieces of configuration are accepted', () => {
    const pieces = documents.filter((value) => !isManifest(value));
    assert.ok(pieces.length >= 3);
    for (const piece of pieces) assert.doesNotThrow(() => configSchema.parse(piece));
  });
});
