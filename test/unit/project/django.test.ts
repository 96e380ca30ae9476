import { describe, expect, test } from 'vitest';
import { detectDjango } from '../../../src/core/project/django.js';
import { makeFolder } from './folder.js';

function managePy(settings: string): string {
  return `#!/usr/bin/env python
import os

def main():
    # os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comment.settings")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${settings}")
    from django.core.management import execute_from_command_line
`;
}

function server(settings: string, kind = 'wsgi'): string {
  return `import os
from django.core.${kind} import get_${kind}_application

os.environ.setdefault(
    'DJANGO_SETTINGS_MODULE', '${settings}')
application = get_${kind}_application()
`;
}

describe('a Django site', () => {
  test('as startproject makes it', async () => {
    const root = await makeFolder({
      'manage.py': managePy('mysite.settings'),
      'mysite/settings.py': "DEBUG = True\nWSGI_APPLICATION = 'mysite.wsgi.application'\n",
      'mysite/wsgi.py': server('mysite.settings'),
      'mysite/asgi.py': server('mysite.settings', 'asgi'),
    });
    expect(await detectDjango(root, [])).toMatchObject({
      managePy: 'manage.py',
      settingsModule: 'mysite.settings',
      wsgi: 'mysite.wsgi:application',
      asgi: 'mysite.asgi:application',
    });
  });

  test('in src/, with settings split and a server that names those for production', async () => {
    const root = await makeFolder({
      'src/manage.py': managePy('config.settings.local'),
      'src/config/settings/__init__.py': '',
      'src/config/settings/local.py': 'from .base import *\nDEBUG = True\n',
      'src/config/settings/base.py': 'ASGI_APPLICATION = "config.routing.app"\n# WSGI_APPLICATION = "no.such"\n',
      'src/config/wsgi.py': server('config.settings.production'),
    });
    expect(await detectDjango(root, undefined)).toMatchObject({
      managePy: 'src/manage.py',
      settingsModule: 'config.settings.production',
      wsgi: 'config.wsgi:application',
      asgi: 'config.routing:app',
    });
  });

  test('manage.py one level below, where its settings are', async () => {
    const root = await makeFolder({
      'alpha/manage.py': managePy('nowhere.settings'),
      'site/manage.py': managePy('polls.settings'),
      'site/polls/settings.py': '',
      'site/polls/wsgi.py': server('polls.settings'),
    });
    expect(await detectDjango(root, [])).toMatchObject({ managePy: 'site/manage.py', wsgi: 'polls.wsgi:application', asgi: undefined });
  });

  test('without manage.py, when it depends on Django', async () => {
    const files = { 'src/polls/settings.py': 'X = 1\n', 'src/polls/wsgi.py': server('polls.settings') };
    expect(await detectDjango(await makeFolder(files), ['Django[argon2]>=5'])).toMatchObject({
      managePy: undefined,
      settingsModule: 'polls.settings',
      wsgi: 'polls.wsgi:application',
      asgi: undefined,
    });
    expect(await detectDjango(await makeFolder(files), ['django-environ'])).toBeUndefined();
  });

  test('without any server module, or with None for one', async () => {
    const root = await makeFolder({ 'manage.py': managePy('polls.settings'), 'polls/settings.py': 'WSGI_APPLICATION = None\n' });
    expect(await detectDjango(root, [])).toMatchObject({ managePy: 'manage.py', settingsModule: 'polls.settings', wsgi: undefined, asgi: undefined });
  });

  test('settings that import each other end', async () => {
    const root = await makeFolder({
      'manage.py': managePy('p.a'),
      'p/a.py': 'from .b import *\n',
      'p/b.py': 'from p.a import *\nWSGI_APPLICATION = "p.w.app"\n',
    });
    expect(await detectDjango(root, [])).toMatchObject({ wsgi: 'p.w:app' });
  });
});

describe('not a site', () => {
  test.each(['tests', 'examples', 'docs', '.venv', 'node_modules'])('manage.py in %s', async (folder) => {
    const root = await makeFolder({ [`${folder}/manage.py`]: managePy('demo.settings'), [`${folder}/demo/settings.py`]: '' });
    expect(await detectDjango(root, ['django'])).toBeUndefined();
  });

  test('a manage.py of something else', async () => {
    expect(await detectDjango(await makeFolder({ 'manage.py': 'from flask_script import Manager\n' }), ['flask'])).toBeUndefined();
  });

  test('a library that runs its tests with a manage.py', async () => {
    expect(await detectDjango(await makeFolder({ 'manage.py': managePy('tests.projects.regular.settings') }), ['django'])).toBeUndefined();
  });

  test('a library for Django', async () => {
    const root = await makeFolder({ 'rest/settings.py': 'X = 1', 'rest/views.py': '', 'tests/settings.py': '', 'tests/wsgi.py': server('tests.settings') });
    expect(await detectDjango(root, ['django>=4'])).toBeUndefined();
  });
});
