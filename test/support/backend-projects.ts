/** One small project for each build backend, with files that are easy to lose: ignored ones, data, compiled modules. */
import type { Files } from './core.js';

/** All in one environment, so that one builder serves them. */
export const BACKENDS = ['setuptools>=77', 'hatchling', 'flit_core>=3.12', 'poetry-core>=2', 'pdm-backend', 'uv_build', 'Cython', 'cffi'];
/** Those that ask Git: an environment of their own, since their being there is what asks. */
export const ASKING_GIT = ['setuptools>=77', 'setuptools-scm>=8', 'hatchling', 'hatch-vcs', 'pbr', 'dunamai'];

function metadata(backend: string, { requires = BACKENDS, more = '', version = 'version = "1.0"', path = '' } = {}): string {
  return `[build-system]
requires = ${JSON.stringify(requires)}
build-backend = "${backend}"
${path}
[project]
name = "bundle"
${version}
requires-python = ">=3.9"
${more}
`;
}

/** A package with data, a nested package, and what Git ignores and the wheel needs all the same. */
const PACKAGE: Files = {
  'src/bundle/__init__.py': '"""A bundle."""\n',
  'src/bundle/inner/__init__.py': '',
  'src/bundle/data.json': '{}\n',
  'src/bundle/built/app.js': 'ready()\n',
  '.gitignore': 'built/\n*.mo\n',
  'src/bundle/locale/de/LC_MESSAGES/bundle.mo': 'compiled',
  'README.md': '# Bundle\n',
};

export const PROJECTS: Readonly<Record<string, Files>> = {
  setuptools: {
    ...PACKAGE,
    'pyproject.toml': metadata('setuptools.build_meta', { more: '[tool.setuptools.package-data]\nbundle = ["**/*"]' }),
  },
  'setup.py alone': {
    'setup.py': "from setuptools import setup\nsetup(name='bundle', version='1.0', py_modules=['bundle'], scripts=['run-bundle'])\n",
    'bundle.py': 'x = 1\n',
    'run-bundle': '#!/bin/sh\n',
  },
  hatchling: {
    ...PACKAGE,
    'pyproject.toml': metadata('hatchling.build', {
      more: '[tool.hatch.build.targets.wheel]\npackages = ["src/bundle"]\nartifacts = ["*.mo", "src/bundle/built"]',
    }),
  },
  flit: {
    ...PACKAGE,
    'pyproject.toml': metadata('flit_core.buildapi', { version: 'dynamic = ["version", "description"]' }),
    'src/bundle/__init__.py': '"""A bundle."""\n__version__ = "1.0"\n',
  },
  'poetry-core': {
    ...PACKAGE,
    'pyproject.toml': metadata('poetry.core.masonry.api', {
      more: '[tool.poetry]\npackages = [{ include = "bundle", from = "src" }]\ninclude = [{ path = "src/bundle/built/*", format = ["wheel"] }]',
    }),
  },
  'pdm-backend': { ...PACKAGE, 'pyproject.toml': metadata('pdm.backend') },
  uv_build: { ...PACKAGE, 'pyproject.toml': metadata('uv_build') },
  'in the tree': {
    ...PACKAGE,
    'pyproject.toml': metadata('backend', { path: 'backend-path = ["tools/build"]' }),
    'tools/build/backend.py': `from setuptools import build_meta
from setuptools.build_meta import *

def get_requires_for_build_wheel(config_settings=None):
    return []

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open('src/bundle/generated.py', 'w') as file:
        file.write('x = 1\\n')
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
`,
  },
  Cython: {
    'pyproject.toml': metadata('setuptools.build_meta'),
    'setup.py': "from Cython.Build import cythonize\nfrom setuptools import setup\nsetup(ext_modules=cythonize(['bundle/fast.pyx']), packages=['bundle'])\n",
    'bundle/__init__.py': '',
    'bundle/fast.pyx': 'def twice(int x):\n    return 2 * x\n',
  },
  cffi: {
    'pyproject.toml': metadata('setuptools.build_meta'),
    'setup.py': "from setuptools import setup\nsetup(cffi_modules=['build_bundle.py:ffi'], packages=['bundle'])\n",
    'build_bundle.py':
      "from cffi import FFI\nffi = FFI()\nffi.cdef('int twice(int);')\nffi.set_source('bundle._native', 'int twice(int x) { return 2 * x; }')\n",
    'bundle/__init__.py': '',
  },
};

export const OF_GIT: Readonly<Record<string, { readonly files: Files; readonly path: string }>> = {
  'setuptools-scm': {
    path: '',
    files: {
      ...PACKAGE,
      'pyproject.toml': metadata('setuptools.build_meta', { requires: ASKING_GIT, version: 'dynamic = ["version"]', more: '[tool.setuptools_scm]' }),
    },
  },
  'setuptools-scm below the root': {
    path: 'packages/bundle',
    files: {
      ...PACKAGE,
      'pyproject.toml': metadata('setuptools.build_meta', {
        requires: ASKING_GIT,
        version: 'dynamic = ["version"]',
        more: '[tool.setuptools_scm]\nroot = "../.."',
      }),
    },
  },
  'hatch-vcs': {
    path: '',
    files: {
      ...PACKAGE,
      'pyproject.toml': metadata('hatchling.build', {
        requires: ASKING_GIT,
        version: 'dynamic = ["version"]',
        more: '[tool.hatch.version]\nsource = "vcs"\n[tool.hatch.build.targets.wheel]\npackages = ["src/bundle"]',
      }),
    },
  },
};
