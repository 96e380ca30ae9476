/** What is done to containers by their id: to ours it is done, and anybody else's is the same afterwards. */
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Core } from '../../../src/core/core.js';
import { createCore } from '../../../src/core/create-core.js';
import { CONTAINER_ACTIONS } from '../../../src/core/objects/container-actions.js';
import { FaultyWay } from '../../support/faulty-way.js';
import { call } from '../../support/raw-engine.js';
import { FakeTerminal } from '../../support/terminal.js';
import { BASE, getText, problemOf, until, useEngine } from './harness.js';

const bench = useEngine();
const core: Core = createCore();
const choice = { env: process.env };
const { signal } = new AbortController();

afterAll(() => core.close());

/** Counts for as long as it lives, and ends when it is asked to. */
const TALK = ['sh', '-c', 'trap "exit 7" TERM; n=0; while :; do n=$((n+1)); echo "line $n of $(cat /proc/sys/kernel/random/uuid)"; sleep 0.1; done'];

const OURS = { 'io.pypackage.kind': 'service', 'io.pypackage.project': 'acts-1a2b3c4d', 'io.pypackage.target': 'acts' };

const start = (labels: Readonly<Record<string, string>>, command = ['sleep', '600']): Promise<string> =>
  bench.engine.startContainer({ image: BASE, entrypoint: [], command, labels: { ...bench.labels, ...labels } });

const stateOf = async (id: string): Promise<string | undefined> => (await bench.engine.inspectContainer(id))?.state;

describe('a container of ours', () => {
  test('is stopped, started, started anew, and removed', async () => {
    const id = await start(OURS, TALK);
    const act = (action: (typeof CONTAINER_ACTIONS)[number], force?: boolean): Promise<unknown> =>
      core.containerAction({ ...choice, action, container: id, ...(force !== undefined && { force }) }, signal);
    expect(await act('stop')).toMatchObject({ id, name: (await bench.engine.inspectContainer(id))?.name });
    expect(await bench.engine.inspectContainer(id)).toMatchObject({ state: 'exited', exitCode: 7 });
    await act('start');
    expect(await stateOf(id)).toBe('running');
    const before = (await bench.engine.inspectContainer(id))?.startedAt;
    await act('restart');
    const after = await bench.engine.inspectContainer(id);
    expect(after?.state).toBe('running');
    expect(after?.startedAt).not.toBe(before);
    // One that runs goes by force alone.
    expect(await problemOf(act('remove'))).toMatchObject({ code: 'container-running', message: expect.stringMatching(/ is running and was not removed$/) });
    expect(await stateOf(id)).toBe('running');
    await act('remove', true);
    expect(await stateOf(id)).toBeUndefined();
    expect(await problemOf(act('start'))).toMatchObject({ code: 'container-missing' });
  });

  test('is found by its name, and goes without force once it has ended', async () => {
    const id = await start(OURS, ['true']);
    await until(async () => (await stateOf(id)) === 'exited', 'it has ended');
    const { name = '' } = (await bench.engine.inspectContainer(id)) ?? {};
    expect(await core.containerAction({ ...choice, action: 'remove', container: name }, signal)).toEqual({ id, name });
    expect(await stateOf(id)).toBeUndefined();
  });

  test('that cannot start says so by its name: its port is taken', async () => {
    const labels = { ...bench.labels, ...OURS };
    const on = (host: number): Promise<string> =>
      bench.engine.startContainer({ image: BASE, entrypoint: [], command: ['sleep', '600'], labels, ports: [{ container: 80, host }] });
    const free = await on(0);
    const host = (await bench.engine.inspectContainer(free))?.ports[0]?.host ?? 0;
    await bench.engine.removeContainer(free);
    const first = await on(host);
    await bench.engine.stopContainer(first, 0);
    const second = await on(host);
    expect(await problemOf(core.containerAction({ ...choice, action: 'start', container: first }, signal))).toMatchObject({
      code: 'port-in-use',
      message: `Port ${host} is in use by something else`,
    });
    for (const id of [first, second]) await bench.engine.removeContainer(id);
  });
});

