/** Dependencies that are more than a wheel from an index: built once and kept, from a repository, by a backend with requirements of its own. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitAll, eventsOf, git, useSandbox, writeFiles } from '../../support/core.js';
import type { Run, RunOptions } from '../../support/core.js';
import { bridgeAddress, sdistOf, servePrivateIndex } from '../../support/index-server.js';
import type { PrivateIndex } from '../../support/index-server.js';
import { mini, pyproject } from '../../support/projects.js';
import { output } from '../../support/raw-engine.js';
import type { ReleaseSummary } from '../../../src/core/pipeline/events.js';

const sandbox = useSandbox();
/** Of this run alone, so that no cache knows them. */
const unique = sandbox.namespace;
const COMPILED = `compiled-${unique}`;
const HELPER = `helper-${unique}`;
const NEEDY = `needy-${unique}`;

const EXTENSION = `#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "compiled", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_compiled(void) { return PyModule_Create(&definition); }
`;

let index: PrivateIndex;
let options: RunOptions;

beforeAll(async () => {
  index = await servePrivateIndex([
    await sdistOf(COMPILED, {
      'setup.py': 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("compiled", ["compiled.c"])])\n',
      'compiled.c': EXTENSION,
    }),
    await sdistOf(HELPER, { 'helper_of_builds.py': 'VALUE = 42\n', 'setup.py': 'from setuptools import setup\nsetup(py_modules=["helper_of_builds"])\n' }),
    // Its backend stands in its own tree, asks for more when it is asked, and for a build requirement that has to be built itself.
    await sdistOf(NEEDY, {
      'pyproject.toml': `[build-system]
requires = ["setuptools>=77"]
build-backend = "backend"
backend-path = ["tools"]

[project]
name = "${NEEDY}"
version = "1.0"

[tool.setuptools]
py-modules = ["needy"]
`,
      'needy.py': 'VALUE = None\n',
      'tools/backend.py': `from setuptools.build_meta import *
from setuptools.build_meta import build_wheel as build

def get_requires_for_build_wheel(config_settings=None):
    return ["${HELPER}"]

def build_wheel(directory, config_settings=None, metadata_directory=None):
    import helper_of_builds
    with open("needy.py", "w") as file:
        file.write(f"VALUE = {helper_of_builds.VALUE}\\n")
    return build(directory, config_settings, metadata_directory)
`,
    }),
  ]);
  options = { env: { PIP_EXTRA_INDEX_URL: index.url, PIP_TRUSTED_HOST: index.host } };
});

afterAll(() => index.close());

function stepsOf(run: Run): readonly string[] {
  return eventsOf(run.events, 'step')
    .filter(({ state }) => state === 'done')
    .map(({ name }) => name);
}

function inRelease({ release }: { readonly release: ReleaseSummary }, code: string): Promise<string> {
  return output(`${release.image}:latest`, ['python', '-c', code]);
}

test('a source distribution is compiled once: another project, another lock and another target take what was kept', async () => {
  const first = await sandbox.project(mini({ name: 'first', dependencies: [COMPILED] }), 'first');
  const made = await sandbox.make(first, options);
  expect(stepsOf(made)).toContain(`build ${COMPILED} 1.0`);
  const second = await sandbox.project(mini({ name: 'second', dependencies: [COMPILED, 'six'] }), 'second');
  const again = await sandbox.make(second, options);
  expect(stepsOf(again)).not.toContain(`build ${COMPILED} 1.0`);
  const locks = await Promise.all([first, second].map((folder, i) => readFile(join(folder, `target/pypackage/${['first', 'second'][i]}/pylock.toml`), 'utf8')));
  const digests = locks.map((text) => new RegExp(`${COMPILED.replaceAll('-', '_')}-1\\.0-cp[^"]+".*sha256 = "([0-9a-f]+)"`).exec(text)?.[1]);
  expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(digests[1]).toBe(digests[0]);
});

