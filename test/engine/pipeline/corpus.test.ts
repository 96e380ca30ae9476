/** The quick part of `npm run corpus`: projects of the package index as they are, each to a release in which all can be imported. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LABEL } from '../../../src/core/engine/labels.js';
import { imports } from '../../../src/core/pipeline/image-facts.js';
import { PROJECTS } from '../../corpus/projects.mjs';
import { unpackSdist } from '../../corpus/sdist.mjs';
import { useSandbox } from '../../support/core.js';
import { inspectImage } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const quick = PROJECTS.filter((project) => project.quick);

test('the quick part is four projects', () => {
  expect(quick).toHaveLength(4);
});

describe.each(quick)('$name $version', (project) => {
  test('is packaged, and each of its modules can be imported', async () => {
    const { root } = await unpackSdist(project, { cache: join(sandbox.folder, 'downloads'), folder: sandbox.folder });
    if (project.config) await writeFile(join(root, 'pypackage.json'), JSON.stringify(project.config));
    const run = await sandbox.make(root);
    const { Config } = await inspectImage(`${run.release.image}:latest`);
    const { ok, failed } = imports.parse(JSON.parse(Config.Labels?.[LABEL.imports] ?? '{}'));
    expect(failed).toEqual({});
    expect(ok.length).toBeGreaterThan(0);
  });
});

test('none of their names stands in the sources, but in the table of system packages', async () => {
  const source = join(import.meta.dirname, '../../../src');
  const files = (await readdir(source, { recursive: true })).filter((path) => /\.(?:ts|py|sh)$/.test(path) && !path.endsWith('system-packages-table.ts'));
  // Words of English, and of the web's frameworks, say nothing.
  const words = PROJECTS.map(({ name }) => name).filter((name) => !['attrs', 'mcp', 'flask'].includes(name));
  const found: string[] = [];
  for (const path of files) {
    const text = await readFile(join(source, path), 'utf8');
    for (const word of words) if (new RegExp(`\\b${word}\\b`, 'i').test(text)) found.push(`${path}: ${word}`);
  }
  expect(found).toEqual([]);
});