test('containers of ours are looked at: what they are, where they answer, what they have written', async () => {
  const labels = { ...bench.labels, ...OURS };
  const command = ['sh', '-c', 'head -c 300000 /dev/urandom > /written; sleep 600'];
  const one = await bench.engine.startContainer({ image: BASE, entrypoint: [], command, labels, ports: [{ container: 80, host: 0 }] });
  const two = await start(OURS, ['true']);
  await until(async () => ((await bench.engine.containerSize(one)) ?? 0) > 200_000 && (await stateOf(two)) === 'exited', 'it has written');
  const [first, second, ...others] = await core.lookAtContainers({ ...choice, containers: [one, two, one.slice(0, 12)], sizes: true }, signal);
  const host = first?.ports[0]?.host;
  expect(first).toMatchObject({ id: one, kind: 'service', state: 'running', url: expect.stringMatching(new RegExp(`^http://[^/]+:${host}$`)) });
  expect(first?.size).toBeGreaterThanOrEqual(300_000);
  expect(Math.abs(Date.now() - (first?.upSince ?? 0))).toBeLessThan(10_000);
  expect(second).toMatchObject({ id: two, state: 'exited', exitCode: 0, size: expect.any(Number) });
  expect(second).not.toHaveProperty('url');
  expect(others).toEqual([]);
  for (const id of [one, two]) await bench.engine.removeContainer(id);
});

describe("somebody else's", () => {
  const works = (container: string): readonly (readonly [string, () => Promise<unknown>])[] => [
    ...CONTAINER_ACTIONS.map((action) => [action, () => core.containerAction({ ...choice, action, container, force: true }, signal)] as const),
    ['look', () => core.lookAtContainers({ ...choice, containers: [container], sizes: true }, signal)],
    [
      'log',
      () =>
        core.followContainer(
          { ...choice, container },
          () => undefined,
          () => undefined,
          signal,
        ),
    ],
    ['shell', () => core.execInContainer({ ...choice, container }, new FakeTerminal(), signal)],
    ['command', () => core.execInContainer({ ...choice, container, command: 'touch /tmp/here' }, new FakeTerminal(), signal)],
  ];

  test.each([
    ['one without our label', {}, 'container-foreign'],
    ['what a run holds its target with', { 'io.pypackage.kind': 'lease', 'io.pypackage.run': 'r', 'io.pypackage.project': 'acts-1a2b3c4d' }, 'container-lease'],
  ])('%s is refused, and the same before and after', async (_, labels, code) => {
    const running = await start(labels);
    const ended = await start(labels, ['true']);
    await until(async () => (await stateOf(ended)) === 'exited', 'it has ended');
    for (const id of [running, ended]) {
      const before = await getText(bench.engine, `/containers/${id}/json`);
      for (const [what, work] of works(id)) expect([what, await problemOf(work())]).toMatchObject([what, { kind: 'project', code }]);
      expect(await getText(bench.engine, `/containers/${id}/json`)).toBe(before);
      await bench.engine.removeContainer(id);
    }
  });

  test('what is not there is told for everything', async () => {
    for (const [what, work] of works('0123456789ab')) {
      expect([what, await problemOf(work())]).toMatchObject([
        what,
        { code: 'container-missing', message: 'There is no container 0123456789ab on the engine any more' },
      ]);
    }
  });
});

