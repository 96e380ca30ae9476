import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { looksLikeUrl, parseEngineUrl } from '../../../src/core/engine/addresses.js';
import { dockerCredentials } from '../../../src/core/engine/credentials.js';
import { findEndpoints, usualPlaces } from '../../../src/core/engine/endpoints.js';
import { pullProblem } from '../../../src/core/engine/pull-problem.js';
import { parseReference } from '../../../src/core/engine/references.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pypackage-choice-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an address', () => {
  it.each([
    ['unix:///var/run/docker.sock', { scheme: 'unix', path: '/var/run/docker.sock', text: 'unix:///var/run/docker.sock' }],
    ['/tmp/my docker.sock', { scheme: 'unix', path: '/tmp/my docker.sock', text: 'unix:///tmp/my docker.sock' }],
    ['npipe:////./pipe/docker_engine', { scheme: 'npipe', path: '//./pipe/docker_engine' }],
    ['tcp://host', { scheme: 'tcp', host: 'host', port: 2375, text: 'tcp://host:2375' }],
    ['host:2376', { scheme: 'tcp', host: 'host', port: 2376 }],
    ['https://host', { scheme: 'https', host: 'host', port: 2376, text: 'https://host:2376' }],
    ['https://host:443', { scheme: 'https', host: 'host', port: 443 }],
    ['http://host:80', { scheme: 'tcp', host: 'host', port: 80 }],
    ['tcp://[::1]:2375', { scheme: 'tcp', host: '::1', port: 2375, text: 'tcp://[::1]:2375' }],
    ['tcp://user:password@host:2375', { scheme: 'tcp', host: 'host', text: 'tcp://host:2375' }],
  ])('%s', (value, expected) => {
    expect(parseEngineUrl(value, '--engine')).toMatchObject(expected);
  });

  it('is told from the name of a context', () => {
    expect(['unix:///x', 'host:1', '/x.sock'].every(looksLikeUrl)).toBe(true);
    expect(['work', 'desktop-linux', 'a.b_c+d'].some(looksLikeUrl)).toBe(false);
  });

  it.each([
    ['ssh://host', { user: undefined, host: 'host', port: undefined, path: undefined }],
    ['ssh://me@Build_1.example:2222', { user: 'me', host: 'Build_1.example', port: 2222, path: undefined }],
    ['ssh://me@host/run/user/1000/docker.sock', { user: 'me', host: 'host', port: undefined, path: '/run/user/1000/docker.sock' }],
    ['ssh://[fe80::1]:22/', { user: undefined, host: 'fe80::1', port: 22, path: undefined }],
  ])('%s', (value, destination) => {
    expect(parseEngineUrl(value, '--engine')).toEqual({ scheme: 'ssh', destination, text: value.replace(/\/$/, '') });
  });

  it.each([
    'ssh://-oProxyCommand=touch%20x',
    'ssh://-oProxyCommand=x@host',
    'ssh://%2Doption@host',
    'ssh://me$(id)@host',
    'ssh://me@host;id',
    'ssh://me@ho%20st',
    'ssh://me@host/run/docker.sock;id',
    "ssh://me@host/run/'docker.sock",
    'ssh://me@host/run/docker%0asock',
    'ssh://me@host/run:x/docker.sock',
    'ssh://me@host?x=1',
    'ssh://me@host#x',
    'ssh://',
  ])('over ssh gets nothing into a command line: %s', (value) => {
    expect(() => parseEngineUrl(value, '--engine')).toThrow(expect.objectContaining({ code: 'engine-url-invalid' }));
  });

  it('over ssh with a password is refused, without saying it', () => {
    expect(() => parseEngineUrl('ssh://me:secret@host:2222', 'DOCKER_HOST')).toThrow(
      expect.objectContaining({
        code: 'engine-url-invalid',
        message: 'The address ssh://me@host:2222 (DOCKER_HOST) has a password in it, which ssh takes from nobody',
      }),
    );
  });

  it('that is none is refused without its password', () => {
    expect(() => parseEngineUrl('ftp://me:secret@host', '--engine')).toThrow(
      expect.objectContaining({ code: 'engine-url-invalid', message: '"ftp://host" is not the address of an engine (--engine)' }),
    );
    expect(() => parseEngineUrl('tcp://', '--engine')).toThrow(expect.objectContaining({ code: 'engine-url-invalid' }));
  });
});

