import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { keyReference } from '../app/key-reference.ts';
import { createProgram } from '../cli/program.ts';
import { withSharedFlags } from '../cli/shared-flags.ts';
import { configReference } from '../config/reference.ts';
import { ERRORS } from '../domain/errors.ts';

const README = path.resolve(import.meta.dirname, '../../README.md');

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

/** Keys as code, `|` and the back quote made safe for a table. */
const codeOf = (keys: readonly string[]): string =>
  keys.map((key) => (key === '|' ? '`\\|`' : key === '`' ? '`` ` ``' : `\`${key}\``)).join(' ');

const sharedFlags = new Set(withSharedFlags(new Command()).options.map(({ flags }) => flags));

function commandRow(command: Command): readonly string[] {
  const names: string[] = [];
  for (let current: Command | null = command; current !== null; current = current.parent)
    names.unshift(current.name());
  const args = command.registeredArguments.map((argument) => {
    const name = `${argument.name().toUpperCase()}${argument.variadic ? '…' : ''}`;
    return argument.required ? name : `[${name}]`;
  });
  const own = command.options.filter(
    ({ flags, hidden }) => (command.parent === null || !sharedFlags.has(flags)) && !hidden,
  );
  return [
    `\`${[...names, ...args].join(' ')}\``,
    command.parent === null ? 'open the console' : command.description(),
    own.map(({ flags }) => `\`${flags.replaceAll('|', '\\|')}\``).join(', '),
  ];
}

/** Parts of the README made from the code, by the name in their markers. */
const PARTS: Readonly<Record<string, () => string>> = {
  keys: () =>
    table(
      ['where', 'keys', 'does'],
      keyReference('en').map(({ where, keys, title }) => [where, codeOf(keys.split(' ')), title]),
    ),
  commands: () => {
    const program = createProgram(() => Promise.resolve());
    return table(
      ['command', 'does', 'options of its own'],
      [program, ...program.commands.flatMap((command) => [command, ...command.commands])].map(commandRow),
    );
  },
  config: () =>
    table(
      ['key', 'type', 'default', 'meaning'],
      configReference().map((line) => [`\`${line.path}\``, line.type, line.defaultValue, line.description]),
    ),
  errors: () =>
    table(
      ['code', 'stage', 'what to do'],
      Object.entries(ERRORS).map(([code, { stage, hint }]) => [`\`${code}\``, stage, hint]),
    ),
};

/** The text with every generated part made anew; a part without markers is an error. */
export function renewParts(text: string): string {
  return Object.entries(PARTS).reduce((before, [name, make]) => {
    const begin = `<!-- generated: ${name} -->`;
    const end = `<!-- /generated: ${name} -->`;
    const from = before.indexOf(begin);
    const to = before.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md lacks the markers of "${name}"`);
    return `${before.slice(0, from + begin.length)}\n${make()}\n${before.slice(to)}`;
  }, text);
}

if (import.meta.main) {
  const text = readFileSync(README, 'utf8');
  const renewed = renewParts(text);
  if (process.argv.includes('--check')) {
    if (renewed !== text) throw new Error('README.md is stale: run `npm run docs`');
  } else {
    writeFileSync(README, renewed);
  }
}
