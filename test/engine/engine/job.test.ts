import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../src/core/engine/engine.js';
import { packFiles, readTar } from '../../../src/core/engine/tar.js';
import { CancelledError } from '../../../src/core/errors.js';
import { call, open } from '../../support/raw-engine.js';
import { BASE, bare, problemOf, processesWith, until, useEngine } from './harness.js';

const bench = useEngine();

interface Ran {
  readonly exitCode: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

async function run(script: string, request: Partial<JobRequest> = {}): Promise<Ran> {
  const lines: Record<'stdout' | 'stderr', string[]> = { stdout: [], stderr: [] };
  const { exitCode } = await bench.engine.runJob({
    image: BASE,
    entrypoint: [],
    command: ['sh', '-c', script],
    labels: bench.labels,
    network: 'none',
    ...request,
    onOutput: (stream, line, end) => {
      lines[stream].push(line);
      void request.onOutput?.(stream, line, end);
    },
  });
  return { exitCode, ...lines };
}

async function containers(): Promise<number> {
  return (await bench.engine.findContainers(bench.labels)).length;
}

describe('a job', () => {
  it('returns exit code and both outputs as lines, and leaves no container', async () => {
    const ran = await run(`printf 'one\\r\\ntwo \\377 \\303\\244\\nlast'; echo problem >&2; exit 7`);
    // A byte that is not UTF-8 is kept as half a surrogate pair (core/bytes.ts).
    expect(ran).toEqual({ exitCode: 7, stdout: ['one', 'two \uDCFF ä', 'last'], stderr: ['problem'] });
    expect(await containers()).toBe(0);
  });

  it('takes environment, user, working folder, mounts and a read-only root', async () => {
    const volume = `${bench.id}-cache`;
    await bench.engine.ensureVolume(volume, bench.labels);
    const script = `pwd; id -u; echo "$WORD"; touch /x 2>/dev/null || echo read-only; echo kept > /scratch/a && cat /scratch/a; stat -f -c %T /scratch`;
    const mounts = [{ type: 'volume', source: volume, target: '/cache' } as const, { type: 'tmpfs', target: '/scratch' } as const];
    const { stdout } = await run(script, { env: { WORD: 'a "b" $c' }, user: '65534:65534', workingDir: '/opt', mounts, readOnly: true });
    expect(stdout).toEqual(['/opt', '65534', 'a "b" $c', 'read-only', 'kept', 'tmpfs']);
    await run('echo from the first > /cache/f', { mounts });
    expect((await run('cat /cache/f', { mounts })).stdout).toEqual(['from the first']);
  });

  it('gets its input before it starts, with owners and modes of the tar', async () => {
    const input = (): Readable =>
      packFiles([
        { path: '/run/pypackage/ca.pem', content: 'certificate', mode: 0o444 },
        { path: 'src/run.sh', content: 'echo ran "$0"', mode: 0o755, uid: 1234, gid: 1234 },
        { path: 'src/', content: '', mode: 0o700 },
      ]);
    const { stdout } = await run(
      `stat -c '%n %a %u:%g' /src /src/run.sh /run/pypackage/ca.pem; cat /run/pypackage/ca.pem; echo; sh /src/run.sh; stat -c %a /tmp`,
      { input },
    );
    expect(stdout).toEqual(['/src 700 0:0', '/src/run.sh 755 1234:1234', '/run/pypackage/ca.pem 444 0:0', 'certificate', 'ran /src/run.sh', '1777']);
  });

  it('gets its secrets through memory: nothing that the engine shows or keeps of it while it runs holds them', async () => {
    const secret = `s3cret-${bench.id}`;
    const secrets = [
      { path: 'netrc', content: secret, mode: 0o444 },
      { path: 'folder/large', content: 'x'.repeat(1_500_000), mode: 0o400 },
    ];
    const input = (): Readable => packFiles([{ path: 'in', content: 'from the input', mode: 0o444 }]);
    const folder = '/dev/shm/pypackage';
    const script = `stat -f -c %T ${folder}; cat ${folder}/netrc; echo; stat -c '%a %s' ${folder}/folder/large; cat /in; echo; wc -c; until [ -e /go ]; do sleep 0.05; done`;
    let ready = (): void => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const running = run(script, { secrets, input, onOutput: (_stream, line) => void (/^0$/.test(line) && ready()) });
    await isReady;
    const [{ id } = { id: '' }] = await bench.engine.findContainers(bench.labels);
    const changes = await call('GET', `/containers/${id}/changes`);
    expect(changes).toContain('"/in"');
    expect(changes).not.toContain('shm');
    const shown = [
      await call('GET', `/containers/${id}/json`),
      await call('GET', `/containers/${id}/top`),
      await call('GET', `/containers/${id}/logs?stderr=1`),
    ];
    expect(shown.join('\n')).not.toContain(secret);
    const exported = await buffer(await open('GET', `/containers/${id}/export`));
    expect([exported.includes('from the input'), exported.includes(secret)]).toEqual([true, false]);
    await call('PUT', `/containers/${id}/archive?path=/`, packFiles([{ path: 'go', content: '', mode: 0o444 }]));
    expect(await running).toEqual({ exitCode: 0, stdout: ['tmpfs', secret, '400 1500000', 'from the input', '0'], stderr: [] });
  });

  it('of any user may read its secrets, and ends as its command does', async () => {
    const secrets = [{ path: 'netrc', content: 'a login', mode: 0o444 }];
    expect(await run('cat /dev/shm/pypackage/netrc; exit 7', { secrets, user: '65534:65534', readOnly: true })).toMatchObject({
      exitCode: 7,
      stdout: ['a login'],
    });
    const ended = await run('', { secrets, command: ['no-such-program'] });
    expect([ended.exitCode, ended.stderr.join()]).toEqual([127, expect.stringContaining('no-such-program')]);
  });

  it('hands out the tar of each output after a successful end only, unless it is asked to', async () => {
    const seen: string[] = [];
    const request = {
      outputs: ['/out', '/etc/hostname'],
      onArchive: (path: string, tar: Readable): Promise<void> =>
        readTar(tar, async (entry, content) => {
          let text = '';
          for await (const chunk of content) text += String(chunk);
          seen.push(`${path}: ${entry.type} ${bare(entry.path)} ${text.length}`);
        }),
    };
    const script = 'mkdir -p /out/sub && head -c 3000000 /dev/zero > /out/sub/big && ln -s sub /out/link';
    expect((await run(script, request)).exitCode).toBe(0);
    expect(seen).toEqual([
      '/out: directory out 0',
      '/out: symlink out/link 0',
      '/out: directory out/sub 0',
      '/out: file out/sub/big 3000000',
      expect.stringMatching(/^\/etc\/hostname: file hostname \d+$/),
    ]);
    seen.length = 0;
    await run(`${script}; exit 1`, request);
    expect(seen).toEqual([]);
    await run(`${script}; exit 1`, { ...request, outputsOnFailure: true });
    expect(seen).toHaveLength(5);
  });

  it('skips what a reader leaves unread', async () => {
    const script = 'mkdir /out && head -c 5000000 /dev/zero > /out/a && echo b > /out/b';
    const names: string[] = [];
    await run(script, { outputs: ['/out'], onArchive: (_path, tar) => readTar(tar, (entry) => void names.push(bare(entry.path))) });
    expect(names).toEqual(['out', 'out/a', 'out/b']);
  });

  it('hands out long output complete and in order', async () => {
    const { stdout, stderr } = await run(`seq 200000; seq 50000 >&2; head -c 1000000 /dev/zero | tr '\\0' x`);
    expect(stdout.slice(0, 200_000)).toEqual(Array.from({ length: 200_000 }, (_, i) => String(i + 1)));
    expect(stderr).toEqual(Array.from({ length: 50_000 }, (_, i) => String(i + 1)));
    expect(stdout.slice(200_000).join('')).toBe('x'.repeat(1_000_000));
    expect(stdout.every((line) => line.length <= 65_536)).toBe(true);
  });

  it('gives lines as they are written, not at the end', async () => {
    let first = 0;
    await run('echo now; sleep 1', { onOutput: () => (first = performance.now()) });
    expect(performance.now() - first).toBeGreaterThan(800);
  });

  it('has an init process, so that children of its command are reaped and signals arrive', async () => {
    const { stdout } = await run('cat /proc/1/comm');
    expect(stdout[0]).toMatch(/init/);
  });

  it('runs ten at once', async () => {
    const ran = await Promise.all(Array.from({ length: 10 }, (_, i) => run(`echo ${i}; exit ${i}`)));
    expect(ran.map(({ exitCode, stdout }) => [exitCode, ...stdout])).toEqual(Array.from({ length: 10 }, (_, i) => [i, String(i)]));
    expect(await containers()).toBe(0);
  });
});

describe('a job that cannot run', () => {
  it('says that its image is missing', async () => {
    const error = await problemOf(run('true', { image: 'pypackage-test/absent:1' }));
    expect(error).toMatchObject({ name: 'UserError', code: 'image-missing', message: 'The engine has no image pypackage-test/absent:1' });
  });

  it('ends with 127 when its command is missing, as a shell does', async () => {
    const { exitCode, stderr } = await run('', { command: ['no-such-program', 'x'] });
    // catatonit, Podman's init process, knows one code for all that it cannot start, and no name.
    expect(exitCode).toBe(bench.product === 'Podman' ? 1 : 127);
    expect(stderr.join('\n')).toContain(bench.product === 'Podman' ? 'failed to exec' : 'no-such-program');
  });

  it('says what the engine does not accept, and leaves no container', async () => {
    const error = await problemOf(run('true', { workingDir: 'not/absolute' }));
    expect(error).toMatchObject({
      name: 'UserError',
      code: 'engine-refused',
      message: expect.stringContaining(bench.product === 'Podman' ? 'attach' : 'not/absolute'),
    });
    expect(await containers()).toBe(0);
  });

  it('says that an output is missing', async () => {
    const error = await problemOf(run('true', { outputs: ['/absent'], onArchive: () => Promise.resolve() }));
    expect(error).toMatchObject({ name: 'UserError', code: 'path-missing', message: 'There is no /absent in the container' });
  });

  it('fails with the error of its input', async () => {
    const broken = new Error('a file changed while it was read');
    const input = (): Readable =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(512);
          await new Promise((resolve) => setTimeout(resolve, 50));
          throw broken;
        })(),
      );
    expect(await problemOf(run('true', { input }))).toBe(broken);
    expect(await containers()).toBe(0);
  });

  it('fails with the error of whoever reads its output', async () => {
    const broken = new Error('the disk is full');
    const error = await problemOf(run('echo x > /o', { outputs: ['/o'], onArchive: () => Promise.reject(broken) }));
    expect(error).toBe(broken);
    expect(await containers()).toBe(0);
  });
});