describe('where an engine is looked for', () => {
  async function places(env: Readonly<Record<string, string>>, engine?: string): Promise<string[]> {
    const found = await findEndpoints({ env: { HOME: folder, ...env }, ...(engine !== undefined && { engine: { value: engine, source: '--engine' } }) });
    const candidates = 'chosen' in found ? [found.chosen] : found.usual;
    return candidates.map(({ endpoint }) => `${endpoint.source}: ${endpoint.url.replaceAll(folder, '~')}`);
  }

  it('in the usual places, in a fixed order', async () => {
    expect(await places({ XDG_RUNTIME_DIR: '/run/user/1000' })).toEqual([
      'default socket: unix:///var/run/docker.sock',
      'rootless Docker: unix:///run/user/1000/docker.sock',
      'Podman: unix:///run/podman/podman.sock',
      'rootless Podman: unix:///run/user/1000/podman/podman.sock',
      'Docker Desktop: unix://~/.docker/run/docker.sock',
      'Docker Desktop: unix://~/.docker/desktop/docker.sock',
      'Colima: unix://~/.colima/default/docker.sock',
      'Rancher Desktop: unix://~/.rd/docker.sock',
    ]);
  });

  it("in the folder of the user's number where there is no XDG_RUNTIME_DIR", async () => {
    const uid = process.getuid?.() ?? 0;
    expect(await places({})).toEqual(
      expect.arrayContaining([`rootless Docker: unix:///run/user/${uid}/docker.sock`, `rootless Podman: unix:///run/user/${uid}/podman/podman.sock`]),
    );
  });

  it("at Colima's other profiles and homes", async () => {
    for (const socket of ['.colima/work/docker.sock', '.config/colima/default/docker.sock', 'moved/default/docker.sock']) {
      await mkdir(join(folder, socket, '..'), { recursive: true });
      await writeFile(join(folder, socket), '');
    }
    await mkdir(join(folder, '.colima/_lima'));
    const colima = async (env: Readonly<Record<string, string>>): Promise<string[]> => (await places(env)).filter((place) => place.startsWith('Colima'));
    expect(await colima({})).toEqual([
      'Colima: unix://~/.colima/default/docker.sock',
      'Colima, profile work: unix://~/.colima/work/docker.sock',
      'Colima: unix://~/.config/colima/default/docker.sock',
    ]);
    expect(await colima({ COLIMA_HOME: join(folder, 'moved') })).toEqual(['Colima: unix://~/moved/default/docker.sock']);
  });

  it('at named pipes on Windows', async () => {
    const found = await usualPlaces({}, 'win32');
    expect(found.map(({ endpoint, address }) => [endpoint.source, endpoint.url, address])).toEqual([
      ['default pipe', 'npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
      ['Docker Desktop', 'npipe:////./pipe/dockerDesktopLinuxEngine', { kind: 'socket', path: '//./pipe/dockerDesktopLinuxEngine' }],
      ['Podman', 'npipe:////./pipe/podman-machine-default', { kind: 'socket', path: '//./pipe/podman-machine-default' }],
    ]);
  });

  it('a wish comes before DOCKER_HOST, that before DOCKER_CONTEXT, that before the current context', async () => {
    const config = join(folder, 'order');
    for (const [name, host] of [
      ['one', 'tcp://one:1'],
      ['two', 'tcp://two:2'],
    ] as const) {
      const meta = join(config, 'contexts/meta', createHash('sha256').update(name).digest('hex'));
      await mkdir(meta, { recursive: true });
      await writeFile(join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: host } } }));
    }
    await writeFile(join(config, 'config.json'), JSON.stringify({ currentContext: 'two' }));
    const env = { DOCKER_CONFIG: config, DOCKER_HOST: 'tcp://host:3', DOCKER_CONTEXT: 'one' };
    expect(await places(env, 'tcp://wish:4')).toEqual(['--engine: tcp://wish:4']);
    expect(await places(env, 'two')).toEqual(['context "two" (--engine): tcp://two:2']);
    expect(await places(env)).toEqual(['DOCKER_HOST: tcp://host:3']);
    expect(await places({ ...env, DOCKER_HOST: '' })).toEqual(['context "one" (DOCKER_CONTEXT): tcp://one:1']);
    expect(await places({ DOCKER_CONFIG: config })).toEqual(['context "two": tcp://two:2']);
    expect(await places({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'default' })).toContain('default socket: unix:///var/run/docker.sock');
  });

  it('a configuration that does not parse is an error that names its file', async () => {
    const config = join(folder, 'broken');
    await mkdir(config);
    await writeFile(join(config, 'config.json'), '{ not json');
    await expect(places({ DOCKER_CONFIG: config })).rejects.toMatchObject({ code: 'docker-config-invalid', where: { file: join(config, 'config.json') } });
  });
});

