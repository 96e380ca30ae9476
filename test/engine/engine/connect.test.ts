import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectEngine, firstThatAnswers as firstOf, open } from '../../../src/core/engine/connect.js';
import type { Candidate } from '../../../src/core/engine/endpoints.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { CancelledError } from '../../../src/core/errors.js';
import { problemOf, useEngine } from './harness.js';

const bench = useEngine();
const folder = mkdtempSync(join(tmpdir(), 'pypackage-connect-'));
const servers: Server[] = [];
const sockets = new Set<Socket>();

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true, force: true });
});

/** What the machine has in its environment plays no part, but for what a test gives. */
function env(more: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  return { HOME: folder, PATH: process.env['PATH'], DOCKER_CONFIG: join(folder, 'no-config'), ...more };
}

function chosen(value: string): { readonly engine: { value: string; source: string }; readonly env: Record<string, string | undefined> } {
  return { engine: { value, source: '--engine' }, env: env() };
}

function firstThatAnswers(candidates: readonly Candidate[], env: Readonly<Record<string, string | undefined>>): Promise<Engine> {
  const onItsOwn = (): Promise<undefined> => Promise.resolve(undefined);
  return firstOf(candidates, env, (candidate) => open(candidate, env, undefined), onItsOwn);
}

/** To be closed at the end, with the connections that a client left open. */
function keep(server: Server): void {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => undefined)); // a client that was told nonsense hangs up
  });
}

