import { describe, expect, test } from 'vitest';
import { installRequirements } from '../../../src/core/wheels/install.js';
import { readLock, writeLock, type LockedWheel, type WheelhouseLock } from '../../../src/core/wheels/lock.js';
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

  test('says what its wheels were made for; those of earlier versions say nothing of it', async () => {
    const made = { ...lock, wheels: [polls], environment: { python: '3.13.5', machine: 'x86_64', glibc: '2.36' } };
    expect(readLock(writeLock(made), 'pylock.toml').environment).toEqual(made.environment);
    const error = await userErrorOf(Promise.resolve().then(() => readLock(writeLock(made).replace('glibc = "2.36"', 'glibc = 2.36'), 'pylock.toml')));
    expect(error.message).toContain('tool.pypackage.environment.glibc must be a string');
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

test('requirements to install from a wheelhouse: by path and hash, sorted, escaped', () => {
  expect(installRequirements([polls, django], '/wheelhouse/')).toBe(
    `django @ file:///wheelhouse/django-5.2.1-py3-none-any.whl --hash=sha256:${SHA}\npolls @ file:///wheelhouse/polls-1.4.0%2Bx-py3-none-any.whl --hash=sha256:${OTHER}\n`,
  );
  expect(installRequirements([django], '/a b', (wheel) => wheel.path)).toBe(
    `django @ file:///a%20b/abababababab/django-5.2.1-py3-none-any.whl --hash=sha256:${SHA}\n`,
  );
});
