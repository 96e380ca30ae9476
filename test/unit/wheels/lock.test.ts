import { describe, expect, test } from 'vitest';
import { installRequirements } from '../../../src/core/wheels/install.js';
import { readLock, writeLock, type LockedWheel, type WheelhouseLock } from '../../../src/core/wheels/lock.js';
import { hashedRequirements, isHashed, originOf, readResolution, requirementOf } from '../../../src/core/wheels/resolution.js';
import { userErrorOf } from '../project/folder.js';

const SHA = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

const django: LockedWheel = {
  name: 'Django',
  version: '5.2.1',
  file: 'django-5.2.1-py3-none-any.whl',
  path: 'abababababab/django-5.2.1-py3-none-any.whl',
  size: 8_300_000,
  sha256: SHA,
  origin: { kind: 'wheel', url: 'https://example.org/a"b\\c\u007F.whl', sha256: SHA },
  role: 'dependency',
};
const polls: LockedWheel = {
  name: 'polls',
  version: '1.4.0+x',
  file: 'polls-1.4.0+x-py3-none-any.whl',
  path: 'x/polls-1.4.0+x-py3-none-any.whl',
  size: 1,
  sha256: OTHER,
  role: 'application',
};
const lock: WheelhouseLock = { python: '3.13', extras: ['b', 'a'], wheels: [polls, django], fingerprints: { application: 'aa', dependencies: 'bb' } };

describe('our lock', () => {
  test('comes back as it was written, sorted and with normalised names', () => {
    expect(readLock(writeLock(lock), 'pylock.toml')).toEqual({ ...lock, extras: ['a', 'b'], wheels: [{ ...django, name: 'django' }, polls] });
  });

  test('is the same text whatever the order was', () => {
    expect(writeLock({ ...lock, extras: ['a', 'b'], wheels: [django, polls] })).toBe(writeLock(lock));
  });

  // Checked against packaging.pylock and `pip install -r pylock.toml`; this keeps the form.
  test('has the form of PEP 751', () => {
    expect(writeLock({ ...lock, wheels: [polls] })).toBe(`lock-version = "1.0"
requires-python = "==3.13.*"
created-by = "pypackage"

[[packages]]
name = "polls"
version = "1.4.0+x"
wheels = [{ name = "polls-1.4.0+x-py3-none-any.whl", path = "x/polls-1.4.0+x-py3-none-any.whl", size = 1, hashes = { sha256 = "${OTHER}" } }]

[packages.tool.pypackage]
role = "application"

[tool.pypackage]
python = "3.13"
extras = ["a", "b"]
application = "aa"
dependencies = "bb"
`);
  });

  test.each<[string, (text: string) => string, RegExp, number | undefined]>([
    ['another version', (text) => text.replace('"1.0"', '"2.0"'), /version 2\.0/, 1],
    ['no TOML', (text) => text.replace('[tool.pypackage]', '[tool.pypackage'), /not valid TOML/, 22],
    ['no hash', (text) => text.replace(`sha256 = "${OTHER}" }`, 'sha256 = "abc" }'), /polls has no sha256/, 15],
    ['no size', (text) => text.replace('size = 1,', 'size = "1",'), /polls has no size/, 15],
    ['no wheel', (text) => text.replace(/^wheels = .*polls.*$/m, ''), /polls has no wheel/, 15],
    ['a path that leads out', (text) => text.replace('path = "x/', 'path = "../'), /leads out/, 15],
    ['an absolute path', (text) => text.replace('path = "x/', 'path = "/x/'), /leads out/, 15],
    ['another role', (text) => text.replace('"application"', '"app"'), /neither application nor dependency/, 15],
    ['nothing of ours', (text) => text.slice(0, text.lastIndexOf('[tool.pypackage]')), /tool is missing/, undefined],
    ['no fingerprint', (text) => text.replace('dependencies = "bb"', ''), /tool\.pypackage\.dependencies is missing/, 22],
    ['a Python of another type', (text) => text.replace('python = "3.13"', 'python = 3.13'), /tool\.pypackage\.python must be a string, not a number/, 23],
  ])('with %s is an error on its line', async (_, damage, message, line) => {
    const error = await userErrorOf(Promise.resolve().then(() => readLock(damage(writeLock(lock)), 'pylock.toml')));
    expect(error).toMatchObject({ kind: 'project', code: 'lock-invalid', where: { file: 'pylock.toml' } });
    expect(error.message).toMatch(message);
    expect(error.where?.line).toBe(line);
  });
});

/** Written by pip 26.3 (`pip lock`), with other addresses. */
const RESOLUTION = `lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "Django"
version = "5.2.19"

[[packages.wheels]]
name = "django-5.2.19-py3-none-any.whl"
url = "https://files.example.org/django-5.2.19-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "${SHA}"

[[packages]]
name = "psycopg-c"
version = "3.3.8"

[packages.sdist]
name = "psycopg_c-3.3.8.tar.gz"
url = "https://files.example.org/psycopg_c-3.3.8.tar.gz"

[packages.sdist.hashes]
sha256 = "${OTHER}"

[[packages]]
name = "iniconfig"

[packages.archive]
url = "https://files.example.org/a%2Bb/iniconfig-2.0.0.tar.gz"
subdirectory = "python lib"

[packages.archive.hashes]
sha256 = "${OTHER}"

[[packages]]
name = "gitdep"

[packages.vcs]
type = "git"
url = "https://example.org/dep.git"
commit-id = "5a03fa550a39595b9d3bce4e48161a23125e4dd4"

[[packages]]
name = "locdep"

[packages.directory]
path = "my libs/loc"
editable = true
`;

