import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

/** As VS Code unpacked it: what is not in this list has no business on a user's disk. */
test('the VSIX holds these files', () => {
  const { extensions, vsix } = inject('editor');
  const folder = readdirSync(extensions).find((name) => name.startsWith('pypackage.pypackage-docker-')) ?? '';
  const files = readdirSync(join(extensions, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map((entry) => join(entry.parentPath, entry.name).slice(join(extensions, folder).length + 1)).toSorted()).toEqual([
    '.vsixmanifest',
    'LICENSE.txt',
    'changelog.md',
    'dist/core-client.js',
    'dist/extension.js',
    'dist/on-demand.js',
    'dist/worker.js',
    'media/icon.png',
    'media/pictures/build.png',
    'media/pictures/dockerfile.png',
    'media/pictures/problem.png',
    'media/pictures/sidebar.png',
    'media/pictures/wheel-editor.png',
    'media/pypackage-output.tmLanguage.json',
    'media/sidebar.svg',
    'media/wheel-editor/wheel.css',
    'media/wheel-editor/wheel.js',
    'package.json',
    'package.nls.json',
    'readme.md',
  ]);
  // Small enough to be installed while one waits.
  expect(statSync(vsix).size).toBeLessThan(1_000_000);
});
