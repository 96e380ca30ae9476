import { rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { UserError } from '../../../src/core/errors.js';
import type { OpenRequirements } from '../../../src/core/locks/locked.js';
import { readOpenRequirements, type OpenRequest } from '../../../src/core/locks/open-requirements.js';
import { matchesGlob } from '../../../src/core/locks/workspace.js';
import { detectProject } from '../../../src/core/project/detect.js';
import { makeFolder, userErrorOf, writeFiles } from '../project/folder.js';
import { PYTHON_313 } from './environment.js';
import { copyOf } from './fixtures.js';

async function read(folder: string, request: Partial<Omit<OpenRequest, 'project'>> = {}): Promise<OpenRequirements> {
  return readOpenRequirements({ project: await detectProject(folder), environment: PYTHON_313, extras: [], groups: [], ...request });
}

async function failure(folder: string, request: Partial<Omit<OpenRequest, 'project'>> = {}): Promise<UserError> {
  return userErrorOf(read(folder, request));
}

function project(name: string, more: string): string {
  return `[project]\nname = "${name}"\nversion = "1.0"\n${more}\n`;
}

describe('what has to be resolved', () => {
  test('dependencies, extras, groups and those of the configuration, as far as their markers hold', async () => {
    const folder = await copyOf('app');
    expect((await read(folder)).requirements).toEqual(['MarkupSafe>=3', 'click>=8.1,<9', 'odfpy>=1.4']);
    const { requirements } = await read(folder, { extras: ['all'], groups: ['dev'], requirements: ['gunicorn>=23'] });
    expect(requirements).toEqual([
      'MarkupSafe>=3',
      'click>=8.1,<9',
      'gunicorn>=23',
      'iniconfig>=2',
      'markdown-it-py[linkify]>=3',
      'odfpy>=1.4',
      'pluggy>=1.5',
      'six',
    ]);
  });

  test('the requirements of a wheel stand for those of the project', async () => {
    expect((await read(await copyOf('app'), { requiresDist: ['rich', "toolz ; extra == 'x'"] })).requirements).toEqual(['rich']);
  });

  test('an unknown group', async () => {
    expect(await failure(await copyOf('app'), { groups: ['checs'] })).toMatchObject({
      code: 'unknown-group',
      where: { file: 'pyproject.toml', line: 21 },
      fix: 'Did you mean checks?',
    });
  });

  test('requirements files of a site', async () => {
    const folder = await makeFolder({
      'setup.cfg': '[metadata]\nname = site\n',
      'requirements.txt': 'django\n-c constraints.txt\n-e ./lib[fast]\n./loose-1.0-py3-none-any.whl\ntzdata ; sys_platform == "win32"\n--pre\n',
      'constraints.txt': 'django<6\n',
      'lib/setup.cfg': '[metadata]\nname = lib\n',
      'loose-1.0-py3-none-any.whl': '',
    });
    expect(await read(folder, { requirementsFiles: ['requirements.txt'] })).toMatchObject({
      requirements: ['django'],
      constraints: ['django<6'],
      folders: [{ name: 'lib', path: 'lib', extras: ['fast'], place: { file: 'requirements.txt', line: 3 } }],
      files: [{ name: 'loose', path: 'loose-1.0-py3-none-any.whl' }],
      options: { pre: true },
    });
  });
});

describe('where names come from', () => {
  test('all kinds of tool.uv.sources, also those of folders that are taken in', async () => {
    const folder = path.join(await copyOf('sources'), 'app');
    const open = await read(folder);
    expect(open.requirements).toEqual([
      'iniconfig @ https://files.pythonhosted.org/packages/cb/b1/3846dd7f199d53cb17f49cba7e651e9ce294d8497c8c150530ed11865bb8/iniconfig-2.3.0-py3-none-any.whl',
      'remote @ git+https://git.example.org/remote.git@v1#subdirectory=python',
      'six',
    ]);
    expect(open.folders).toMatchObject([
      { name: 'deeper', path: '../lib', version: '0.3.0', place: { file: '../side/pyproject.toml', line: 18 } },
      { name: 'member', path: 'packages/member', version: '0.2.0', place: { file: 'pyproject.toml', line: 22 } },
      { name: 'side', path: '../side', extras: ['fast'], version: '0.1.0', place: { file: 'pyproject.toml', line: 23 } },
    ]);
    expect(open.files).toMatchObject([{ name: 'loose', path: 'wheels/loose-1.0-py3-none-any.whl' }]);
    expect(open.options.indexes).toEqual([{ name: 'pinned', url: 'https://pypi.org/simple/', packages: ['six'], searched: false, isDefault: false }]);
  });

  test('no name with a folder is ever asked of an index, wherever it is asked for', async () => {
    const folder = path.join(await copyOf('sources'), 'app');
    const { requirements } = await read(folder, { requiresDist: ['member>=0.1', 'side', 'deeper', 'loose', 'rich'], requirements: ['member[x]'] });
    expect(requirements).toEqual(['rich']);
  });

  test('a member of a workspace takes the sources and the indexes of its root', async () => {
    const above = await copyOf('sources');
    const member = path.join(above, 'app/packages/member');
    await writeFiles(member, {
      'pyproject.toml': project(
        'member',
        'dependencies = ["side", "six", "sourced-app"]\n[tool.uv.sources]\nsourced-app = { workspace = true }\nsix = { index = "own" }\n[[tool.uv.index]]\nname = "own"\nurl = "https://me:secret@own.example.org/simple"\ndefault = true',
      ),
    });
    const open = await read(member);
    expect(open.folders.map(({ name, path }) => `${name} ${path}`)).toEqual(['deeper ../../../lib', 'side ../../../side', 'sourced-app ../..']);
    expect(open.options.indexes).toEqual([
      { name: 'pinned', url: 'https://pypi.org/simple/', packages: [], searched: false, isDefault: false },
      { name: 'own', url: 'https://own.example.org/simple', packages: ['six'], searched: true, isDefault: true },
    ]);
    expect(open.requirements).toContain('remote @ git+https://git.example.org/remote.git@v1#subdirectory=python');
  });

  test('sources for one system, one extra, one group', async () => {
    const folder = await makeFolder({
      'pyproject.toml': project(
        'app',
        [
          'dependencies = ["torch", "tool"]',
          '[project.optional-dependencies]',
          'gpu = ["torch"]',
          '[dependency-groups]',
          'dev = ["tool"]',
          '[tool.uv.sources]',
          'torch = [{ index = "cpu", marker = "sys_platform == \'win32\'" }, { index = "gpu", extra = "gpu" }]',
          'tool = { git = "git@git.example.org:owner/tool.git", rev = "abc", group = "dev" }',
          '[[tool.uv.index]]\nname = "cpu"\nurl = "https://cpu.example.org"\nexplicit = true',
          '[[tool.uv.index]]\nname = "gpu"\nurl = "https://gpu.example.org"\nexplicit = true',
        ].join('\n'),
      ),
    });
    expect((await read(folder)).requirements).toEqual(['tool', 'torch']);
    const open = await read(folder, { extras: ['gpu'], groups: ['dev'] });
    expect(open.requirements).toContain('tool @ git+ssh://git@git.example.org/owner/tool.git@abc');
    expect(open.options.indexes.map(({ name, packages }) => [name, packages])).toEqual([
      ['cpu', []],
      ['gpu', ['torch']],
    ]);
  });

  test('Poetry’s folders, repositories and sources', async () => {
    const folder = await makeFolder({
      'pyproject.toml': [
        '[tool.poetry]\nname = "app"\nversion = "1"',
        '[tool.poetry.dependencies]\npython = "^3.11"\nlib = { path = "../lib", develop = true }\nrepo = { git = "https://git.example.org/repo.git", branch = "main" }\nrich = { version = "^13", source = "own" }',
        '[[tool.poetry.source]]\nname = "own"\nurl = "https://own.example.org/simple"\npriority = "explicit"',
      ].join('\n'),
      '../lib/pyproject.toml': project('lib', 'dependencies = []'),
    });
    // As poetry-core writes a path into the wheel, from where it was built.
    const open = await read(folder, { requiresDist: ['lib @ file:///src/lib', 'repo @ git+https://git.example.org/repo.git@main', 'rich (>=13,<14)'] });
    expect(open.folders).toMatchObject([{ name: 'lib', path: '../lib' }]);
    expect(open.requirements).toEqual(['repo @ git+https://git.example.org/repo.git@main', 'rich>=13,<14']);
    expect(open.options.indexes).toEqual([{ name: 'own', url: 'https://own.example.org/simple', packages: ['rich'], searched: false, isDefault: false }]);
    await rm(path.join(folder, '../lib'), { recursive: true });
    expect(await failure(folder)).toMatchObject({ code: 'sources-invalid', where: { file: 'pyproject.toml', line: 6 } });
  });

  test('paths of PDM and Hatch in requirements', async () => {
    const folder = await makeFolder({
      'pyproject.toml': project(
        'app',
        'dependencies = ["one @ file:///${PROJECT_ROOT}/one", "two[x] @ {root:uri}/libs/two"]\n[[tool.pdm.source]]\nname = "own"\nurl = "https://own.example.org/simple"\ninclude_packages = ["acme-*"]',
      ),
      'one/setup.py': 'from setuptools import setup\nsetup(name="one")\n',
      'libs/two/pyproject.toml': project('two', 'dependencies = ["rich"]'),
    });
    expect(await read(folder)).toMatchObject({
      requirements: [],
      folders: [
        { name: 'one', path: 'one' },
        { name: 'two', path: 'libs/two', extras: ['x'] },
      ],
      options: { indexes: [{ name: 'own', packages: ['acme-*'], searched: false }] },
    });
  });

  test('a folder’s own repositories are named, since its wheel does not say them', async () => {
    const folder = await makeFolder({
      'pyproject.toml': project('app', 'dependencies = ["lib"]\n[tool.uv.sources]\nlib = { path = "lib" }'),
      'lib/pyproject.toml': project('lib', 'dependencies = ["repo>=1", "rich"]\n[tool.uv.sources]\nrepo = { git = "https://git.example.org/repo.git" }'),
    });
    expect((await read(folder)).requirements).toEqual(['repo @ git+https://git.example.org/repo.git']);
  });

  test('constraints of uv hold', async () => {
    const folder = await makeFolder({
      'pyproject.toml': project(
        'app',
        'dependencies = ["rich"]\n[tool.uv]\nconstraint-dependencies = ["pygments<3"]\nprerelease = "allow"\nno-binary-package = ["Rich"]',
      ),
    });
    expect(await read(folder)).toMatchObject({ constraints: ['pygments<3'], options: { pre: true, noBinary: ['rich'] } });
  });
});

describe('sources that cannot be followed', () => {
  async function fail(sources: string, more: Readonly<Record<string, string>> = {}): Promise<UserError> {
    return failure(await makeFolder({ 'pyproject.toml': project('app', `dependencies = ["lib"]\n[tool.uv.sources]\n${sources}`), ...more }));
  }

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ['lib = { path = "../lost" }', 'pyproject.toml takes lib from ../lost, which is not there', {}],
    ['lib = { path = "lib" }', 'pyproject.toml takes lib from lib, and there is no Python project in it', { 'lib/x': '' }],
    ['lib = { path = "lib" }', 'pyproject.toml takes lib from lib, where the project is called other', { 'lib/pyproject.toml': project('other', '') }],
    ['lib = { workspace = true }', 'pyproject.toml takes lib from the workspace, and no member of it has that name', {}],
    ['lib = { index = "nowhere" }', 'pyproject.toml takes lib from the index nowhere, which it does not declare', {}],
    ['lib = { editable = true }', 'The source of lib in pyproject.toml names none of workspace, path, git, url and index', {}],
    ['lib = "x"', 'The source of lib in pyproject.toml must be a table, not a string', {}],
  ])('%s: %s', async (sources, message, more) => {
    expect(await fail(sources, more)).toMatchObject({ kind: 'project', code: 'sources-invalid', message, where: { file: 'pyproject.toml', line: 6 } });
  });

  test('members that a source distribution leaves out are published: an index has them', async () => {
    const text = project('app', 'dependencies = ["lib"]\n[tool.uv.sources]\nlib = { workspace = true }');
    const folder = await makeFolder({ 'pyproject.toml': text, 'PKG-INFO': 'Metadata-Version: 2.4\n' });
    expect((await read(folder)).requirements).toEqual(['lib']);
  });

  test('the nearest member is offered', async () => {
    const error = await fail('lib = { workspace = true }\n[tool.uv.workspace]\nmembers = ["libs"]', { 'libs/pyproject.toml': project('libs', '') });
    expect(error).toMatchObject({ why: 'Its members are app, libs', fix: 'Did you mean libs?' });
  });

  test('what only uv can resolve wants uv’s lock', async () => {
    const folder = await makeFolder({ 'pyproject.toml': project('app', 'dependencies = ["rich"]\n[tool.uv]\noverride-dependencies = ["pygments==2.1"]') });
    expect(await failure(folder)).toMatchObject({ code: 'sources-need-lock', where: { file: 'pyproject.toml', line: 6 }, fix: 'Make the lock: uv lock' });
  });
});

test.each<[string, string, boolean]>([
  ['packages/a', 'packages/*', true],
  ['packages/a/b', 'packages/*', false],
  ['packages/a/b', 'packages/**', true],
  ['a', '**/a', true],
  ['x/y/a', '**/a', true],
  ['libs/core-1', './libs/core-[0-9]/', true],
  ['libs/core.1', 'libs/core-?', false],
])('%s and the pattern %s: %s', (name, pattern, expected) => {
  expect(matchesGlob(name, pattern)).toBe(expected);
});
