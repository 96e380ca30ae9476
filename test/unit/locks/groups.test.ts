import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/core/errors.js';
import { checkGroups, readGroups, type DependencyGroups } from '../../../src/core/locks/groups.js';
import { parseToml } from '../../../src/core/project/toml.js';

function read(text: string): DependencyGroups {
  return readGroups({ text, table: parseToml(text, { file: 'pyproject.toml', code: 'pyproject-invalid' }) });
}

function failure(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('no error');
}

function texts(groups: DependencyGroups, name: string): readonly string[] {
  return groups.requirementsOf(name).map(({ text }) => text);
}

describe('dependency groups', () => {
  test('names are normalised, and included groups taken in where they stand', () => {
    const groups = read('[dependency-groups]\nTyping_All = ["mypy", {include-group = "Test.Base"}, "types-x>=1"]\ntest-base = [\n  "pytest>=8",\n]\n');
    expect([...groups.names]).toEqual(['typing-all', 'test-base']);
    expect(texts(groups, 'typing-all')).toEqual(['mypy', 'pytest>=8', 'types-x>=1']);
    expect(groups.requirementsOf('test-base')).toEqual([{ text: 'pytest>=8', place: { file: 'pyproject.toml', line: 4 } }]);
    expect(checkGroups('app', groups, ['TYPING-all', 'test.base', 'typing_all'])).toEqual(['test-base', 'typing-all']);
    expect(groups.requirementsOf('other')).toEqual([]);
  });

  test('those of uv, PDM and Poetry count too', () => {
    const groups = read(
      [
        '[dependency-groups]',
        'dev = ["one"]',
        '[tool.uv]',
        'dev-dependencies = ["two>=2"]',
        '[tool.pdm.dev-dependencies]',
        'Lint = ["ruff", "-e file:///${PROJECT_ROOT}/lib#egg=lib"]',
        '[tool.poetry.dev-dependencies]',
        'three = "^3.1"',
        '[tool.poetry.group.docs.dependencies]',
        'sphinx = { version = "~7.2", python = ">=3.9", markers = "sys_platform == \'linux\'", extras = ["docs"] }',
        'furo = "*"',
        'mkdocs = "1.6.0"',
      ].join('\n'),
    );
    expect(texts(groups, 'dev')).toEqual(['one', 'three>=3.1,<4', 'two>=2']);
    expect(texts(groups, 'lint')).toEqual(['ruff']);
    expect(texts(groups, 'docs')).toEqual(['sphinx[docs]>=7.2,<7.3 ; (sys_platform == \'linux\') and (python_full_version >= "3.9")', 'furo', 'mkdocs==1.6.0']);
    expect(groups.requirementsOf('docs')[1]?.place).toEqual({ file: 'pyproject.toml', line: 11 });
  });

  test('no pyproject.toml, no groups', () => {
    expect([...readGroups(undefined).names]).toEqual([]);
  });
});

describe('groups that cannot be read', () => {
  const broken = read(
    [
      '[dependency-groups]',
      'a = [{ include-group = "b" }]',
      'b = [{ include-group = "c" }]',
      'c = [',
      '  "x",',
      '  { include-group = "a" },',
      ']',
      'missing = [{ include-group = "dec" }]',
      'dev = []',
      'wrong = ["django >> 5"]',
      'other = [{ path = "x" }]',
      'text = "django"',
      '[tool.poetry.group.alternatives.dependencies]',
      'django = ">=4,<5 || >=5.2"',
    ].join('\n'),
  );

  test.each<[string, string, string, number]>([
    ['a', 'groups-cycle', 'The group c in pyproject.toml includes a, which includes it', 6],
    ['missing', 'unknown-group', 'pyproject.toml has no dependency group named dec', 8],
    ['wrong', 'groups-invalid', 'The dependency "django >> 5" in pyproject.toml is no valid requirement (PEP 508)', 10],
    ['other', 'groups-invalid', 'The group other in pyproject.toml holds something that is neither a requirement nor an include-group', 11],
    ['text', 'groups-invalid', 'The group text in pyproject.toml must be an array, not a string', 12],
    ['alternatives', 'groups-invalid', 'django in pyproject.toml has alternatives (>=4,<5 || >=5.2), which no requirement of PEP 508 can say', 14],
  ])('%s', (name, code, message, line) => {
    expect(failure(() => broken.requirementsOf(name))).toMatchObject({ kind: 'project', code, message, where: { file: 'pyproject.toml', line } });
  });

  test('the cycle is told', () => {
    expect(failure(() => broken.requirementsOf('b')).why).toBe('Groups include each other: b → c → a → b');
  });

  test('one name twice', () => {
    expect(failure(() => read('[dependency-groups]\ndev-x = []\nDev_X = []\n'))).toMatchObject({
      code: 'groups-invalid',
      message: 'The group "dev-x" is declared twice in pyproject.toml',
      where: { file: 'pyproject.toml', line: 3 },
    });
  });

  test('an unknown one, with the nearest name', () => {
    expect(failure(() => checkGroups('app', broken, ['devv']))).toMatchObject({
      code: 'unknown-group',
      where: { file: 'pyproject.toml', line: 1 },
      fix: 'Did you mean dev?',
    });
  });
});
