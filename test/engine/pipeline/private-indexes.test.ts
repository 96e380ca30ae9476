/**
 * Behind a firewall: a real pypiserver behind htpasswd and a proxy with a password in front of everything. A package comes from the index that
 * it is pinned to although another one has a higher version, and no password is seen by whoever looks at the engine or this machine meanwhile.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { readLock } from '../../../src/core/wheels/lock.js';
import { BASE_IMAGE, eventsOf, lines, useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { servePrivateIndex, sdistOf, wheelOf } from '../../support/index-server.js';
import type { PrivateIndex } from '../../support/index-server.js';
import { SETUPTOOLS, mini } from '../../support/projects.js';
import { startPypiServer } from '../../support/pypi-server.js';
import type { PypiServer } from '../../support/pypi-server.js';
import { servePasswordProxy } from '../../support/proxy-server.js';
import type { PasswordProxy } from '../../support/proxy-server.js';
import { call, containersWith, inspectImage, open, output } from '../../support/raw-engine.js';
import { saveImage } from '../../support/saved-image.js';
import { Witness } from '../../support/witness.js';

const sandbox = useSandbox();
const PINNED = `pinned-${sandbox.namespace}`;
const COMPILED = `compiled-${sandbox.namespace}`;
const BUILDING = `building-${sandbox.namespace}`;
const EXPORT = 'target/pypackage/mini';
/** What the source distribution prints when it is built; it goes on when its container was looked at. */
const LOOK = 'look at this container now';
const WAITING = `import os, sys, time
from setuptools import setup
if 'bdist_wheel' in sys.argv:
    print('${LOOK}', flush=True)
    while not os.path.exists('/go'):
        time.sleep(0.05)
setup()
`;

const WHEELS = { stages: ['wheels'], verb: 'wheels' } as const;

let folder: string;
let inner: PypiServer;
let other: PrivateIndex;
let proxy: PasswordProxy;
let made: Run;
const witness = new Witness();
/** By container: what of the passwords its exported files hold, and whether they hold what was put into it. */
const exported = new Map<string, { readonly canaries: readonly string[]; readonly isWhole: boolean }>();
let seen = '';

function environment({ inner: login = inner.url, ways = proxy.url }: { readonly inner?: string; readonly ways?: string } = {}): Readonly<
  Record<string, string>
> {
  return {
    UV_INDEX: `inner=${login}`,
    PIP_EXTRA_INDEX_URL: other.url,
    PIP_TRUSTED_HOST: `${inner.host} ${other.host}`,
    http_proxy: ways,
    https_proxy: ways,
    PIP_RETRIES: '1',
  };
}

beforeAll(async () => {
  const engine = await connectEngine({ env: process.env });
  try {
    const waiting = await sdistOf(COMPILED, { 'setup.py': WAITING, [`${COMPILED.replaceAll('-', '_')}.py`]: '' });
    inner = await startPypiServer(engine, BASE_IMAGE, `${sandbox.namespace}/pypiserver:1`, [wheelOf(PINNED), wheelOf(BUILDING), waiting]);
  } finally {
    engine.close();
  }
  other = await servePrivateIndex([wheelOf(PINNED, '9.0'), wheelOf(BUILDING, '9.0')]);
  proxy = await servePasswordProxy();
  folder = await sandbox.project(project([PINNED, COMPILED]), 'mini');
  const exports: Promise<void>[] = [];
  witness.start();
  try {
    made = await sandbox.run(folder, {
      ...WHEELS,
      env: environment(),
      onEvent: (event) => void (event.type === 'log' && event.text.includes(LOOK) && exports.push(lookAtJobs(event.run))),
    });
    await Promise.all(exports);
  } finally {
    await witness.end();
  }
  if (made.outcome !== 'done') throw new Error(made.log);
  seen = await call('GET', `/events?since=${Math.floor(Date.now() / 1000 - 120)}&until=${Math.floor(Date.now() / 1000)}`);
});

afterAll(async () => {
  await inner?.close();
  await other?.close();
  await proxy?.close();
});

