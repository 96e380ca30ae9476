import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../src/core/project/detect.js';
import { brokenBound, fittingPythons } from '../../../src/core/project/python.js';
import { makeFolder, userErrorOf } from './folder.js';

const PROJECT = '[project]\nname = "polls"\nversion = "1"\n';

describe('.python-version above the project', () => {
  const repository = async (files: Record<string, string>): Promise<string> => {
    const root = await makeFolder({ 'apps/polls/pyproject.toml': PROJECT, ...files });
    await mkdir(`${root}/.git`);
    return `${root}/apps/polls`;
  };

  test('counts up to the root of the repository', async () => {
    expect((await detectProject(await repository({ '.python-version': '3.12\n' }))).python).toEqual({
      version: '3.12',
      reason: '../../.python-version names 3.12',
    });
    expect((await detectProject(await repository({ '.python-version': '3.12\n', 'apps/.python-version': '3.11\n' }))).python.version).toBe('3.11');
  });

  test('what lies beyond it, or above a folder without a repository, is not of the project', async () => {
    const root = await makeFolder({ '.python-version': '3.9\n', 'repo/polls/pyproject.toml': PROJECT });
    expect((await detectProject(`${root}/repo/polls`)).python.reason).toBe('default');
    await mkdir(`${root}/repo/.git`);
    expect((await detectProject(`${root}/repo/polls`)).python.reason).toBe('default');
  });

  test('one that contradicts the project is for others', async () => {
    const folder = await repository({ '.python-version': '3.10\n', 'apps/polls/pyproject.toml': `${PROJECT}requires-python = ">=3.11,<3.13"\n` });
    expect((await detectProject(folder)).python).toEqual({ version: '3.12', reason: 'requires-python >=3.11,<3.13' });
  });
});

describe('locks', () => {
  test.each([
    ['uv.lock', 'version = 1\nrequires-python = ">=3.11, <3.13"\n\n[[package]]\nname = "a"\n', 'requires-python >=3.11, <3.13', 2],
    ['pylock.toml', 'lock-version = "1.0"\nrequires-python = "==3.12.*"\n[[packages]]\nname = "a"\nrequires-python = ">=2"\n', 'requires-python ==3.12.*', 2],
    [
      'poetry.lock',
      '[[package]]\nname = "a"\npython-versions = ">=2.7"\n\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.10,<3.13"\ncontent-hash = "x"\n',
      'python-versions >=3.10,<3.13',
      7,
    ],
    [
      'pdm.lock',
      '[metadata]\n[[metadata.targets]]\nrequires_python = "==3.12.*"\n\n[[package]]\nname = "a"\nrequires_python = ">=2.7"\n',
      'requires_python ==3.12.*',
      3,
    ],
  ])('%s binds', async (file, text, says, line) => {
    const project = await detectProject(await makeFolder({ 'pyproject.toml': `${PROJECT}requires-python = ">=3.9"\n`, [file]: text }));
    expect(project.python).toEqual({ version: '3.12', reason: `requires-python >=3.9, ${says}` });
    expect(project.pythonBounds[1]).toMatchObject({ says, place: { file, line } });
  });

  test('one for several Pythons binds none of them', async () => {
    const targets = '[[metadata.targets]]\nrequires_python = "==3.10.*"\n[[metadata.targets]]\nrequires_python = "==3.11.*"\n[[package]]\n';
    expect((await detectProject(await makeFolder({ 'pyproject.toml': PROJECT, 'pdm.lock': targets }))).pythonBounds).toEqual([]);
  });

  test('a lock and the metadata that exclude each other are both named', async () => {
    const error = await userErrorOf(
      makeFolder({ 'pyproject.toml': `${PROJECT}requires-python = "<3.12"\n`, 'uv.lock': 'requires-python = ">=3.12"\n' }).then(detectProject),
    );
    expect([error.code, error.message]).toEqual(['python-unsatisfiable', 'No supported Python satisfies requires-python <3.12 and requires-python >=3.12']);
    expect(error.why).toContain('uv.lock:1');
  });
});

describe('setup.py', () => {
  test.each([
    ["setup(name='a', python_requires='>=3.9,<3.12')", '>=3.9,<3.12'],
    ['setup(\n    name=\'a\',\n    python_requires = ">=3.10",\n)', '>=3.10'],
    ["setup(name='a', python_requires=REQUIRES)", undefined],
    ["# python_requires='>=3.9'\nsetup(name='a')", undefined],
  ])('%j', async (text, bound) => {
    expect((await detectProject(await makeFolder({ 'setup.py': text }))).requiresPython).toBe(bound);
  });

  test('setup.cfg counts beside one that says nothing of it, and not beside one that does', async () => {
    const setupCfg = '[metadata]\nname = a\n[options]\npython_requires = >=3.11\n';
    const read = async (setupPy: string): Promise<string | undefined> =>
      (await detectProject(await makeFolder({ 'setup.cfg': setupCfg, 'setup.py': setupPy }))).requiresPython;
    expect(await read("setup(ext_modules=[Extension('a', [])])")).toBe('>=3.11');
    expect(await read("setup(python_requires='>=3.12')")).toBe('>=3.12');
    expect(await read('setup(python_requires=compute())')).toBeUndefined();
  });
});

test('bounds against a Python that is there', () => {
  const bound = (text: string): { text: string; says: string; place: { file: string } } => ({ text, says: text, place: { file: 'x' } });
  expect(brokenBound('3.13.5', [bound('>=3.11'), bound('<3.13.0a1')])?.text).toBe('<3.13.0a1');
  expect(brokenBound('3.12.9', [bound('>=3.11,<3.13.0a1')])).toBeUndefined();
  expect(fittingPythons([bound('>=3.11,<3.13.0a1')])).toEqual(['3.12', '3.11']);
});
