/** The manifest and the code promise each other things that no compiler compares. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';
import { COMMAND_IDS } from '../../../src/vscode/commands/command-ids.js';

const root = join(import.meta.dirname, '../../..');

describe('package.json', () => {
  test('offers the commands that the code has', () => {
    expect(manifest.contributes.commands.map(({ command }) => command).toSorted()).toEqual([...COMMAND_IDS].toSorted());
  });

  test('hides no command by a key that nobody sets', () => {
    const clauses = [
      ...manifest.contributes.commands.flatMap((command) => ('enablement' in command ? [command.enablement] : [])),
      ...manifest.contributes.menus.commandPalette.map(({ when }) => when),
    ];
    const keys = readFileSync(join(root, 'src/vscode/context-keys.ts'), 'utf8');
    for (const clause of clauses) {
      if (clause === 'false' || clause === 'isWorkspaceTrusted') continue;
      expect(keys).toContain(`- \`${clause}\`:`);
    }
  });

  test('describes every setting that the code reads, and no other', () => {
    const read = [...readFileSync(join(root, 'src/vscode/settings.ts'), 'utf8').matchAll(/text\('(\w+)'\)/g)].map(([, key]) => `pypackage.${key}`);
    expect(Object.keys(manifest.contributes.configuration.properties).toSorted()).toEqual(read.toSorted());
  });

  test('lets no repository choose the engine, and takes its other settings only where it is trusted', () => {
    const { properties } = manifest.contributes.configuration;
    expect(properties['pypackage.engine'].scope).toBe('machine');
    const others = Object.keys(properties).filter((key) => key !== 'pypackage.engine');
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.toSorted()).toEqual(others.toSorted());
  });

  test('is activated by files at the top of a folder only', () => {
    for (const event of manifest.activationEvents) expect(event).toMatch(/^workspaceContains:[\w.]+$/);
  });

  test('was made for the oldest editor that it names', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
  });
});
