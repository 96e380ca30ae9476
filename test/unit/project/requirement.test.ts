import { describe, expect, test } from 'vitest';
import { poetryAlternatives } from '../../../src/core/project/poetry-constraint.js';
import { formatRequirement, parseRequirement } from '../../../src/core/project/requirement.js';

describe('requirements of PEP 508', () => {
  test.each<[string, string]>([
    ['Django', 'django'],
    ['Django >= 5.2, <6', 'django>=5.2,<6'],
    ['a[X_y, b]==1.* ; python_version>"3"', 'a[b,x-y]==1.* ; python_version>"3"'],
    ['a (>=1)', 'a>=1'],
    ['a@https://example.org/a;b.whl', 'a @ https://example.org/a;b.whl'],
    ['a[x] @ git+https://example.org/a@v1#subdirectory=b ; os_name=="posix"', 'a[x] @ git+https://example.org/a@v1#subdirectory=b ; os_name=="posix"'],
    ['a ; ', 'a'],
  ])('%s', (text, expected) => {
    const parsed = parseRequirement(text);
    expect(parsed && formatRequirement(parsed)).toBe(expected);
  });

  test.each(['', '-e .', './a', 'a >> 1', 'a 1.0', 'a @', '>=1'])('"%s" is none', (text) => {
    expect(parseRequirement(text)).toBeUndefined();
  });
});

// What Poetry's own library makes of them.
test.each<[string, readonly string[] | undefined]>([
  ['^1.2.3', ['>=1.2.3,<2']],
  ['^0.2.3', ['>=0.2.3,<0.3']],
  ['^0.0.3', ['>=0.0.3,<0.0.4']],
  ['^0.0', ['>=0.0,<0.1']],
  ['^0', ['>=0,<1']],
  ['~1.2.3', ['>=1.2.3,<1.3']],
  ['~1', ['>=1,<2']],
  ['~=1.4.5', ['~=1.4.5']],
  ['1.2.*', ['==1.2.*']],
  ['1.2', ['==1.2']],
  ['=1.2', ['==1.2']],
  ['>= 1.0 <2', ['>=1.0,<2']],
  ['>=2.7, !=3.0.*, !=3.1.*', ['>=2.7,!=3.0.*,!=3.1.*']],
  ['^1.2 || >=3,<4', ['>=1.2,<2', '>=3,<4']],
  ['*', ['']],
  ['latest', undefined],
])('the constraint %s', (constraint, expected) => {
  expect(poetryAlternatives(constraint)).toEqual(expected);
});
