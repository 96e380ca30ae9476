import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectEngine, doctorEndpoints, firstThatAnswers } from '../../../src/core/engine/connect.js';
import type { Candidate } from '../../../src/core/engine/endpoints.js';
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

/** To be closed at the end, with the connections that a client left open. */
function keep(server: Server): void {
  servers.push(server);
  server.on('connection', (socket) => void sockets.add(socket));
}

async function listen(server: Server, name: string): Promise<string> {
  const path = join(folder, name);
  keep(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

function http(name: string, listener: RequestListener): Promise<string> {
  return listen(createHttpServer(listener), name);
}

function candidate(path: string, source: string): Candidate {
  return { endpoint: { url: `unix://${path}`, source }, address: { kind: 'socket', path } };
}

/** Where the engine of these tests listens. */
function engineSocket(): string {
  return bench.engine.info.endpoint.url.replace('unix://', '');
}

describe('the engine that is chosen', () => {
  it('is known by product, version and platform', async () => {
    const engine = await connectEngine(chosen(engineSocket()));
    engine.close();
    expect(engine.info).toMatchObject({ product: 'Docker', buildkit: true, endpoint: { url: `unix://${engineSocket()}`, source: '--engine' } });
    expect(engine.info.version).toMatch(/^\d+\.\d+/);
    expect(engine.info.platform).toMatch(/^linux\/(amd64|arm64)$/);
  });

  it('comes from DOCKER_HOST, a named context or the current one', async () => {
    const config = join(folder, 'config');
    const meta = join(config, 'contexts/meta', createHash('sha256').update('work').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'work', Endpoints: { docker: { Host: `unix://${engineSocket()}`, SkipTLSVerify: false } } }));
    writeFileSync(join(config, 'config.json'), JSON.stringify({ currentContext: 'work' }));
    const sourceOf = async (more: Readonly<Record<string, string>>, engine?: { readonly value: string; readonly source: string }): Promise<string> => {
      const found = await connectEngine({ engine, env: env({ DOCKER_CONFIG: config, ...more }) });
      found.close();
      return found.info.endpoint.source;
    };
    expect(await sourceOf({ DOCKER_HOST: `unix://${engineSocket()}` })).toBe('DOCKER_HOST');
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
    expect(await problemOf(connectEngine({ env: env({ DOCKER_HOST: 'ssh://me@host' }) }))).toMatchObject({
      code: 'engine-ssh-unsupported',
      fix: expect.stringContaining('ssh -N -L'),
    });
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

  it('may be too old, or Podman, and says so when it shall build', async () => {
    const fake = (name: string, answer: object): Promise<string> => http(name, (_request, response) => response.end(JSON.stringify(answer)));
    const old = await fake('old.sock', { Version: '19.03.15', ApiVersion: '1.40', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Engine' }] });
    const podman = await fake('podman.sock', { Version: '4.3.1', ApiVersion: '1.41', Os: 'linux', Arch: 'amd64', Components: [{ Name: 'Podman Engine' }] });
    for (const [path, name] of [
      [old, 'Docker 19.03.15'],
      [podman, 'Podman 4.3.1'],
    ] as const) {
      const engine = await connectEngine(chosen(path));
      const error = await problemOf(engine.build({ dockerfile: 'FROM x\n', dockerfileName: 'D', tags: [] }));
      engine.close();
      expect(error).toMatchObject({
        name: 'UserError',
        kind: 'engine',
        code: 'engine-no-buildkit',
        message: expect.stringContaining(name),
        fix: expect.stringContaining('Docker 20.10 or later'),
      });
    }
  });
});

describe('without a choice', () => {
  it('the first place that answers is taken, one that builds before one that does not', async () => {
    const old = await http('usual-old.sock', (_request, response) =>
      response.end(JSON.stringify({ Version: '19.03', ApiVersion: '1.40', Os: 'linux', Arch: 'amd64' })),
    );
    const absent = candidate(join(folder, 'absent.sock'), 'default socket');
    const engine = await firstThatAnswers([absent, candidate(old, 'old'), candidate(engineSocket(), 'rootless Docker')], env(), undefined);
    engine.close();
    expect(engine.info.endpoint.source).toBe('rootless Docker');
    const only = await firstThatAnswers([absent, candidate(old, 'old')], env(), undefined);
    only.close();
    expect(only.info.version).toBe('19.03');
  });

  it('says whether nothing is installed or nothing runs', async () => {
    const absent = candidate(join(folder, 'absent.sock'), 'default socket');
    const nothing = await problemOf(firstThatAnswers([absent], env({ PATH: join(folder, 'empty') }), undefined));
    expect(nothing).toMatchObject({ name: 'UserError', code: 'engine-not-installed', why: `Nothing listens at ${join(folder, 'absent.sock')}` });
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'dockerd'), '', { mode: 0o755 });
    expect(await problemOf(firstThatAnswers([absent], env({ PATH: bin }), undefined))).toMatchObject({
      code: 'engine-not-running',
      message: expect.stringContaining('Docker is installed'),
    });
  });

  it('a refused permission is told before what is absent', async () => {
    const path = await http('usual-closed.sock', (_request, response) => response.end());
    chmodSync(path, 0);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      const error = await problemOf(firstThatAnswers([candidate(join(folder, 'absent.sock'), 'a'), candidate(path, 'b')], env(), undefined));
      expect(error).toMatchObject({ code: 'engine-no-permission' });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('doctor lists every place with its answer', async () => {
    const answers = await doctorEndpoints({ env: env({ XDG_RUNTIME_DIR: join(folder, 'run') }) });
    expect(answers).toContainEqual({ url: `unix://${join(folder, 'run/docker.sock')}`, source: 'rootless Docker', answer: 'no such socket' });
    expect(answers.length).toBeGreaterThan(5);
    const [one] = await doctorEndpoints(chosen(engineSocket()));
    expect(one).toEqual({ url: `unix://${engineSocket()}`, source: '--engine', answer: `Docker ${bench.engine.info.version}` });
  });
});