describe('what pip lock resolved', () => {
  const packages = readResolution(RESOLUTION, 'resolution.toml');

  test('is read whatever kind of artefact it is', () => {
    expect(packages).toEqual([
      {
        name: 'django',
        version: '5.2.19',
        marker: undefined,
        kind: 'wheel',
        url: 'https://files.example.org/django-5.2.19-py3-none-any.whl',
        file: 'django-5.2.19-py3-none-any.whl',
        sha256: SHA,
        size: undefined,
        subdirectory: undefined,
      },
      {
        name: 'psycopg-c',
        version: '3.3.8',
        marker: undefined,
        kind: 'sdist',
        url: 'https://files.example.org/psycopg_c-3.3.8.tar.gz',
        file: 'psycopg_c-3.3.8.tar.gz',
        sha256: OTHER,
        size: undefined,
        subdirectory: undefined,
      },
      {
        name: 'iniconfig',
        version: undefined,
        marker: undefined,
        kind: 'archive',
        url: 'https://files.example.org/a%2Bb/iniconfig-2.0.0.tar.gz',
        file: 'iniconfig-2.0.0.tar.gz',
        sha256: OTHER,
        size: undefined,
        subdirectory: 'python lib',
      },
      {
        name: 'gitdep',
        version: undefined,
        marker: undefined,
        kind: 'vcs',
        system: 'git',
        url: 'https://example.org/dep.git',
        commit: '5a03fa550a39595b9d3bce4e48161a23125e4dd4',
        subdirectory: undefined,
      },
      { name: 'locdep', version: undefined, marker: undefined, kind: 'directory', path: 'my libs/loc', editable: true },
    ]);
  });

  test('becomes requirements for pip, with hashes where there are some', () => {
    expect(hashedRequirements(packages.filter(isHashed))).toBe(
      [
        `django @ https://files.example.org/django-5.2.19-py3-none-any.whl --hash=sha256:${SHA}`,
        `iniconfig @ https://files.example.org/a%2Bb/iniconfig-2.0.0.tar.gz#subdirectory=python%20lib --hash=sha256:${OTHER}`,
        `psycopg-c @ https://files.example.org/psycopg_c-3.3.8.tar.gz --hash=sha256:${OTHER}`,
        '',
      ].join('\n'),
    );
    expect(packages.filter((item) => !isHashed(item)).map((item) => requirementOf(item, '/src'))).toEqual([
      'gitdep @ git+https://example.org/dep.git@5a03fa550a39595b9d3bce4e48161a23125e4dd4',
      'locdep @ file:///src/my%20libs/loc',
    ]);
  });

  test('names the origin of what is built from it', () => {
    expect(packages.map((item) => originOf(item)?.kind)).toEqual(['wheel', 'sdist', 'sdist', undefined, undefined]);
  });

  test('keeps markers, and paths are relative to the lock', () => {
    const text = `lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nmarker = "os_name == 'posix'"\nwheels = [{ path = "w/a-1+x-py3-none-any.whl", hashes = { sha256 = "${SHA}" } }]\n`;
    expect(hashedRequirements(readResolution(text, 'x').filter(isHashed), '/lock')).toBe(
      `a @ file:///lock/w/a-1%2Bx-py3-none-any.whl ; os_name == 'posix' --hash=sha256:${SHA}\n`,
    );
  });

  test('nothing to lock is no package', () => {
    expect(readResolution('lock-version = "1.0"\ncreated-by = "pip"\n', 'x')).toEqual([]);
  });

  test.each([
    ['[[packages]]\nname = "a"\n', /a has no artefact/, 3],
    ['[[packages]]\nversion = "1"\n', /a package has no name/, 1],
    ['[[packages]]\nname = "a"\nwheels = [{ url = "u", hashes = { md5 = "x" } }]\n', /a has no sha256/, 3],
    [`[[packages]]\nname = "a"\nwheels = [{ hashes = { sha256 = "${SHA}" } }]\n`, /path of a must be a string/, 3],
    ['[[packages]]\nname = "a"\nwheels = [{}, {}]\n', /2 wheels/, 3],
    ['packages = 3\n', /packages must be an array of tables, not a number/, 2],
  ])('%j is an error with its line', async (text, message, line) => {
    const error = await userErrorOf(Promise.resolve().then(() => readResolution(`lock-version = "1.0"\n${text}`, 'x.toml')));
    expect(error).toMatchObject({ code: 'lock-invalid', where: { file: 'x.toml', line } });
    expect(error.message).toMatch(message);
  });
});

test('requirements to install from a wheelhouse: by path and hash, sorted, escaped', () => {
  expect(installRequirements([polls, django], '/wheelhouse/')).toBe(
    `django @ file:///wheelhouse/django-5.2.1-py3-none-any.whl --hash=sha256:${SHA}\npolls @ file:///wheelhouse/polls-1.4.0%2Bx-py3-none-any.whl --hash=sha256:${OTHER}\n`,
  );
  expect(installRequirements([django], '/a b', (wheel) => wheel.path)).toBe(
    `django @ file:///a%20b/abababababab/django-5.2.1-py3-none-any.whl --hash=sha256:${SHA}\n`,
  );
});
