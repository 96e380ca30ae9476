import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { EngineCache } from '../../../src/core/engine/engine-cache.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import FIND_SOCKET from '../../../src/core/engine/find-socket.sh';
import { Redactor } from '../../../src/core/redactor.js';
import { CancelledError } from '../../../src/core/errors.js';
import { BASE, problemOf, until, useEngine } from './harness.js';
import { startSshServer } from './ssh-server.js';
import type { SshServer } from './ssh-server.js';

const bench = useEngine();
/** Where tunnels have their sockets: everything of theirs is seen in here, and in the words of their processes. */
const tunnels = mkdtempSync(join(tmpdir(), 'tunnels-'));
const { TMPDIR } = process.env;
const servers: SshServer[] = [];
let server: SshServer;

beforeAll(async () => {
  process.env['TMPDIR'] = tunnels;
  server = await serve();
});

afterEach(() => nothingIsLeft());

afterAll(async () => {
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  await Promise.all(servers.map((one) => one.stop()));
  rmSync(tunnels, { recursive: true });
});

async function serve(...options: readonly string[]): Promise<SshServer> {
  const one = await startSshServer(options);
  servers.push(one);
  return one;
}

/** The engine of these tests, on what looks like another machine. */
function choice(path = bench.socket, on = server): { engine: { value: string; source: string }; env: SshServer['env'] } {
  return { engine: { value: `${on.url}${path}`, source: '--engine' }, env: on.env };
}

/** Process ids of the tunnels' `ssh` and of the shells that started them. */
function processes(program: 'ssh' | '' = ''): readonly number[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.some((word) => word.includes(`${tunnels}/`)) && (program === '' || /(^|\/)ssh$/.test(words[0] ?? '')) ? [Number(pid)] : [];
    } catch {
      return []; // it has ended
    }
  });
}

async function nothingIsLeft(): Promise<void> {
  await expect.poll(() => [...processes(), ...readdirSync(tunnels)], { timeout: 10_000 }).toEqual([]);
}

/** Runs with the engine over ssh, and ends the tunnel. */
async function over<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await connectEngine(choice());
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

