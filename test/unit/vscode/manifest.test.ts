/** The manifest and the code promise each other things that no compiler compares. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json';

const root = join(import.meta.dirname, '../../..');

describe('package.json', () => {
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

  test('is activated by files at the top of a folder or a little below, and by a Python file that is opened', () => {
    // A pattern with ** would look through the whole of every workspace that anybody opens.
    for (const event of manifest.activationEvents) expect(event).toMatch(/^(workspaceContains:(\*\/){0,2}[\w.]+|onLanguage:python)$/);
  });

  test('was made for the oldest editor that it names', () => {
    expect(manifest.engines.vscode).toBe(`^${manifest.devDependencies['@types/vscode']}`);
  });

  test('has an icon of 256 by 256 pixels, as a PNG', () => {
    const icon = readFileSync(join(root, manifest.icon));
    // https://www.w3.org/TR/png-3/#11IHDR
    expect(icon.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([256, 256]);
  });
});
