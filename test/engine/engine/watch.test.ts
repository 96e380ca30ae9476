/** Following the engine's events: in order, each once, across every kind of gap. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import { EngineApi } from '../../../src/core/engine/dockerode/api.js';
import { DOCKER } from '../../../src/core/engine/dockerode/dialect.js';
import { openConnection } from '../../../src/core/engine/dockerode/modem.js';
import { PODMAN } from '../../../src/core/engine/dockerode/podman.js';
import { watch } from '../../../src/core/engine/dockerode/watch.js';
import type { WatchTimings } from '../../../src/core/engine/dockerode/watch.js';
import type { EngineEvent, EngineSnapshot, ObjectKind, WatchState } from '../../../src/core/engine/engine.js';
import { packFiles } from '../../../src/core/engine/tar.js';
import { FaultyWay } from '../../support/faulty-way.js';
import { call } from '../../support/raw-engine.js';
import { BASE, until, useEngine } from './harness.js';

const bench = useEngine();

/** Of one test: on Podman, what happened shortly before a watch began is told in it, too. */
let labels: Readonly<Record<string, string>> = {};
let tests = 0;

beforeEach(() => {
  tests += 1;
  labels = { ...bench.labels, 'io.pypackage.test.number': String(tests) };
});

const QUICK: WatchTimings = { check: 300, answer: 2_000, pause: { first: 20, longest: 200 } };

interface Watched {
  /** When it began to connect, by `performance.now()`. */
  readonly dialled: readonly number[];
  readonly snapshots: EngineSnapshot[];
  readonly events: EngineEvent[];
  readonly states: WatchState[];
  readonly ended: Promise<void>;
  end(): void;
}

interface Options {
  readonly socket?: string;
  readonly timings?: WatchTimings;
  readonly kinds?: readonly ObjectKind[];
}

/** Resolves with the first snapshot. */
async function follow({ socket = bench.socket, timings = QUICK, kinds }: Options = {}): Promise<Watched> {
  const controller = new AbortController();
  const watched = { dialled: [] as number[], snapshots: [] as EngineSnapshot[], events: [] as EngineEvent[], states: [] as WatchState[] };
  const dial = () => {
    watched.dialled.push(performance.now());
    const connection = openConnection({ kind: 'socket', path: socket });
    const endpoint = { url: `unix://${socket}`, source: 'a test' };
    return { api: new EngineApi(connection.modem, endpoint, { dialect: isPodman() ? PODMAN : DOCKER }), close: () => connection.close() };
  };
  const request = {
    labels,
    ...(kinds && { kinds }),
    onSnapshot: (snapshot: EngineSnapshot) => void watched.snapshots.push(snapshot),
    onEvent: (event: EngineEvent) => void watched.events.push(event),
    onState: (state: WatchState) => void watched.states.push(state),
    signal: controller.signal,
  };
  const ended = watch(dial, request, timings);
  onTestFinished(async () => {
    controller.abort();
    await ended;
  });
  await until(() => watched.snapshots.length > 0, 'the first snapshot is there');
  return { ...watched, ended, end: () => controller.abort() };
}

async function way(): Promise<FaultyWay> {
  const opened = await FaultyWay.open(bench.socket);
  onTestFinished(() => opened.close());
  return opened;
}

function words({ events }: Watched): readonly string[] {
  return events.map(({ kind, action, detail, name }) => [kind, action, detail, name].filter(Boolean).join(' '));
}

function isPodman(): boolean {
  return bench.engine.info.product === 'Podman';
}

/** Of an image that is imported and removed. */
function imageWords(reference: string, id: string): readonly string[] {
  if (!isPodman()) return [`image tag ${reference}`, `image import ${id}`, `image untag ${bench.containerdStore ? reference : id}`, `image delete ${id}`];
  return [`image tag ${reference}`, `image untag ${reference}`, `image delete ${reference}`];
}

/** A container that is only made and removed. */
async function blink(name: string): Promise<void> {
  const id = await create(name);
  await bench.engine.removeContainer(id);
}

async function create(name: string): Promise<string> {
  const body = { Image: BASE, Cmd: ['true'], Labels: labels, HostConfig: { NetworkMode: 'none' } };
  return String(JSON.parse(await call('POST', `/containers/create?name=${name}`, JSON.stringify(body))).Id);
}

