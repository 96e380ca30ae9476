import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { UserError } from '../../../src/core/errors.js';
import { areHashed, readHashedRequirements } from '../../../src/core/locks/hashed-requirements.js';
import { wantedOf } from '../../../src/core/locks/reading.js';
import { readRequirementsFiles, textOfLine, type RequirementLine, type RequirementsFiles } from '../../../src/core/locks/requirements-file.js';
import { makeFolder, userErrorOf } from '../project/folder.js';
import { PYTHON_313 } from './environment.js';

const HASH = 'a'.repeat(64);

async function read(files: Readonly<Record<string, string>>, name = 'requirements.txt', variables?: ReadonlyMap<string, string>): Promise<RequirementsFiles> {
  return readRequirementsFiles({ root: await makeFolder(files), files: [name], ...(variables && { variables }) });
}

async function failure(files: Readonly<Record<string, string>>, name?: string): Promise<UserError> {
  return userErrorOf(read(files, name));
}

function texts(lines: readonly RequirementLine[]): readonly string[] {
  return lines.map((line) => (line.kind === 'requirement' ? textOfLine(line) : `${line.kind} ${line.name} ${line.path} ${line.extras.join(',')}`.trim()));
}

describe('requirements files', () => {
  test('comments, continued lines, markers, extras and hashes', async () => {
    const { lines } = await read({
      'requirements.txt': [
        '# a comment \\',
        'Django>=5.2 , <6  # another',
        '',
        'uvicorn[standard]==0.30 ; \\',
        "  python_version >= '3.9'",
        `six==1.17.0 --hash=sha256:${HASH} \\`,
        `    --hash sha512:${'b'.repeat(128)}`,
        'sqlparse',
        "tzdata (>=2024.1) ; sys_platform == 'win32'",
      ].join('\r\n'),
    });
    expect(texts(lines)).toEqual([
      'django>=5.2,<6',
      "uvicorn[standard]==0.30 ; python_version >= '3.9'",
      'six==1.17.0',
      'sqlparse',
      "tzdata>=2024.1 ; sys_platform == 'win32'",
    ]);
    expect(lines.map(({ place }) => place.line)).toEqual([2, 4, 6, 8, 9]);
    expect(lines[2]).toMatchObject({ sha256: [HASH], hasHash: true, place: { file: 'requirements.txt' } });
  });

  test('files that include others keep the place of each line', async () => {
    const { lines, constraints, files } = await read(
      {
        'requirements/dev.txt': '-r base.txt\n--requirement=more/deep.txt\n-c ../constraints.txt\npytest\n',
        'requirements/base.txt': 'django\n',
        'requirements/more/deep.txt': '-rthe\\ same.txt\n',
        'requirements/more/the same.txt': 'rich\n-r ../base.txt\n',
        'constraints.txt': 'django<6\n',
      },
      'requirements/dev.txt',
    );
    expect(lines.map(({ name, place }) => `${name} ${place.file}:${place.line}`)).toEqual([
      'django requirements/base.txt:1',
      'rich requirements/more/the same.txt:1',
      'pytest requirements/dev.txt:4',
    ]);
    expect(texts(constraints)).toEqual(['django<6']);
    expect(files).toEqual(['requirements/dev.txt', 'requirements/base.txt', 'requirements/more/deep.txt', 'requirements/more/the same.txt', 'constraints.txt']);
  });

  test('options', async () => {
    const { options, requiresHashes } = await read(
      {
        'requirements.txt': [
          '-i https://${USER_NAME}@pypi.example.org/simple',
          '--extra-index-url=https://more.example.org/simple --no-index',
          '--find-links links',
          '-f https://files.example.org/',
          '--no-binary lxml,psycopg',
          '--only-binary=:all:',
          '--prefer-binary',
          '--pre',
          '--trusted-host more.example.org',
          '--require-hashes',
          '--use-feature=fast-deps',
        ].join('\n'),
      },
      'requirements.txt',
      new Map([['USER_NAME', 'me']]),
    );
    expect(requiresHashes).toBe(true);
    expect(options).toEqual({
      indexes: [
        { name: 'pypi.example.org', url: 'https://me@pypi.example.org/simple', packages: [], searched: true, isDefault: true },
        { name: 'more.example.org', url: 'https://more.example.org/simple', packages: [], searched: true, isDefault: false },
      ],
      noIndex: true,
      findLinks: ['links', 'https://files.example.org/'],
      noBinary: ['lxml', 'psycopg'],
      onlyBinary: [':all:'],
      preferBinary: true,
      pre: true,
      trustedHosts: ['more.example.org'],
    });
  });

  test('URLs, repositories, folders and files', async () => {
    const { lines } = await read({
      'requirements.txt': [
        'lib @ https://example.org/lib-1.0.tar.gz',
        'https://example.org/wheels/other_lib-2.0-py3-none-any.whl',
        'git+https://git.example.org/repo.git@v1#egg=Repo[fast]&subdirectory=python',
        '-e git+ssh://git@git.example.org/x/y.git@main#egg=y',
        '-e ./local[quick,a]',
        '--editable=local ; python_version > "3"',
        './wheels/loose-1.0-py3-none-any.whl',
        'packed @ file:./packed-1.0.tar.gz',
        '../project/local',
      ].join('\n'),
      'local/pyproject.toml': '[project]\nname = "My.Local"\nversion = "1"\n',
      'wheels/loose-1.0-py3-none-any.whl': '',
      'packed-1.0.tar.gz': '',
    });
    expect(texts(lines)).toEqual([
      'lib @ https://example.org/lib-1.0.tar.gz',
      'other-lib @ https://example.org/wheels/other_lib-2.0-py3-none-any.whl',
      'repo[fast] @ git+https://git.example.org/repo.git@v1#subdirectory=python',
      'y @ git+ssh://git@git.example.org/x/y.git@main',
      'folder my-local local a,quick',
      'folder my-local local',
      'file loose wheels/loose-1.0-py3-none-any.whl',
      'file packed packed-1.0.tar.gz',
      'folder my-local ../project/local',
    ]);
    expect(lines[5]?.marker).toBe('python_version > "3"');
  });

  test('a path beside the file is found, as people write it', async () => {
    const { lines } = await read(
      { 'requirements/dev.txt': '-e ./local\n', 'requirements/local/setup.cfg': '[metadata]\nname = local\n' },
      'requirements/dev.txt',
    );
    expect(texts(lines)).toEqual(['folder local requirements/local']);
  });
});