function project(dependencies: readonly string[], building = BUILDING): ReturnType<typeof mini> {
  const rest = `[tool.uv.sources]\n${[PINNED, COMPILED, BUILDING].map((name) => `${name} = { index = "inner" }\n`).join('')}`;
  return mini({ dependencies, rest, buildSystem: SETUPTOOLS.replace(']', `, "${building}"]`) });
}

function canaries(): readonly string[] {
  const passwords = [inner.password, other.password, proxy.password];
  return [...passwords, ...passwords.map((password) => Buffer.from(`ci:${password}`).toString('base64'))];
}

function canariesIn(places: Readonly<Record<string, Buffer | string>>): readonly string[] {
  return Object.entries(places).flatMap(([place, content]) => canaries().flatMap((canary) => (content.includes(canary) ? [`${place}: ${canary}`] : [])));
}

/** `docker export` and `docker diff` of each container of the run that works. */
async function lookAtJobs(run: string): Promise<void> {
  for (const { Id, State } of await containersWith({ 'io.pypackage.run': run, 'io.pypackage.kind': 'job' })) {
    if (State !== 'running') continue;
    const found = new Set(canariesIn({ diff: await call('GET', `/containers/${Id}/changes`) }));
    let isWhole = false;
    let rest = Buffer.alloc(0);
    for await (const chunk of await open('GET', `/containers/${Id}/export`)) {
      const bytes = Buffer.concat([rest, Buffer.from(chunk)]);
      for (const canary of canariesIn({ export: bytes })) found.add(canary);
      isWhole ||= bytes.includes('prepare_wheels.py');
      rest = bytes.subarray(-100);
    }
    exported.set(Id, { canaries: [...found], isWhole });
    await call('PUT', `/containers/${Id}/archive?path=/`, packFiles([{ path: 'go', content: '', mode: 0o444 }]));
  }
}

async function wheelsOf(project: string): Promise<readonly string[]> {
  const { wheels } = readLock(await readFile(join(project, EXPORT, 'pylock.toml'), 'utf8'), 'pylock.toml');
  return wheels.map(({ name, version, origin }) => `${name} ${version} ${origin?.url ?? ''}`).sort();
}

describe('a package that is pinned to an index', () => {
  test('comes from it, although another index has a higher version; so does what the build requires', async () => {
    const module = (name: string): string => name.replaceAll('-', '_');
    expect(await wheelsOf(folder)).toEqual([
      `${COMPILED} 1.0 http://${inner.host}/packages/${module(COMPILED)}-1.0.tar.gz`,
      expect.stringMatching(/^mini 1\.0 $/),
      `${PINNED} 1.0 http://${inner.host}/packages/${module(PINNED)}-1.0-py3-none-any.whl`,
    ]);
    expect(other.allowed).toContain('/simple/setuptools/');
    expect([...other.allowed, ...other.refused].filter((path) => path.includes(sandbox.namespace))).toEqual([]);
    const builder = (await sandbox.tags()).find((tag) => tag.includes('/mini-builder:')) ?? '';
    const found = await output(builder, ['sh', '-c', `ls -d /opt/pypackage/build/lib/python3.*/site-packages/${module(BUILDING)}-*.dist-info`]);
    expect(found).toMatch(/-1\.0\.dist-info$/m);
  });

  test('all went through the proxy', () => {
    expect(proxy.passed).toContain(inner.host.split(':')[0]);
    expect(proxy.refused()).toBe(0);
  });
});

