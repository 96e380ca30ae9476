import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../src/core/project/detect.js';
import { makeFolder, userErrorOf } from './folder.js';

const PROJECT = '[project]\nname = "Polls_App"\nversion = "1.4.0"\n';

describe('Python', () => {
  const detect = async (requires: string | undefined, pin?: string): Promise<Awaited<ReturnType<typeof detectProject>>['python']> => {
    const root = await makeFolder({
      'pyproject.toml': PROJECT + (requires === undefined ? '' : `requires-python = "${requires}"\n`),
      ...(pin !== undefined && { '.python-version': pin }),
    });
    return (await detectProject(root)).python;
  };

  test.each([
    ['>=3.10', '3.13'],
    ['>=3.14', '3.14'],
    ['<3.13', '3.12'],
    ['>=3.9,<=3.13', '3.12'],
    ['~=3.10.2', '3.10'],
    ['~=3.10', '3.13'],
    ['==3.11.*', '3.11'],
    ['==3.11.4', '3.11'],
    ['!=3.13.*,>=3.9', '3.14'],
    ['>=3.13.2', '3.13'],
  ])('requires-python %s gives %s', async (requires, version) => {
    expect(await detect(requires)).toEqual({ version, reason: `requires-python ${requires}` });
  });

  test.each([
    ['3.12\n', '3.12'],
    ['3.11.7', '3.11'],
    ['# comment\n\ncpython-3.12.1-linux-x86_64-gnu\n', '3.12'],
    ['cpython@3.10', '3.10'],
    ['python-3.10.2', '3.10'],
    ['3.14-dev', '3.14'],
  ])('.python-version %j gives %s', async (pin, version) => {
    expect((await detect(undefined, pin)).version).toBe(version);
    expect((await detect('>=3.9', pin)).reason).toContain('.python-version');
  });

  test('a name of a virtual environment is no version, and that is said', async () => {
    expect(await detect('>=3.10', 'my-env\n')).toEqual({
      version: '3.13',
      reason: 'requires-python >=3.10 (.python-version names "my-env", which is no version)',
    });
  });

  test('a pin outside of the bound names both files', async () => {
    const error = await userErrorOf(detect('>=3.12', '\n3.11.4\n'));
    expect(error).toMatchObject({ code: 'python-contradiction', where: { file: '.python-version', line: 2 } });
    expect(error.why).toContain('pyproject.toml:4 says requires-python >=3.12');
  });

  test('a bound that nothing satisfies is named with its line', async () => {
    const error = await userErrorOf(detect('>=3.10,<3.10'));
    expect(error).toMatchObject({ code: 'python-unsatisfiable', where: { file: 'pyproject.toml', line: 4 } });
    expect(error.message).toContain('>=3.10,<3.10');
    expect((await userErrorOf(detect('<3'))).code).toBe('python-unsatisfiable');
    expect((await userErrorOf(detect(undefined, '2.7.18'))).code).toBe('python-unsupported');
  });
});