function named(what: string): string {
  return `${bench.id}-${what}`;
}

describe('what there is and what happens', () => {
  it('a snapshot first, then each event, of ours only', async () => {
    const volume = named('there');
    await bench.engine.ensureVolume(volume, labels);
    const watched = await follow();
    expect(watched.states).toEqual([{ connected: true }]);
    expect(watched.snapshots).toHaveLength(1);
    expect(watched.snapshots[0]?.volumes).toEqual([{ name: volume, labels }]);
    expect(watched.snapshots[0]?.containers).toEqual([]);

    await bench.engine.ensureVolume(`${volume}-foreign`, {});
    await bench.engine.removeVolume(`${volume}-foreign`);
    await bench.engine.removeVolume(volume);
    const network = JSON.parse(await call('POST', '/networks/create', JSON.stringify({ Name: named('net'), Labels: labels }))).Id;
    // Podman tells nothing of networks. Docker does, without their labels: these have to be asked for while it is there.
    const isTold = (): boolean => words(watched).includes(`network create ${named('net')}`);
    await until(() => (isPodman() ? watched.snapshots.at(-1)?.networks.length === 1 : isTold()), 'the network is told');
    await call('DELETE', `/networks/${network}`);
    const reference = `${bench.id}/watched:1`;
    const image = await bench.engine.importImage(packFiles([{ path: 'f', content: 'x', mode: 0o644 }]), reference, labels);
    await until(() => words(watched).includes(`image tag ${reference}`), 'the image is told'); // Podman tells no labels of it either
    await bench.engine.removeImage(reference);
    await blink(named('box'));
    await until(() => words(watched).includes(`container destroy ${named('box')}`), 'the last event is there');
    await until(() => watched.events.some(({ kind, action }) => kind === 'image' && action === 'delete'), 'Podman tells it a while later');
    const expected = [
      `volume destroy ${volume}`,
      ...(isPodman() ? [] : [`network create ${named('net')}`, `network destroy ${named('net')}`]),
      ...imageWords(reference, image),
      `container create ${named('box')}`,
      `container destroy ${named('box')}`,
    ];
    // Not in this order on Podman, and perhaps with what happened just before.
    const told = isPodman() ? expected.filter((word) => words(watched).includes(word)) : words(watched);
    expect(told).toEqual(expected);
    // Also where the engine's event has none: it tells a volume's, a network's and a removed image's labels never.
    expect(watched.events.map((event) => event.labels)).toEqual(watched.events.map(() => expect.objectContaining(labels)));
    expect(watched.events.every(({ time }) => Math.abs(time - Date.now()) < 60_000)).toBe(true);
  });

  it('only the kinds that were asked for; health with its word, and no command of its check', async () => {
    const watched = await follow({ kinds: ['container'] });
    const Healthcheck = { Test: ['CMD', 'true'], Interval: 100_000_000 };
    const body = { Image: BASE, Cmd: ['sleep', '60'], Labels: labels, Healthcheck, HostConfig: { NetworkMode: 'none', Init: true } };
    const id = String(JSON.parse(await call('POST', `/containers/create?name=${named('well')}`, JSON.stringify(body))).Id);
    await call('POST', `/containers/${id}/start`);
    // Without systemd, Podman checks only when it is asked to.
    if (isPodman()) await call('GET', `/v4.0.0/libpod/containers/${id}/healthcheck`);
    await until(() => watched.events.some(({ action, detail }) => action === 'health_status' && (detail === 'healthy' || isPodman())), 'it is healthy');
    await bench.engine.removeContainer(id);
    await until(() => words(watched).includes(`container destroy ${named('well')}`), 'it is gone');
    // Podman has words of its own besides, the last of which may come after the end.
    const expected = ['create', 'start', 'health_status', 'kill', 'die', 'destroy'];
    expect(watched.events.map(({ action }) => action).filter((action) => !['init', 'cleanup'].includes(action))).toEqual(expected);
    expect(watched.snapshots[0]).toMatchObject({ images: [], volumes: [], networks: [] });
  });

  it('what an engine tells no event of is found by looking', async () => {
    const watched = await follow();
    // BuildKit tells nothing of an image without a name.
    const { imageId } = await bench.engine.build({
      dockerfile: 'FROM scratch\nCOPY f /f\n',
      dockerfileName: 'D',
      files: { f: bench.id },
      tags: [],
      labels: labels,
    });
    await until(() => watched.snapshots.at(-1)?.images.some(({ id }) => id === imageId) === true, 'the image is in a snapshot');
    const { length } = watched.snapshots;
    await bench.engine.removeImage(imageId);
    await until(() => watched.snapshots.length > length || words(watched).includes(`image delete ${imageId}`), 'it is gone again');
    expect(watched.states).toEqual([{ connected: true }]);
  });

  it('a flood: all of it, in order, once', async () => {
    const watched = await follow({ kinds: ['container'] });
    const names = Array.from({ length: 60 }, (_, i) => named(`flood${i}`));
    await Promise.all(names.map((name) => blink(name)));
    await until(() => watched.events.length >= 120, 'all events are there', 60_000);
    for (const name of names) {
      expect(watched.events.filter((event) => event.name === name).map(({ action }) => action)).toEqual(['create', 'destroy']);
    }
    expect(watched.events).toHaveLength(120);
  });
});