async function listen(server: Server, name: string): Promise<string> {
  const path = join(folder, name);
  rmSync(path, { force: true }); // of a try before
  keep(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

function http(name: string, listener: RequestListener): Promise<string> {
  return listen(createHttpServer(listener), name);
}

function candidate(path: string, source: string, product: 'Docker' | 'Podman' = 'Docker'): Candidate {
  return { endpoint: { url: `unix://${path}`, source }, address: { kind: 'socket', path }, product };
}

const PODMAN = { Version: '4.3.1', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine', Version: '4.3.1' }] };

/** Something that introduces itself as an engine, and does nothing else. */
function fake(name: string, answer: object): Promise<string> {
  return http(name, ({ url = '' }, response) => {
    // Docker asks for an upgrade of the connection there, Podman has no such path.
    if (!url.startsWith('/version')) response.writeHead(url.startsWith('/session') && !('Components' in answer) ? 400 : 404);
    response.end(JSON.stringify({ Os: 'linux', Arch: 'amd64', ...answer }));
  });
}

describe('the engine that is chosen', () => {
  it('is known by product, version and platform', async () => {
    const engine = await connectEngine(chosen(bench.socket));
    engine.close();
    expect(engine.info).toMatchObject({
      product: bench.product,
      buildkit: bench.product === 'Docker',
      endpoint: { url: `unix://${bench.socket}`, source: '--engine' },
    });
    expect(engine.info.version).toMatch(/^\d+\.\d+/);
    expect(engine.info.platform).toMatch(/^linux\/(amd64|arm64)$/);
  });

  it('comes from DOCKER_HOST, a named context or the current one', async () => {
    const config = join(folder, 'config');
    const meta = join(config, 'contexts/meta', createHash('sha256').update('work').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'work', Endpoints: { docker: { Host: `unix://${bench.socket}`, SkipTLSVerify: false } } }));
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'work' }));
    const sourceOf = async (more: Readonly<Record<string, string>>, engine?: { readonly value: string; readonly source: string }): Promise<string> => {
      const found = await connectEngine({ engine, env: env({ DOCKER_CONFIG: config, ...more }) });
      found.close();
      return found.info.endpoint.source;
    };
    expect(await sourceOf({ DOCKER_HOST: `unix://${bench.socket}` })).toBe('DOCKER_HOST');
    expect(await sourceOf({ DOCKER_CONTEXT: 'work' })).toBe('context "work" (DOCKER_CONTEXT)');
    expect(await sourceOf({})).toBe('context "work"');
    expect(await sourceOf({ DOCKER_HOST: 'unix:///absent' }, { value: 'work', source: '--engine' })).toBe('context "work" (--engine)');
  });

  it('is never replaced by another one', async () => {
    for (const choice of [chosen('unix:///absent.sock'), { env: env({ DOCKER_HOST: 'unix:///absent.sock' }) }]) {
      const error = await problemOf(connectEngine(choice));
      expect(error).toMatchObject({
        name: 'UserError',
        kind: 'engine',
        code: 'engine-no-socket',
        message: 'No engine listens at unix:///absent.sock: there is no such socket',
      });
    }
    expect(await problemOf(connectEngine({ env: env({ DOCKER_CONTEXT: 'nowhere' }) }))).toMatchObject({ code: 'engine-context-missing' });
    expect(await problemOf(connectEngine({ env: env({ DOCKER_HOST: 'tcp://127.0.0.1:9' }) }))).toMatchObject({ code: 'engine-not-running' });
    expect(await problemOf(connectEngine({ env: env({ DOCKER_HOST: 'tcp://no-such-host.invalid:2375' }) }))).toMatchObject({ code: 'engine-unreachable' });
  });

  it('may refuse this user, and then the command that helps is told', async () => {
    const path = await http('closed.sock', (_request, response) => response.end());
    chmodSync(path, 0);
    chmodSync(folder, 0o755);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      const error = await problemOf(connectEngine(chosen(`unix://${path}`)));
      expect(error).toMatchObject({ code: 'engine-no-permission', kind: 'engine', fix: expect.stringContaining('sudo usermod -aG docker "$USER"') });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('may be something else', async () => {
    const web = await http('web.sock', (_request, response) => response.writeHead(404).end('<h1>Not found</h1>'));
    const json = await http('json.sock', (_request, response) => response.end('{"hello":"world"}'));
    const noise = await listen(
      createServer((socket) => socket.end('220 mail.example ESMTP\r\n')),
      'noise.sock',
    );
    const mute = await listen(
      createServer((socket) => socket.end()),
      'mute.sock',
    );
    for (const path of [web, json, noise]) {
      expect(await problemOf(connectEngine(chosen(path)))).toMatchObject({
        name: 'UserError',
        code: 'engine-not-an-engine',
        message: `What listens at unix://${path} is not a container engine`,
      });
    }
    expect(await problemOf(connectEngine(chosen(mute)))).toMatchObject({ name: 'UserError', code: 'engine-connection-lost' });
  });

  it('may not answer', { timeout: 30_000 }, async () => {
    const path = await listen(
      createServer(() => undefined),
      'silent.sock',
    );
    const controller = new AbortController();
    const cancelled = problemOf(connectEngine(chosen(path), controller.signal));
    const silent = problemOf(connectEngine(chosen(path)));
    setTimeout(() => controller.abort(), 50);
    expect(await cancelled).toBeInstanceOf(CancelledError);
    expect(await silent).toMatchObject({ code: 'engine-unreachable', message: `The engine at unix://${path} did not answer within 10 s` });
  });

  it('may be too old', async () => {
    const path = await fake('old.sock', { Version: '19.03.15', ApiVersion: '1.40' });
    expect(await problemOf(connectEngine(chosen(path)))).toMatchObject({
      name: 'UserError',
      kind: 'engine',
      code: 'engine-too-old',
      message: expect.stringContaining('Docker 19.03.15'),
      fix: expect.stringContaining('Docker 20.10 or later'),
    });
  });
});

describe('the version of the API', () => {
  /** An engine of that range, the paths that it was asked for, and whether it can build. */
  async function asked(name: string, range: { readonly ApiVersion: string; readonly MinAPIVersion: string }): Promise<readonly [readonly string[], boolean]> {
    const paths: string[] = [];
    const path = await http(name, ({ url = '' }, response) => {
      paths.push(url.split('?')[0] ?? '');
      if (url === '/version') response.end(JSON.stringify({ Version: '1', Os: 'linux', Arch: 'amd64', ...range }));
      else if (url === '/session') response.writeHead(name.includes('session') ? 400 : 404).end('{"message":"no"}');
      else response.end('[]');
    });
    const engine = await connectEngine(chosen(path));
    await engine.findImages({});
    engine.close();
    return [paths.sort(), engine.info.canBuild];
  }

  it('is the newest that both know, and whether it builds with BuildKit is asked', async () => {
    const first = ['/session', '/version'];
    expect(await asked('session-a.sock', { ApiVersion: '1.41', MinAPIVersion: '1.12' })).toEqual([[...first, '/v1.41/images/json'].sort(), true]);
    expect(await asked('session-b.sock', { ApiVersion: '1.99', MinAPIVersion: '1.44' })).toEqual([[...first, '/v1.51/images/json'].sort(), true]);
    expect(await asked('none.sock', { ApiVersion: '1.51', MinAPIVersion: '1.24' })).toEqual([[...first, '/v1.51/images/json'].sort(), false]);
  });

  it('that nobody here knows is an error that says what to do', async () => {
    const path = await fake('new.sock', { Version: '40.0', ApiVersion: '1.99', MinAPIVersion: '1.60' });
    expect(await problemOf(connectEngine(chosen(path)))).toMatchObject({
      code: 'engine-too-new',
      why: expect.stringContaining('none before 1.60'),
      fix: expect.stringContaining('Update PyPackage'),
    });
  });
});

