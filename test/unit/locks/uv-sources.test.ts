import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.js';
import { readNamedSources } from '../../../src/core/locks/uv-sources.js';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'pypackage-sources-')));
});

afterEach(() => rm(root, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

function project(name: string, more = ''): string {
  return `[project]\nname = "${name}"\nversion = "1.0"\n${more}`;
}

async function errorOf(folder: string): Promise<UserError> {
  try {
    await readNamedSources(folder);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('folders, repositories and addresses by name, whatever the spelling', async () => {
  await write({
    'app/pyproject.toml': project(
      'app',
      `[tool.uv.sources]
Acme_Lib = { path = "../lib", editable = true }
from-git = { git = "https://git.example.com/team/from-git.git", tag = "v1.2", subdirectory = "python" }
by-ssh = { git = "git@git.example.com:team/by-ssh.git", rev = "0123abc" }
plain = { git = "https://git.example.com/plain.git" }
archive = { url = "https://example.com/archive-1.0.tar.gz" }
pinned = { index = "acme" }
torch = [{ url = "https://example.com/torch.whl", marker = "sys_platform == 'linux'" }]
`,
    ),
    'lib/pyproject.toml': project('acme-lib'),
  });
  const { folders, direct } = await readNamedSources(join(root, 'app'));
  expect(folders).toEqual([{ kind: 'directory', name: 'acme-lib', version: undefined, path: '../lib', place: { file: 'pyproject.toml', line: 5 } }]);
  expect(Object.fromEntries(direct)).toEqual({
    'from-git': { kind: 'direct', reference: 'git+https://git.example.com/team/from-git.git@v1.2#subdirectory=python', marker: undefined },
    'by-ssh': { kind: 'direct', reference: 'git+ssh://git@git.example.com/team/by-ssh.git@0123abc', marker: undefined },
    plain: { kind: 'direct', reference: 'git+https://git.example.com/plain.git', marker: undefined },
    archive: { kind: 'direct', reference: 'https://example.com/archive-1.0.tar.gz', marker: undefined },
    torch: { kind: 'direct', reference: 'https://example.com/torch.whl', marker: "sys_platform == 'linux'" },
  });
});

describe('a workspace', () => {
  beforeEach(() =>
    write({
      'pyproject.toml':
        '[tool.uv.workspace]\nmembers = ["packages/*", "apps/**"]\nexclude = ["packages/old"]\n[tool.uv.sources]\nshared = { workspace = true }\n',
      'packages/one/pyproject.toml': project('one', '[tool.uv.sources]\ntwo = { workspace = true }\n'),
      'packages/two/pyproject.toml': project('Two', '[tool.uv.sources]\nthree = { path = "../../outside" }\n'),
      'packages/shared/pyproject.toml': project('shared'),
      'packages/old/pyproject.toml': project('old'),
      'apps/web/api/pyproject.toml': project('api', '[tool.uv.sources]\none = { workspace = true }\n'),
      'outside/pyproject.toml': project('three'),
    }),
  );

  test('its members are folders, also those that members need, and what its root says counts for all', async () => {
    const { folders } = await readNamedSources(join(root, 'apps/web/api'));
    expect(folders.map(({ name, path }) => `${name} ${path}`)).toEqual([
      'one ../../../packages/one',
      'shared ../../../packages/shared',
      'three ../../../outside',
      'two ../../../packages/two',
    ]);
  });

  test('a name that no member has is an error on its line', async () => {
    await write({ 'packages/one/pyproject.toml': project('one', '[tool.uv.sources]\nold = { workspace = true }\n') });
    expect(await errorOf(join(root, 'packages/one'))).toMatchObject({
      code: 'source-unknown-member',
      where: { file: 'pyproject.toml', line: 5 },
      why: 'The members are api, one, shared, two',
    });
  });
});

test("Poetry's tables", async () => {
  await write({
    'pyproject.toml': `[tool.poetry]
name = "app"
[tool.poetry.dependencies]
python = "^3.10"
django = "^5"
lib = { path = "lib", develop = true }
tool = { git = "https://example.com/tool.git", branch = "main" }
`,
    'lib/setup.py': '',
  });
  const { folders, direct } = await readNamedSources(root);
  expect(folders.map(({ name, path }) => [name, path])).toEqual([['lib', 'lib']]);
  expect([...direct.keys()]).toEqual(['tool']);
});

describe('a path that leads to nothing is an error on its line', () => {
  test.each([
    ['no folder', {}, 'source-missing'],
    ['no project', { 'lib/readme': '' }, 'source-not-a-project'],
  ])('%s', async (_, files, code) => {
    await write({ 'pyproject.toml': project('app', '[tool.uv.sources]\nlib = { path = "lib" }\n'), ...files });
    expect(await errorOf(root)).toMatchObject({ kind: 'project', code, where: { file: 'pyproject.toml', line: 5 } });
  });
});

test('a project without any has none, and one without pyproject.toml, too', async () => {
  expect(await readNamedSources(root)).toEqual({ folders: [], direct: new Map() });
  await write({ 'pyproject.toml': project('app') });
  expect(await readNamedSources(root)).toEqual({ folders: [], direct: new Map() });
});