describe('across a gap', () => {
  it('what happened meanwhile is told once, and nothing twice', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket });
    await blink(named('before'));
    await until(() => watched.events.length === 2, 'the events before are there');
    await proxy.down();
    await until(() => watched.states.at(-1)?.connected === false, 'it is disconnected');
    await create(named('kept'));
    await blink(named('meanwhile'));
    await proxy.up();
    await until(() => watched.events.length >= 5, 'the events of the gap are there');
    await blink(named('after'));
    await until(() => words(watched).includes(`container destroy ${named('after')}`), 'the events after are there');
    const both = (name: string): readonly string[] => [`container create ${named(name)}`, `container destroy ${named(name)}`];
    expect(words(watched)).toEqual([...both('before'), `container create ${named('kept')}`, ...both('meanwhile'), ...both('after')]);
    expect(watched.states.map(({ connected }) => connected)).toEqual([true, ...watched.states.slice(1, -1).map(() => false), true]);
    expect(watched.states[1]).toMatchObject({ problem: { name: 'UserError', kind: 'engine' } });
    // The snapshot after the gap shows it, before any event of the gap is told.
    expect(watched.snapshots.at(-1)?.containers.map(({ name }) => name)).toEqual([named('kept')]);
  });

  it('many short ones during a flood', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket, kinds: ['container'] });
    const names = Array.from({ length: 40 }, (_, i) => named(`cut${i}`));
    const cutting = setInterval(() => proxy.cut(), 60);
    for (let i = 0; i < names.length; i += 4) await Promise.all(names.slice(i, i + 4).map((name) => blink(name)));
    clearInterval(cutting);
    await until(() => watched.events.length >= 80, 'all events are there', 60_000);
    for (const name of names) {
      expect(watched.events.filter((event) => event.name === name).map(({ action }) => action)).toEqual(['create', 'destroy']);
    }
    expect(watched.states.length).toBeGreaterThan(4);
  });

  it('more than the engine remembers: the snapshot still tells how it is', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket, kinds: ['container'] });
    const body = { Image: BASE, Cmd: ['sleep', '60'], Tty: true, Labels: bench.labels, HostConfig: { NetworkMode: 'none', Init: true } };
    const running = String(JSON.parse(await call('POST', '/containers/create', JSON.stringify(body))).Id);
    await call('POST', `/containers/${running}/start`);
    await create(named('lost'));
    await until(() => words(watched).includes(`container create ${named('lost')}`), 'the container is there');
    await proxy.down();
    await until(() => watched.states.at(-1)?.connected === false, 'it is disconnected');
    await bench.engine.removeContainer((await bench.engine.findContainers(labels)).find(({ name }) => name === named('lost'))?.id ?? '');
    // 256 events are kept (moby daemon/events), and these cost it nothing.
    for (let i = 0; i < 300; i++) await call('POST', `/containers/${running}/resize?h=${20 + (i % 2)}&w=80`);
    await proxy.up();
    await until(() => watched.states.at(-1)?.connected === true, 'it is connected again');
    await until(() => watched.snapshots.at(-1)?.containers.every(({ name }) => name !== named('lost')) === true, 'the container is gone');
    // Podman has them all in a file.
    const isTold = (): boolean => words(watched).includes(`container destroy ${named('lost')}`);
    await until(() => isTold() || !isPodman(), 'its end is told');
    expect(isTold()).toBe(isPodman());
  });

  it('a connection that went silent is found out, and what it swallowed is told', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket, kinds: ['container'] });
    proxy.silence();
    await blink(named('swallowed'));
    await until(() => watched.events.length >= 2, 'the events are there');
    expect(words(watched)).toEqual([`container create ${named('swallowed')}`, `container destroy ${named('swallowed')}`]);
    // Nobody was cut off: there is nothing to say.
    expect(watched.states).toEqual([{ connected: true }]);
    await until(() => proxy.open <= 2, 'the dead connection is closed');
  });

  it('an engine that is there and answers nothing: disconnected, until it does again', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket, timings: { ...QUICK, answer: 500 }, kinds: ['container'] });
    proxy.silenceFor(() => true);
    proxy.silence();
    await until(() => watched.states.length === 2, 'it is disconnected');
    expect(watched.states[1]).toMatchObject({
      connected: false,
      problem: { code: 'engine-unreachable', message: expect.stringContaining('did not answer within') },
    });
    await blink(named('stuck'));
    proxy.silenceFor(() => false);
    await until(() => watched.events.length >= 2, 'the events are there');
    await until(() => watched.states.at(-1)?.connected === true, 'it is connected');
  });
});

