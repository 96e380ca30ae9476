/** Which projects there are, in folders as real repositories have them. */
import { symlink } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findProjects } from '../../../src/core/project/find-projects.js';
import { meantProject } from '../../../src/core/project/meant-project.js';
import { makeFolder, userErrorOf } from './folder.js';

const BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n';
const packaged = (name: string, more = ''): string => `${BUILD}[project]\nname = "${name}"\nversion = "1"\n${more}`;
const plain = (name: string, more = ''): string => `[project]\nname = "${name}"\nversion = "1"\n${more}`;
const MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\nfrom django.core.management import x\n';

async function found(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await findProjects(await makeFolder(files))).map(({ folder, name, kind }) => `${folder}: ${name} ${kind}`);
}

describe('one project', () => {
  test('a library with its examples, docs, tests and vendored code', async () => {
    expect(
      await found({
        'pyproject.toml': packaged('lib'),
        'src/lib/__init__.py': '',
        'docs/pyproject.toml': packaged('lib-docs'),
        'examples/tutorial/pyproject.toml': packaged('tutorial'),
        'examples/celery/pyproject.toml': packaged('example'),
        'tests/type_check/setup.py': 'setup(name="x")',
        'src/lib/_vendor/six/setup.py': 'setup(name="six")',
        'plugins/extra/pyproject.toml': packaged('extra'),
        'tests/testsite/manage.py': MANAGE,
      }),
    ).toEqual([': lib package']);
  });

  test('the same below a folder that is none', async () => {
    const files = {
      'README.md': '',
      'pyproject.toml': '[tool.ruff]\nline-length = 100\n',
      'backend/pyproject.toml': packaged('api'),
      'backend/tests/fixtures/pkg/setup.py': '',
      'docs/setup.py': 'setup()',
      'template/{{cookiecutter.name}}/pyproject.toml': packaged('x'),
      '{{cookiecutter.slug}}/setup.py': '',
      'build/lib/setup.py': '',
      'node_modules/gyp/pyproject.toml': packaged('gyp'),
      '.venv/lib/python3.12/site-packages/pkg/setup.py': '',
      'env311/pyvenv.cfg': '',
      'env311/src/thing/setup.py': '',
    };
    expect(await found(files)).toEqual(['backend: api package']);
  });

  test('legacy: setup.py alone, setup.cfg with a name, Poetry, Flit', async () => {
    const files = {
      'a/setup.py': 'setup(name="first")',
      'b/setup.cfg': '[metadata]\nname = second\n',
      'c/pyproject.toml': '[tool.poetry]\nname = "third"\nversion = "1"\n[build-system]\nrequires = ["poetry-core"]\n',
      'd/pyproject.toml': '[tool.flit.metadata]\nmodule = "fourth"\n',
      'e/setup.cfg': '[flake8]\nmax-line-length = 100\n',
    };
    expect(await found(files)).toEqual(['a: first package', 'b: second package', 'c: third package', 'd: fourth package']);
  });

  test('without a build system: a module of its name, scripts, or nothing that runs', async () => {
    const files = {
      'a/pyproject.toml': plain('first'),
      'a/first/__init__.py': '',
      'b/pyproject.toml': plain('second'),
      'b/src/other/__init__.py': '',
      'c/pyproject.toml': plain('third', '[project.scripts]\nx = "x:main"\n'),
      'c/app.py': 'app = Flask(__name__)',
      'd/pyproject.toml': plain('fourth'),
      'd/one.py': '',
      'd/two.py': '',
    };
    expect(await found(files)).toEqual(['a: first package', 'b: second package', 'c: third package', 'd: fourth package']);
  });

  test('one that cannot be understood is there: packaging it says what is wrong', async () => {
    expect(await found({ 'a/pyproject.toml': '[project\n', 'b/pyproject.toml': '[project]\nname = 3\n' })).toEqual(['a: a package', 'b: b package']);
  });
});

