import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ContainerSummary } from '../../../src/core/engine/engine.js';
import { CancelledError } from '../../../src/core/errors.js';
import { BASE, problemOf, until, useEngine } from './harness.js';

const bench = useEngine();

interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
}

function start(script: string, more: { readonly name?: string; readonly ports?: readonly { container: number; host: number }[] } = {}): Promise<string> {
  return bench.engine.startContainer({ image: BASE, entrypoint: [], command: ['sh', '-c', script], labels: bench.labels, ...more });
}

async function inspect(id: string): Promise<ContainerSummary> {
  const found = await bench.engine.inspectContainer(id);
  if (!found) throw new Error('the container is gone');
  return found;
}

describe('a container that stays', () => {
  it('is started, found by its labels, inspected, stopped and removed', async () => {
    const name = `${bench.id}-web`;
    const server = `python3 -c "import http.server as h; h.HTTPServer(('', 8000), h.SimpleHTTPRequestHandler).serve_forever()"`;
    const id = await start(`cd /tmp && ${server}`, { name, ports: [{ container: 8000, host: 0 }] });
    const container = await inspect(id);
    expect(container).toMatchObject({ id, name, image: BASE, labels: bench.labels, state: 'running', health: 'none', exitCode: undefined });
    const [port] = container.ports;
    // On another machine the loopback interface would reach nobody.
    expect(port).toMatchObject({ container: 8000, address: process.env['DOCKER_HOST']?.startsWith('ssh:') ? '0.0.0.0' : '127.0.0.1' });
    await until(
      () =>
        fetch(`http://127.0.0.1:${port?.host}/`).then(
          (response) => response.ok,
          () => false,
        ),
      'the server answers',
    );
    const [listed] = await bench.engine.findContainers(bench.labels);
    expect(listed).toMatchObject({ id, name, state: 'running', health: 'none', labels: bench.labels, ports: container.ports });
    expect(listed?.created).toBeCloseTo(container.created, -4);
    const stopping = performance.now();
    await bench.engine.stopContainer(id);
    expect(performance.now() - stopping).toBeLessThan(5000); // TERM arrives: it does not take the ten seconds
    expect(await inspect(id)).toMatchObject({ state: 'exited', exitCode: 143, ports: [] });
    expect((await bench.engine.findContainers(bench.labels))[0]).toMatchObject({ state: 'exited', exitCode: 143 });
    await bench.engine.stopContainer(id);
    await Promise.all([bench.engine.removeContainer(id), bench.engine.removeContainer(id)]);
    await bench.engine.removeContainer(id);
    expect(await bench.engine.inspectContainer(id)).toBeUndefined();
    expect(await bench.engine.findContainers(bench.labels)).toEqual([]);
  });

  it('is killed when it does not stop in time', async () => {
    const id = await start(`trap '' TERM; echo deaf; while :; do sleep 0.1; done`);
    // Before the trap is set TERM would end it.
    const set = new AbortController();
    await problemOf(bench.engine.containerLogs(id, { follow: true, signal: set.signal, onLine: () => set.abort() }));
    await bench.engine.stopContainer(id, 1);
    expect(await inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    await bench.engine.removeContainer(id);
  });

  it('says that its name is taken, or its port', async () => {
    const name = `${bench.id}-twice`;
    const first = await start('sleep 60', { name, ports: [{ container: 80, host: 0 }] });
    expect(await problemOf(start('true', { name }))).toMatchObject({
      name: 'UserError',
      code: 'container-name-taken',
      message: `There is a container named ${name} already`,
    });
    const host = (await inspect(first)).ports[0]?.host ?? 0;
    expect(await problemOf(start('sleep 60', { ports: [{ container: 80, host }] }))).toMatchObject({
      name: 'UserError',
      code: 'port-in-use',
      message: `Port ${host} is in use by something else`,
    });
    expect(await bench.engine.findContainers(bench.labels)).toHaveLength(1);
    await bench.engine.removeContainer(first);
  });

  it('tells its health, in the list as when inspected', async () => {
    const tag = `${bench.id}/health:1`;
    const dockerfile = `FROM ${BASE}\nHEALTHCHECK --start-period=3s --interval=300ms --timeout=2s --retries=2 CMD test -e /tmp/ready\nCMD ["sh", "-c", "sleep 1; touch /tmp/ready; sleep 4; rm /tmp/ready; sleep 60"]\n`;
    await bench.engine.build({ dockerfile, dockerfileName: 'Dockerfile.health', tags: [tag], labels: bench.labels });
    const id = await bench.engine.startContainer({ image: tag, labels: bench.labels, network: 'none' });
    const health = async (): Promise<string> => {
      const [listed] = await bench.engine.findContainers(bench.labels);
      const inspected = (await inspect(id)).health;
      return listed?.health === inspected ? inspected : `${listed?.health} and ${inspected}`;
    };
    expect(await health()).toBe('starting');
    await until(async () => (await health()) === 'healthy', 'it is healthy');
    // On Podman nobody checks one that is healthy, unless systemd does.
    const last = bench.product === 'Podman' ? 'healthy' : 'unhealthy';
    await until(async () => (await health()) === last, `it is ${last}`, 15_000);
    await bench.engine.removeContainer(id);
  });
});

describe('logs', () => {
  it('come whole, or their last lines, from a running and from an ended container', async () => {
    // The engine reads the two outputs side by side: only a pause tells which line came first.
    const id = await start('seq 5; sleep 0.3; echo problem >&2; sleep 0.3; seq 6 10; sleep 1');
    const read = async (options: { readonly follow: boolean; readonly tail?: number }): Promise<LogLine[]> => {
      const lines: LogLine[] = [];
      await bench.engine.containerLogs(id, { ...options, onLine: (stream, line) => lines.push({ stream, line }) });
      return lines;
    };
    const followed = await read({ follow: true }); // ends with the container
    expect(followed.filter(({ stream }) => stream === 'stdout').map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
    expect(followed.filter(({ stream }) => stream === 'stderr').map(({ line }) => line)).toEqual(['problem']);
    expect(await read({ follow: false })).toHaveLength(11);
    expect((await read({ follow: false, tail: 2 })).map(({ line }) => line)).toEqual(['9', '10']);
    await bench.engine.removeContainer(id);
  });

  it('can be left while the container runs on', async () => {
    const id = await start('while :; do date; sleep 0.05; done');
    const controller = new AbortController();
    let lines = 0;
    const following = bench.engine.containerLogs(id, { follow: true, signal: controller.signal, onLine: () => ++lines === 5 && controller.abort() });
    expect(await problemOf(following)).toBeInstanceOf(CancelledError);
    expect((await inspect(id)).state).toBe('running');
    await bench.engine.removeContainer(id);
  });

  it('say that there is no such container', async () => {
    const error = await problemOf(bench.engine.containerLogs('absent', { follow: false, onLine: () => undefined }));
    expect(error).toMatchObject({ name: 'UserError', code: 'container-missing' });
  });
});

describe('a command on the streams of its caller', () => {
  interface Conversation {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }

  async function converse(
    command: readonly string[],
    input: string | PassThrough,
    options: { readonly tty?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<Conversation> {
    const stdin = typeof input === 'string' ? new PassThrough() : input;
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    let [out, err] = ['', ''];
    stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    if (typeof input === 'string') stdin.end(input);
    const spec = { image: BASE, entrypoint: [], command, labels: bench.labels, network: 'none' };
    const code = await bench.engine.runInteractive({
      ...spec,
      tty: options.tty ?? false,
      stdin,
      stdout,
      stderr,
      ...(options.signal && { signal: options.signal }),
    });
    return { code, out, err };
  }

  it('reads its input to the end and keeps both outputs apart', async () => {
    const { code, out, err } = await converse(['sh', '-c', 'sort; echo done >&2; exit 4'], 'b\na\nc\n');
    expect({ code, out, err }).toEqual({ code: 4, out: 'a\nb\nc\n', err: 'done\n' });
    expect(await bench.engine.findContainers(bench.labels)).toEqual([]);
  });

  it('passes megabytes through, both ways', async () => {
    const input = 'x'.repeat(3_000_000);
    const { code, out } = await converse(['cat'], input);
    expect(code).toBe(0);
    expect(out === input).toBe(true);
  });

  it('answers while its input stays open', async () => {
    const stdin = new PassThrough();
    const conversation = converse(['sh', '-c', 'read line; echo "got $line"; exit 3'], stdin);
    setTimeout(() => stdin.write('hello\n'), 300);
    expect(await conversation).toEqual({ code: 3, out: 'got hello\n', err: '' });
  });

  it('has a terminal when it is asked to, with one output', async () => {
    const { code, out } = await converse(['sh', '-c', 'test -t 0 && test -t 1 && echo terminal; echo err >&2'], '', { tty: true });
    expect({ code, out }).toEqual({ code: 0, out: 'terminal\r\nerr\r\n' });
  });

  it('is ended by a cancel, and leaves nothing', async () => {
    const error = await problemOf(converse(['sleep', '60'], new PassThrough(), { signal: AbortSignal.timeout(700) }));
    expect(error).toBeInstanceOf(CancelledError);
    expect(await bench.engine.findContainers(bench.labels)).toEqual([]);
  });
});

describe('volumes', () => {
  it('are made once, found by label and removed; one in use is not', async () => {
    const name = `${bench.id}-data`;
    await bench.engine.ensureVolume(name, { ...bench.labels, kind: 'data' });
    await bench.engine.ensureVolume(name, { ...bench.labels, kind: 'data' });
    expect(await bench.engine.findVolumes({ ...bench.labels, kind: 'data' })).toEqual([{ name, labels: { ...bench.labels, kind: 'data' } }]);
    expect(await bench.engine.findVolumes({ ...bench.labels, kind: 'other' })).toEqual([]);
    const spec = {
      image: BASE,
      entrypoint: [],
      command: ['sleep', '60'],
      labels: bench.labels,
      mounts: [{ type: 'volume' as const, source: name, target: '/data' }],
    };
    const id = await bench.engine.startContainer(spec);
    expect(await problemOf(bench.engine.removeVolume(name))).toMatchObject({
      name: 'UserError',
      code: 'engine-refused',
      message: expect.stringMatching(bench.product === 'Podman' ? 'being used' : 'in use'),
    });
    await bench.engine.removeContainer(id);
    await bench.engine.removeVolume(name);
    await bench.engine.removeVolume(name);
    expect(await bench.engine.findVolumes(bench.labels)).toEqual([]);
  });
});
