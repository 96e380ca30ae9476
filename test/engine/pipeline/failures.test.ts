/** What goes wrong ends in one message that says what, where and what next, and leaves the last good wheels and release as they were. */
import { createHash } from 'node:crypto';
import { cp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/core/errors.js';
import type { ErrorReport } from '../../../src/core/errors.js';
import { BASE_IMAGE, commitAll, edit, eventsOf, stageEnds, useSandbox, writeFiles } from '../../support/core.js';
import type { Run, RunOptions } from '../../support/core.js';
import { sdistOf, servePrivateIndex } from '../../support/index-server.js';
import type { PrivateIndex } from '../../support/index-server.js';
import { mini, pyproject } from '../../support/projects.js';
import type { Parts } from '../../support/projects.js';
import { makeRandomProject } from '../../support/random-project.js';
import { inspectImage, isSwept } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const NATIVE = `native-${sandbox.namespace}`;

let good: string;
let index: PrivateIndex | undefined;
let withIndex: RunOptions;

beforeAll(async () => {
  good = await sandbox.project(mini(), 'good');
  await commitAll(good);
  await sandbox.make(good);
  const served = await servePrivateIndex([
    await sdistOf(NATIVE, {
      'setup.py': `from setuptools import Extension, setup\nsetup(ext_modules=[Extension("native", ["native.c"])])\n`,
      'native.c': '#include <mysql/mysql.h>\n',
    }),
    await sdistOf(`${NATIVE}-raising`, { 'setup.py': 'raise RuntimeError("this platform is not for me")\n' }),
  ]);
  index = served;
  withIndex = { env: { PIP_EXTRA_INDEX_URL: served.url, PIP_TRUSTED_HOST: served.host } };
});

afterAll(() => index?.close());

/** Tags of releases with their images, and the exported files with their hashes. */
async function lastGood(): Promise<unknown> {
  const tags = (await sandbox.tags()).filter((tag) => tag.includes('/mini-release:'));
  const folder = join(good, 'target/pypackage');
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return {
    images: await Promise.all(tags.map(async (tag) => `${tag} ${(await inspectImage(tag)).Id}`)),
    files: await Promise.all(
      files.map(
        async ({ parentPath, name }) =>
          `${name} ${createHash('sha256')
            .update(await readFile(join(parentPath, name)))
            .digest('hex')}`,
      ),
    ),
  };
}

/** Changes the good project, runs, and puts it back. What was good is good afterwards. */
async function failing(change: (folder: string) => Promise<void>, options: RunOptions = {}): Promise<Run & { readonly error: ErrorReport }> {
  const keep = join(sandbox.folder, 'keep');
  await cp(good, keep, { recursive: true });
  const before = await lastGood();
  try {
    await change(good);
    const run = await sandbox.run(good, options);
    expect(await lastGood()).toEqual(before);
    return failed(run);
  } finally {
    await rm(good, { recursive: true });
    await cp(keep, good, { recursive: true });
    await rm(keep, { recursive: true });
  }
}

function failed(run: Run): Run & { readonly error: ErrorReport } {
  const { error } = run;
  if (!error) throw new Error(`the run ended with ${run.outcome}`);
  expect(run.outcome).toBe('failed');
  expect(run.exitCode).toBe(exitCodeOf(error));
  // At most one stage fails, for the reason that the run ends with.
  const stages = eventsOf(run.events, 'stage.failed');
  expect(stages.map((event) => event.error)).toEqual(stages.slice(0, 1).map(() => error));
  expect(error.kind).not.toBe('defect');
  expect(error.message).not.toMatch(/\n|^Error|undefined|\[object/);
  return { ...run, error };
}

function overwrite(files: Readonly<Record<string, string>>): (folder: string) => Promise<void> {
  return (folder) => writeFiles(folder, files);
}

function metadata(parts: Parts): string {
  return String(mini(parts)['pyproject.toml']);
}

function depends(...dependencies: readonly string[]): (folder: string) => Promise<void> {
  return (folder) => writeFile(join(folder, 'pyproject.toml'), metadata({ dependencies }));
}

describe('the project', () => {
  test('a broken pyproject.toml: the line', async () => {
    const { error, exitCode } = await failing(overwrite({ 'pyproject.toml': '[build-system]\nrequires = ["setuptools"\n\n[project]\nname = "mini"\n' }));
    expect(error).toMatchObject({ kind: 'project', code: 'pyproject-invalid', where: { file: 'pyproject.toml' } });
    expect(error.where?.line).toBeGreaterThanOrEqual(2);
    expect(exitCode).toBe(2);
  });

  test('no project at all', async () => {
    const folder = await sandbox.project({ 'notes.txt': 'hello\n' }, 'nothing');
    const { error } = failed(await sandbox.run(folder));
    expect(error).toMatchObject({ kind: 'project', code: 'no-project', message: `${folder} is not a Python project` });
    expect(error.fix).toContain('pyproject.toml');
  });

  test('an unknown extra: the nearest, and the line where extras are', async () => {
    const { error } = await failing(overwrite({ 'pyproject.toml': pyproject({ rest: '[project.optional-dependencies]\ntest = ["pytest"]' }) }), {
      extras: ['tset'],
    });
    expect(error).toMatchObject({ kind: 'project', code: 'unknown-extra', fix: 'Did you mean test?', where: { file: 'pyproject.toml' } });
    expect(error.where?.line).toBeDefined();
  });

  test('an unknown extra where only the wheel knows them', async () => {
    const parts = { project: 'dynamic = ["optional-dependencies"]', rest: '[tool.setuptools.dynamic]\noptional-dependencies.docs = { file = ["docs.txt"] }' };
    const { error, events } = await failing(overwrite({ 'pyproject.toml': metadata(parts), 'docs.txt': 'sphinx\n' }), { extras: ['doc'] });
    expect(error).toMatchObject({
      kind: 'project',
      code: 'unknown-extra',
      message: 'mini has no extra named doc',
      fix: 'Did you mean docs?',
      where: { file: 'pyproject.toml' },
    });
    expect(stageEnds(events).at(-1)).toBe('wheels failed');
  });

  test('a symbolic link that leads out', async () => {
    const { error } = await failing((folder) => symlink('/etc/hostname', join(folder, 'mini', 'data.txt')));
    expect(error).toMatchObject({ kind: 'project', code: 'link-escapes', where: { file: 'mini/data.txt' } });
    expect(error.fix).toBeDefined();
  });

  test('a Python that the base image does not have', async () => {
    const { error } = await failing(overwrite({ 'pyproject.toml': metadata({ project: 'requires-python = ">=3.14"' }) }));
    expect(error).toMatchObject({ kind: 'project', code: 'python-mismatch', where: { file: 'pyproject.toml' } });
    expect(error.message).toContain('mini needs Python >=3.14');
    expect(error.fix).toContain('--base-image');
    expect(error.fix).toContain('python:3.14-slim-bookworm, python:3.14-slim-trixie');
  });
});

describe('the base image', () => {
  async function derived(name: string, line: string): Promise<string> {
    return sandbox.image(name, `FROM ${BASE_IMAGE}\nUSER 0\n${line}\n`);
  }

  test('one that does not exist', async () => {
    const reference = 'pypackage-standin/python:0.0-nowhere';
    const { error } = failed(await sandbox.run(good, { baseImage: { reference, source: '--base-image' } }));
    expect(error.message).toContain(reference);
    expect(error.code).not.toBe('');
    expect(error.fix).toBeDefined();
  });

  test('one without apt', async () => {
    const reference = await derived('no-apt', 'RUN rm /usr/bin/apt-get');
    const { error } = failed(await sandbox.run(good, { baseImage: { reference, source: '--base-image' } }));
    expect(error).toMatchObject({ kind: 'project', code: 'base-image-unfit' });
    expect(error.message).toMatch(/is Debian.*, which cannot be a base image$/);
  });

  test('one without Python', async () => {
    const reference = await derived('no-python', 'RUN rm -f /usr/bin/python3 /usr/local/bin/python3');
    const { error } = failed(await sandbox.run(good, { baseImage: { reference, source: '--base-image' } }));
    expect(error).toMatchObject({ kind: 'project', code: 'base-image-unfit', message: `${reference} has no python3` });
  });

  test('one without anything to run', async () => {
    const reference = await sandbox.image('empty', 'FROM scratch\nCOPY nothing /nothing\n', { nothing: '' });
    const { error } = failed(await sandbox.run(good, { baseImage: { reference, source: '--base-image' } }));
    expect(error).toMatchObject({ kind: 'project', code: 'base-image-unfit' });
    expect(error.message).toContain(reference);
    expect(error.fix).toContain('--base-image');
  });
});

describe('the dependencies', () => {
  test('one that does not exist', async () => {
    const { error, exitCode } = await failing(depends('pypackage-no-such-thing-8d1f'));
    expect(error).toMatchObject({
      kind: 'stage',
      code: 'dependency-missing',
      message: 'The package index has no pypackage-no-such-thing-8d1f',
      where: { file: 'pyproject.toml', line: expect.any(Number) },
    });
    expect(error.fix).toContain('PIP_INDEX_URL');
    expect(exitCode).toBe(1);
  });

  test('a version that does not exist: those that do', async () => {
    const { error } = await failing(depends('six==99'));
    expect(error).toMatchObject({ kind: 'stage', code: 'dependency-missing', message: 'No version of six==99 fits', where: { file: 'pyproject.toml' } });
    expect(error.why).toContain('1.17.0');
  });

  test('two that contradict each other', async () => {
    const { error } = await failing(depends('six==1.16.0', 'six==1.17.0'));
    expect(error).toMatchObject({ kind: 'stage', code: 'dependencies-conflict', where: { file: 'pyproject.toml' } });
    expect(error.message).toContain('six==1.16.0 and six==1.17.0');
  });

  test('one that does not compile: the header and the package that has it', async () => {
    const { error } = await failing(depends(NATIVE), withIndex);
    expect(error).toMatchObject({ kind: 'stage', code: 'compile-missing-file' });
    expect(error.message).toBe(`${NATIVE} does not compile: mysql/mysql.h is missing`);
    expect(`${error.why} ${error.fix}`).toContain('default-libmysqlclient-dev');
  });

  test('one whose build raises: its own words', async () => {
    const { error } = await failing(depends(`${NATIVE}-raising`), withIndex);
    const message = `${NATIVE}-raising does not build: RuntimeError: this platform is not for me`;
    expect(error).toMatchObject({ kind: 'stage', code: 'dependency-build-failed', message, where: { file: 'pyproject.toml' } });
  });
});

describe("the application's wheel", () => {
  test('a header that is missing', async () => {
    const setup = 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("mini.fast", ["mini/fast.c"])])\n';
    const { error } = await failing(overwrite({ 'setup.py': setup, 'mini/fast.c': '#include <Python.h>\n#include "nobody_has_it.h"\n' }));
    expect(error).toMatchObject({ kind: 'stage', code: 'compile-missing-file', message: 'mini does not compile: nobody_has_it.h is missing' });
    expect(error.where).toEqual({ file: 'mini/fast.c', line: 2, column: 10 });
  });

  test('what a compiler says of its own source: the line and the words', async () => {
    const setup = 'from setuptools import Extension, setup\nsetup(ext_modules=[Extension("mini.fast", ["mini/fast.c"])])\n';
    const { error } = await failing(overwrite({ 'setup.py': setup, 'mini/fast.c': '#include <Python.h>\n\nint broken( {\n' }));
    expect(error).toMatchObject({ kind: 'stage', code: 'compile-failed', where: { file: 'mini/fast.c', line: 3 }, related: [{ file: 'setup.py', line: 2 }] });
    expect(error.message).toMatch(/^mini does not compile: expected /);
  });

  test('a setup.py that cannot be compiled: its line', async () => {
    const { error } = await failing(overwrite({ 'setup.py': 'from setuptools import setup\n\nsetup(\n' }));
    expect(error).toMatchObject({ kind: 'stage', code: 'wheel-build-failed', where: { file: 'setup.py', line: 3 } });
  });

  test('a backend that is not there', async () => {
    const buildSystem = 'requires = ["setuptools>=77"]\nbuild-backend = "nowhere.api"';
    const { error } = await failing(overwrite({ 'pyproject.toml': metadata({ buildSystem }) }));
    expect(error).toMatchObject({
      kind: 'stage',
      code: 'backend-missing',
      message: 'The build backend nowhere.api cannot be loaded',
      why: "No module named 'nowhere'",
      where: { file: 'pyproject.toml', line: expect.any(Number) },
    });
    expect(error.fix).toContain('build-system.requires');
  });

  test('a build requirement that does not exist: its line, and the step of the builder', async () => {
    const buildSystem = 'requires = ["pypackage-no-such-backend-8d1f"]\nbuild-backend = "nowhere.api"';
    const { error } = await failing(overwrite({ 'pyproject.toml': metadata({ buildSystem }) }));
    expect(error).toMatchObject({
      kind: 'stage',
      code: 'build-requirement-missing',
      where: { file: 'pyproject.toml' },
      related: [{ file: 'Dockerfile.builder' }],
    });
    expect(error.message).toContain('pypackage-no-such-backend-8d1f');
    const lines = metadata({ buildSystem }).split('\n');
    expect(lines[(error.where?.line ?? 0) - 1]).toContain('pypackage-no-such-backend-8d1f');
    expect(error.related?.[0]?.line).toBeGreaterThan(5);
  });

  test('a backend that raises: its own words', async () => {
    const { error } = await failing(overwrite({ 'setup.py': 'raise RuntimeError("boom at build time")\n' }));
    expect(error).toMatchObject({ kind: 'stage', code: 'wheel-build-failed', where: { file: 'setup.py', line: 1 } });
    expect(error.message).toContain('mini does not build');
    expect(error.message).toContain('boom at build time');
  });
});

