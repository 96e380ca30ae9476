/** A Django project that nobody has seen before: names, folder and build backend come from a seed, so that a failure can be repeated. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface RandomProject {
  /** The project's folder, with capitals, a space and letters outside ASCII. */
  readonly root: string;
  /** As pyproject.toml writes it, not normalised. */
  readonly distribution: string;
  readonly version: string;
  /** The import package. */
  readonly module: string;
  /** `package.config.settings`. */
  readonly settings: string;
  /** The template's only sentence: the front page shows it. */
  readonly sentence: string;
  /** A static file's path below STATIC_URL, before its name gets a hash. */
  readonly staticFile: string;
  readonly backend: 'setuptools' | 'hatchling';
}

/** Makes the project in a new folder below `parent`. The same seed makes the same project. */
export async function makeRandomProject(parent: string, seed: number): Promise<RandomProject> {
  const pick = generator(seed);
  const word = (): string => `${pick(SYLLABLES)}${pick(SYLLABLES)}${pick(SYLLABLES)}`;
  const [first, second, inner, config] = [word(), word(), word(), word()];
  const module = `${first}_${second}`;
  const project: RandomProject = {
    root: join(parent, `${capital(pick(FOLDERS))} ${capital(second)}`),
    distribution: `${capital(first)}.${second}`,
    version: `${pick(DIGITS)}.${pick(DIGITS)}.${pick(DIGITS)}`,
    module,
    settings: `${module}.${config}.settings`,
    sentence: `The ${first} greets the ${second} from seed ${seed}.`,
    staticFile: `${inner}/${config}.css`,
    backend: pick(['setuptools', 'hatchling'] as const),
  };
  for (const [path, text] of Object.entries(filesOf(project, inner, `${module}.${config}`))) {
    const file = join(project.root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return project;
}

const SYLLABLES = [
  'ba',
  'cor',
  'del',
  'fin',
  'gu',
  'hal',
  'jo',
  'kem',
  'lu',
  'mar',
  'nel',
  'o',
  'pra',
  'qui',
  'ros',
  'sta',
  'tir',
  'u',
  'ven',
  'wex',
  'yo',
  'zan',
];
const FOLDERS = ['Grünes Café', 'My Ünïted Site', 'Проект', '日本 Shop', "Anna's Données", 'Łódź (new)'];
const DIGITS = ['0', '1', '2', '3', '5', '8', '13', '21'];

/** Mulberry32: small, and equal everywhere. */
function generator(seed: number): <T>(from: readonly T[]) => T {
  let state = seed >>> 0;
  return <T>(from: readonly T[]): T => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    const found = from[((mixed ^ (mixed >>> 14)) >>> 0) % from.length];
    if (found === undefined) throw new RangeError('Nothing to pick from');
    return found;
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function filesOf(project: RandomProject, inner: string, config: string): Record<string, string> {
  const { module, backend } = project;
  const configDir = config.replaceAll('.', '/');
  return {
    'pyproject.toml': pyproject(project),
    'manage.py': `import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${config}.settings")
    execute_from_command_line(sys.argv)
`,
    ...(backend === 'setuptools' && { 'MANIFEST.in': `graft ${module}/${inner}/templates\ngraft ${module}/${inner}/static\n` }),
    [`${module}/__init__.py`]: `__version__ = "${project.version}"\n`,
    [`${configDir}/__init__.py`]: '',
    [`${configDir}/settings.py`]: settings(config, `${module}.${inner}`),
    [`${configDir}/urls.py`]: `from django.urls import path

from ${module}.${inner}.views import front

urlpatterns = [path("", front)]
`,
    [`${configDir}/wsgi.py`]: `import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "${config}.settings")
application = get_wsgi_application()
`,
    [`${module}/${inner}/__init__.py`]: '',
    [`${module}/${inner}/views.py`]: `from django.shortcuts import render


def front(request):
    return render(request, "${inner}/front.html")
`,
    [`${module}/${inner}/templates/${inner}/front.html`]: `{% load static %}<!doctype html>
<link rel="stylesheet" href="{% static '${project.staticFile}' %}">
<p>${project.sentence}</p>
`,
    [`${module}/${inner}/static/${project.staticFile}`]: `p { --made-by: "${inner}"; }\n`,
  };
}

function pyproject({ distribution, version, module, backend }: RandomProject): string {
  const build =
    backend === 'setuptools'
      ? `[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[tool.setuptools.packages.find]
include = ["${module}*"]
`
      : `[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["${module}"]
`;
  return `${build}
[project]
name = "${distribution}"
version = "${version}"
requires-python = ">=3.10"
dependencies = ["django~=5.2.0", "gunicorn>=23", "whitenoise>=6.9"]
`;
}

/** As `startproject` writes them, with paths below BASE_DIR: once installed, that is site-packages. */
function settings(config: string, app: string): string {
  return `import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "django-insecure-only-for-a-test")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.staticfiles", "${app}"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware"]
ROOT_URLCONF = "${config}.urls"
WSGI_APPLICATION = "${config}.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}}
USE_TZ = True
STATIC_URL = "assets/"
STATIC_ROOT = os.environ.get("STATIC_ROOT", BASE_DIR / "collected")
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
`;
}
