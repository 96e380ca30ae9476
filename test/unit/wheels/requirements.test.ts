import { describe, expect, test } from 'vitest';
import { requirementsFor } from '../../../src/core/wheels/requirements.js';

/** What these give was compared with the `packaging` library's evaluation of the same markers. */
describe('requirements of a wheel', () => {
  const requires = [
    'a>=1',
    "b; extra == 'x'",
    "c; python_version >= '3.8' and extra == 'x'",
    "d; (python_version < '3' or sys_platform == 'linux') and extra == \"y\"",
    "f; python_version < '3'",
    "h @ https://example.org/h.whl ; 'X' == extra",
  ];

  test.each<[readonly string[], readonly string[]]>([
    [[], ['a>=1', "f; python_version < '3'"]],
    [['x'], ['a>=1', 'b', "c ; python_version >= '3.8'", "f; python_version < '3'", 'h @ https://example.org/h.whl']],
    [['Y'], ['a>=1', "d ; python_version < '3' or sys_platform == 'linux'", "f; python_version < '3'"]],
  ])('with the extras %j', (extras, expected) => {
    expect(requirementsFor('app', requires, extras)).toEqual(expected);
  });

  test('an extra that asks for others of the same project is followed, and not fetched from an index', () => {
    const all = ["app[one,Two]; extra == 'all'", "a; extra == 'one'", "b; extra == 'two'", "My_App[all]; extra == 'more'"];
    expect(requirementsFor('App', all, ['all'])).toEqual(['a', 'b']);
    expect(requirementsFor('my.app', ["My_App[x]; extra == 'more'", "c; extra == 'x'"], ['more'])).toEqual(['c']);
  });
});
