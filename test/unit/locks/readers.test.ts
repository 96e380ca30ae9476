import { describe, expect, test } from 'vitest';
import { areHashed, readHashedRequirements } from '../../../src/core/locks/hashed-requirements.js';
import type { LockedPackage } from '../../../src/core/locks/locked.js';
import { parsePdmLock, readPdmLock } from '../../../src/core/locks/pdm-lock.js';
import { parsePoetryLock, readPoetryLock } from '../../../src/core/locks/poetry-lock.js';
import { readPoetryTables } from '../../../src/core/locks/poetry-table.js';
import { readPylock } from '../../../src/core/locks/pylock.js';
import { wantedOf } from '../../../src/core/locks/reading.js';
import { readRequirementsFiles } from '../../../src/core/locks/requirements-file.js';
import { parseUvLock, readUvLock } from '../../../src/core/locks/uv-lock.js';
import { parseToml } from '../../../src/core/project/toml.js';
import { userErrorOf } from '../project/folder.js';
import { PYTHON_311, PYTHON_313 } from './environment.js';
import { copyOf, fixture, linesOf, pins } from './fixtures.js';

const ENVIRONMENTS = { '3.11': PYTHON_311, '3.13': PYTHON_313 };
type Python = keyof typeof ENVIRONMENTS;
/** Variants whose packages uv itself has listed. */
const VARIANTS: readonly (readonly [python: Python, list: string, extras: readonly string[], groups: readonly string[]])[] = (
  ['3.11', '3.13'] as const
).flatMap(
  (python) =>
    [
      [python, python, [], []],
      [python, `${python}-links`, ['links'], []],
      [python, `${python}-all`, ['all', 'links'], []],
      [python, `${python}-dev`, [], ['dev']],
    ] as const,
);

async function uv(
  folder: string,
  project: string,
  python: Python,
  extras: readonly string[] = [],
  groups: readonly string[] = [],
): Promise<readonly LockedPackage[]> {
  const lock = parseUvLock({ text: await fixture(`${folder}/uv.lock`), file: 'uv.lock', project, member: '' });
  return readUvLock(lock, wantedOf(ENVIRONMENTS[python], extras, groups));
}

describe('what uv exports for a variant', () => {
  test.each(VARIANTS)('%s, list %s: uv.lock gives the same', async (python, list, extras, groups) => {
    expect(pins(await uv('app', 'sample-app', python, extras, groups))).toEqual(linesOf(await fixture(`app/expected/${list}.txt`)));
  });

  // uv writes into one what it was asked to export: all extras here, and no marker on them.
  test.each(VARIANTS.filter(([, list]) => list.endsWith('-all')))(
    '%s, list %s: the pylock.toml that uv writes gives the same',
    async (python, list, extras) => {
      const lock = { text: await fixture('app/pylock.uv.toml'), file: 'pylock.toml', project: 'sample-app' };
      expect(pins(readPylock(lock, wantedOf(ENVIRONMENTS[python], extras, [])))).toEqual(linesOf(await fixture(`app/expected/${list}.txt`)));
    },
  );

  test.each(VARIANTS)('%s, list %s: the pylock.toml that PDM writes gives the same', async (python, list, extras, groups) => {
    const lock = { text: await fixture('app/pylock.pdm.toml'), file: 'pylock.toml', project: 'sample-app' };
    expect(pins(readPylock(lock, wantedOf(ENVIRONMENTS[python], extras, groups)))).toEqual(linesOf(await fixture(`app/expected/${list}.txt`)));
  });

  test.each(VARIANTS.flatMap((variant) => ['pdm.lock', 'pdm-urls.lock', 'pdm-plain.lock'].map((file) => [file, ...variant] as const)))(
    '%s for %s, list %s: gives the same',
    async (file, python, list, extras, groups) => {
      const lock = parsePdmLock({ text: await fixture(`app/${file}`), file: 'pdm.lock' });
      const asked = [
        'click>=8.1,<9',
        'odfpy>=1.4',
        'MarkupSafe>=3',
        "tzdata>=2024.1 ; sys_platform == 'win32'",
        "tomli>=2 ; python_version < '3.12'",
        ...(extras.includes('links') ? ['markdown-it-py[linkify]>=3'] : []),
        ...(extras.includes('all') ? ['six'] : []),
        ...(groups.includes('dev') ? ['iniconfig>=2', 'pluggy>=1.5'] : []),
      ];
      expect(pins(readPdmLock(lock, asked, wantedOf(ENVIRONMENTS[python], extras, groups)))).toEqual(linesOf(await fixture(`app/expected/${list}.txt`)));
    },
  );

  test.each(VARIANTS)('%s, list %s: poetry.lock gives the same', async (python, list, extras, groups) => {
    const lock = parsePoetryLock({ text: await fixture('poetry/poetry.lock'), file: 'poetry.lock' });
    const asked = extras.map((extra) => (extra === 'all' ? 'other' : extra));
    expect(pins(readPoetryLock(lock, undefined, wantedOf(ENVIRONMENTS[python], asked, groups)))).toEqual(linesOf(await fixture(`app/expected/${list}.txt`)));
  });

  test.each<Python>(['3.11', '3.13'])('%s: hashed requirements give the same', async (python) => {
    const files = await readRequirementsFiles({ root: await copyOf('app'), files: ['requirements.txt'] });
    expect(areHashed(files)).toBe(true);
    expect(pins(readHashedRequirements(files, wantedOf(ENVIRONMENTS[python], [], [])))).toEqual(linesOf(await fixture(`app/expected/${python}.txt`)));
  });

  test('the lock of pip gives the same for the platform that it was made on', async () => {
    const lock = { text: await fixture('app/pylock.pip.toml'), file: 'pylock.toml', project: 'sample-app' };
    expect(pins(readPylock(lock, wantedOf(PYTHON_313, [], [])))).toEqual(linesOf(await fixture('app/expected/3.13.txt')));
  });
});