describe('the log of one container', () => {
  function follow(container: string, env = choice.env): { lines: string[]; notes: string[]; ended: Promise<void>; end: () => void } {
    const abort = new AbortController();
    const lines: string[] = [];
    const notes: string[] = [];
    const ended = core.followContainer(
      { env, container, tail: 1000 },
      (_stream, line) => void lines.push(line),
      (text) => notes.push(text),
      abort.signal,
    );
    return { lines, notes, ended, end: () => abort.abort() };
  }

  test('goes on over a restart, a stop and a start, and into the one that takes its place; no line comes twice', async () => {
    const id = await start(OURS, TALK);
    const { name = '' } = (await bench.engine.inspectContainer(id)) ?? {};
    const { lines, notes, ended, end } = follow(id);
    const begun = (): number => lines.filter((line) => line.startsWith('line 1 ')).length;
    await until(() => lines.length > 2, 'its lines are told');
    await core.containerAction({ ...choice, action: 'restart', container: id }, signal);
    await until(() => begun() === 2, 'the restart is told');
    await core.containerAction({ ...choice, action: 'stop', container: id }, signal);
    await until(() => notes.includes(`${name} has ended with exit code 7`), 'its end is told');
    await core.containerAction({ ...choice, action: 'start', container: id }, signal);
    await until(() => begun() === 3, 'the start is told');
    expect(notes).toContain(`${name} was started again`);
    await core.containerAction({ ...choice, action: 'remove', container: id, force: true }, signal);
    await until(() => notes.includes(`${name} was removed`), 'that it is gone is told');
    const next = await start(OURS, TALK);
    await until(() => begun() === 4, 'the next one is told');
    expect(notes.at(-1)).toMatch(/ was started \(/);
    end();
    await expect(ended).rejects.toMatchObject({ name: 'CancelledError' });
    expect(new Set(lines).size).toBe(lines.length);
    await bench.engine.removeContainer(next);
  });

  test('goes on where it was when the engine was away, though the container has ended meanwhile', async () => {
    const way = await FaultyWay.open(bench.socket);
    onTestFinished(() => way.close());
    const id = await start({ ...OURS, 'io.pypackage.kind': 'job' }, TALK);
    const { lines, notes, ended } = follow(id, { ...process.env, DOCKER_HOST: way.url });
    await until(() => lines.length > 2, 'its lines are told');
    await way.down();
    await until(() => notes.some((note) => note.endsWith(': waiting until the engine answers')), 'that it is away is told');
    const seen = lines.length;
    // For what it writes meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bench.engine.stopContainer(id);
    await way.up();
    await until(() => notes.some((note) => note.endsWith(' has ended with exit code 7')), 'its end is told');
    expect(lines.length).toBeGreaterThan(seen + 1);
    expect(lines.map((line) => Number(/\d+/.exec(line)?.[0]))).toEqual(lines.map((_, at) => at + 1));
    expect(notes.slice(0, 2)).toEqual([expect.stringContaining(way.url), 'The engine answers again']);
    await bench.engine.removeContainer(id);
    await ended;
  });

  test('of a job ends with its removal', async () => {
    const id = await start({ ...OURS, 'io.pypackage.kind': 'job' }, ['sh', '-c', 'echo done; exit 4']);
    const { name = '' } = (await bench.engine.inspectContainer(id)) ?? {};
    const { lines, notes, ended } = follow(id);
    await until(() => notes.length > 0, 'its end is told');
    await bench.engine.removeContainer(id);
    await ended;
    expect(lines).toEqual(['done']);
    expect(notes[0]).toBe(`${name} has ended with exit code 4`);
    expect(notes.at(-1)).toBe(`${name} was removed`);
  });
});

describe('in a container that runs', () => {
  test('a shell has its size, and its exit code comes back; a command, too', async () => {
    const id = await start(OURS);
    const terminal = new FakeTerminal();
    terminal.resize(91, 31);
    const code = core.execInContainer({ ...choice, container: id }, terminal, signal);
    await terminal.says(/\/data stays, what else is changed goes with the container\./);
    terminal.type('stty size; echo "is $((6*7))"; exit 5\r');
    expect(await code).toBe(5);
    expect(terminal.text).toMatch(/\n31 91\nis 42\n/);
    const second = new FakeTerminal();
    expect(await core.execInContainer({ ...choice, container: id, command: 'echo "$0 $((2*3))" && exit 9' }, second, signal)).toBe(9);
    expect(second.text).toBe('sh 6\n');
    await bench.engine.stopContainer(id, 0);
    const { name } = (await bench.engine.inspectContainer(id)) ?? {};
    expect(await problemOf(core.execInContainer({ ...choice, container: id }, new FakeTerminal(), signal))).toMatchObject({
      code: 'container-not-running',
      message: `${name} does not run: it is exited`,
      fix: 'Start it',
    });
    await bench.engine.removeContainer(id);
  });
});

describe('in a container of an image', () => {
  const image = async (kind: string | undefined): Promise<string> => {
    const labels = kind === undefined ? {} : { 'io.pypackage.kind': kind, 'io.pypackage.project': 'acts-1a2b3c4d', 'io.pypackage.target': 'acts' };
    const dockerfile = `FROM ${BASE}\nLABEL io.pypackage.test=${bench.id}\nCMD ["sh", "-c", "echo by itself; exit 6"]\n`;
    return (await bench.engine.build({ dockerfile, dockerfileName: 'Dockerfile.acts', tags: [`${bench.id}/acts:${kind ?? 'foreign'}`], labels })).imageId;
  };
  const left = async (): Promise<number> => (await bench.engine.findContainers({ 'io.pypackage.kind': 'job', 'io.pypackage.project': 'acts-1a2b3c4d' })).length;

  test('a shell, a command, and what the image itself runs; nothing is left', async () => {
    for (const kind of ['release', 'builder']) {
      const id = await image(kind);
      const terminal = new FakeTerminal();
      const code = core.runImage({ ...choice, image: id, what: 'shell' }, terminal, signal);
      await terminal.says(/In a container of its own of /);
      await until(async () => (await left()) === 1, 'it is labelled as its image is');
      terminal.type('echo "is $((6*7))"; exit 8\r');
      expect(await code).toBe(8);
      expect(terminal.text).toContain('\nis 42\n');
      const own = new FakeTerminal();
      expect(await core.runImage({ ...choice, image: id, what: 'own' }, own, signal)).toBe(6);
      expect(own.text).toContain('by itself\n');
      expect(await core.runImage({ ...choice, image: id, what: { command: 'exit 3' } }, new FakeTerminal(), signal)).toBe(3);
      expect(await left()).toBe(0);
    }
    await bench.engine.removeVolume('pypackage-acts-1a2b3c4d-acts-data');
  });

  test("somebody else's only where that is asked for, and none where nothing can run", async () => {
    const foreign = await image(undefined);
    const run = (id: string, isMeant?: true): Promise<number> =>
      core.runImage({ ...choice, image: id, what: { command: 'exit 2' }, ...(isMeant && { foreign: true }) }, new FakeTerminal(), signal);
    expect(await problemOf(run(foreign))).toMatchObject({ code: 'image-foreign' });
    expect(await run(foreign, true)).toBe(2);
    expect(await problemOf(run(await image('wheels')))).toMatchObject({ code: 'image-without-system' });
    expect(await problemOf(run(`sha256:${'0'.repeat(64)}`))).toMatchObject({ code: 'image-missing' });
  });
});

test("the engine's own words about an object are JSON to be read, and change nothing", async () => {
  const id = await start({});
  const path = `/containers/${id}/json`;
  const before: unknown = JSON.parse(await call('GET', path));
  const told = await core.inspectObject({ ...choice, kind: 'container', id }, signal);
  expect(JSON.parse(told)).toEqual(before);
  expect(told).toMatch(/^\{\n {2}"Id": "/);
  expect(z.object({ Id: z.string() }).parse(JSON.parse(await core.inspectObject({ ...choice, kind: 'image', id: BASE }, signal))).Id).not.toBe('');
  expect(await problemOf(core.inspectObject({ ...choice, kind: 'image', id: `sha256:${'0'.repeat(64)}` }, signal))).toMatchObject({ code: 'image-missing' });
  await bench.engine.removeContainer(id);
});
