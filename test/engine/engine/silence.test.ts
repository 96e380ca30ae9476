/** Connections that stay open and over which nothing comes any more: found out in every phase, by whoever waits. */
import { describe, expect, it } from 'vitest';
import { DockerEngine } from '../../../src/core/engine/dockerode/docker-engine.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { FaultyWay } from '../../support/faulty-way.js';
import { BASE, problemOf, useEngine } from './harness.js';

const bench = useEngine();
const TIMINGS = { heartbeat: 100, answer: 1_000, silence: 3_000, session: 8_000 };

interface Silent {
  readonly way: FaultyWay;
  readonly engine: Engine;
  readonly labels: Readonly<Record<string, string>>;
}

let tests = 0;

/** Tests run side by side here: each has its own way, and labels. */
async function connected(onEnd: (end: () => Promise<void>) => void): Promise<Silent> {
  const way = await FaultyWay.open(bench.socket);
  tests += 1;
  const labels = { ...bench.labels, 'io.pypackage.test.number': String(tests) };
  const engine = await DockerEngine.connect({
    endpoint: { url: way.url, source: 'a test' },
    address: { kind: 'socket', path: way.socket },
    credentials: () => Promise.resolve(undefined),
    timings: TIMINGS,
  });
  onEnd(async () => {
    engine.close();
    await way.close();
    for (const container of await bench.engine.findContainers(labels)) await bench.engine.removeContainer(container.id);
  });
  return { way, engine, labels };
}

const file = (bytes: number) => packFiles([{ path: 'tmp/file', content: Buffer.alloc(bytes, 1), mode: 0o644 }]);
const job = ({ labels }: Silent, command: string) => ({ image: BASE, entrypoint: [], command: ['sh', '-c', command], labels, network: 'none' });

/** What somebody waits for, and the request of it that goes silent. */
const PHASES: readonly (readonly [name: string, request: RegExp, work: (on: Silent) => Promise<unknown>])[] = [
  ['a list', /GET \S*\/containers\/json/, ({ engine, labels }) => engine.findContainers(labels)],
  ['a container that is created', /POST \S*\/containers\/create/, (on) => on.engine.startContainer(job(on, 'true'))],
  ['a container that is started', /POST \S*\/start$/, (on) => on.engine.runJob(job(on, 'true'))],
  ['an attachment', /POST \S*\/attach/, (on) => on.engine.runJob(job(on, 'true'))],
  ['files that go in', /PUT \S*\/archive/, (on) => on.engine.runJob({ ...job(on, 'true'), input: () => file(3_000_000) })],
  ['files that come out', /GET \S*\/archive/, (on) => on.engine.runJob({ ...job(on, 'true'), outputs: ['/etc/hostname'], onArchive: () => Promise.resolve() })],
  ['an import', /POST \S*\/images\/create\?fromSrc/, ({ engine, labels }) => engine.importImage(file(3_000_000), `${bench.id}/silent:1`, labels)],
  ['a pull', /POST \S*\/images\/create\?fromImage/, ({ engine }) => engine.pullImage(`${bench.id}.invalid/x:1`)],
];

describe.concurrent('one connection, while the engine answers on others', () => {
  // A pull may be silent for as long as the engine lives: it waits for others.
  it.for(PHASES.filter(([name]) => name !== 'a pull'))('%s', async ([, request, work], { onTestFinished }) => {
    const on = await connected(onTestFinished);
    on.way.silenceFor((line) => request.test(line));
    expect(await problemOf(work(on))).toMatchObject({ name: 'UserError', kind: 'engine', code: 'engine-unreachable' });
    expect(on.way.silenced.some((line) => request.test(line))).toBe(true);
    expect(await bench.engine.findContainers(on.labels)).toEqual([]);
  });

  it('a wait: the job ends as if nothing had been', async ({ onTestFinished }) => {
    const on = await connected(onTestFinished);
    on.way.silenceFor((line) => /POST \S*\/wait/.test(line));
    expect(await on.engine.runJob(job(on, 'exit 3'))).toEqual({ exitCode: 3 });
  });

  it('files that come out, in the middle', async ({ onTestFinished }) => {
    const on = await connected(onTestFinished);
    const reading = on.engine.runJob({
      ...job(on, 'head -c 20000000 /dev/zero > /tmp/file'),
      outputs: ['/tmp/file'],
      onArchive: async (_path, tar) => {
        let isFirst = true;
        for await (const _ of tar) {
          if (isFirst) on.way.silence();
          isFirst = false;
        }
      },
    });
    expect(await problemOf(reading)).toMatchObject({ name: 'UserError', kind: 'engine', code: 'engine-unreachable' });
  });

  it('a build, with its session', async ({ onTestFinished }) => {
    const on = await connected(onTestFinished);
    const building = on.engine.build({
      dockerfile: `FROM ${BASE}\nRUN echo started; sleep 60\n`,
      dockerfileName: 'D',
      tags: [],
      labels: on.labels,
      noCache: true,
      onProgress: (event) => {
        if (event.type === 'log') on.way.silence();
      },
    });
    expect(await problemOf(building)).toMatchObject({ name: 'UserError', kind: 'engine' });
  });
});

describe.concurrent('all connections, also new ones', () => {
  it.for(PHASES)('%s', async ([, request, work], { onTestFinished }) => {
    const on = await connected(onTestFinished);
    let isSilent = false;
    on.way.silenceFor((line) => {
      if (request.test(line)) isSilent = true;
      if (isSilent) on.way.silence();
      return isSilent;
    });
    const started = performance.now();
    expect(await problemOf(work(on))).toMatchObject({
      name: 'UserError',
      kind: 'engine',
      code: 'engine-unreachable',
      message: expect.stringContaining(on.way.url),
    });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe.concurrent('work that prints nothing for longer than anything may be silent is left alone while the engine lives', () => {
  const seconds = 2 + (TIMINGS.heartbeat + TIMINGS.silence) / 1_000;

  it('a build', async ({ onTestFinished }) => {
    const on = await connected(onTestFinished);
    const lines: string[] = [];
    await on.engine.build({
      dockerfile: `FROM ${BASE}\nRUN sleep ${seconds}; echo over\n`,
      dockerfileName: 'D',
      tags: [],
      labels: on.labels,
      noCache: true,
      onProgress: (event) => void (event.type === 'log' && lines.push(event.text)),
    });
    expect(lines).toEqual(['over']);
  });

  it('a job', async ({ onTestFinished }) => {
    const on = await connected(onTestFinished);
    expect(await on.engine.runJob(job(on, `sleep ${seconds}; exit 3`))).toEqual({ exitCode: 3 });
  });
});
