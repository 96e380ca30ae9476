import { describe, expect, test } from 'vitest';
import { compareVersions, formatVersion, parseSpecifiers, parseVersion, satisfies } from '../../../src/core/project/specifiers.js';

function version(text: string): NonNullable<ReturnType<typeof parseVersion>> {
  const parsed = parseVersion(text);
  if (!parsed) throw new Error(`${text} is no version`);
  return parsed;
}

function isIn(text: string, specifiers: string): boolean {
  const parsed = parseSpecifiers(specifiers);
  if (!parsed) throw new Error(`${specifiers} are no specifiers`);
  return satisfies(version(text), parsed, text);
}

describe('versions', () => {
  // The order that PEP 440 gives as an example, and a local version.
  test('are ordered as PEP 440 says', () => {
    const ordered = [
      '1.dev0',
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.0.15',
      '1.1.dev1',
      '1!0.1',
    ];
    const shuffled = [...ordered].reverse().sort((a, b) => compareVersions(version(a), version(b)));
    expect(shuffled).toEqual(ordered);
  });

  test.each([
    ['1.0RC1', '1.0rc1'],
    ['v1.2.alpha3', '1.2a3'],
    ['1.0-1', '1.0.post1'],
    ['1.0.post', '1.0.post0'],
    ['1.0-dev', '1.0.dev0'],
    ['1.0c2', '1.0rc2'],
    ['1.0+Ubuntu-1', '1.0+ubuntu.1'],
    ['2!1.0', '2!1.0'],
  ])('%s is %s', (written, normal) => {
    expect(formatVersion(version(written))).toBe(normal);
  });

  test.each(['', 'one', '1.0.x', '1..0', '>=1', '1.0 beta x', '3.13-slim'])('"%s" is none', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test('trailing zeros do not matter', () => {
    expect(compareVersions(version('1'), version('1.0.0'))).toBe(0);
  });
});

describe('specifiers', () => {
  test.each([
    ['2.2.post3', '~=2.2', true],
    ['2.9', '~=2.2', true],
    ['3.0', '~=2.2', false],
    ['2.1', '~=2.2', false],
    ['1.4.9', '~=1.4.5', true],
    ['1.5', '~=1.4.5', false],
    ['2.2rc1', '~=2.2', false],
    ['2.3', '~=2.2.post3', true],
    ['3.11.4', '==3.11.*', true],
    ['3.11', '==3.11.*', true],
    ['3.11rc1', '==3.11.*', true],
    ['3.110', '==3.11.*', false],
    ['3.12', '!=3.11.*', true],
    ['3.11.2', '!=3.11.*', false],
    ['3.11.0', '==3.11', true],
    ['3.11.1', '==3.11', false],
    ['1.0+local', '==1.0', true],
    ['1.0', '==1.0+local', false],
    ['1.0+local', '<=1.0', true],
    ['3.13rc1', '<3.13', false],
    ['3.13rc1', '<3.13rc2', true],
    ['3.12.9', '<3.13', true],
    ['1.7.post1', '>1.7', false],
    ['1.7.1', '>1.7', true],
    ['1.7.post2', '>1.7.post1', true],
    ['3.13.1', '<=3.13', false],
    ['3.12', '>=3.10,<3.13', true],
    ['3.13', '>=3.10, <3.13', false],
    ['3.10.1', '>=3.10,!=3.10.1', false],
    ['1.0', '===1.0', true],
    ['1.0.0', '===1.0', false],
    ['1.0', '', true],
  ])('%s against "%s" is %s', (text, specifiers, expected) => {
    expect(isIn(text, specifiers)).toBe(expected);
  });

  test.each(['3.10', '^3.10', '=>3.10', '~=3', '>=3.*', '>=', '>=3.10;<4', '==1.0.dev1.*', '>=1.0+local'])('"%s" are none', (text) => {
    expect(parseSpecifiers(text)).toBeUndefined();
  });
});
