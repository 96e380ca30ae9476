/** The rows of what is on the engine, as a front end gets them: against the engine's own lists. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Core } from '../../../src/core/core.js';
import { createCore } from '../../../src/core/create-core.js';
import type { ContainerRow, ImageRow, ObjectChange } from '../../../src/core/objects/object-rows.js';
import { FaultyWay } from '../../support/faulty-way.js';
import { BASE, until, useEngine } from './harness.js';

const bench = useEngine();

interface Looked {
  readonly containers: Map<string, ContainerRow>;
  readonly images: Map<string, ImageRow>;
  readonly changes: ObjectChange[];
  readonly away: () => boolean;
}

/** Keeps the rows of this file's objects, as a view does. Resolves when the engine has answered. */
async function look({ all = false, socket = bench.socket }: { readonly all?: boolean; readonly socket?: string } = {}): Promise<Looked> {
  const core: Core = createCore();
  const ending = new AbortController();
  let isAway = true;
  const looked = { containers: new Map<string, ContainerRow>(), images: new Map<string, ImageRow>(), changes: [] as ObjectChange[], away: () => isAway };
  const ended = core.watchObjects(
    { env: { ...process.env, DOCKER_HOST: `unix://${socket}` }, all },
    (change) => {
      looked.changes.push(change);
      if (change.type === 'connected' || change.type === 'away') isAway = change.type === 'away';
      if (change.type === 'containers') {
        for (const id of change.gone) if (!looked.containers.delete(id)) throw new Error(`a row went that was not there: ${id}`);
        for (const row of change.rows) looked.containers.set(row.id, row);
      } else if (change.type === 'images') {
        for (const id of change.gone) if (!looked.images.delete(id)) throw new Error(`a row went that was not there: ${id}`);
        for (const row of change.rows) looked.images.set(row.id, row);
      }
    },
    ending.signal,
  );
  onTestFinished(async () => {
    ending.abort();
    await expect(ended).rejects.toMatchObject({ name: 'CancelledError' });
    core.close();
  });
  await until(() => !isAway, 'the engine answers');
  return looked;
}

const spec = (
  labels: Readonly<Record<string, string>>,
  command = ['sleep', '600'],
): { image: string; entrypoint: []; command: string[]; labels: Record<string, string> } => ({
  image: BASE,
  entrypoint: [],
  command,
  labels: { ...bench.labels, ...labels },
});

const OURS = { 'io.pypackage.kind': 'service', 'io.pypackage.project': 'rows-1a2b3c4d', 'io.pypackage.target': 'rows' };

describe('rows', () => {
  test('one container from its beginning to its end changes its row alone', async () => {
    const { containers, changes } = await look();
    const id = await bench.engine.startContainer(spec(OURS));
    await until(() => containers.get(id)?.state === 'running', 'it is running');
    expect(containers.get(id)).toMatchObject({ kind: 'service', project: 'rows-1a2b3c4d', target: 'rows', health: 'none', ports: [] });
    expect(Math.abs(Date.now() - (containers.get(id)?.upSince ?? 0))).toBeLessThan(3_000);
    const before = changes.length;
    await bench.engine.stopContainer(id, 0);
    await until(() => containers.get(id)?.state === 'exited', 'it is exited');
    expect([137, 143]).toContain(containers.get(id)?.exitCode);
    expect(containers.get(id)).not.toHaveProperty('upSince');
    await bench.engine.startAgain(id);
    await until(() => containers.get(id)?.state === 'running', 'it is running');
    await bench.engine.removeContainer(id);
    await until(() => !containers.has(id), 'the rows say so');
    const told = changes.slice(before).flatMap((change) => (change.type === 'containers' ? [...change.rows.map((row) => row.id), ...change.gone] : []));
    expect(new Set(told.filter((one) => containers.get(one)?.target === 'rows' || one === id))).toEqual(new Set([id]));
  });

  test("somebody else's are there only where all are asked for", async () => {
    const foreign = await bench.engine.startContainer(spec({}));
    const ours = await bench.engine.startContainer(spec(OURS));
    const one = await look();
    expect(one.containers.has(ours)).toBe(true);
    expect(one.containers.has(foreign)).toBe(false);
    const both = await look({ all: true });
    expect(both.containers.get(foreign)).not.toHaveProperty('kind');
    await bench.engine.removeContainer(foreign);
    await bench.engine.removeContainer(ours);
    await until(() => !both.containers.has(foreign) && !both.containers.has(ours) && !one.containers.has(ours), 'the rows say so');
  });

  test('images: made, tagged, removed', async () => {
    const { images } = await look();
    const name = `${bench.id}/rows`;
    const { imageId } = await bench.engine.build({
      dockerfile: `FROM ${BASE}\nLABEL io.pypackage.test=${bench.id}\n`,
      dockerfileName: 'Dockerfile.rows',
      tags: [`${name}:one`],
      labels: { 'io.pypackage.kind': 'release', 'io.pypackage.revision': 'abc' },
    });
    await until(() => images.get(imageId)?.tags.join() === `${name}:one`, 'the rows say so');
    expect(images.get(imageId)).toMatchObject({ kind: 'release', revision: 'abc' });
    await bench.engine.tagImage(imageId, `${name}:two`);
    await until(() => images.get(imageId)?.tags.length === 2, 'the rows say so');
    await bench.engine.removeImage(`${name}:one`);
    await bench.engine.removeImage(`${name}:two`);
    await until(() => !images.has(imageId), 'the rows say so');
  });

  test('a burst: no row is lost and none is there twice', async () => {
    const { containers } = await look();
    const ids: string[] = [];
    const made = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) ids.push(await bench.engine.startContainer(spec({ ...OURS, 'io.pypackage.target': 'burst' }, ['true'])));
    };
    await Promise.all([made(), made(), made(), made()]);
    const gone = ids.filter((_, at) => at % 2 === 0);
    await Promise.all(gone.map((id) => bench.engine.removeContainer(id)));
    const left = ids.filter((id) => !gone.includes(id)).sort();
    const burst = (): readonly ContainerRow[] => [...containers.values()].filter(({ target }) => target === 'burst');
    await until(() => burst().length === left.length && burst().every(({ state }) => state === 'exited'), 'the rows say so');
    expect(
      burst()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(left);
  });

  test('a connection that breaks is told, and what happened meanwhile is there afterwards', async () => {
    const way = await FaultyWay.open(bench.socket);
    onTestFinished(() => way.close());
    const { containers, away, changes } = await look({ socket: way.socket });
    const ids = await Promise.all([1, 2].map(() => bench.engine.startContainer(spec(OURS))));
    await until(() => ids.every((id) => containers.get(id)?.state === 'running'), 'the rows say so');
    await way.down();
    await until(away, 'it is away');
    // Rows stay as they were last seen.
    expect(ids.every((id) => containers.has(id))).toBe(true);
    expect(changes.findLast(({ type }) => type === 'away')).toMatchObject({ problem: { kind: 'engine' } });
    await bench.engine.removeContainer(ids[0] ?? '');
    await way.up();
    await until(() => !away(), 'it is back');
    await until(() => !containers.has(ids[0] ?? ''), 'the rows say so');
    expect(containers.get(ids[1] ?? '')?.state).toBe('running');
  });
});