test('a backend in its own tree gets what it asks for, also what has to be built first; each wheel is a step with its time', async () => {
  const folder = await sandbox.project(mini({ dependencies: [NEEDY] }), 'needs');
  const made = await sandbox.make(folder, options);
  expect(stepsOf(made)).toEqual(expect.arrayContaining([`build ${NEEDY} 1.0`, `build ${HELPER} 1.0`]));
  const built = eventsOf(made.events, 'step').find(({ name, state }) => name === `build ${NEEDY} 1.0` && state === 'done');
  expect(built?.ms).toBeGreaterThan(0);
  expect(await inRelease(made, 'import needy; print(needy.VALUE)')).toBe('42\n');
});

test('a repository becomes a wheel of the commit that the branch is at', async () => {
  const repository = join(sandbox.folder, 'library');
  await writeFiles(repository, {
    'pyproject.toml': pyproject({ name: `library-${unique}`, rest: '[tool.setuptools]\npy-modules = ["library"]' }),
    'library.py': 'VALUE = 1\n',
  });
  const commit = await commitAll(repository);
  // What git calls the dumb protocol: files.
  await git(repository, 'clone', '--quiet', '--bare', repository, join(sandbox.folder, 'served.git'));
  await git(join(sandbox.folder, 'served.git'), 'update-server-info');
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0] ?? '');
    readFile(join(sandbox.folder, path)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  const host = await bridgeAddress();
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  try {
    const address = server.address();
    const url = `http://${host}:${typeof address === 'object' && address ? address.port : 0}/served.git`;
    const folder = await sandbox.project(mini({ dependencies: [`library-${unique} @ git+${url}@main`] }), 'from-git');
    const made = await sandbox.make(folder, options);
    expect(await inRelease(made, 'import library; print(library.VALUE)')).toBe('1\n');
    expect(made.log).toContain(`build library-${unique}`);
    expect(made.log).toContain(commit);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a workspace: members and folders become wheels, also where another member asks for them, and their names are never looked up', async () => {
  const root = join(sandbox.folder, 'workspace');
  const member = (name: string, dependencies: readonly string[], sources: string): string =>
    pyproject({ name, dependencies, rest: `[tool.setuptools]\npy-modules = ["${name}"]\n\n[tool.uv.sources]\n${sources}` });
  await writeFiles(root, {
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["members/*"]\n',
    // six is on the index, too, in a version that would win.
    'members/app/pyproject.toml': member('app', ['six', 'middle'], 'six = { path = "../../six" }\nmiddle = { workspace = true }\n'),
    'members/app/app.py': 'import middle, six\nVALUE = f"{middle.VALUE} {six.VALUE}"\n',
    'members/middle/pyproject.toml': member('middle', ['inner'], 'inner = { workspace = true }\n'),
    'members/middle/middle.py': 'import inner\nVALUE = f"middle {inner.VALUE}"\n',
    'members/inner/pyproject.toml': member('inner', [], ''),
    'members/inner/inner.py': 'VALUE = "inner"\n',
    'six/pyproject.toml': pyproject({ name: 'six', version: '0.1', rest: '[tool.setuptools]\npy-modules = ["six"]' }),
    'six/six.py': 'VALUE = "ours"\n',
  });
  const folder = join(root, 'members/app');
  const before = index.allowed.length;
  const made = await sandbox.make(folder, options);
  expect(await inRelease(made, 'import app; print(app.VALUE)')).toBe('middle inner ours\n');
  expect(index.allowed.slice(before).filter((path) => /\/(?:six|middle|inner)\//.test(path))).toEqual([]);
  // An edit of a member changes one wheel.
  await writeFiles(root, { 'members/inner/inner.py': 'VALUE = "changed"\n' });
  const again = await sandbox.make(folder, options);
  expect(stepsOf(again).filter((name) => name.startsWith('build '))).toEqual(['build inner']);
  expect(await inRelease(again, 'import app; print(app.VALUE)')).toBe('middle changed ours\n');
});