describe('a lock with conflicts', () => {
  // As uv exports them.
  test.each<[readonly string[], readonly string[], readonly string[]]>([
    [[], [], ['toolz==1.2.0']],
    [['new'], [], ['toolz==1.2.0']],
    [['old'], [], ['toolz==0.12.0']],
    [['old'], ['dev'], ['toolz==0.12.0', 'zipp==3.20.2']],
  ])('extras %j, groups %j', async (extras, groups, expected) => {
    expect(pins(await uv('conflicts', 'conflicting-app', '3.13', extras, groups))).toEqual(['click==8.5.1', 'locket==1.0.0', 'partd==1.4.2', ...expected]);
  });

  test('what excludes each other is refused', async () => {
    expect(await userErrorOf(uv('conflicts', 'conflicting-app', '3.13', ['new', 'old']))).toMatchObject({
      kind: 'project',
      code: 'lock-conflict',
      message: 'the extra new and the extra old exclude each other in uv.lock',
      where: { file: 'uv.lock', line: 4 },
    });
  });

  test('two versions of one package are refused, whoever wrote them', async () => {
    const text = `${await fixture('app/pylock.pip.toml')}\n[[packages]]\nname = "Click"\nversion = "8.0"\nsdist = { url = "https://example.org/click-8.0.tar.gz", hashes = { sha256 = "${'a'.repeat(64)}" } }\n`;
    const read = async () => readPylock({ text, file: 'pylock.toml', project: 'sample-app' }, wantedOf(PYTHON_313, [], []));
    expect(await userErrorOf(read())).toMatchObject({
      code: 'lock-invalid',
      message: `pylock.toml is no valid lock: click is locked twice for what is asked for, as 8.0 in line ${text.split('\n').indexOf('name = "Click"') + 1} and as 8.5.1`,
      where: { file: 'pylock.toml', line: 5 },
    });
  });
});

