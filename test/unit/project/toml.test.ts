import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.js';
import { decodeUtf8, lineOf, lineOfString, parseToml } from '../../../src/core/project/toml.js';

const TEXT = `# [project] in a comment
title = """
[project]
name = "not this one"
"""

[project]
name = "polls"
dependencies = [
  "django", # name = 1
  "name = 2",
]
"requires-python" = ">=3.10"
urls.home = "x"

[project.optional-dependencies]
test = ["pytest"]

[tool . poetry]
name = 'old'
[[tool.list]]
key = 1
`;

describe('lines of keys', () => {
  test.each([
    [['project'], 7],
    [['project', 'name'], 8],
    [['project', 'dependencies'], 9],
    [['project', 'requires-python'], 13],
    [['project', 'urls', 'home'], 14],
    [['project', 'optional-dependencies'], 16],
    [['project', 'optional-dependencies', 'test'], 17],
    [['tool', 'poetry', 'name'], 20],
    [['tool', 'list', 'key'], 22],
    [['title'], 2],
  ])('%j is on line %i', (path, line) => {
    expect(lineOf(TEXT, path)).toBe(line);
  });

  test('a key that is not there has the line of its table, an unknown table none', () => {
    expect(lineOf(TEXT, ['project', 'version'])).toBe(7);
    expect(lineOf(TEXT, ['build-system'])).toBeUndefined();
  });

  test('an item of a list is found below its key', () => {
    expect(lineOfString(TEXT, 9, 'name = 2')).toBe(11);
    expect(lineOfString(TEXT, 9, 'flask')).toBe(9);
  });
});

describe('errors', () => {
  const source = { file: 'pyproject.toml', code: 'pyproject-invalid' };
  const errorOf = (work: () => unknown): UserError => {
    try {
      work();
    } catch (error) {
      if (error instanceof UserError) return error;
    }
    throw new Error('no UserError');
  };

  test('a syntax error has line and column, and one line of text', () => {
    const error = errorOf(() => parseToml('[project]\nname = \n', source));
    expect(error.code).toBe('pyproject-invalid');
    expect(error.where).toMatchObject({ file: 'pyproject.toml', line: 2 });
    expect(error.where?.column).toBeGreaterThan(1);
    expect(error.message).toMatch(/^pyproject\.toml is not valid TOML: [^\n]+$/);
  });

  test('bytes that are no UTF-8 have their line', () => {
    const error = errorOf(() => decodeUtf8(Buffer.concat([Buffer.from('[project]\nname = "'), Buffer.from([0xff, 0x22])]), source));
    expect(error.where).toEqual({ file: 'pyproject.toml', line: 2 });
    expect(error.message).toContain('UTF-8');
  });

  test('a byte order mark is named', () => {
    expect(errorOf(() => parseToml('\uFEFF[project]', source)).message).toContain('byte order mark');
  });
});