describe('an engine over ssh', () => {
  it('is used for lists, jobs and builds over one connection, sixty requests at a time', () =>
    over(async (engine) => {
      expect(engine.info).toMatchObject({ version: bench.engine.info.version, endpoint: { url: `${server.url}${bench.socket}`, source: '--engine' } });
      const lists = await Promise.all(Array.from({ length: 60 }, () => engine.findContainers(bench.labels)));
      expect(lists).toHaveLength(60);
      const lines: string[] = [];
      const onOutput = (_stream: string, line: string): void => void lines.push(line);
      expect(await engine.runJob({ image: BASE, command: ['sh', '-c', 'seq 20000'], labels: bench.labels, onOutput })).toEqual({ exitCode: 0 });
      expect(lines).toEqual(Array.from({ length: 20_000 }, (_, i) => String(i + 1)));
      const { imageId } = await engine.build({
        dockerfile: 'FROM scratch\nCOPY f /\n',
        files: { f: server.url },
        dockerfileName: 'D',
        tags: [],
        labels: bench.labels,
      });
      expect(imageId).toMatch(/^(sha256:)?[0-9a-f]{64}$/);
      expect(processes('ssh')).toHaveLength(1);
    }));

  it('is another machine: what it publishes is for whoever reaches that', () =>
    over(async (engine) => {
      const id = await engine.startContainer({ image: BASE, command: ['sleep', '60'], labels: bench.labels, ports: [{ container: 8000, host: 0 }] });
      const container = await engine.inspectContainer(id);
      await engine.removeContainer(id);
      expect(container?.ports.map(({ address }) => address)).toContain('0.0.0.0');
      expect(engine.info.endpoint.tunnel?.host).toBe('127.0.0.1');
    }));

  it("may be a name of ssh's configuration, and of a Docker context", async () => {
    const host = `ssh://build-machine${bench.socket}`;
    const config = join(server.folder, 'docker');
    const meta = join(config, 'contexts/meta', createHash('sha256').update('far').digest('hex'));
    mkdirSync(meta, { recursive: true });
    writeFileSync(join(meta, 'meta.json'), JSON.stringify({ Name: 'far', Endpoints: { docker: { Host: host } } }));
    for (const [more, source] of [
      [{ DOCKER_HOST: host }, 'DOCKER_HOST'],
      [{ DOCKER_CONTEXT: 'far' }, 'context "far" (DOCKER_CONTEXT)'],
    ] as const) {
      const engine = await connectEngine({ env: { ...server.env, DOCKER_CONFIG: config, ...more } });
      engine.close();
      expect(engine.info.endpoint).toMatchObject({ url: host, source, tunnel: { host: '127.0.0.1' } });
    }
  });

  it('is connected anew for the next run when the connection broke off', async () => {
    const cache = new EngineCache(new Redactor());
    const { signal } = new AbortController();
    const engine = await cache.connect(choice(), signal);
    expect(await cache.connect(choice(), signal)).toBe(engine);
    let isRunning = false;
    const job = problemOf(
      engine.runJob({
        image: BASE,
        command: ['sh', '-c', 'echo begun; sleep 300'],
        labels: bench.labels,
        onOutput: () => {
          isRunning = true;
        },
      }),
    );
    await until(() => isRunning, 'the job runs');
    for (const pid of processes('ssh')) process.kill(pid, 'SIGKILL');
    const message = `The connection to the engine at ${server.url}${bench.socket} broke off`;
    expect(await job).toMatchObject({ name: 'UserError', kind: 'engine', code: 'engine-connection-lost', message });
    await until(() => engine.info.endpoint.tunnel?.ended() !== undefined, 'the end of the tunnel is known');
    expect(await problemOf(engine.findImages({}))).toMatchObject({ code: 'engine-connection-lost', message, why: expect.stringMatching(/ssh|Killed/) });
    const next = await cache.connect(choice(), signal);
    expect(next).not.toBe(engine);
    expect(await next.findContainers(bench.labels)).toHaveLength(1);
    cache.close();
  });

  it('leaves nothing behind when this process is killed, and keeps none from ending', async () => {
    const file = join(server.folder, 'child.cjs');
    await build({
      stdin: {
        contents: `
          import { connectEngine } from './src/core/engine/connect.js';
          const [choice, job] = JSON.parse(process.argv[2]);
          connectEngine(choice).then(async (engine) => {
            await engine.findContainers({});
            if (job) await engine.runJob({ ...job, onOutput: () => console.log('running') });
            else console.log('done');
          });`,
        resolveDir: join(import.meta.dirname, '../../..'),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      outfile: file,
      loader: { '.sh': 'text' },
      external: ['ssh2', '@grpc/*', 'protobufjs'],
      logLevel: 'error',
    });
    const job = { image: BASE, command: ['sh', '-c', 'echo begun; sleep 300'], labels: bench.labels };
    const child = (work: object | undefined): { readonly said: (text: string) => Promise<void>; readonly ended: Promise<unknown>; kill(): void } => {
      const started = spawn(process.execPath, [file, JSON.stringify([choice(), work])], {
        env: { ...process.env, TMPDIR: tunnels, NODE_PATH: join(import.meta.dirname, '../../../node_modules') },
      });
      let output = '';
      for (const stream of [started.stdout, started.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      const ended = new Promise((resolve) => started.once('close', resolve));
      return {
        said: (text) => until(() => output.includes(text), `the child says ${text}; it said ${output}`, 20_000),
        ended,
        kill: () => void started.kill('SIGKILL'),
      };
    };
    const killed = child(job);
    await killed.said('running');
    expect(processes('ssh')).toHaveLength(1);
    killed.kill();
    await killed.ended;
    await nothingIsLeft();
    const quiet = child(undefined);
    await quiet.said('done');
    await quiet.ended;
  });
});

describe('over ssh', () => {
  const write = (name: string, text: string): void => writeFileSync(join(server.folder, name), text);
  const read = (name: string): string => readFileSync(join(server.folder, name), 'utf8');
  const problem = (value = `${server.url}${bench.socket}`, env = server.env): Promise<unknown> =>
    problemOf(connectEngine({ engine: { value, source: '--engine' }, env }));

  it('a host that is not known is not trusted, unless the configuration says so', async () => {
    const [known, config] = [read('known_hosts'), read('config')];
    write('known_hosts', '');
    expect(await problem()).toMatchObject({
      kind: 'engine',
      code: 'engine-ssh-host-unknown',
      fix: `Connect once by hand and compare the fingerprint of its key: ssh -p ${server.port} 127.0.0.1`,
    });
    // `no` would take any key: then it is as strict as without it.
    write('config', `${config}  StrictHostKeyChecking no\n`);
    expect(await problem()).toMatchObject({ code: 'engine-ssh-host-unknown' });
    write('config', `${config}  StrictHostKeyChecking accept-new\n`);
    await over(async (engine) => expect(engine.info.canBuild).toBe(true));
    expect(read('known_hosts')).toContain(read('host.pub').split(' ')[1]);
    write('config', config);
    write('known_hosts', known);
  });

  it('a host whose key changed is refused', async () => {
    const known = read('known_hosts');
    write('known_hosts', `[127.0.0.1]:${server.port} ${read('stranger.pub')}`);
    expect(await problem()).toMatchObject({
      code: 'engine-ssh-host-key-changed',
      message: 'The host key of 127.0.0.1 has changed, and the connection was refused: somebody may be in between',
      why: `chosen by --engine; the key that is known is in ${join(server.folder, 'known_hosts')}:1`,
      fix: expect.stringContaining(`Only if you know why it changed: ssh-keygen -R '[127.0.0.1]:${server.port}'`),
    });
    write('known_hosts', known);
  });

  it('a key that is not accepted, an unknown user, a name that is none and a closed port are told apart', async () => {
    const authorized = read('authorized_keys');
    write('authorized_keys', read('stranger.pub'));
    expect(await problem()).toMatchObject({
      code: 'engine-ssh-denied',
      why: expect.stringContaining('Permission denied (publickey)'),
      fix: expect.stringContaining('ssh-add'),
    });
    write('authorized_keys', authorized);
    expect(await problem(server.url.replace('//', '//nobody-here@'))).toMatchObject({
      code: 'engine-ssh-denied',
      message: '127.0.0.1 does not let nobody-here in over ssh',
    });
    expect(await problem('ssh://no-such-host.invalid')).toMatchObject({
      code: 'engine-unreachable',
      why: expect.stringContaining('Could not resolve hostname'),
    });
    expect(await problem('ssh://127.0.0.1:9')).toMatchObject({ code: 'engine-unreachable', why: expect.stringContaining('Connection refused') });
    const empty = join(server.folder, 'empty');
    mkdirSync(empty);
    expect(await problem(server.url, { ...server.env, PATH: empty })).toMatchObject({ code: 'engine-ssh-no-program' });
  });

  it('a machine without an engine, one where only its socket is left, and one that forwards nothing say so', async () => {
    expect(await problem(`${server.url}/nonexistent/docker.sock`)).toMatchObject({
      code: 'engine-ssh-no-engine',
      why: 'chosen by --engine; there is no socket at /nonexistent/docker.sock',
    });
    const left = join(server.folder, 'left.sock');
    const dead = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    await new Promise((resolve) => dead.once('close', resolve));
    expect(await problem(`${server.url}${left}`)).toMatchObject({
      code: 'engine-ssh-forwarding',
      fix: expect.stringContaining('Check that the engine runs there'),
    });
    const closed = await serve('AllowStreamLocalForwarding no');
    expect(await problemOf(connectEngine(choice(bench.socket, closed)))).toMatchObject({
      code: 'engine-ssh-forwarding',
      fix: expect.stringContaining('AllowStreamLocalForwarding yes'),
    });
  });

  it('connecting can be cancelled', async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    const controller = new AbortController();
    const value = `ssh://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const cancelled = problemOf(connectEngine({ engine: { value, source: '--engine' }, env: server.env }, controller.signal));
    await until(() => processes('ssh').length === 1, 'ssh connects');
    controller.abort();
    expect(await cancelled).toBeInstanceOf(CancelledError);
    mute.close();
  });
});

describe('on the other machine', () => {
  /** What find-socket.sh says before it waits or ends. */
  async function found(env: Readonly<Record<string, string>>, uid?: number): Promise<readonly string[]> {
    const child = spawn('sh', ['-s'], { env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: '/nonexistent', ...env }, ...(uid !== undefined && { uid }) });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.stdin.write(`place=\n${FIND_SOCKET}`);
    await until(() => /^pypackage: (socket|none)/m.test(output), 'it has decided');
    expect(child.exitCode).toBeNull(); // it waits for the end of its input
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
    return output.trim().split('\n');
  }

  it('the socket is found as docker finds it there', async () => {
    const own = join(server.folder, 'own.sock');
    const listener = createServer(() => undefined);
    await new Promise<void>((resolve) => listener.listen(own, resolve));
    expect(await found({ DOCKER_HOST: `unix://${own}` })).toEqual([`pypackage: socket ${own}`]);
    const bin = join(server.folder, 'remote-bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho unix://${own}\n`, { mode: 0o755 });
    expect(await found({ PATH: `${bin}:${process.env['PATH']}` })).toEqual([`pypackage: socket ${own}`]);
    chmodSync(own, 0);
    chmodSync(server.folder, 0o755);
    const [denied] = await found({ DOCKER_HOST: `unix://${own}` }, process.geteuid?.() === 0 ? 65534 : undefined);
    expect(denied).toBe(`pypackage: denied ${own}`);
    listener.close();
  });
});
