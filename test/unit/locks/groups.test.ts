import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.js';
import { groupRequirements } from '../../../src/core/locks/groups.js';
import { parseToml } from '../../../src/core/project/toml.js';

function of(text: string, ...names: readonly string[]): readonly string[] {
  return groupRequirements({ text, table: parseToml(text, { file: 'pyproject.toml', code: 'pyproject-invalid' }) }, names);
}

function errorOf(text: string, ...names: readonly string[]): UserError {
  try {
    of(text, ...names);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const GROUPS = `[project]
name = "x"

[dependency-groups]
Deploy_Tools = ["gunicorn>=23", { include-group = "base" }]
base = [
    "sentry-sdk ; python_version >= '3.9'",
]
typing = [{ include-group = "typing-more" }]
typing-more = [{ include-group = "Typing" }]
bad = ["no valid requirement !"]
odd = [{ include-group = "base", extra = 1 }]
lost = [{ include-group = "bse" }]
`;

test('a group with what it includes, by any spelling of its name', () => {
  expect(of(GROUPS, 'deploy-tools')).toEqual(['gunicorn>=23', "sentry-sdk ; python_version >= '3.9'"]);
  expect(of(GROUPS, 'base', 'deploy-tools')).toEqual(["sentry-sdk ; python_version >= '3.9'", 'gunicorn>=23']);
});

test('none wanted: nothing is read, whatever stands there', () => {
  expect(of('dependency-groups = 1')).toEqual([]);
});

test("uv's own list is the group dev, unless there is one", () => {
  expect(of('[tool.uv]\ndev-dependencies = ["ruff"]\n', 'dev')).toEqual(['ruff']);
  expect(of('[dependency-groups]\ndev = ["black"]\n[tool.uv]\ndev-dependencies = ["ruff"]\n', 'dev')).toEqual(['black']);
});

describe('errors name the line', () => {
  test.each([
    ['one that is not there', 'bas', { code: 'unknown-group', fix: 'Did you mean base?', where: { file: 'pyproject.toml', line: 4 } }],
    ['one that is included and not there', 'lost', { code: 'unknown-group', fix: 'Did you mean base?', where: { file: 'pyproject.toml', line: 13 } }],
    ['a circle', 'typing', { code: 'group-cycle', why: 'typing → typing-more → typing', where: { file: 'pyproject.toml', line: 10 } }],
    ['no requirement', 'bad', { code: 'pyproject-invalid', where: { file: 'pyproject.toml', line: 11 } }],
    ['another table', 'odd', { code: 'pyproject-invalid', where: { file: 'pyproject.toml', line: 12 } }],
  ])('%s', (_, name, expected) => {
    expect(errorOf(GROUPS, name)).toMatchObject({ kind: 'project', ...expected });
  });

  test('twice the same name', () => {
    expect(errorOf('[dependency-groups]\na-b = []\nA_B = []\n', 'a-b')).toMatchObject({ code: 'pyproject-invalid', where: { line: 3 } });
  });

  test('a project without any', () => {
    expect(errorOf('[project]\nname = "x"\n', 'web')).toMatchObject({ code: 'unknown-group', why: 'pyproject.toml declares no [dependency-groups]' });
  });
});
