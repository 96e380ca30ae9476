import { chmod, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../src/core/project/detect.js';
import { checkExtras } from '../../../src/core/project/extras.js';
import { makeFolder, unprivileged, userErrorOf } from './folder.js';

const PROJECT = '[project]\nname = "Polls_App"\nversion = "1.4.0"\n';

describe('pyproject.toml with [project]', () => {
  test('is read in full', async () => {
    const root = await makeFolder({
      'pyproject.toml': `[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
backend-path = ["."]

[project]
name = "Polls_App"
version = "1.4.0"
requires-python = ">=3.10"
dependencies = ["Django~=5.2.0", "psycopg[c]>=3.2; python_version >= '3.8'", "x @ https://example.org/x.whl"]

[project.optional-dependencies]
Test_Extra = ["pytest"]
`,
      'uv.lock': '',
      'pylock.toml': '',
      'pylock.dev.toml': '',
      'requirements-dev.txt': '',
      'requirements.in': '',
    });
    expect(await detectProject(root)).toEqual({
      root,
      name: 'Polls_App',
      normalizedName: 'polls-app',
      version: '1.4.0',
      metadataFile: 'pyproject.toml',
      requiresPython: '>=3.10',
      pythonBounds: [{ text: '>=3.10', says: 'requires-python >=3.10', place: { file: 'pyproject.toml', line: 9 } }],
      python: { version: '3.13', reason: 'requires-python >=3.10' },
      buildSystem: { requires: ['hatchling'], backend: 'hatchling.build', backendPath: ['.'] },
      dependencies: ['Django~=5.2.0', "psycopg[c]>=3.2; python_version >= '3.8'", 'x @ https://example.org/x.whl'],
      extras: new Map([['test-extra', ['pytest']]]),
      extrasPlace: { file: 'pyproject.toml', line: 12 },
      django: undefined,
      kind: 'package',
      site: undefined,
      processes: [],
      rust: undefined,
      frontEnd: undefined,
      lockFiles: ['pylock.dev.toml', 'pylock.toml', 'requirements-dev.txt', 'uv.lock'],
    });
  });

  test('what is dynamic is unknown, and what is absent is empty', async () => {
    const dynamic = await detectProject(
      await makeFolder({ 'pyproject.toml': '[project]\nname = "a"\ndynamic = ["version", "dependencies", "optional-dependencies"]\n' }),
    );
    expect([dynamic.version, dynamic.dependencies, dynamic.extras]).toEqual([undefined, undefined, undefined]);
    const plain = await detectProject(await makeFolder({ 'pyproject.toml': PROJECT }));
    expect([plain.dependencies, plain.extras, plain.requiresPython]).toEqual([[], new Map(), undefined]);
    expect(plain.buildSystem).toEqual({ requires: ['setuptools>=40.8.0'], backend: 'setuptools.build_meta:__legacy__', backendPath: [] });
    expect(plain.python).toEqual({ version: '3.13', reason: 'default' });
  });

  test.each<[string, string, number, RegExp]>([
    ['no name', '[project]\nversion = "1"\n', 1, /has no name/],
    ['a bad name', '[project]\nname = "-polls-"\nversion = "1"\n', 2, /"-polls-".*no valid project name/],
    ['a name of another type', '[project]\nversion = "1"\nname = 3\n', 3, /project\.name .* must be a string, not a number/],
    ['no version', '# x\n[project]\nname = "a"\n', 2, /has no version/],
    ['a bad version', '[project]\nname = "a"\nversion = "one"\n', 3, /"one".*no valid version/],
    ['a bad bound', `${PROJECT}requires-python = "3.10"\n`, 4, /"3\.10"/],
    ['dependencies as a string', `${PROJECT}dependencies = "django"\n`, 4, /must be an array of strings, not a string/],
    ['a number among the dependencies', `${PROJECT}dependencies = ["django", 3]\n`, 4, /must be an array of strings, not a number/],
    ['an option as a dependency', `${PROJECT}dependencies = [\n  "django",\n  "-e ../lib",\n]\n`, 6, /"-e \.\.\/lib".*PEP 508/],
    ['a dependency without operator', `${PROJECT}dependencies = [\n  "django 5",\n]\n`, 5, /"django 5"/],
    ['a list of extras', `${PROJECT}optional-dependencies = []\n`, 4, /must be a table/],
    ['an extra of another type', `${PROJECT}[project.optional-dependencies]\ntest = "pytest"\n`, 5, /project\.optional-dependencies\.test/],
    ['an extra declared twice', `${PROJECT}[project.optional-dependencies]\na-b = []\nA_b = []\n`, 6, /declared twice/],
    ['static and dynamic', `${PROJECT}dynamic = ["version"]\n`, 3, /both set and listed/],
    ['a dynamic name', `${PROJECT}dynamic = ["name"]\n`, 4, /must be static/],
    ['a build-system without requires', `${PROJECT}[build-system]\nbuild-backend = "x"\n`, 4, /has no requires/],
    ['a project that is no table', 'project = 3\n', 1, /must be a table, not a number/],
  ])('%s is an error on its line', async (_, text, line, message) => {
    const error = await userErrorOf(detectProject(await makeFolder({ 'pyproject.toml': text })));
    expect(error).toMatchObject({ kind: 'project', code: 'pyproject-invalid', where: { file: 'pyproject.toml', line } });
    expect(error.message).toMatch(message);
  });

  test('broken TOML is an error with line and column', async () => {
    const error = await userErrorOf(detectProject(await makeFolder({ 'pyproject.toml': '[project]\nname = "polls\n' })));
    expect(error).toMatchObject({ code: 'pyproject-invalid', where: { file: 'pyproject.toml', line: 2 } });
  });
});

describe('older metadata', () => {
  test('Poetry before PEP 621: name, version, Python; dependencies are left to the wheel', async () => {
    const root = await makeFolder({
      'pyproject.toml':
        '[tool.poetry]\nname = "polls"\nversion = "2.0"\n[tool.poetry.dependencies]\npython = "^3.9,<3.12"\ndjango = "^5"\n[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n',
    });
    const project = await detectProject(root);
    expect(project).toMatchObject({
      name: 'polls',
      version: '2.0',
      requiresPython: '>=3.9,<4,<3.12',
      python: { version: '3.11' },
      dependencies: undefined,
      extras: undefined,
    });
    expect(project.buildSystem.backend).toBe('poetry.core.masonry.api');
  });

  test('Flit before PEP 621: the module names it', async () => {
    const root = await makeFolder({
      'pyproject.toml': '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[tool.flit.metadata]\nmodule = "polls"\n',
    });
    expect(await detectProject(root)).toMatchObject({ name: 'polls', version: undefined, dependencies: undefined });
  });

  test('setup.cfg alone is static', async () => {
    const root = await makeFolder({
      'setup.cfg':
        '[metadata]\nname = Polls\nversion = 1.2\n\n[options]\npython_requires = >=3.9, <3.12\ninstall_requires =\n    django>=5\n    # comment\n    psycopg[c]\n\n[options.extras_require]\ntest = pytest; coverage\n',
    });
    expect(await detectProject(root)).toMatchObject({
      name: 'Polls',
      version: '1.2',
      metadataFile: 'setup.cfg',
      requiresPython: '>=3.9, <3.12',
      python: { version: '3.11' },
      dependencies: ['django>=5', 'psycopg[c]'],
      extras: new Map([['test', ['pytest', 'coverage']]]),
      extrasPlace: { file: 'setup.cfg', line: 13 },
    });
  });

  test('attr: and file: are dynamic, and so is all beside a setup.py that passes something', async () => {
    const cfg = '[metadata]\nname = polls\nversion = attr: polls.__version__\n[options]\ninstall_requires = file: requirements.txt\n';
    const empty = 'from setuptools import setup\n\nsetup()\n';
    expect(await detectProject(await makeFolder({ 'setup.cfg': cfg, 'setup.py': empty }))).toMatchObject({
      version: undefined,
      dependencies: undefined,
      extras: new Map(),
    });
    const fixed = '[metadata]\nname = polls\nversion = 1.0\n';
    expect(await detectProject(await makeFolder({ 'setup.cfg': fixed, 'setup.py': empty }))).toMatchObject({ version: '1.0', dependencies: [] });
    expect(await detectProject(await makeFolder({ 'setup.cfg': fixed, 'setup.py': 'from setuptools import setup\nsetup(version=compute())\n' }))).toMatchObject(
      {
        name: 'polls',
        version: undefined,
        dependencies: undefined,
        extras: undefined,
      },
    );
  });

  test('a bad version in setup.cfg is an error on its line', async () => {
    const error = await userErrorOf(detectProject(await makeFolder({ 'setup.cfg': '[metadata]\nname = polls\nversion = one\n' })));
    expect(error).toMatchObject({ code: 'metadata-invalid', where: { file: 'setup.cfg', line: 3 } });
  });

  test('setup.py alone: its literal name, else the folder’s', async () => {
    const literal = await detectProject(await makeFolder({ 'setup.py': "from setuptools import setup\nsetup(\n    name='My.Polls',\n    version=v,\n)\n" }));
    expect(literal).toMatchObject({ name: 'My.Polls', normalizedName: 'my-polls', version: undefined, dependencies: undefined, metadataFile: 'setup.py' });
    const constant = await detectProject(await makeFolder({ 'setup.py': "NAME = 'polls'\nimport setuptools\nsetuptools.setup(\n    name=NAME,\n)\n" }));
    expect(constant.name).toBe('polls');
    const computed = await detectProject(await makeFolder({ 'setup.py': 'name = "no"\nfrom setuptools import setup\nsetup(name=NAME)\n' }, 'Größe & Ämter'));
    expect(computed.name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/);
  });
});

describe('no project', () => {
  test('an empty folder says what was looked for', async () => {
    const error = await userErrorOf(detectProject(await makeFolder()));
    expect(error).toMatchObject({ kind: 'project', code: 'no-project' });
    expect(error.why).toMatch(/pyproject\.toml.*setup\.cfg.*setup\.py/);
  });

  test('a project one level below is named', async () => {
    const one = await userErrorOf(detectProject(await makeFolder({ 'backend/pyproject.toml': PROJECT, 'web/package.json': '{}' })));
    expect(one.fix).toContain('--project backend/');
    const two = await userErrorOf(detectProject(await makeFolder({ 'a/pyproject.toml': PROJECT, 'b/setup.py': '' })));
    expect(two.fix).toContain('a/, b/');
  });

  test('pyproject.toml that only configures tools is no project', async () => {
    const error = await userErrorOf(detectProject(await makeFolder({ 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' })));
    expect(error).toMatchObject({ code: 'no-project', where: { file: 'pyproject.toml' } });
    expect(error.why).toContain('no [project] table');
  });

  test('a Django site that says nowhere what it needs', async () => {
    const root = await makeFolder(
      { 'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\nfrom django.core.management import x\n' },
      'My Site',
    );
    const error = await userErrorOf(detectProject(root));
    expect(error).toMatchObject({
      code: 'site-without-requirements',
      where: { file: 'manage.py' },
      message: 'My Site is a Django site, and nothing says what it needs',
    });
  });

  test('a folder that is missing, or a file', async () => {
    const root = await makeFolder({ 'a.txt': '' });
    expect(await userErrorOf(detectProject(path.join(root, 'gone')))).toMatchObject({ kind: 'project', code: 'project-missing' });
    const file = await userErrorOf(detectProject(path.join(root, 'a.txt')));
    expect(file.message).toContain('is a file');
    expect(file.fix).toContain(root);
  });

  test('what this user may not read is named', async () => {
    const closed = await makeFolder({ 'pyproject.toml': PROJECT });
    await chmod(path.join(closed, 'pyproject.toml'), 0);
    expect(await unprivileged(() => userErrorOf(detectProject(closed)))).toMatchObject({ code: 'project-unreadable', where: { file: 'pyproject.toml' } });
    await chmod(closed, 0);
    const error = await unprivileged(() => userErrorOf(detectProject(closed)));
    expect(error).toMatchObject({ code: 'project-unreadable', why: 'This user has no permission' });
    await chmod(closed, 0o755);
  });

  test('a link to a project is the project', async () => {
    const root = await makeFolder({ 'pyproject.toml': PROJECT });
    const link = path.join(path.dirname(root), 'link');
    await symlink(root, link);
    expect((await detectProject(link)).root).toBe(root);
    // A folder with the name of a file is none.
    const odd = await makeFolder();
    await mkdir(path.join(odd, 'pyproject.toml'));
    expect((await userErrorOf(detectProject(odd))).code).toBe('no-project');
  });
});

describe('extras', () => {
  test('known ones are normalised, unknown ones name the nearest and the place', async () => {
    const project = await detectProject(await makeFolder({ 'pyproject.toml': `${PROJECT}\n[project.optional-dependencies]\npost_gres = []\ntest = []\n` }));
    expect(checkExtras(project, ['Test', 'Post.Gres', 'test'])).toEqual(['post-gres', 'test']);
    const error = await userErrorOf(Promise.resolve().then(() => checkExtras(project, ['tests'])));
    expect(error).toMatchObject({ kind: 'project', code: 'unknown-extra', where: { file: 'pyproject.toml', line: 5 }, fix: 'Did you mean test?' });
    expect(error.why).toBe('Its extras are post-gres, test');
  });

  test('dynamic extras cannot be checked yet', async () => {
    const project = await detectProject(await makeFolder({ 'setup.py': 'setup(name="a")' }));
    expect(checkExtras(project, ['anything'])).toEqual(['anything']);
  });
});
