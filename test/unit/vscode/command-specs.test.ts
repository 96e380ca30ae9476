/** The table of commands, what package.json offers, and what the documentation says of them. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';
import titles from '../../../package.nls.json';
import { COMMAND_IDS } from '../../../src/vscode/commands/command-ids.js';
import { COMMAND_SPECS } from '../../../src/vscode/commands/command-specs.js';
import { CONTEXT_KEYS, VIEW_KEYS } from '../../../src/vscode/commands/context-key-specs.js';
import { commandsDocument, titleKeyOf } from '../../../src/vscode/commands/docs.js';

const specs = COMMAND_IDS.map((id) => [id, COMMAND_SPECS[id]] as const);

describe('package.json', () => {
  test('offers the commands of the table, in its order, each with its title', () => {
    expect(manifest.contributes.commands.map(({ command, title }) => [command, title])).toEqual(COMMAND_IDS.map((id) => [id, `%${titleKeyOf(id)}%`]));
    for (const id of COMMAND_IDS) expect(titles).toHaveProperty([titleKeyOf(id)]);
  });

  test('offers each in the palette when the table says so', () => {
    const expected = specs.flatMap(([command, { offered }]) => (offered === 'always' ? [] : [{ command, when: offered }]));
    expect(manifest.contributes.menus.commandPalette).toEqual(expected);
  });

  test('enables each when the table says so', () => {
    const actual = manifest.contributes.commands.map((command) => [command.command, 'enablement' in command ? command.enablement : undefined]);
    expect(actual).toEqual(specs.map(([id, { enabled }]) => [id, enabled]));
  });

  test('binds the keys of the table', () => {
    expect(manifest.contributes.keybindings).toEqual(specs.flatMap(([command, { keys }]) => (keys ? [{ command, ...keys }] : [])));
  });

  test('asks for no key in a clause that nobody sets', () => {
    const ofEditor = ['false', 'isWorkspaceTrusted', 'listFocus', 'inputFocus', 'focusedView'];
    const known = new Set<string>([...ofEditor, ...[...CONTEXT_KEYS, ...VIEW_KEYS].map(({ key }) => key)]);
    const clauses = specs.flatMap(([, { offered, enabled, keys }]) => [offered === 'always' ? 'false' : offered, enabled ?? 'false', keys?.when ?? 'false']);
    const asked = clauses.flatMap((clause) => clause.split(/&&|\|\|/)).map((term) => term.trim().replace(/^!| == .*$/g, ''));
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });
});

test('docs/commands.md is what scripts/generate-docs.mjs writes', () => {
  expect(readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8')).toBe(commandsDocument(titles));
});

test('docs/commands.md tells of every command, key and context key', () => {
  const text = commandsDocument(titles);
  const told = specs.flatMap(([id, { takes, keys }]) => [
    `\n## ${id}\n`,
    ...takes.map(({ name }) => `| \`${name}\` |`),
    ...(keys ? [`| \`${keys.key}\` | \`${keys.mac}\` |`] : []),
  ]);
  for (const part of [...told, ...[...CONTEXT_KEYS, ...VIEW_KEYS].map(({ key }) => `| \`${key}\` |`)]) expect(text).toContain(part);
});
