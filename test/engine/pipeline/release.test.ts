/** The Django sample, packaged on a base image that no stage has seen, with what must not get out: every byte of the result is looked at. */
import { createHash } from 'node:crypto';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReleaseSummary } from '../../../src/core/pipeline/events.js';
import { readLock } from '../../../src/core/wheels/lock.js';
import { verifyRecord } from '../../../src/core/wheels/metadata.js';
import { readWheel } from '../../../src/core/wheels/wheel.js';
import type { Wheel } from '../../../src/core/wheels/wheel.js';
import { commitAll, edit, eventsOf, firstOf, lines, stageEnds, useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { makeAuthority } from '../../support/authority.js';
import type { PrivateAuthority } from '../../support/authority.js';
import { servePrivateIndex, wheelOf } from '../../support/index-server.js';
import type { PrivateIndex } from '../../support/index-server.js';
import { call, inspectImage, output } from '../../support/raw-engine.js';
import type { RawImage } from '../../support/raw-engine.js';
import { servePasswordProxy } from '../../support/proxy-server.js';
import type { PasswordProxy } from '../../support/proxy-server.js';
import { Witness } from '../../support/witness.js';
import { SITE, bytecodeFlags, looseIn, saveImage, unwantedIn } from '../../support/saved-image.js';
import type { LayerFile, SavedImage } from '../../support/saved-image.js';

const sandbox = useSandbox();
const PRIVATE = `private-${sandbox.namespace}`;
const EXPORT = 'target/pypackage/polls';

let folder: string;
let commit: string;
let index: PrivateIndex | undefined;
let proxy: PasswordProxy | undefined;
const witness = new Witness();
let authority: PrivateAuthority;
let env: Readonly<Record<string, string>>;
let base: string;
let made: Run & { readonly release: ReleaseSummary };
let image: RawImage;
let saved: SavedImage;
let wheel: Wheel;

/** What the release's own layers hold, the upper ones over the lower ones. */
let files: ReadonlyMap<string, LayerFile>;

beforeAll(async () => {
  folder = await sandbox.sample('polls');
  await edit(folder, 'pyproject.toml', '"whitenoise>=6.9",', `"whitenoise>=6.9",\n    "${PRIVATE}",`);
  commit = await commitAll(folder);
  const served = await servePrivateIndex([wheelOf(PRIVATE)]);
  index = served;
  authority = await makeAuthority(sandbox.folder, `Private authority ${sandbox.namespace}`);
  const ways = await servePasswordProxy();
  proxy = ways;
  env = {
    SSL_CERT_FILE: authority.bundle,
    PIP_EXTRA_INDEX_URL: served.url,
    PIP_TRUSTED_HOST: served.host,
    http_proxy: ways.url,
    https_proxy: ways.url,
    no_proxy: served.host,
  };
  base = await sandbox.freshBase();
  witness.start();
  try {
    made = await sandbox.make(folder, { baseImage: { reference: base, source: '--base-image' }, env });
  } finally {
    await witness.end();
  }
  const latest = `${made.release.image}:latest`;
  image = await inspectImage(latest);
  saved = await saveImage(latest, (await inspectImage(base)).RootFS.Layers, sandbox.folder);
  files = new Map(saved.layers.flatMap((layer) => layer.files.map((file) => [file.path, file] as const)));
  const lock = await exportedLock();
  const own = lock.wheels.find(({ role }) => role === 'application');
  wheel = await readWheel(join(folder, EXPORT, own?.path ?? ''));
});

afterAll(async () => {
  await index?.close();
  await proxy?.close();
});

/** What nobody may see who looks at images, containers, processes, logs, events or files. */
function canaries(): readonly string[] {
  const passwords = [index?.password ?? '', proxy?.password ?? ''];
  return [authority.line, authority.name, ...passwords, ...passwords.map((password) => Buffer.from(`ci:${password}`).toString('base64'))];
}

function canariesIn(places: Readonly<Record<string, Buffer | string>>): readonly string[] {
  return Object.entries(places).flatMap(([place, content]) => canaries().flatMap((canary) => (content.includes(canary) ? [`${place}: ${canary}`] : [])));
}

async function exportedLock(): Promise<ReturnType<typeof readLock>> {
  return readLock(await readFile(join(folder, EXPORT, 'pylock.toml'), 'utf8'), 'pylock.toml');
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('what the run says', () => {
  test('every stage is made, in order, and tells its artefacts', () => {
    expect(stageEnds(made.events)).toEqual(['base finished', 'builder finished', 'wheels finished', 'release finished']);
    expect(firstOf(made.events, 'run.started')).toMatchObject({
      project: { name: 'polls', version: '1.4.0', root: folder },
      stages: ['base', 'builder', 'wheels', 'release'],
    });
    const artifacts = eventsOf(made.events, 'artifact').map(
      ({ stage, kind, name }) => `${stage} ${kind} ${name.replace(/:(layer-|candidate-)?[0-9a-f]{12}$/, ':$1PRINT')}`,
    );
    const name = (context: string): string => `${sandbox.namespace}/polls-${context}`;
    expect(artifacts).toEqual([
      `base image ${name('base')}:PRINT`,
      `builder image ${name('builder')}:PRINT`,
      'wheels wheel polls-1.4.0-py3-none-any.whl',
      `wheels image ${name('wheels')}:PRINT`,
      `wheels image ${name('deps')}:PRINT`,
      `wheels export ${join(folder, EXPORT)}`,
      `release image ${name('deps')}:layer-PRINT`,
      `release image ${name('release')}:candidate-PRINT`,
    ]);
  });

  test('steps have names that people know, and each that began ended', () => {
    const steps = eventsOf(made.events, 'step');
    const began = new Set(steps.filter(({ state }) => state === 'started').map(({ stage, id }) => `${stage} ${id}`));
    const ended = new Set(steps.filter(({ state }) => state !== 'started').map(({ stage, id }) => `${stage} ${id}`));
    expect([...began].filter((id) => !ended.has(id))).toEqual([]);
    expect(steps.filter(({ name }) => /--mount|network\.sh|\[internal\]/.test(name))).toEqual([]);
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(['build polls', 'resolve 5 requirements', 'look what the wheels need at run time']));
  });

  test('says what the release gets and what it runs', () => {
    expect(lines(made.events)).toMatch(/^the release gets libpq5: psycopg_c [\d.]+ uses libpq\.so\.5$/m);
    expect(lines(made.events)).toContain('the command is gunicorn polls.wsgi:application (gunicorn with polls.wsgi:application)');
    expect(made.log).toContain('the release gets libpq5');
    expect(made.log).toMatch(/run done in \d+ ms/);
  });

  test('the release is summed up', () => {
    expect(made.release).toMatchObject({
      name: 'polls',
      version: '1.4.0',
      image: `${sandbox.namespace}/polls-release`,
      command: ['gunicorn', 'polls.wsgi:application'],
      serves: true,
    });
    expect(made.release.tags).toEqual(['1.4.0', commit.slice(0, 7), 'latest']);
    expect(made.release.imageId).toBe(image.Id);
    expect(made.exitCode).toBe(0);
  });
});

describe('the image', () => {
  test('has the tags that were told, and the candidate is gone', () => {
    expect([...image.RepoTags].sort()).toEqual(made.release.tags.map((tag) => `${made.release.image}:${tag}`).sort());
  });

  test('says in its labels what it is and what it is made of', async () => {
    const lock = await exportedLock();
    expect(image.Config.Labels).toMatchObject({
      'io.pypackage.kind': 'release',
      'io.pypackage.target': 'polls',
      'io.pypackage.run': made.id,
      'io.pypackage.revision': commit,
      'io.pypackage.wheel.sha256': wheel.sha256,
      'io.pypackage.application': lock.fingerprints.application,
      'io.pypackage.dependencies': lock.fingerprints.dependencies,
      'org.opencontainers.image.title': 'polls',
      'org.opencontainers.image.version': '1.4.0',
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.base.name': base,
    });
    expect(image.Config.Labels['io.pypackage.project']).toMatch(/^polls-[0-9a-f]{8}$/);
    for (const name of ['fingerprint', 'lock.sha256', 'layer']) expect(image.Config.Labels[`io.pypackage.${name}`]).toMatch(/^[0-9a-f]{64}$/);
    expect(image.Config.Labels['org.opencontainers.image.created']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('runs as a user without privileges, ends on TERM and is checked', () => {
    expect(image.Config.User).toMatch(/^[1-9]\d*:0$/);
    expect(image.Config.StopSignal).toBe('SIGTERM');
    expect(image.Config.Healthcheck?.Test[0]).toBe('CMD');
    expect(image.Config.ExposedPorts).toEqual({ '8000/tcp': {} });
    expect(image.Config.Cmd).toEqual(['gunicorn', 'polls.wsgi:application']);
  });

  test('adds no compiler, no wheel, no test dependency, no pip and nothing temporary', () => {
    expect(files.size).toBeGreaterThan(1_000);
    expect(unwantedIn(files)).toEqual([]);
  });

  test('holds neither the authority nor a password, in any byte, and the log and the events do not either', async () => {
    expect(index?.allowed).toContain(`/simple/${PRIVATE}/`);
    expect(proxy?.passed.size).toBeGreaterThan(1); // Debian's mirror and the package index
    expect(authority.line).toMatch(/^[A-Za-z0-9+/]{64}$/);
    expect(await readFile(env['SSL_CERT_FILE'] ?? '', 'utf8')).toContain(authority.line);
    const places: Record<string, Buffer> = {
      configuration: Buffer.from(saved.config),
      log: Buffer.from(made.log),
      events: Buffer.from(JSON.stringify(made.events)),
      lock: await readFile(join(folder, EXPORT, 'pylock.toml')),
    };
    for (const layer of saved.layers) places[layer.diffId] = layer.bytes;
    for (const tag of (await sandbox.tags()).filter((name) => /-(wheels|deps):/.test(name) && !name.includes(':layer-'))) {
      const { config, layers } = await saveImage(tag, [], sandbox.folder);
      places[tag] = Buffer.concat([Buffer.from(config), ...layers.map(({ bytes }) => bytes)]);
    }
    expect(canariesIn(places)).toEqual([]);
  });

  test('was made in containers that show no secret, by processes that show none, and left none in a file of this machine', async () => {
    const own = [...witness.containers].filter(([, inspected]) => inspected.includes(made.id));
    expect(own.length).toBeGreaterThan(2); // the look into the base image, the wheels of the application and of the dependencies
    expect(canariesIn(Object.fromEntries(witness.containers))).toEqual([]);
    expect([...witness.commandLines].some((line) => line.includes('build_wheel.py'))).toBe(true);
    expect(canariesIn({ processes: [...witness.commandLines].join('\n') })).toEqual([]);
    const written = await readdir(sandbox.folder, { recursive: true, withFileTypes: true });
    // The test's own authority lies there, too.
    const paths = written.filter((entry) => entry.isFile() && !/^(authority|bundle)\./.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
    expect(paths.some((path) => path.endsWith('.log'))).toBe(true);
    for (const path of paths) expect(canariesIn({ [path]: await readFile(path) })).toEqual([]);
  });

  test('the builder, which ships to nobody, holds none of them', async () => {
    const builder = (await sandbox.tags()).find((tag) => tag.includes('/polls-builder:')) ?? '';
    const history = await call('GET', `/images/${builder}/history`);
    expect(canariesIn({ history, configuration: await call('GET', `/images/${builder}/json`) })).toEqual([]);
    for (const needle of [authority.line, index?.password ?? '', proxy?.password ?? '']) {
      // grep ends with 1 where it finds nothing.
      const search = `grep --recursive --files-with-matches --fixed-strings --exclude-dir=proc --exclude-dir=sys -- '${needle}' /; test $? -eq 1`;
      expect(await output(builder, ['sh', '-c', search])).toBe('');
    }
  });

  test("holds the wheel's files byte for byte, by the RECORD of the wheel that the lock names", async () => {
    const locked = (await exportedLock()).wheels.find(({ role }) => role === 'application');
    expect(wheel.sha256).toBe(locked?.sha256);
    const hashes = new Map<string, string>();
    for (const [path, { content }] of files) if (SITE.test(path)) hashes.set(path.replace(SITE, ''), sha256(content));
    expect(wheel.record.filter(({ hash }) => hash !== undefined).length).toBeGreaterThan(20);
    expect(verifyRecord(wheel.record, hashes)).toEqual([]);
    const direct = [...files].find(([path]) => path.endsWith('/polls-1.4.0.dist-info/direct_url.json'))?.[1];
    expect(JSON.parse(String(direct?.content))).toMatchObject({ archive_info: { hashes: { sha256: wheel.sha256 } } });
  });

  test('and nothing of the application beside them but bytecode and what an installation writes', () => {
    const recorded = new Set(wheel.record.map(({ path }) => path));
    const others = [...files]
      .filter(([path, { type }]) => type === 'file' && /site-packages\/polls(-1\.4\.0\.dist-info)?\//.test(path))
      .map(([path]) => path.replace(SITE, ''))
      .filter((path) => !recorded.has(path) && !path.includes('/__pycache__/'));
    expect(others.sort()).toEqual(['direct_url.json', 'INSTALLER', 'REQUESTED'].map((name) => `polls-1.4.0.dist-info/${name}`).sort());
  });

  test('every module has bytecode that is not compared at import (PEP 552)', () => {
    const flags = bytecodeFlags(files, /\/(polls|django|whitenoise)\//);
    expect(flags.length).toBeGreaterThan(500);
    expect(new Set(flags)).toEqual(new Set([1]));
  });

  test('no file that it adds can be written by others, and none runs with rights of its owner', () => {
    expect(looseIn(files)).toEqual([]);
  });
});

describe('the export', () => {
  test('is what the lock names, with its hashes, and nothing else', async () => {
    const lock = await exportedLock();
    expect(lock.wheels.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['django', 'gunicorn', 'polls', PRIVATE, 'psycopg', 'psycopg-c', 'whitenoise']),
    );
    for (const { path, sha256: wanted, size } of lock.wheels) {
      const content = await readFile(join(folder, EXPORT, path));
      expect(content.length).toBe(size);
      expect(sha256(content)).toBe(wanted);
    }
    const there = (await readdir(join(folder, EXPORT), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(there.sort()).toEqual([...lock.wheels.map(({ file }) => file), 'pylock.toml'].sort());
  });

  test('says which base image it is for; its wheels fit that, and are what the lock and their RECORDs say', async () => {
    expect((await exportedLock()).environment).toEqual({
      python: expect.stringMatching(/^3\.\d+\.\d+$/),
      machine: expect.stringMatching(/^(?:x86_64|aarch64)$/),
      glibc: expect.stringMatching(/^2\.\d+$/),
    });
    const listed = await sandbox.core.wheels(sandbox.request(folder));
    expect(listed.wheels.flatMap(({ file, warnings }) => warnings.map(({ kind }) => `${file}: ${kind}`))).toEqual([]);
    const { signal } = new AbortController();
    for (const { path } of listed.wheels) {
      expect(await sandbox.core.verifyWheel({ folder: listed.folder, file: path }, signal)).toMatchObject({ state: 'as locked', files: [] });
    }
  });

  test('the wheel is the same, byte by byte, when it is built again, and from another folder', async () => {
    const other = join(sandbox.folder, 'Somewhere else');
    await cp(folder, other, { recursive: true, filter: (path) => !/\/(target|\.git)$/.test(path) });
    const options = { stages: ['wheels'] as const, verb: 'wheels' as const, force: true, baseImage: { reference: base, source: '--base-image' }, env };
    for (const again of [folder, other]) {
      const run = await sandbox.run(again, options);
      expect(run.outcome).toBe('done');
      expect(stageEnds(run.events)).toEqual(['base skipped', 'builder skipped', 'wheels finished']);
      expect(eventsOf(run.events, 'artifact').find(({ kind }) => kind === 'wheel')?.digest).toBe(`sha256:${wheel.sha256}`);
    }
  });
});

test('started, it answers with its front page and a hashed static file that may be kept for ever', async () => {
  const signal = new AbortController().signal;
  const { url } = await sandbox.core.start(sandbox.request(folder), () => undefined, signal);
  try {
    const page = await fetch(url ?? '');
    expect(page.status).toBe(200);
    const path = /href="(\/static\/polls\/style\.[0-9a-f]{12}\.css)"/.exec(await page.text())?.[1];
    const style = await fetch(`${url}${path ?? ''}`);
    expect(style.status).toBe(200);
    expect(style.headers.get('cache-control')).toContain('immutable');
    expect(await style.text()).toBe(await readFile(join(folder, 'polls/static/polls/style.css'), 'utf8'));
  } finally {
    await sandbox.core.stop(sandbox.request(folder), signal);
  }
});
