/** What a release gets of Debian: all that its wheels need, each with its reason, and nothing else. */
import { beforeAll, expect, test } from 'vitest';
import { LABEL } from '../../../src/core/engine/labels.js';
import { systemPackages } from '../../../src/core/pipeline/image-facts.js';
import { useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { inspectImage, output } from '../../support/raw-engine.js';

const sandbox = useSandbox();
let made: Run;
let release: string;

/** Linked, and loaded by name; the application has a library of its own, too. */
const FILES = {
  ...mini({ dependencies: ['psycopg[c]', 'python-magic'], buildSystem: 'requires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"' }),
  'setup.py': "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('mini_native', ['native.c'], libraries=['pq'])])\n",
  'native.c': `#include <Python.h>
extern int PQlibVersion(void);
static PyObject *version(PyObject *self, PyObject *args) { return PyLong_FromLong(PQlibVersion()); }
static PyMethodDef methods[] = {{"version", version, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "mini_native", "", -1, methods};
PyMODINIT_FUNC PyInit_mini_native(void) { return PyModule_Create(&module); }
`,
  'pypackage.json': '{ "version": 1, "defaults": { "systemPackages": { "build": ["libpq-dev"] } } }',
};

beforeAll(async () => {
  const folder = await sandbox.project(FILES, 'mini');
  made = await sandbox.make(folder);
  release = `${made.release?.image ?? ''}:latest`;
});

async function found(): Promise<ReturnType<typeof systemPackages.parse>> {
  const { Config } = await inspectImage(release);
  return systemPackages.parse(JSON.parse(Config.Labels?.[LABEL.systemPackages] ?? '[]'));
}

test('each is told with its reason: wheel, library, package', async () => {
  const reasons = (await found()).map((item) => `${item.package}: ${item.because}`);
  expect(reasons).toEqual([
    expect.stringMatching(/^libmagic1(t64)?: python_magic [\d.]+ loads it by name$/),
    expect.stringMatching(/^libpq5: mini [\d.]+ uses libpq\.so\.5$/),
  ]);
});

test('the modules of the application are imported, those that are compiled too', async () => {
  const { Config } = await inspectImage(release);
  expect(JSON.parse(Config.Labels?.[LABEL.imports] ?? '')).toEqual({ ok: ['mini', 'mini_native'], failed: {} });
});

test('without any one of them an import fails', async () => {
  const imports = ['psycopg', 'mini_native', 'magic'];
  const tried = (image: string): Promise<string> =>
    output(image, [
      'python',
      '-c',
      `import importlib\nfor name in ${JSON.stringify(imports)}:\n try: importlib.import_module(name)\n except Exception as e: print(name)`,
    ]);
  expect(await tried(release)).toBe('');
  const broken: Record<string, string> = {};
  for (const { package: name } of await found()) {
    const without = await sandbox.image(`without-${name}`, `FROM ${release}\nUSER 0\nRUN dpkg --purge --force-depends ${name}\nUSER 10001:0\n`);
    broken[name.replace('t64', '')] = (await tried(without)).trim();
  }
  expect(broken).toEqual({ libmagic1: 'magic', libpq5: 'psycopg\nmini_native' });
});

test('nothing else was asked of apt', async () => {
  const manual = async (image: string): Promise<ReadonlySet<string>> => new Set((await output(image, ['apt-mark', 'showmanual'])).split('\n').filter(Boolean));
  const base = (await sandbox.tags()).find((tag) => tag.includes('/mini-base:')) ?? '';
  const before = await manual(base);
  expect([...(await manual(release))].filter((name) => !before.has(name)).sort()).toEqual((await found()).map((item) => item.package));
});