describe('requirements files that cannot be read', () => {
  const LINE = { 'requirements.txt': 'django\n-r more.txt\n' };

  test('a file that is not there', async () => {
    expect(await failure(LINE)).toMatchObject({
      kind: 'project',
      code: 'requirements-missing',
      message: 'requirements.txt includes more.txt, which is not there',
      where: { file: 'requirements.txt', line: 2 },
      fix: 'Add more.txt, or remove the line',
    });
    expect(await failure({}, 'none.txt')).toMatchObject({ code: 'requirements-missing', where: { file: 'none.txt' } });
  });

  test('files that include each other', async () => {
    expect(await failure({ ...LINE, 'more.txt': '\n\n-c sub/last.txt\n', 'sub/last.txt': '-r ../requirements.txt\n' })).toMatchObject({
      kind: 'project',
      code: 'requirements-cycle',
      message: 'sub/last.txt includes requirements.txt, which includes it',
      where: { file: 'sub/last.txt', line: 1 },
      why: 'The files include each other: requirements.txt → more.txt → sub/last.txt → requirements.txt',
    });
  });

  test('a variable that is not known', async () => {
    expect(await failure({ 'requirements.txt': 'django\n--index-url https://${TOKEN}@example.org/simple\n' })).toMatchObject({
      code: 'requirements-variable',
      message: 'requirements.txt needs the environment variable TOKEN, which is not known here',
      where: { file: 'requirements.txt', line: 2 },
    });
  });

  test.each<[string, string, string]>([
    ['django >> 5', 'requirements-invalid', 'The line "django >> 5" in requirements.txt is no valid requirement (PEP 508)'],
    ['django ; python_verson', 'requirements-invalid', 'The marker "python_verson" in requirements.txt cannot be read'],
    ['--target x', 'requirements-invalid', 'requirements.txt has the option --target, which cannot stand in a requirements file'],
    ['--find-links', 'requirements-invalid', 'The option --find-links in requirements.txt has no value'],
    ['-e ./nowhere', 'requirements-invalid', 'requirements.txt names ./nowhere, which is not there'],
    ['-e .', 'requirements-invalid', 'requirements.txt names ., and there is no Python project in it'],
    ['six==1 --hash=sha256:12', 'requirements-invalid', 'The hash "sha256:12" in requirements.txt cannot be read'],
    [
      'git+https://me:secret@example.org/x.git',
      'requirements-invalid',
      'requirements.txt names git+https://example.org/x.git, which says not which package it is',
    ],
    ['hg+https://example.org/x#egg=x', 'requirements-unsupported', 'requirements.txt names a repository that is none of git: hg+https://example.org/x#egg=x'],
    ['six==1 --config-settings=a=b', 'requirements-unsupported', 'requirements.txt gives a package the option --config-settings'],
    [
      '-r https://example.org/r.txt',
      'requirements-unsupported',
      'requirements.txt includes https://example.org/r.txt, and files of other machines are not read',
    ],
  ])('%s', async (line, code, message) => {
    expect(await failure({ 'requirements.txt': `\ndjango\n${line}\n` })).toMatchObject({
      kind: 'project',
      code,
      message: expect.stringContaining(message),
      where: { file: 'requirements.txt', line: 3 },
    });
  });
});

