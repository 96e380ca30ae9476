import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nameInTable, projectAbove, readProjectName } from '../../../src/vscode/project-name.js';

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
    ['requirements.txt', 'flask\n', 'My Site'],
  ])('%s: %j', async (file, text, name) => {
    writeFileSync(join(folder, file), text);
    expect(await readProjectName(folder)).toBe(name);
  });

  test('a folder without any of the files is no project', async () => {
    writeFileSync(join(folder, 'main.py'), '');
    expect(await readProjectName(folder)).toBeUndefined();
  });

  test('files that only configure tools make no project', async () => {
    writeFileSync(join(folder, 'pyproject.toml'), '[tool.black]\nline-length = 100\n');
    writeFileSync(join(folder, 'setup.cfg'), '[flake8]\n');
    expect(await readProjectName(folder)).toBeUndefined();
  });

  test('the project of a file is the nearest above it, and within the folder that is open', async () => {
    const write = (file: string, text: string): void => {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    write('pyproject.toml', '[tool.ruff]\n');
    write('services/api/pyproject.toml', '[project]\nname = "api"\n');
    write('services/api/requirements/requirements.txt', '');
    write('services/web/requirements.txt', '');
    write('services/web/app.py', '');
    write('notes/requirements.txt', '');
    const above = async (file: string): Promise<string | undefined> => (await projectAbove(join(folder, file), folder))?.root.slice(folder.length);
    expect(await above('services/api/src/api/views.py')).toBe('/services/api');
    expect(await above('services/api/requirements/x.txt')).toBe('/services/api');
    expect(await above('services/web/lib/x.py')).toBe('/services/web');
    expect(await above('notes/deep/x.py')).toBeUndefined();
    writeFileSync(join(parent, 'setup.py'), '');
    expect(await above('README.md')).toBeUndefined();
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