describe('without a choice', () => {
  it('the first place that answers is taken, be it Docker or Podman', async () => {
    const absent = candidate(join(folder, 'absent.sock'), 'default socket');
    const podman = await fake('usual-podman.sock', PODMAN);
    const sourceOf = async (...candidates: readonly Candidate[]): Promise<string> => {
      const engine = await firstThatAnswers(candidates, env());
      engine.close();
      return engine.info.endpoint.source;
    };
    expect(await sourceOf(absent, candidate(podman, 'Podman'), candidate(bench.socket, 'Colima'))).toBe('Podman');
    expect(await sourceOf(absent, candidate(bench.socket, 'rootless Docker'), candidate(podman, 'Podman'))).toBe('rootless Docker');
  });

  it('one that cannot build is taken only where no other is', async () => {
    const unable = await fake('usual-unable.sock', { ...PODMAN, Version: '3.4.4', Components: [{ Name: 'Podman Engine', Version: '3.4.4' }] });
    const engine = await firstThatAnswers([candidate(unable, 'Podman'), candidate(bench.socket, 'Colima')], env());
    engine.close();
    expect(engine.info.endpoint.source).toBe('Colima');
    const only = await firstThatAnswers([candidate(unable, 'Podman')], env());
    only.close();
    expect(only.info).toMatchObject({ version: '3.4.4', canBuild: false });
  });

  it('says whether nothing is installed or nothing runs', async () => {
    const absent = candidate(join(folder, 'absent.sock'), 'default socket');
    const nothing = await problemOf(firstThatAnswers([absent], env({ PATH: join(folder, 'empty') })));
    expect(nothing).toMatchObject({ name: 'UserError', code: 'engine-not-installed', why: `Nothing listens at ${join(folder, 'absent.sock')}` });
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'dockerd'), '', { mode: 0o755 });
    expect(await problemOf(firstThatAnswers([absent], env({ PATH: bin })))).toMatchObject({
      code: 'engine-not-running',
      message: expect.stringContaining('Docker is installed'),
    });
  });

  it('a refused permission is told before what is absent, and no engine of another product is taken in its place', async () => {
    const closed = candidate(await http('usual-closed.sock', (_request, response) => response.end()), 'default socket', 'Docker');
    const podman = candidate(await fake('other-podman.sock', PODMAN), 'rootless Podman', 'Podman');
    const other = candidate(await fake('other-docker.sock', { Version: '28.5', ApiVersion: '1.51' }), 'Colima', 'Docker');
    for (const { endpoint } of [podman, other]) chmodSync(endpoint.url.replace('unix://', ''), 0o777);
    chmodSync(closed.endpoint.url.replace('unix://', ''), 0);
    chmodSync(folder, 0o755);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      const alone = await problemOf(firstThatAnswers([candidate(join(folder, 'absent.sock'), 'a'), closed], env()));
      expect(alone).toMatchObject({ code: 'engine-no-permission', why: expect.not.stringContaining('Podman') });
      const instead = await problemOf(firstThatAnswers([closed, podman, other], env()));
      expect(instead).toMatchObject({
        code: 'engine-no-permission',
        message: `This user has no permission to use the engine at ${closed.endpoint.url}`,
        why: expect.stringContaining(`Podman 4.3.1 answers at ${podman.endpoint.url} (rootless Podman), but is not taken in its place unasked`),
        fix: expect.stringMatching(/sudo usermod -aG docker .*Or take Podman: --engine unix:.*other-podman\.sock$/),
      });
      // Another Docker is the same product.
      const engine = await firstThatAnswers([closed, other, podman], env());
      engine.close();
      expect(engine.info.version).toBe('28.5');
    } finally {
      if (root) process.seteuid?.(0);
    }
  });
});
