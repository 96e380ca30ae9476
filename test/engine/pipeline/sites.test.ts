/** Projects that are no packages: they ship as their sources, over wheels of what they need. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { edit, firstOf, lines, stageEnds, useSandbox } from '../../support/core.js';
import { inspectImage, output } from '../../support/raw-engine.js';
import { mini } from '../../support/projects.js';
import { environment, start as cli } from '../cli/pypackage.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
let started: string | undefined;

afterEach(async () => {
  if (started !== undefined) await sandbox.core.stop(sandbox.request(started), signal);
  started = undefined;
});

async function answer(folder: string, path = '/'): Promise<string> {
  started = folder;
  const { url = '' } = await sandbox.core.start(sandbox.request(folder), () => undefined, signal);
  return (await fetch(`${url}${path}`, { headers: { 'Accept-Language': 'de' } })).text();
}

describe('a Django site', () => {
  const KEY = '-----BEGIN PRIVATE KEY-----\nplanted-secret\n-----END PRIVATE KEY-----\n';
  const files = {
    'manage.py':
      'import os, sys\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n',
    'requirements.txt': '-r requirements/base.txt\ngunicorn\n',
    'requirements/base.txt': 'django>=4.2,<6  # the framework\n',
    'shop/__init__.py': '',
    // Sources that no other project on the engine has: its wheels would serve here, too.
    'shop/settings.py': `# ${sandbox.namespace}
import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "x")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["django.contrib.staticfiles", "shop"]
MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT")
MEDIA_ROOT = BASE_DIR / "uploads"
USE_TZ = True
`,
    'shop/urls.py':
      'from django.http import HttpResponse\nfrom django.urls import path\nfrom django.utils.translation import gettext, ngettext\nurlpatterns = [path("", lambda request: HttpResponse(gettext("Hello") + ", " + ngettext("%d cup", "%d cups", 2) % 2))]\n',
    'shop/wsgi.py':
      'import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\napplication = get_wsgi_application()\n',
    'shop/static/shop/style.css': 'body {}\n',
    'locale/de/LC_MESSAGES/django.po':
      'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n#, python-format\nmsgid "%d cup"\nmsgid_plural "%d cups"\nmsgstr[0] "%d Täßchen"\nmsgstr[1] "%d "\n"Tassen"\n\nmsgid "Hello"\nmsgstr "Grüß Gott"\n',
    '.env': 'SECRET_KEY=planted-secret\n',
    'deploy/tls.pem': KEY,
    'deploy/authority.pem': '-----BEGIN CERTIFICATE-----\n',
    'db.sqlite3': 'planted-secret',
    'uploads/photo.txt': 'planted-secret',
  };

  test('is packaged as it is, read-only, with its translations and static files, and answers', async () => {
    const folder = await sandbox.project(files, 'My Shop');
    const { release, events } = await sandbox.make(folder);
    expect(release).toMatchObject({ name: 'My-Shop', version: '', serves: true, command: ['gunicorn', 'shop.wsgi:application'] });
    expect(release.tags).toEqual([expect.stringMatching(/^src-[0-9a-f]{8}$/), 'latest']);
    const said = lines(events);
    expect(said).toContain('not shipped: .env, db.sqlite3, deploy/tls.pem, uploads');
    expect(said).toContain('My-Shop is no package (requirements.txt names no build backend): it ships as its sources, in /application');
    expect(said).toContain('build-backend = "setuptools.build_meta"');
    expect(await answer(folder)).toBe('Grüß Gott, 2 Tassen');

    const look = `cd /application; find . -type f -not -name '*.pyc' | sort; find . -perm /022 -not -type l; find . -not -uid 0; id -u; test -w . || echo not writable; python manage.py check; ls /static/shop; pwd; grep -rls planted-secret /application /home /data /static /appenv /etc; true`;
    const seen = await output(release.imageId, ['sh', '-c', look]);
    expect(seen.trim().split('\n')).toEqual([
      './deploy/authority.pem',
      './locale/de/LC_MESSAGES/django.mo',
      './locale/de/LC_MESSAGES/django.po',
      './manage.py',
      './requirements.txt',
      './requirements/base.txt',
      './shop/__init__.py',
      './shop/settings.py',
      './shop/static/shop/style.css',
      './shop/urls.py',
      './shop/wsgi.py',
      '10001',
      'not writable',
      'System check identified no issues (0 silenced).',
      'style.css',
      '/application',
    ]);
  });

  test('an edit changes the source layer only; a key under another name is refused; nothing is written into the folder but target/', async () => {
    const folder = join(sandbox.folder, 'My Shop');
    await edit(folder, 'shop/urls.py', '"Hello"', '"Goodbye"');
    const { events, release } = await sandbox.make(folder);
    expect(stageEnds(events)).toEqual(['base skipped', 'builder skipped', 'wheels finished', 'release finished']);
    expect(lines(events)).not.toContain('build-backend');
    const exported = (await sandbox.make(folder)).events;
    expect(stageEnds(exported)).toEqual(['base skipped', 'builder skipped', 'wheels skipped', 'release skipped']);
    expect(Object.keys((await inspectImage(release.imageId)).Config.Labels ?? {})).not.toContain('org.opencontainers.image.version');
    await writeFile(join(folder, 'deploy', 'signing'), KEY);
    const { error } = await sandbox.run(folder);
    expect(error).toMatchObject({ kind: 'project', code: 'private-key-in-sources', where: { file: 'deploy/signing', line: 1 } });
    await rm(join(folder, 'deploy', 'signing'));
  });
});

test('an ASGI application beside its requirements', async () => {
  const folder = await sandbox.project(
    {
      'requirements.txt': 'starlette==0.46.2\nuvicorn==0.34.2\n',
      'app/main.py':
        'from starlette.applications import Starlette\nfrom starlette.responses import PlainTextResponse\nfrom starlette.routing import Route\nfrom app.words import WORD\n\napp = Starlette(routes=[Route("/", lambda request: PlainTextResponse(WORD))])\n',
      'app/words.py': 'WORD = "served by ASGI"\n',
    },
    'asgi',
  );
  const { release } = await sandbox.make(folder);
  expect(release.command).toEqual(['uvicorn', 'app.main:app']);
  expect(await answer(folder)).toBe('served by ASGI');
});

test('a WSGI application whose Procfile says how it is served and what else it runs', async () => {
  const folder = await sandbox.project(
    {
      'pyproject.toml': '[project]\nname = "till"\nversion = "2.1"\ndependencies = ["flask>=3", "gunicorn"]\n[tool.uv]\npackage = false\n',
      'app.py': 'from flask import Flask\n\napp = Flask(__name__)\n\n@app.get("/")\ndef index():\n    return "served by WSGI"\n',
      'jobs.py': 'import sys\nprint("worked on", *sys.argv[1:])\n',
      Procfile: 'web: gunicorn app:app --bind 0.0.0.0:$PORT --workers 1\nworker: QUEUE="a b" python jobs.py $QUEUE\nrelease: python migrate.py\n',
    },
    'wsgi',
  );
  const { release, events } = await sandbox.make(folder);
  expect(release).toMatchObject({ version: '2.1', serves: true, command: ['sh', '-c', 'exec gunicorn app:app --bind 0.0.0.0:$PORT --workers 1'] });
  expect(release.tags).toEqual(['2.1', expect.stringMatching(/^src-/), 'latest']);
  expect(lines(events)).toContain('the release process of Procfile is not run');
  const { Labels } = (await inspectImage(release.imageId)).Config;
  expect(JSON.parse(Labels?.['io.pypackage.processes'] ?? '')).toEqual({
    web: 'gunicorn app:app --bind 0.0.0.0:$PORT --workers 1',
    worker: 'QUEUE="a b" python jobs.py $QUEUE',
  });
  expect(await answer(folder)).toBe('served by WSGI');
  const surroundings = { cwd: folder, env: environment(sandbox.folder) };
  const run = async (...words: readonly string[]): Promise<string> =>
    (await cli(['run', '--namespace', sandbox.namespace, ...words], surroundings).ended).stdout;
  expect(await run('worker')).toBe('worked on\n');
  expect(await run('worker', 'one', 'two words')).toBe('worked on one two words\n');
  expect(await run('./worker', 'x')).toBe('');
  expect(await run('echo', 'worker')).toBe('worker\n');
});

test('a script beside its requirements, the only project below the folder', async () => {
  const folder = await sandbox.project(
    {
      'jobs/report/requirements.txt': 'six\n',
      'jobs/report/report.py': 'import six\nfrom lib.text import TEXT\nprint(TEXT, six.PY3)\n',
      'jobs/report/lib/text.py': 'TEXT = "reported"\n',
      'docs/setup.py': '',
    },
    'script',
  );
  const { release, events } = await sandbox.make(folder);
  expect(firstOf(events, 'run.started')).toMatchObject({
    project: { name: 'report', root: join(folder, 'jobs/report') },
    facts: ['the only project, in jobs/report/', '1 requirement'],
  });
  expect(release).toMatchObject({ serves: false, command: ['python', 'report.py'] });
  expect((await output(release.imageId, ['python', 'report.py'])).trim()).toBe('reported True');
});

describe('prebuild', () => {
  const configured = (command: string): string => JSON.stringify({ version: 1, defaults: { prebuild: { command, folder: 'mini' } } });

  test('what the command makes of a copy goes into the wheel, and it runs only for other sources', async () => {
    const packageData = '[tool.setuptools.package-data]\nmini = ["*.txt"]\n';
    const folder = await sandbox.project(
      {
        ...mini({ name: 'prebuilt', rest: packageData }),
        'pypackage.json': configured('ls > made.txt && mkdir -p node_modules && touch node_modules/x && ln -s made.txt link.txt'),
      },
      'prebuilt',
    );
    const { release, events } = await sandbox.make(folder);
    expect(lines(events)).not.toContain('node_modules');
    expect(
      (
        await output(release.imageId, [
          'python',
          '-c',
          'import mini, os; p = os.path.dirname(mini.__file__); print(sorted(os.listdir(p)), open(p + "/link.txt").read().split())',
        ])
      ).trim(),
    ).toMatch(/^\['__init__\.py', '__pycache__', 'link\.txt', 'made\.txt'\] \['__init__\.py', 'made\.txt'\]$/);
    const again = await sandbox.make(folder);
    expect(stageEnds(again.events).every((end) => end.endsWith('skipped'))).toBe(true);
  });

  test('a front end whose hook would build it again, without its tool', async () => {
    const folder = await sandbox.project(
      {
        'pyproject.toml':
          '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "fronted"\nversion = "1"\n[tool.hatch.build.hooks.custom]\n[tool.hatch.build.targets.wheel]\npackages = ["fronted"]\nforce-include = { build = "fronted/ui" }\n',
        'hatch_build.py':
          'import subprocess\nfrom hatchling.builders.hooks.plugin.interface import BuildHookInterface\nclass Hook(BuildHookInterface):\n    def initialize(self, version, build_data):\n        subprocess.run(["npm", "run", "build"], check=True)\n',
        'package.json': '{"scripts": {"build": "x"}}',
        'fronted/__init__.py': '',
      },
      'fronted',
    );
    expect((await sandbox.run(folder)).error).toMatchObject({ code: 'front-end-not-built', where: { file: 'hatch_build.py', line: 5 } });
    await writeFile(join(folder, 'pypackage.json'), '{"version": 1, "defaults": {"prebuild": {"command": "mkdir build && echo built > build/index.html"}}}');
    const { release } = await sandbox.make(folder);
    const read = 'import fronted, pathlib; print(pathlib.Path(fronted.__file__).with_name("ui").joinpath("index.html").read_text())';
    expect((await output(release.imageId, ['python', '-c', read])).trim()).toBe('built');
  });

  test('a command that fails is told with its last words', async () => {
    const folder = await sandbox.project({ ...mini({ name: 'unbuilt' }), 'pypackage.json': configured('echo no such theme >&2; exit 3') }, 'unbuilt');
    const { error } = await sandbox.run(folder);
    expect(error).toMatchObject({
      kind: 'stage',
      code: 'prebuild-failed',
      message: 'prebuild ended with exit code 3: no such theme',
      where: { file: 'pypackage.json' },
    });
  });
});
