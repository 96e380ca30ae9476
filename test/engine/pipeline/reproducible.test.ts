/**
 * The same tree gives the same wheels, byte for byte: on another engine, with a builder of its own, seconds later, in another time zone, from
 * another path and with other modes of its files. Pure and compiled ones, of the application and of dependencies that come as sources.
 */
import { createHash } from 'node:crypto';
import { chmod, cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLock } from '../../../src/core/wheels/lock.js';
import { BASE_IMAGE, firstOf, useSandbox } from '../../support/core.js';
import type { RunOptions } from '../../support/core.js';
import { OwnDockerd } from '../../support/own-dockerd.js';
import { mini, pyproject } from '../../support/projects.js';

const APART_MS = 3_000;
/** On the package index as sources only: one compiles, the other is pure. */
const DEPENDENCIES = ['crcmod==1.7', 'docopt==0.6.2'];
const MODULE = `#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "compiled._answer", NULL, -1, methods};
PyMODINIT_FUNC PyInit__answer(void) { return PyModule_Create(&module); }
`;
const SETUP = `from setuptools import Extension, setup
setup(ext_modules=[Extension('compiled._answer', ['src/compiled/_answer.c'])])
`;

const sandbox = useSandbox();
const zone = process.env['TZ'];
let other: OwnDockerd;

/** File names and hashes, sorted. */
interface Made {
  readonly wheels: readonly string[];
  readonly at: number;
}

const made: Record<'here' | 'there', Map<string, Made>> = { here: new Map(), there: new Map() };

beforeAll(async () => {
  const compiled = await sandbox.project(
    {
      'pyproject.toml': pyproject({ name: 'compiled', dependencies: DEPENDENCIES }),
      'setup.py': SETUP,
      'src/compiled/__init__.py': 'from ._answer import answer\n',
      'src/compiled/_answer.c': MODULE,
      'src/compiled/data/table.txt': 'data\n',
      'run.sh': '#!/bin/sh\n',
    },
    'compiled',
  );
  const pure = await sandbox.project(mini({ name: 'pure' }), 'pure');
  const elsewhere = join(sandbox.folder, 'Some where', 'else');
  for (const folder of [compiled, pure]) await cp(folder, join(elsewhere, folder.slice(sandbox.folder.length)), { recursive: true });
  await restrict(elsewhere);
  const there = prepareOther(join(elsewhere, 'compiled'));
  there.catch(() => undefined);
  try {
    for (const folder of [compiled, pure]) made.here.set(folder.split('/').at(-1) ?? '', await wheelsOf(folder, {}));
    await sleep(APART_MS);
    process.env['TZ'] = 'Pacific/Auckland';
    const options = await there;
    for (const name of ['compiled', 'pure']) made.there.set(name, await wheelsOf(join(elsewhere, name), options));
  } finally {
    await Promise.allSettled([there]);
  }
});

afterAll(async () => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  await other?.close();
});

/** Another engine, whose containers have another time zone, with a builder of its own. */
async function prepareOther(folder: string): Promise<RunOptions> {
  other = await OwnDockerd.open();
  await other.carry(BASE_IMAGE);
  const engine = await other.connect();
  const reference = `${sandbox.namespace}/python:zone`;
  await engine.build({ dockerfile: `FROM ${BASE_IMAGE}\nENV TZ=NZST-12\n`, dockerfileName: 'Dockerfile.zone', tags: [reference] });
  engine.close();
  const options = { engine: { value: other.url, source: 'a test' }, baseImage: { reference, source: '--base-image' } };
  await sandbox.run(folder, { stages: ['builder'], verb: 'image', ...options });
  return options;
}

/** Modes as under a umask of 077. */
async function restrict(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
}

async function wheelsOf(folder: string, options: RunOptions): Promise<Made> {
  const at = Date.now();
  const run = await sandbox.run(folder, { stages: ['wheels'], verb: 'wheels', ...options });
  if (run.outcome !== 'done') throw new Error(run.log);
  const target = firstOf(run.events, 'run.started')?.project.name ?? '';
  const exported = join(folder, 'target/pypackage', target);
  const { wheels } = readLock(await readFile(join(exported, 'pylock.toml'), 'utf8'), 'pylock.toml');
  const hashes = wheels.map(async ({ file, path }) => {
    const digest = createHash('sha256')
      .update(await readFile(join(exported, path)))
      .digest('hex');
    return `${file} ${digest}`;
  });
  return { wheels: (await Promise.all(hashes)).sort(), at };
}

test('compiled wheels, of the application and of a dependency, and a pure one that comes as sources', () => {
  const [here, there] = [made.here.get('compiled'), made.there.get('compiled')];
  expect(here?.wheels.map((wheel) => wheel.split(' ')[0])).toEqual([
    expect.stringMatching(/^compiled-1\.0-cp3\d+-cp3\d+-linux_\w+\.whl$/),
    expect.stringMatching(/^crcmod-1\.7-cp3\d+-cp3\d+-linux_\w+\.whl$/),
    expect.stringMatching(/^docopt-0\.6\.2-py2\.py3-none-any\.whl$/),
  ]);
  expect(there?.wheels).toEqual(here?.wheels);
  expect((there?.at ?? 0) - (here?.at ?? 0)).toBeGreaterThanOrEqual(APART_MS);
});

test('pure wheels', () => {
  const [here, there] = [made.here.get('pure'), made.there.get('pure')];
  expect(here?.wheels[0]).toMatch(/^pure-1\.0-py3-none-any\.whl [0-9a-f]{64}$/);
  expect(there?.wheels).toEqual(here?.wheels);
});