describe('workspaces', () => {
  const members = {
    'packages/core/pyproject.toml': packaged('core'),
    'packages/scripts/pyproject.toml': plain('scripts', 'dependencies = ["rich"]\n'),
    'packages/scripts/a.py': '',
    'packages/scripts/b.py': '',
    'packages/api/pyproject.toml': plain('api', 'dependencies = ["fastapi"]\n'),
    'packages/api/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
    'packages/old/pyproject.toml': packaged('old'),
    'tools/release/pyproject.toml': packaged('release-tool'),
    'packages/core/tests/pkg/pyproject.toml': packaged('tested'),
  };
  const workspace = '[tool.uv.workspace]\nmembers = ["packages/*"]\nexclude = ["packages/old"]\n';

  test('a root without a project is none; members with a build system or an application are', async () => {
    expect(await found({ ...members, 'pyproject.toml': workspace })).toEqual([
      'packages/api: api site',
      'packages/core: core package',
      'packages/scripts: scripts package',
    ]);
  });

  test('a root that is a project is one beside its members, and what is no member is none', async () => {
    expect(await found({ ...members, 'pyproject.toml': packaged('root', workspace) })).toEqual([
      ': root package',
      'packages/api: api site',
      'packages/core: core package',
      'packages/scripts: scripts package',
    ]);
  });

  test("hatch's members", async () => {
    const hatch = '[tool.hatch.envs.default]\nworkspace.members = ["packages/core", { path = "packages/old" }]\n';
    expect(await found({ ...members, 'pyproject.toml': packaged('root', hatch) })).toEqual([
      ': root package',
      'packages/core: core package',
      'packages/old: old package',
    ]);
  });
});

describe('several services', () => {
  test('each is one: packages, a Django site, applications, a script', async () => {
    expect(
      await found({
        'services/api/requirements.txt': 'fastapi\n',
        'services/api/app/main.py': 'from fastapi import FastAPI\napp = FastAPI()\n',
        'services/shop/manage.py': MANAGE,
        'services/shop/requirements.txt': 'django\n',
        'services/mail/pyproject.toml': packaged('mailer'),
        'services/report/requirements.txt': 'six\n',
        'services/report/report.py': '',
        'ops/requirements.txt': 'ansible\n',
        'ops/playbook.yml': '',
        'web/package.json': '{}',
      }),
    ).toEqual(['services/api: api site', 'services/mail: mailer package', 'services/report: report site', 'services/shop: shop site']);
  });

  test('neither too deep nor through a link', async () => {
    const root = await makeFolder({ 'a/b/c/d/pyproject.toml': packaged('four'), 'a/b/c/x/e/pyproject.toml': packaged('five') });
    await symlink(root, `${root}/a/loop`);
    expect((await findProjects(root)).map(({ name }) => name)).toEqual(['four']);
  });
});

describe('the project that is meant', () => {
  test('the folder itself, the only one below, or nobody knows which', async () => {
    const own = await makeFolder({ 'pyproject.toml': packaged('own', '[tool.uv.workspace]\nmembers = ["x"]\n'), 'x/pyproject.toml': packaged('x') });
    expect(await meantProject(own)).toMatchObject({ below: undefined, project: { name: 'own' } });
    const one = await makeFolder({ 'services/api/pyproject.toml': packaged('api'), 'docs/pyproject.toml': packaged('d') });
    expect(await meantProject(one)).toMatchObject({ below: 'services/api', project: { name: 'api', root: `${one}/services/api` } });
    const two = await userErrorOf(makeFolder({ 'a/pyproject.toml': packaged('a'), 'b/c/setup.py': '' }).then(meantProject));
    expect(two).toMatchObject({ code: 'no-project', fix: 'There are projects in a/, b/c/: choose one with --project a/' });
    expect((await userErrorOf(makeFolder({ 'main.py': '' }).then(meantProject))).fix).toContain('Open the folder of a Python project');
  });
});
