import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/core/config/read-config.js';
import { rememberSystemPackages } from '../../../src/core/config/remember.js';
import { makeFolder, userErrorOf } from '../project/folder.js';

test('makes the file where there is none', async () => {
  const root = await makeFolder();
  expect(await rememberSystemPackages(root, 'polls', 'build', ['libpq-dev', 'libfoo-dev', 'libpq-dev'])).toEqual({
    file: 'pypackage.json',
    added: ['libfoo-dev', 'libpq-dev'],
  });
  expect(await readFile(`${root}/pypackage.json`, 'utf8')).toBe(`// What PyPackage Docker cannot find out itself. Everything else is detected.
{
  "version": 1,
  "targets": {
    "polls": {
      "systemPackages": {
        "build": [
          "libfoo-dev",
          "libpq-dev"
        ]
      }
    }
  }
}
`);
  expect(await readdir(root)).toEqual(['pypackage.json']);
});

test('leaves comments, indentation and other keys alone', async () => {
  const text = `{
\t"version": 1, // one
\t"targets": {
\t\t"web": {
\t\t\t"systemPackages": {
\t\t\t\t// for the icons
\t\t\t\t"run": ["librsvg2-2" /* svg */]
\t\t\t}
\t\t}
\t}
}
`;
  const root = await makeFolder({ 'pypackage.json': text });
  expect(await rememberSystemPackages(root, 'other', 'run', ['libmagic1', 'librsvg2-2'])).toMatchObject({ added: ['libmagic1'] });
  const changed = await readFile(`${root}/pypackage.json`, 'utf8');
  for (const kept of ['// one', '// for the icons', '/* svg */']) expect(changed).toContain(kept);
  expect((await readConfig(root)).target.systemPackages).toEqual({ build: [], run: ['librsvg2-2', 'libmagic1'] });
  expect((await rememberSystemPackages(root, 'other', 'run', ['libmagic1'])).added).toEqual([]);
  expect(await readFile(`${root}/pypackage.json`, 'utf8')).toBe(changed);
});

test('what the defaults say stays in force', async () => {
  const root = await makeFolder({ 'pypackage.json': '{"version":1,"defaults":{"systemPackages":{"build":["a-dev"]}},"targets":{"t":{}}}' });
  await rememberSystemPackages(root, 't', 'build', ['b-dev']);
  expect((await readConfig(root)).target.systemPackages.build).toEqual(['a-dev', 'b-dev']);
});

test('a file that is not understood is not touched', async () => {
  const root = await makeFolder({ 'pypackage.json': '{"version":1,' });
  expect((await userErrorOf(rememberSystemPackages(root, 't', 'build', ['b-dev']))).code).toBe('config-invalid');
  expect(await readFile(`${root}/pypackage.json`, 'utf8')).toBe('{"version":1,');
});
