import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameInTable, readProjectName } from '../../../src/vscode/project-name.js';

describe('the name before the core was asked', () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'pypackage-name-'));
    folder = join(parent, 'My Site');
    mkdirSync(folder);
  });

  afterEach(() => rmSync(parent, { recursive: true }));

  test.each([
    ['pyproject.toml', '[build-system]\nname = "no"\n[project]\nversion = "1"\nname = "polls"\n', 'polls'],
    ['pyproject.toml', "[tool.poetry]\nname = 'polls'\n", 'polls'],
    ['pyproject.toml', '[ project ] # ours\nname="polls" # its name\n', 'polls'],
    ['setup.cfg', '[metadata]\nname = polls\n', 'polls'],
    ['setup.py', 'setup(name="polls")\n', 'My Site'],
    ['manage.py', '', 'My Site'],
  ])('%s: %j', async (file, text, name) => {
    writeFileSync(join(folder, file), text);
    expect(await readProjectName(folder)).toBe(name);
  });

  test('a folder without any of the files is no project', async () => {
    writeFileSync(join(folder, 'main.py'), '');
    expect(await readProjectName(folder)).toBeUndefined();
  });

  test('setup.cfg names it where pyproject.toml holds only settings of tools', async () => {
    writeFileSync(join(folder, 'pyproject.toml'), '[tool.black]\nline-length = 100\n');
    writeFileSync(join(folder, 'setup.cfg'), '[metadata]\nname = polls\n');
    expect(await readProjectName(folder)).toBe('polls');
  });
});

test('a key of another table is not taken for the name', () => {
  expect(nameInTable('[project.urls]\nname = "x"\n[[project.authors]]\nname = "y"\n', 'project')).toBeUndefined();
});
