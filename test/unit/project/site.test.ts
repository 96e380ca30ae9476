/** Projects that are no packages: what they are, what they need, what of them ships. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../src/core/project/detect.js';
import { packSources } from '../../../src/core/project/pack.js';
import { isPrivateKey } from '../../../src/core/project/not-shipped.js';
import { readProcfile } from '../../../src/core/project/procfile.js';
import { readRequirements } from '../../../src/core/project/requirements-files.js';
import { packageSuggestion } from '../../../src/core/project/site.js';
import { readSources } from '../../../src/core/project/sources.js';
import { makeFolder, userErrorOf } from './folder.js';

type Files = Readonly<Record<string, string>>;
const NEEDS = { 'requirements.txt': 'six\n' };
const detect = async (files: Files, name?: string): ReturnType<typeof detectProject> => detectProject(await makeFolder(files, name));

describe('a package', () => {
  const build = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "shop"\nversion = "1"\n';
  const app = 'from fastapi import FastAPI\napp = FastAPI()\n';

  test.each([
    ['below src', 'src/shop/main.py', { module: 'shop.main', name: 'app', protocol: 'asgi' }],
    ['at the root', 'shop/__init__.py', { module: 'shop', name: 'app', protocol: 'asgi' }],
    ['not in a package: a wheel would leave it out', 'main.py', undefined],
  ])('has an application %s', async (_where, file, application) => {
    const project = await detect({ 'pyproject.toml': build, 'shop/__init__.py': '', 'src/shop/__init__.py': '', [file]: app });
    expect(project.kind).toBe('package');
    const { module, name, protocol } = project.application ?? {};
    expect(project.application && { module, name, protocol }).toEqual(application);
  });
});

describe('a Django site', () => {
  const manage = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nfrom django.core.management import x\n';

  test('with manage.py and requirements', async () => {
    const project = await detect(
      {
        'manage.py': manage,
        'shop/settings.py': 'MEDIA_ROOT = os.path.join(BASE_DIR, "media")\n',
        'requirements.txt': 'Django>=5\ngunicorn\n',
        'shop/wsgi.py': 'application = x\n',
      },
      'Größe & Co',
    );
    expect(project).toMatchObject({
      kind: 'site',
      name: 'Gro-e-Co',
      version: undefined,
      metadataFile: 'requirements.txt',
      dependencies: ['Django>=5', 'gunicorn'],
      buildSystem: { requires: [] },
      django: { settingsModule: 'shop.settings', wsgi: 'shop.wsgi:application' },
      site: { base: '', workingDir: '', application: undefined, script: undefined, requirementsFile: 'requirements.txt', uploads: ['media'] },
    });
  });

  test('whose manage.py lies in a folder, with the requirements of production at the root', async () => {
    const files = {
      'web/manage.py': manage,
      'web/shop/settings.py': 'MEDIA_ROOT = BASE_DIR / "up/loads"  # here\n',
      'requirements/prod.txt': '-r base.txt\n',
      'requirements/base.txt': 'django\n',
    };
    expect(await detect(files)).toMatchObject({
      site: { base: 'web', workingDir: 'web', requirementsFile: 'requirements/prod.txt', uploads: ['web/up/loads'] },
      dependencies: ['django'],
    });
  });

  test('in a folder whose name could be taken for a command is none', async () => {
    expect((await detect({ 'my site/manage.py': manage, ...NEEDS })).site?.workingDir).toBe('my site');
    expect((await userErrorOf(detect({ '$(id)/manage.py': manage, ...NEEDS }))).code).toBe('no-project');
  });

  test('that has metadata which builds nothing keeps name, version and dependencies', async () => {
    const pyproject = '[project]\nname = "shop-site"\nversion = "3"\ndependencies = ["django"]\n[project.optional-dependencies]\npg = ["psycopg"]\n';
    expect(await detect({ 'manage.py': manage, 'shop/settings.py': '', 'pyproject.toml': pyproject, 'requirements.txt': 'django==5.0\n' })).toMatchObject({
      kind: 'site',
      name: 'shop-site',
      version: '3',
      metadataFile: 'pyproject.toml',
      dependencies: ['django'],
      extras: new Map([['pg', ['psycopg']]]),
    });
    const tools = '[tool.ruff]\nline-length = 100\n';
    expect(await detect({ 'manage.py': manage, 'pyproject.toml': tools, ...NEEDS })).toMatchObject({ kind: 'site', metadataFile: 'requirements.txt' });
  });

  test.each([
    ['STATIC_ROOT = "x"', []],
    ['MEDIA_ROOT = env("MEDIA_ROOT")', []],
    ['MEDIA_ROOT = "/var/media"', []],
    ['MEDIA_ROOT = BASE_DIR / ".."', []],
    ['MEDIA_ROOT = str(BASE_DIR / "media")', ['media']],
    ["MEDIA_ROOT = 'media/'", ['media']],
  ])('uploads of %s', async (settings, uploads) => {
    expect((await detect({ 'manage.py': manage, 'shop/settings.py': `${settings}\n`, ...NEEDS })).site?.uploads).toEqual(uploads);
  });
});

describe('an application', () => {
  test.each<[string, Files, object]>([
    ['FastAPI', { 'main.py': 'from fastapi import FastAPI\n\napp: FastAPI = FastAPI(title="x")\n' }, { protocol: 'asgi', module: 'main', name: 'app' }],
    ['FastAPI in a folder', { 'app/main.py': 'import fastapi\napi = fastapi.FastAPI()\n' }, { protocol: 'asgi', module: 'app.main', name: 'api' }],
    ['Flask in src', { 'src/app.py': 'server = Flask(__name__)\n' }, { protocol: 'wsgi', module: 'app', name: 'server' }],
    ['Flask in a package', { 'shop/__init__.py': 'from flask import Flask\napp = Flask(__name__)\n' }, { protocol: 'wsgi', module: 'shop', name: 'app' }],
    [
      'a factory that wsgi.py calls',
      { 'wsgi.py': 'from shop import create_app\napp = create_app()\n', 'shop/__init__.py': 'from flask import Flask\ndef create_app():\n    pass\n' },
      { protocol: 'wsgi', module: 'wsgi', name: 'app', isFactory: false },
    ],
    [
      'a factory alone',
      { 'shop/__init__.py': 'from flask import Flask\ndef create_app():\n    return Flask()\n' },
      { protocol: 'wsgi', module: 'shop', name: 'create_app', isFactory: true },
    ],
    [
      'a factory of ASGI',
      { 'app.py': 'from starlette.applications import Starlette\ndef create_app():\n    return Starlette()\n' },
      { protocol: 'asgi', name: 'create_app', isFactory: true },
    ],
    ['Falcon', { 'app.py': 'import falcon\napplication = falcon.App()\n' }, { protocol: 'wsgi', name: 'application' }],
    ["Falcon's ASGI", { 'app.py': 'import falcon.asgi\napp = falcon.asgi.App()\n' }, { protocol: 'asgi' }],
    ['Litestar and Quart', { 'main.py': 'app = Litestar([])\n', 'app.py': 'app = Quart(__name__)\n' }, { protocol: 'asgi', module: 'main' }],
    ['Bottle', { 'app.py': 'import bottle\napp = bottle.default_app()\n' }, { protocol: 'wsgi' }],
  ])('%s', async (_name, files, application) => {
    expect(await detect({ ...files, ...NEEDS })).toMatchObject({ kind: 'site', site: { application } });
  });

  test('one in src is imported from there', async () => {
    expect((await detect({ 'src/app.py': 'app = Flask(__name__)\n', ...NEEDS })).site?.base).toBe('src');
  });

  test('a comment, a call in a function and a class of another framework are none', async () => {
    const files = { 'app.py': '# app = Flask(__name__)\ndef f():\n    app = Flask(__name__)\napp = Application()\n', ...NEEDS };
    expect((await detect(files)).site).toMatchObject({ application: undefined, script: 'app.py' });
  });

  test("uv's package = false and Poetry's package-mode", async () => {
    const main = { 'main.py': 'print(1)\n' };
    expect(
      await detect({ ...main, 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n[build-system]\nrequires = []\n[tool.uv]\npackage = false\n' }),
    ).toMatchObject({ kind: 'site', site: { script: 'main.py' } });
    expect(await detect({ ...main, ...NEEDS, 'pyproject.toml': '[tool.poetry]\npackage-mode = false\n' })).toMatchObject({ kind: 'site' });
    const error = await userErrorOf(detect({ 'pyproject.toml': '[project]\nname = "a"\nversion = "1"\n[tool.uv]\npackage = false\n' }));
    expect([error.code, error.why]).toEqual(['no-project', 'Its pyproject.toml says that it is no package, and no application was found in it']);
  });

  test.each<[string, Files, string | undefined]>([
    ['main.py', { 'main.py': '', 'other.py': '' }, 'main.py'],
    ['the only module', { 'report.py': '', 'setup.cfg': '' }, 'report.py'],
    ['the only one with a main part', { 'a.py': '', 'b.py': 'if __name__ == "__main__":\n    pass\n', 'test_b.py': 'if __name__ == "__main__":\n' }, 'b.py'],
    ['the only package that runs', { 'bot/__init__.py': '', 'bot/__main__.py': '', 'docs/x': '' }, 'bot/__main__.py'],
    ['two packages that run', { 'bot/__main__.py': '', 'web/__main__.py': '' }, undefined],
  ])('a script: %s', async (_name, files, script) => {
    const project = detect({ ...files, ...NEEDS });
    expect(script === undefined ? (await userErrorOf(project)).code : (await project).site?.script).toBe(script ?? 'no-project');
  });

  test('of Poetry without a package: its dependencies are those of the site, and it needs no name', async () => {
    const files = {
      'main.py': '',
      'pyproject.toml':
        '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = "^3.11"\nsix = "^1.16"\nrich = { version = "*", optional = true }\n',
    };
    const project = await detect(files, 'nameless');
    expect(project).toMatchObject({ kind: 'site', name: 'nameless', dependencies: ['six>=1.16,<2'], requiresPython: '>=3.11,<4' });
  });

  test('a Pipfile alone is no project, and is told what would be one', async () => {
    expect((await userErrorOf(detect({ Pipfile: '', 'app.py': '' }))).fix).toContain('pipenv requirements > requirements.txt');
  });

  test('without requirements or metadata a folder with a script is no project', async () => {
    expect((await userErrorOf(detect({ 'main.py': '' }))).code).toBe('no-project');
    expect((await userErrorOf(detect({ 'a.py': '', 'b.py': '', ...NEEDS }))).code).toBe('no-project');
  });
});

test('requirements: chains, hashes, comments and options', async () => {
  const root = await makeFolder({
    'requirements.txt':
      '# all\n-r more/base.txt\n--index-url https://example.org/simple\nflask >= 3 ; python_version > "3.8"  # web\n-e .\n./local\nrequests==2.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n',
    'more/base.txt': 'six\n-r ../requirements.txt\n--requirement=deep.txt\nx @ https://example.org/x.whl#sha256=1\n',
    'more/deep.txt': 'flask >= 3 ; python_version > "3.8"\nattrs\n-r ../../outside.txt\n',
  });
  expect(await readRequirements(root, 'requirements.txt')).toEqual([
    'flask >= 3 ; python_version > "3.8"',
    'requests==2.0',
    'six',
    'x @ https://example.org/x.whl#sha256=1',
    'attrs',
  ]);
});

test('a Procfile', async () => {
  const root = await makeFolder({ Procfile: '# no\nweb: gunicorn app:app\n\nworker:   celery -A app worker\r\nbad line\nempty:\nweb: uvicorn main:app\n' });
  expect(await readProcfile(root)).toEqual([
    { name: 'web', command: 'uvicorn main:app', line: 7 },
    { name: 'worker', command: 'celery -A app worker', line: 4 },
  ]);
});

test('the suggested pyproject.toml makes a package of it', async () => {
  const project = await detect({ 'pyproject.toml': packageSuggestion('my-shop', 'shop', ['django>=5', 'x; python_version > "3"']).join('\n') });
  expect(project).toMatchObject({ kind: 'package', name: 'my-shop', version: '0.1.0', dependencies: ['django>=5', 'x; python_version > "3"'] });
});

describe('what ships of a site', () => {
  const KEY = '-----BEGIN RSA PRIVATE KEY-----\n';

  test('is everything but secrets, data and what is never a source', async () => {
    const root = await makeFolder({
      'app.py': '',
      '.env': '',
      '.env.local': '',
      '.env.example': '',
      'conf/production.env': '',
      'conf/tls.key': '',
      'conf/tls.pem': KEY,
      'conf/ca.pem': '-----BEGIN CERTIFICATE-----\n',
      'conf/id_ed25519': '',
      'conf/id_ed25519.pub': '',
      '.aws/credentials': '',
      '.npmrc': '',
      'db.sqlite3': '',
      'db.sqlite3-wal': '',
      'media/a.jpg': '',
      'docs/media/b.jpg': '',
      'target/x': '',
      'app/target/x': '',
      'node_modules/x/index.js': '',
      'pypackage.json': '{}',
      '.git/config': '',
      'venv/pyvenv.cfg': '',
      'tests/test_app.py': '',
      'environment.py': '',
    });
    await mkdir(`${root}/links`);
    await symlink('../app.py', `${root}/links/app.py`);
    const tree = await readSources(root, { site: { uploads: ['media'] } });
    expect(tree.files.map((file) => file.path)).toEqual([
      '.env.example',
      'app.py',
      'app/target/x',
      'conf/ca.pem',
      'conf/id_ed25519.pub',
      'docs/media/b.jpg',
      'environment.py',
      'links/app.py',
      'tests/test_app.py',
    ]);
    expect(tree.leftOut).toEqual([
      '.aws',
      '.env',
      '.env.local',
      '.npmrc',
      'conf/id_ed25519',
      'conf/production.env',
      'conf/tls.key',
      'conf/tls.pem',
      'db.sqlite3',
      'db.sqlite3-wal',
      'media',
    ]);
    // A wheel takes what its backend wants.
    expect((await readSources(root)).files.map((file) => file.path)).toContain('.env');
  });

  test('a private key is known by its beginning, whatever its name', async () => {
    const bytes = (text: string): Uint8Array => Buffer.from(text);
    for (const key of [
      KEY,
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN ENCRYPTED PRIVATE KEY-----',
      '\n-----BEGIN OPENSSH PRIVATE KEY-----',
      '-----BEGIN EC PRIVATE KEY-----',
    ])
      expect(isPrivateKey(bytes(key))).toBe(true);
    for (const other of ['-----BEGIN CERTIFICATE-----', '-----BEGIN PUBLIC KEY-----', 'KEY = """-----BEGIN PRIVATE KEY-----"""', ''])
      expect(isPrivateKey(bytes(other))).toBe(false);
    const root = await makeFolder({ 'a.txt': 'a' });
    await writeFile(`${root}/odd`, KEY);
    const seen: string[] = [];
    await buffer(packSources(await readSources(root), 'x', (file, content) => seen.push(`${file.path} ${isPrivateKey(content)}`)));
    expect(seen).toEqual(['a.txt false', 'odd true']);
  });
});