describe('a reference', () => {
  it.each([
    ['python', { registry: 'docker.io', name: 'python', tag: 'latest', digest: undefined }],
    ['python:3.13', { registry: 'docker.io', name: 'python', tag: '3.13', digest: undefined }],
    ['acme/app:1', { registry: 'docker.io', name: 'acme/app', tag: '1', digest: undefined }],
    ['localhost/app', { registry: 'localhost', name: 'localhost/app', tag: 'latest', digest: undefined }],
    ['ghcr.io/acme/app', { registry: 'ghcr.io', name: 'ghcr.io/acme/app', tag: 'latest', digest: undefined }],
    ['127.0.0.1:5000/app:1', { registry: '127.0.0.1:5000', name: '127.0.0.1:5000/app', tag: '1', digest: undefined }],
    ['python:3@sha256:abc', { registry: 'docker.io', name: 'python', tag: '3', digest: 'sha256:abc' }],
    ['python@sha256:abc', { registry: 'docker.io', name: 'python', tag: undefined, digest: 'sha256:abc' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });
});

describe('credentials', () => {
  const basic = (user: string, password: string): object => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') });

  async function configured(name: string, config: object): Promise<(host: string) => Promise<unknown>> {
    const dir = join(folder, name);
    await mkdir(join(dir, 'bin'), { recursive: true });
    await writeFile(join(dir, 'config.json'), JSON.stringify(config));
    for (const [helper, script] of [
      [
        'store',
        `read host; echo "$host" >> ${dir}/asked; case "$host" in *private*) echo '{"Username":"me","Secret":"stored"}';; *) echo 'credentials not found'; exit 1;; esac`,
      ],
      ['token', `cat > /dev/null; echo '{"Username":"<token>","Secret":"identity"}'`],
      ['broken', 'echo no json'],
    ] as const) {
      await writeFile(join(dir, 'bin', `docker-credential-${helper}`), `#!/bin/sh\n${script}\n`);
      await chmod(join(dir, 'bin', `docker-credential-${helper}`), 0o755);
    }
    return dockerCredentials({ DOCKER_CONFIG: dir, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` });
  }

  it('come from auths, by the forms in which a registry is written there', async () => {
    const ask = await configured('auths', {
      auths: {
        'https://index.docker.io/v1/': basic('hub', 'a:b'),
        'https://r.example/v1/': basic('r', 'p'),
        'plain.example:5000': { username: 'u', password: 'v' },
        't.example': { identitytoken: 'tok' },
        'empty.example': {},
      },
    });
    expect(await ask('docker.io')).toEqual({ kind: 'password', username: 'hub', password: 'a:b' });
    expect(await ask('registry-1.docker.io')).toEqual({ kind: 'password', username: 'hub', password: 'a:b' });
    expect(await ask('r.example')).toEqual({ kind: 'password', username: 'r', password: 'p' });
    expect(await ask('plain.example:5000')).toEqual({ kind: 'password', username: 'u', password: 'v' });
    expect(await ask('t.example')).toEqual({ kind: 'token', identityToken: 'tok' });
    expect(await ask('empty.example')).toBeUndefined();
    expect(await ask('r.example.evil.example')).toBeUndefined();
  });

  it('come from helpers, which are asked about that registry only', async () => {
    const ask = await configured('helpers', {
      credsStore: 'store',
      credHelpers: { 'gcr.example': 'token', 'odd.example': 'broken', 'evil.example': '../../bin/sh' },
      auths: { 'other.example': basic('file', 'x') },
    });
    expect(await ask('private.example')).toEqual({ kind: 'password', username: 'me', password: 'stored' });
    expect(await ask('gcr.example')).toEqual({ kind: 'token', identityToken: 'identity' });
    expect(await ask('odd.example')).toBeUndefined();
    expect(await ask('evil.example')).toBeUndefined();
    expect(await ask('other.example')).toEqual({ kind: 'password', username: 'file', password: 'x' });
  });

  it('are none where there is no configuration', async () => {
    expect(await dockerCredentials({ DOCKER_CONFIG: join(folder, 'absent') })('docker.io')).toBeUndefined();
  });
});

describe('a failed pull', () => {
  it.each([
    ['Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host', 'registry-unreachable'],
    [
      'Get "https://r.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers): i/o timeout',
      'registry-unreachable',
    ],
    ['Get "https://r.example/v2/": x509: certificate signed by unknown authority', 'registry-tls'],
    ["pull access denied for acme/app, repository does not exist or may require 'docker login': denied", 'registry-denied'],
    ['unauthorized: authentication required', 'registry-denied'],
    ['manifest for python:9 not found: manifest unknown: manifest unknown', 'image-not-found'],
    ['toomanyrequests: You have reached your pull rate limit', 'registry-rate-limit'],
    ['no matching manifest for linux/arm64 in the manifest list entries', 'image-not-pulled'],
  ])('%s', (reason, code) => {
    expect(pullProblem('acme/app:1', reason)).toMatchObject({
      code,
      kind: 'engine',
      message: `The image acme/app:1 cannot be pulled: ${reason}`,
      fix: expect.stringMatching(/\w/),
    });
  });
});
