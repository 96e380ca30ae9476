import { describe, expect, test } from 'vitest';
import { requirementsFor } from '../../../src/core/wheels/requirements.js';

function resolved(requirement: string, ...extras: readonly string[]): readonly string[] {
  return requirementsFor('app', [requirement], extras);
}

describe('requirementsFor', () => {
  test('without extras: what has no extra in its marker, sorted, once, as it is written', () => {
    const requiresDist = ['whitenoise>=6', 'Django~=5.2', 'Django~=5.2', 'pytest ; extra == "test"', "tzdata ; sys_platform == 'win32'"];
    expect(requirementsFor('app', requiresDist, [])).toEqual(['Django~=5.2', "tzdata ; sys_platform == 'win32'", 'whitenoise>=6']);
  });

  test.each([
    // What build backends write.
    ['pytest>=8 ; extra == "test"', 'pytest>=8'],
    ["pytest>=8; extra == 'test'", 'pytest>=8'],
    ['pytest (>=8) ; (sys_platform == "linux") and extra == \'test\'', 'pytest (>=8) ; sys_platform == "linux"'],
    ['pytest ; (python_version < "3.9") and (extra == "test")', 'pytest ; python_version < "3.9"'],
    // What people write.
    ['pytest ; "test" == extra', 'pytest'],
    ['pytest ; extra == "Test" and python_version >= "3.9"', 'pytest ; python_version >= "3.9"'],
    ['pytest ; (sys_platform == "win32" and extra == "test")', 'pytest ; sys_platform == "win32"'],
    ['pytest ; (os_name == "nt" or os_name == "posix") and extra == "test"', 'pytest ; os_name == "nt" or os_name == "posix"'],
    [
      'pytest ; extra == "test" and (os_name == "nt" or os_name == "posix") and python_version > "3"',
      'pytest ; (os_name == "nt" or os_name == "posix") and python_version > "3"',
    ],
    ['pytest ; extra == "docs" or extra == "test"', 'pytest'],
    ['pytest ; extra == "test" or sys_platform == "win32"', 'pytest'],
    ['pytest ; extra == "test" and "linux" in sys_platform', 'pytest ; "linux" in sys_platform'],
    ['pytest ; extra == "test" and sys_platform not in "win32 darwin"', 'pytest ; sys_platform not in "win32 darwin"'],
    ['tool[cli] >= 1 ; extra == "test"', 'tool[cli] >= 1'],
    ['tool @ https://example.com/a;b.zip ; extra == "test"', 'tool @ https://example.com/a;b.zip'],
  ])('with the extra: %s', (requirement, expected) => {
    expect(resolved(requirement, 'test')).toEqual([expected]);
  });

  test.each([
    ['pytest ; extra == "test"', []],
    ['pytest ; (sys_platform == "win32" and extra == "test")', []],
    ['pytest ; extra == "docs" or extra == "test"', []],
    ['pytest ; extra == "test" or sys_platform == "win32"', ['pytest ; sys_platform == "win32"']],
    ['pytest ; extra != "test"', ['pytest']],
    ['tool @ https://example.com/a;b.zip', ['tool @ https://example.com/a;b.zip']],
  ])('without the extra: %s', (requirement, expected) => {
    expect(resolved(requirement)).toEqual(expected);
  });

  test('names of extras are compared normalised (PEP 685)', () => {
    expect(resolved('a ; extra == "My_Extra"', 'my.extra')).toEqual(['a']);
  });

  test('extras that ask for others of the same distribution are followed, and never asked from an index', () => {
    const requiresDist = ['app[a,B_b] ; extra == "all"', 'left ; extra == "a"', 'App[c] ; extra == "b-b"', 'right ; extra == "c"', 'never ; extra == "d"'];
    expect(requirementsFor('App', requiresDist, ['all'])).toEqual(['left', 'right']);
    expect(requirementsFor('App', requiresDist, [])).toEqual([]);
  });

  test('such a reference counts only where its own marker holds', () => {
    const requiresDist = ['app[a] ; extra == "x" or extra == "y"', 'left ; extra == "a"'];
    expect(requirementsFor('app', requiresDist, [])).toEqual([]);
    expect(requirementsFor('app', requiresDist, ['y'])).toEqual(['left']);
  });

  test('extras that name each other come to an end', () => {
    expect(requirementsFor('app', ['app[b] ; extra == "a"', 'app[a] ; extra == "b"', 'one ; extra == "b"'], ['a'])).toEqual(['one']);
  });

  test('a marker that cannot be read stays, so that pip says what is wrong with it', () => {
    for (const marker of ['extra ==', '(extra == "test"', 'extra == "test" and', 'python_version ~ 3']) {
      expect(resolved(`a ; ${marker}`, 'test')).toEqual([`a ; ${marker}`]);
    }
  });
});