describe('files of a package', () => {
  test('wheels that fit come first, the best before the others, then the sdist', async () => {
    const markupsafe = (await uv('app', 'sample-app', '3.13')).find(({ name }) => name === 'markupsafe');
    expect(markupsafe?.kind === 'files' ? markupsafe.files.map(({ kind, file }) => `${kind} ${file}`) : undefined).toEqual([
      'wheel markupsafe-3.0.4-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl',
      'sdist markupsafe-3.0.4.tar.gz',
    ]);
  });

  test('what has no wheel is an sdist', async () => {
    const text = await fixture('app/uv.lock');
    const odfpy = (await uv('app', 'sample-app', '3.11')).find(({ name }) => name === 'odfpy');
    expect(odfpy).toMatchObject({ kind: 'files', version: '1.4.1', index: undefined, files: [{ kind: 'sdist', file: 'odfpy-1.4.1.tar.gz' }] });
    expect(text.split('\n')[(odfpy?.place.line ?? 0) - 1]).toBe('name = "odfpy"');
  });

  test('poetry.lock and pdm.lock name files without a URL', async () => {
    const poetry = readPoetryLock(parsePoetryLock({ text: await fixture('poetry/poetry.lock'), file: 'poetry.lock' }), undefined, wantedOf(PYTHON_313, [], []));
    const pdm = readPdmLock(parsePdmLock({ text: await fixture('app/pdm.lock'), file: 'pdm.lock' }), [], wantedOf(PYTHON_313, [], []));
    for (const packages of [poetry, pdm]) {
      const click = packages.find(({ name }) => name === 'click');
      expect(click).toMatchObject({
        kind: 'files',
        files: [{ file: 'click-8.5.1-py3-none-any.whl', url: undefined, path: undefined }, { file: 'click-8.5.1.tar.gz' }],
      });
    }
  });

  test('hashed requirements name no files, and all hashes', async () => {
    const files = await readRequirementsFiles({ root: await copyOf('app'), files: ['requirements.txt'] });
    const click = readHashedRequirements(files, wantedOf(PYTHON_313, [], [])).find(({ name }) => name === 'click');
    expect(click).toMatchObject({ kind: 'hashes', version: '8.5.1', place: { file: 'requirements.txt', line: 1 } });
    expect(click?.kind === 'hashes' ? click.sha256.length : 0).toBe(2);
  });
});