describe('waiting for an engine', () => {
  it('says why it is not connected, each reason once, and asks again at short intervals', async () => {
    const proxy = await way();
    const watched = await follow({ socket: proxy.socket, timings: { ...QUICK, pause: { first: 10, longest: 100 } } });
    await proxy.down();
    await until(() => watched.states.some((state) => !state.connected && state.problem.code === 'engine-no-socket'), 'the socket is gone');
    const { length } = watched.states;
    const before = watched.dialled.length;
    await until(() => watched.dialled.length - before >= 12, 'it has tried a dozen times');
    // Somebody who hangs up at once is no better.
    proxy.silenceFor(() => {
      setImmediate(() => proxy.cut());
      return true;
    });
    await proxy.up();
    await until(() => watched.dialled.length - before >= 24, 'it has tried two dozen times');
    const pauses = watched.dialled.slice(before).map((at, i, all) => at - (all[i - 1] ?? at - 100));
    expect(pauses.reduce((sum, pause) => sum + pause, 0) / pauses.length).toBeGreaterThan(60);
    expect(Math.max(...pauses)).toBeLessThan(1_000);
    expect(watched.states.length - length).toBeLessThanOrEqual(2);
    proxy.silenceFor(() => false);
    await until(() => watched.states.at(-1)?.connected === true, 'it is connected again', 1_000);
  });

  it('ends with its signal at once, whatever it is waiting for, and leaves no connection', async () => {
    const proxy = await way();
    for (const prepare of [async () => undefined, async () => proxy.silence(), () => proxy.down()]) {
      const watched = await follow({ socket: proxy.socket });
      await prepare();
      const began = performance.now();
      watched.end();
      await watched.ended;
      expect(performance.now() - began).toBeLessThan(100);
      await until(() => proxy.open === 0, 'no connection is left');
      const told = watched.events.length + watched.snapshots.length + watched.states.length;
      await blink(named('unseen'));
      expect(watched.events.length + watched.snapshots.length + watched.states.length).toBe(told);
    }
  });

  it('rejects with what a callback throws', async () => {
    const failing = bench.engine.watch({
      onSnapshot: () => {
        throw new RangeError('no such row');
      },
      onEvent: () => undefined,
      onState: () => undefined,
      signal: new AbortController().signal,
    });
    await expect(failing).rejects.toThrow(new RangeError('no such row'));
  });

  it('does not end with the connection of its engine', async () => {
    const engine = await connectEngine({ env: process.env });
    const controller = new AbortController();
    const names: string[] = [];
    let isThere = false;
    const ended = engine.watch({
      labels: labels,
      kinds: ['container'],
      onSnapshot: () => {
        engine.close();
        isThere = true;
      },
      onEvent: ({ name }) => void names.push(name),
      onState: () => undefined,
      signal: controller.signal,
    });
    await until(() => isThere, 'the first snapshot is there');
    await blink(named('closed'));
    await until(() => names.length === 2, 'the events are there');
    expect(names).toEqual([named('closed'), named('closed')]);
    controller.abort();
    await ended;
  });
});