describe('hashed requirements', () => {
  async function locked(text: string) {
    const files = await read({ 'requirements.txt': text, 'local/setup.cfg': '[metadata]\nname = local\n', 'loose-1.0-py3-none-any.whl': '' });
    expect(areHashed(files)).toBe(true);
    return readHashedRequirements(files, wantedOf(PYTHON_313, [], []));
  }

  test('URLs, commits, folders and files', async () => {
    const commit = 'c'.repeat(40);
    const packages = await locked(
      [
        `six==1.17.0 --hash=sha256:${HASH}`,
        `other @ https://example.org/other-2.0-py3-none-any.whl#sha256=${HASH}`,
        `packed @ https://me:secret@example.org/packed-2.0.tar.gz --hash=sha256:${HASH}`,
        `repo @ git+https://git.example.org/repo.git@${commit}#subdirectory=a`,
        '-e ./local',
        `./loose-1.0-py3-none-any.whl --hash=sha256:${HASH}`,
        `not-here==1 ; sys_platform == "win32"`,
      ].join('\n'),
    );
    expect(packages).toMatchObject([
      { name: 'local', kind: 'directory', path: 'local' },
      { name: 'loose', kind: 'files', files: [{ kind: 'wheel', path: 'loose-1.0-py3-none-any.whl' }] },
      { name: 'other', kind: 'files', files: [{ kind: 'wheel', url: 'https://example.org/other-2.0-py3-none-any.whl', sha256: HASH }] },
      { name: 'packed', kind: 'files', files: [{ kind: 'archive', url: 'https://example.org/packed-2.0.tar.gz' }] },
      { name: 'repo', kind: 'vcs', commit, subdirectory: 'a', url: 'https://git.example.org/repo.git' },
      { name: 'six', kind: 'hashes', version: '1.17.0', sha256: [HASH] },
    ]);
  });

  test.each<[string, string, string]>([
    ['django==5', 'lock-hash-missing', 'django has no sha256 in requirements.txt'],
    [`django==5 --hash=md5:${'d'.repeat(32)}`, 'lock-hash-missing', 'django has no sha256 in requirements.txt'],
    [`django>=5 --hash=sha256:${HASH}`, 'lock-invalid', 'requirements.txt is no valid lock: django has hashes, and no version pinned with =='],
    [
      'repo @ git+https://git.example.org/repo.git@main',
      'lock-invalid',
      'requirements.txt is no valid lock: repo names no commit, and a branch or a tag may move',
    ],
    [
      `six==1.16.0 --hash=sha256:${HASH}`,
      'lock-invalid',
      'requirements.txt is no valid lock: six is there twice, as 1.17.0 (requirements.txt, line 1) and as 1.16.0',
    ],
    [
      `x @ https://example.org/x-1.0-cp313-cp313-win_amd64.whl --hash=sha256:${HASH}`,
      'lock-other-platform',
      'requirements.txt locks no file of x for Linux on x86_64',
    ],
    [
      `x @ https://example.org/x-1.0-cp312-cp312-linux_x86_64.whl --hash=sha256:${HASH}`,
      'lock-other-python',
      'requirements.txt locks no file of x for Python 3.13.5',
    ],
  ])('%s', async (line, code, message) => {
    expect(await userErrorOf(locked(`six==1.17.0 --hash=sha256:${HASH}\n${line}\n`))).toMatchObject({
      kind: 'project',
      code,
      message: expect.stringContaining(message),
      where: { file: 'requirements.txt', line: 2 },
    });
  });
});

test('a file above the project is read', async () => {
  const folder = await makeFolder({ 'common.txt': 'django\n', 'app/requirements.txt': '-r ../common.txt\n' });
  const { lines } = await readRequirementsFiles({ root: path.join(folder, 'app'), files: ['requirements.txt'] });
  expect(lines).toMatchObject([{ name: 'django', place: { file: '../common.txt', line: 1 } }]);
});