test('settings that raise while static files are collected: their line, their words, and the step', async () => {
  const project = await makeRandomProject(sandbox.folder, 99);
  const settings = `${project.settings.replaceAll('.', '/')}.py`;
  await edit(project.root, settings, 'DEBUG = False', 'raise RuntimeError("no settings for you")\nDEBUG = False');
  const { error, events } = failed(await sandbox.run(project.root));
  expect(error).toMatchObject({ kind: 'stage', code: 'dockerfile-step-failed', where: { file: settings }, related: [{ file: 'Dockerfile.release' }] });
  expect((await readFile(join(project.root, settings), 'utf8')).split('\n')[(error.where?.line ?? 0) - 1]).toContain('no settings for you');
  const dockerfile = (await sandbox.core.dockerfile(sandbox.request(project.root), 'release', new AbortController().signal)).split('\n');
  expect(dockerfile[(error.related?.[0]?.line ?? 0) - 1]).toMatch(/^RUN /);
  expect(`${error.message} ${error.why}`).toContain('no settings for you');
  expect(stageEnds(events).slice(-2)).toEqual(['wheels finished', 'release failed']);
  expect((await sandbox.tags()).filter((tag) => tag.includes('-release:candidate-'))).toEqual([]);
  expect(await isSwept(events[0]?.run ?? '')).toBe(true);
});