describe('a cancelled job', () => {
  it('ends quickly, with its process and its container', async () => {
    const marker = `32${process.pid}`;
    const controller = new AbortController();
    let aborted = 0;
    const error = await problemOf(
      run(`trap '' TERM; echo ready; sleep ${marker}`, {
        signal: controller.signal,
        onOutput: () => {
          aborted = performance.now();
          controller.abort();
        },
      }),
    );
    expect(error).toBeInstanceOf(CancelledError);
    expect(performance.now() - aborted).toBeLessThan(3000);
    expect(await containers()).toBe(0);
    await until(() => processesWith(`sleep\0${marker}`) === 0, 'the process is gone', 1000);
  });

  it('leaves nothing, whenever the cancel comes', async () => {
    for (const ms of [0, 10, 40, 80, 150, 250]) {
      const error = await problemOf(run('sleep 30', { signal: AbortSignal.timeout(ms), input: () => packFiles([{ path: 'f', content: 'x', mode: 0o600 }]) }));
      expect(error).toBeInstanceOf(CancelledError);
      expect(await containers()).toBe(0);
    }
  });

  it('ends while its input is being sent', async () => {
    const controller = new AbortController();
    let ended = false;
    const input = (): Readable =>
      Readable.from(
        (async function* () {
          try {
            for (let i = 0; ; i++) {
              if (i === 20) controller.abort();
              yield Buffer.alloc(512);
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          } finally {
            ended = true;
          }
        })(),
      );
    expect(await problemOf(run('true', { input, signal: controller.signal }))).toBeInstanceOf(CancelledError);
    await until(() => ended, 'the input is closed');
    expect(await containers()).toBe(0);
  });

  it('does not begin when the signal is aborted already', async () => {
    expect(await problemOf(run('true', { signal: AbortSignal.abort() }))).toBeInstanceOf(CancelledError);
  });
});

describe('reading from an image', () => {
  it('hands out the tar of a path, without running anything', async () => {
    const entries: string[] = [];
    await bench.engine.readFromImage(BASE, '/etc/debian_version', (tar) => readTar(tar, (entry) => void entries.push(entry.path)), bench.labels);
    expect(entries).toEqual(['debian_version']);
    expect(await containers()).toBe(0);
  });

  it('says when there is no such path', async () => {
    const error = await problemOf(bench.engine.readFromImage(BASE, '/absent', () => Promise.resolve(), bench.labels));
    expect(error).toMatchObject({ code: 'path-missing' });
    expect(await containers()).toBe(0);
  });
});