describe('a password', () => {
  test('is in no file of a container while it works', () => {
    expect(exported.size).toBeGreaterThan(0);
    expect([...exported.values()]).toEqual([...exported].map(() => ({ canaries: [], isWhole: true })));
  });

  test('is shown by no container, process or event', () => {
    const own = [...witness.containers].filter(([, inspected]) => inspected.includes(made.id));
    expect(own.length).toBeGreaterThan(1);
    expect(canariesIn(Object.fromEntries(witness.containers))).toEqual([]);
    const processes = [...witness.commandLines].join('\n');
    expect(processes).toContain('prepare_wheels.py');
    expect(processes).toContain('index_front.py');
    expect(canariesIn({ processes, events: seen })).toEqual([]);
    expect(seen).toContain(made.id);
  });

  test('is in no image with its history and labels, and in nothing that the run said or wrote', async () => {
    const base = (await inspectImage(BASE_IMAGE)).RootFS.Layers;
    const tags = (await sandbox.tags()).filter((tag) => !tag.includes('/pypiserver:'));
    expect(tags.map((tag) => /-(\w+):/.exec(tag.slice(sandbox.namespace.length))?.[1])).toEqual(['base', 'builder', 'deps', 'wheels']);
    for (const tag of tags) {
      expect(canariesIn({ [`${tag} history`]: await call('GET', `/images/${tag}/history`), [tag]: await call('GET', `/images/${tag}/json`) })).toEqual([]);
      if (tag.includes('-builder:')) continue;
      const { config, layers } = await saveImage(tag, base, sandbox.folder);
      expect(canariesIn({ [`${tag} config`]: config })).toEqual([]);
      for (const layer of layers) expect(canariesIn({ [`${tag} ${layer.diffId}`]: layer.bytes })).toEqual([]);
    }
    expect(canariesIn({ log: made.log, events: JSON.stringify(made.events) })).toEqual([]);
    const written = await readdir(sandbox.folder, { recursive: true, withFileTypes: true });
    const paths = written.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(paths.some((path) => path.endsWith('.whl'))).toBe(true);
    for (const path of paths) expect(canariesIn({ [path]: await readFile(path) })).toEqual([]);
  });
});

test('a password is in no file that the builder has beside those of Debian', async () => {
  const builder = (await sandbox.tags()).find((tag) => tag.includes('/mini-builder:')) ?? '';
  // It is large, and looked through wholly for a release. grep ends with 1 where it finds nothing.
  const words = canaries().map((canary) => `-e '${canary}'`);
  const search = `grep -rlF --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr ${words.join(' ')} /; test $? -eq 1`;
  expect(await output(builder, ['sh', '-c', search])).toBe('');
});

describe('a login that is wrong', () => {
  beforeAll(() => writeFile(join(folder, 'pyproject.toml'), String(project([PINNED, COMPILED, 'six'])['pyproject.toml'])));

  test('is said, with the index and who gave the login', async () => {
    const failed = await sandbox.run(folder, { ...WHEELS, env: environment({ inner: inner.url.replace(inner.password, 'wr0ng-password') }) });
    expect(failed.error).toMatchObject({
      kind: 'stage',
      code: 'index-unauthorized',
      message: `The package index inner (${inner.host}) does not take the login that it is given`,
      why: 'The login comes from UV_INDEX',
      fix: 'Check the user and the password in UV_INDEX',
    });
    expect(JSON.stringify([failed.events, failed.log])).not.toContain('wr0ng-password');
  });

  test('is said of what the build requires, too', async () => {
    await writeFile(join(folder, 'pyproject.toml'), String(project([PINNED, COMPILED, 'six'], `${BUILDING}>=1`)['pyproject.toml']));
    const failed = await sandbox.run(folder, { ...WHEELS, env: environment({ inner: inner.url.replace(inner.password, 'wr0ng-password') }) });
    expect(failed.error).toMatchObject({
      code: 'index-unauthorized',
      message: `The package index inner (${inner.host}) does not take the login that it is given`,
      where: { file: 'Dockerfile.builder', line: expect.any(Number) },
    });
  });

  test('for the proxy is said, too', async () => {
    const failed = await sandbox.run(folder, { ...WHEELS, env: environment({ ways: proxy.url.replace(proxy.password, 'wr0ng-password') }) });
    const host = new URL(proxy.url).host;
    expect(failed.error).toMatchObject({
      code: 'proxy-unauthorized',
      message: `The proxy at ${host} does not take the login that it is given`,
      why: expect.stringMatching(/^The login comes from https?_proxy of your environment$/),
    });
    expect(lines(eventsOf(failed.events, 'log'))).not.toContain('wr0ng-password');
  });
});