describe('what is none of an index', () => {
  const expected = [
    { name: 'deeper', kind: 'directory', path: '../lib' },
    { name: 'iniconfig', kind: 'files', files: [{ kind: 'wheel', file: 'iniconfig-2.3.0-py3-none-any.whl', path: undefined }] },
    { name: 'loose', kind: 'files', files: [{ kind: 'wheel', file: 'loose-1.0-py3-none-any.whl', path: 'wheels/loose-1.0-py3-none-any.whl', url: undefined }] },
    { name: 'member', kind: 'directory', path: 'packages/member' },
    { name: 'remote', kind: 'vcs', url: 'https://git.example.org/remote.git', commit: '83c22b3cc84a1430cf2e6c2d9cbae277e8aab1bd', subdirectory: 'python' },
    { name: 'side', kind: 'directory', path: '../side' },
  ];

  test('folders, repositories and files of uv.lock', async () => {
    const packages = await uv('sources/app', 'sourced-app', '3.13');
    expect(packages.map(({ name }) => name)).toEqual(['click', 'deeper', 'iniconfig', 'loose', 'member', 'remote', 'side', 'six', 'toolz']);
    expect(packages.filter(({ name }) => expected.some((item) => item.name === name))).toMatchObject(expected);
  });

  test('the same of the pylock.toml that uv writes', async () => {
    const lock = { text: await fixture('sources/app/pylock.exported.toml'), file: 'pylock.toml', project: 'sourced-app' };
    const packages = readPylock(lock, wantedOf(PYTHON_313, [], []));
    const kinds = (items: readonly { readonly kind: string }[]) => items.map((item) => (item.kind === 'archive' ? { ...item, kind: 'wheel' } : item));
    expect(
      packages
        .filter(({ name }) => expected.some((item) => item.name === name))
        .map((item) => (item.kind === 'files' ? { ...item, files: kinds(item.files) } : item)),
    ).toMatchObject(expected);
  });

  test('the same kinds of pdm.lock', async () => {
    const lock = parsePdmLock({ text: await fixture('pdm-sources/pdm.lock'), file: 'pdm.lock' });
    const packages = readPdmLock(lock, [], wantedOf(PYTHON_313, [], ['dev']));
    expect(packages).toMatchObject([
      { name: 'deeper', kind: 'directory', path: '../sources/lib' },
      expected[1],
      { name: 'linkify-it-py', kind: 'files' },
      { name: 'markdown-it-py', kind: 'files', version: '4.3.0' },
      { name: 'mdurl', kind: 'files' },
      expected[4],
      { name: 'toolz', kind: 'files' },
    ]);
    const [, iniconfig] = packages;
    expect(iniconfig?.kind === 'files' ? iniconfig.files[0]?.url : undefined).toMatch(
      /^https:\/\/files\.pythonhosted\.org\/.*iniconfig-2\.3\.0-py3-none-any\.whl$/,
    );
  });

  test('the lock of a workspace above: a member is the project, and paths are as it sees them', async () => {
    const text = await fixture('sources/app/uv.lock');
    const lock = parseUvLock({ text, file: '../../uv.lock', project: 'member', member: 'packages/member' });
    expect(readUvLock(lock, wantedOf(PYTHON_313, [], [])).map(({ name }) => name)).toEqual(['click']);
    const side = text.replace(/(name = "member"\nversion = "0.2.0"\nsource = .*\ndependencies = \[\n)/, '$1    { name = "side" },\n    { name = "loose" },\n');
    const changed = readUvLock(parseUvLock({ text: side, file: '../../uv.lock', project: 'member', member: 'packages/member' }), wantedOf(PYTHON_313, [], []));
    expect(changed).toMatchObject([
      { name: 'click', place: { file: '../../uv.lock' } },
      { name: 'deeper', path: '../../../lib' },
      { name: 'loose', files: [{ path: '../../wheels/loose-1.0-py3-none-any.whl' }] },
      { name: 'side', path: '../../../side' },
    ]);
  });
});

describe('poetry.lock of all ages', () => {
  const older = ['poetry-1.4.lock', 'poetry-2.0.lock', 'poetry-2.1.lock'] as const;
  async function read(file: string, python: Python, extras: readonly string[], groups: readonly string[]): Promise<readonly LockedPackage[]> {
    const text = await fixture('poetry-before-2/pyproject.toml');
    const tables = readPoetryTables({ text, table: parseToml(text, { file: 'pyproject.toml', code: 'pyproject-invalid' }) }, 'pyproject.toml');
    return readPoetryLock(
      parsePoetryLock({ text: await fixture(`poetry-before-2/${file}`), file: 'poetry.lock' }),
      tables,
      wantedOf(ENVIRONMENTS[python], extras, groups),
    );
  }
  const main = ['click', 'defusedxml', 'odfpy', 'remote', 'toolz', 'zipp'];

  test.each(older)('%s: the same dependency differs by Python, and optional ones stay out', async (file) => {
    expect((await read(file, '3.13', [], [])).map(({ name }) => name)).toEqual(main);
    const on311 = await read(file, '3.11', [], []);
    expect(on311.map(({ name }) => name)).toEqual([...main.slice(0, 4), 'tomli', ...main.slice(4)]);
    expect(on311.find(({ name }) => name === 'zipp')?.version).toBe('3.20.2');
    expect((await read(file, '3.13', [], [])).find(({ name }) => name === 'zipp')?.version).toMatch(/^3\.2[1-9]/);
  });

  test.each(older)('%s: extras and groups', async (file) => {
    const names = (await read(file, '3.13', ['links'], ['dev'])).map(({ name }) => name);
    expect(names).toEqual([...main, 'iniconfig', 'linkify-it-py', 'markdown-it-py', 'mdurl'].sort());
  });

  test.each(older)('%s: a repository with its commit', async (file) => {
    expect((await read(file, '3.13', [], [])).find(({ name }) => name === 'remote')).toMatchObject({
      kind: 'vcs',
      url: 'https://git.example.org/remote.git',
      commit: '83c22b3cc84a1430cf2e6c2d9cbae277e8aab1bd',
      subdirectory: 'python',
    });
  });
});

test('a lock of a megabyte is read in well under 200 ms', async () => {
  // Made long with packages that nobody needs: a lock of hundreds of packages for all platforms.
  const text = await fixture('app/uv.lock');
  const [start = '', ...packages] = text.split(/^(?=\[\[package\]\])/m);
  const copies = Array.from({ length: 16 }, (_, i) => packages.map((item) => item.replace(/^name = "/m, `name = "copy-${i}-`))).flat();
  const long = [start, ...packages, ...copies].join('');
  expect(long.length).toBeGreaterThan(1_000_000);
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const lock = parseUvLock({ text: long, file: 'uv.lock', project: 'sample-app', member: '' });
    expect(readUvLock(lock, wantedOf(PYTHON_313, [], [])).length).toBe(4);
    times.push(performance.now() - began);
  }
  expect(Math.min(...times)).toBeLessThan(200);
});
