/** Private base images: pulled with the credentials of Docker's own configuration, which go to their registry only. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { BASE_IMAGE, eventsOf, useSandbox, writeFiles } from '../../support/core.js';
import { mini } from '../../support/projects.js';
import { call } from '../../support/raw-engine.js';
import { Witness } from '../../support/witness.js';
import { imageHolds, problemOf, useEngine } from '../engine/harness.js';
import { PASSWORD, startRegistry, USER } from './registry-server.js';
import type { RegistryServer } from './registry-server.js';

const bench = useEngine();
const sandbox = useSandbox();
const folder = mkdtempSync(join(tmpdir(), 'pypackage-private-'));
const bin = join(folder, 'bin');
/** Which registries the helper was asked for. */
const asked = join(folder, 'asked');
let registry: RegistryServer;
let image: string;
/** Another registry: it writes down what it is offered. */
let other: Server;
const offered: (string | undefined)[] = [];

beforeAll(async () => {
  registry = await startRegistry();
  image = `${registry.host}/private/python:1`;
  mkdirSync(bin);
  // As docker-credential-pass and its kin: the registry comes on standard input.
  const answer = JSON.stringify({ ServerURL: registry.host, Username: USER, Secret: PASSWORD });
  const script = `#!/bin/sh\nhost=$(cat)\necho "$host" >> ${asked}\n[ "$host" = "${registry.host}" ] && echo '${answer}' && exit 0\necho 'credentials not found in native keychain'; exit 1\n`;
  writeFileSync(join(bin, 'docker-credential-test'), script, { mode: 0o755 });
  other = createServer((request, response) => {
    offered.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="other"', 'content-type': 'application/json' });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  await publish();
});

afterEach(async () => {
  await bench.engine.removeImage(image, { force: true });
  rmSync(asked, { force: true });
  offered.length = 0;
});

afterAll(async () => {
  await registry?.stop();
  other?.closeAllConnections();
  other?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function publish(): Promise<void> {
  await bench.engine.importImage(packFiles([{ path: 'private', content: bench.id, mode: 0o644 }]), image, bench.labels);
  await push(image);
}

/** The name is gone afterwards. */
async function push(image: string): Promise<void> {
  await withConfig({ auths: auths(PASSWORD) }, (engine) => engine.pushImage(image, () => undefined, new AbortController().signal));
  await bench.engine.removeImage(image, { force: true });
}

async function withConfig<T>(config: object, work: (engine: Engine) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(folder, 'config-'));
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  const engine = await connectEngine({ env: { ...process.env, DOCKER_CONFIG: dir, PATH: `${bin}${delimiter}${process.env['PATH']}` } });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

const auths = (password: string): object => ({ [registry.host]: { auth: Buffer.from(`${USER}:${password}`).toString('base64') } });
const from = (reference: string): Parameters<Engine['build']>[0] => ({
  dockerfile: `FROM ${reference}\nCOPY f /\n`,
  files: { f: `${Math.random()}` },
  dockerfileName: 'Dockerfile.base',
  tags: [],
  labels: bench.labels,
});
const askedHosts = (): readonly string[] => (existsSync(asked) ? [...new Set(readFileSync(asked, 'utf8').trim().split('\n'))] : []);
const otherHost = (): string => {
  const address = other.address();
  return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
};

test('a run on a private base image keeps its password to itself', async () => {
  const base = `${registry.host}/private/base:1`;
  await bench.engine.tagImage(BASE_IMAGE, base);
  await push(base);
  const project = await sandbox.project(mini(), 'mini');
  const config = join(sandbox.folder, 'docker');
  await writeFiles(config, { 'config.json': JSON.stringify({ auths: auths(PASSWORD) }) });
  const env = { DOCKER_CONFIG: config, DOCKER_HOST: process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock' };
  const witness = new Witness();
  witness.start();
  const run = await sandbox.run(project, { baseImage: { reference: base, source: '--base-image' }, stages: ['base'], env });
  await witness.end();
  await bench.engine.removeImage(base);
  expect(run.outcome).toBe('done');
  expect(eventsOf(run.events, 'step').map((step) => step.name)).toContain(`pull ${base}`);
  const made = (await sandbox.tags()).find((tag) => tag.includes('/mini-base:')) ?? '';
  const places = {
    events: JSON.stringify(run.events),
    log: run.log,
    containers: [...witness.containers.values()].join('\n'),
    processes: [...witness.commandLines].join('\n'),
    image: `${await call('GET', `/images/${made}/json`)}${await call('GET', `/images/${made}/history`)}`,
  };
  expect(places.containers).toContain(run.id);
  const secrets = [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`${USER}:${PASSWORD}`).toString('base64')];
  const found = Object.entries(places).flatMap(([place, text]) => secrets.flatMap((secret) => (text.includes(secret) ? [`${place}: ${secret}`] : [])));
  expect(found).toEqual([]);
  expect(await imageHolds(bench.engine, made, secrets)).toEqual(secrets.map(() => false));
});

describe('a push', () => {
  const pushed = (): string => `${registry.host}/private/pushed:1`;
  const quiet = (): void => undefined;
  const never = new AbortController().signal;

  test('brings the image to its registry, and says how far it is', async () => {
    const name = pushed();
    const id = await bench.engine.importImage(packFiles([{ path: 'pushed', content: bench.id, mode: 0o644 }]), name, bench.labels);
    const lines: string[] = [];
    await withConfig({ credHelpers: { [registry.host]: 'test' } }, async (engine) => {
      await engine.pushImage(name, (line) => lines.push(line), never);
      await engine.removeImage(name, { force: true });
      await engine.pullImage(name);
      expect((await engine.inspectImage(name))?.id).toBe(id);
    });
    expect(lines).toContainEqual(expect.stringMatching(/^[0-9a-f]{12}: Push/));
    expect(lines.join('\n')).not.toContain(PASSWORD);
    await bench.engine.removeImage(name, { force: true });
  });

  test.each([
    ['without credentials', (): object => ({}), 'registry-denied'],
    ['with a wrong password', (): object => ({ auths: auths('wrong') }), 'registry-denied'],
  ])('%s is refused with what to do', async (_, config, code) => {
    const name = pushed();
    await bench.engine.importImage(packFiles([{ path: 'pushed', content: bench.id, mode: 0o644 }]), name, bench.labels);
    const problem = await withConfig(config(), (engine) => problemOf(engine.pushImage(name, quiet, never)));
    expect(problem).toMatchObject({ code, fix: expect.stringContaining(`docker login ${registry.host}`) });
    await bench.engine.removeImage(name, { force: true });
  });

  test('to where nobody listens says so', async () => {
    const name = '127.0.0.1:1/private/pushed:1';
    await bench.engine.importImage(packFiles([{ path: 'pushed', content: bench.id, mode: 0o644 }]), name, bench.labels);
    expect(await problemOf(bench.engine.pushImage(name, quiet, never))).toMatchObject({ code: 'registry-unreachable' });
    await bench.engine.removeImage(name, { force: true });
  });
});

describe('a private image', () => {
  it.each([
    ['auths', () => ({ auths: auths(PASSWORD) }), 0],
    ['a helper for its registry', () => ({ credHelpers: { [registry.host]: 'test' } }), 1],
    ['a helper for all registries', () => ({ credsStore: 'test', auths: { [registry.host]: {} } }), 1],
  ])('is pulled, and built on, with the credentials of %s', async (_, config, helpers) => {
    const expected = [registry.host].slice(0, helpers);
    await withConfig(config(), async (engine) => {
      await engine.pullImage(image);
      expect((await engine.inspectImage(image))?.labels).toMatchObject(bench.labels);
      expect(askedHosts()).toEqual(expected);
      await engine.removeImage(image, { force: true });
      rmSync(asked, { force: true });
      expect((await engine.build(from(image))).imageId).toMatch(/^sha256:/);
      expect(askedHosts()).toEqual(expected);
    });
  });

  it.each([
    ['wrong', () => ({ auths: auths('not this one') })],
    ['none', () => ({})],
    ['those of a helper that fails', () => ({ credHelpers: { [registry.host]: 'not-installed' } })],
  ])('is refused when the credentials are %s, and the registry and the remedy are named', async (_, config) => {
    await withConfig(config(), async (engine) => {
      const refusal = {
        name: 'UserError',
        kind: 'engine',
        code: 'registry-denied',
        message: expect.stringContaining(`The image ${image} cannot be pulled: `),
        fix: `Check the name; if the image is private, log in: docker login ${registry.host}`,
      };
      expect(await problemOf(engine.pullImage(image))).toMatchObject(refusal);
      expect(await problemOf(engine.build(from(image)))).toMatchObject(refusal);
    });
  });

  it('of another registry gets none of these credentials, neither in a pull nor in a build', async () => {
    const elsewhere = `${otherHost()}/private/python:1`;
    for (const [config, expected] of [
      [{ auths: auths(PASSWORD) }, []],
      [{ credHelpers: { [registry.host]: 'test' } }, []],
      [{ credsStore: 'test', auths: auths(PASSWORD) }, [otherHost()]],
    ] as const) {
      rmSync(asked, { force: true });
      offered.length = 0;
      await withConfig(config, async (engine) => {
        expect(await problemOf(engine.pullImage(elsewhere))).toMatchObject({ code: 'registry-denied', fix: expect.stringContaining(otherHost()) });
        expect(await problemOf(engine.build(from(elsewhere)))).toMatchObject({ code: 'registry-denied' });
      });
      expect(offered.length).toBeGreaterThan(1);
      expect(offered.filter((header) => header !== undefined)).toEqual([]);
      expect(askedHosts()).toEqual(expected);
    }
  });
});
