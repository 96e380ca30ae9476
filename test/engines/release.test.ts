/** The samples, packaged on this engine. What comes out is written down for whoever compares engines: the same everywhere. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { connectEngine } from '../../src/core/engine/connect.js';
import { readLock } from '../../src/core/wheels/lock.js';
import { BASE_IMAGE, useSandbox } from '../support/core.js';
import listFiles from './list-files.py';

const sandbox = useSandbox();

/** What was made, in lines that can be compared, by what it is. */
const made: Record<string, readonly string[]> = {};

afterAll(async () => {
  const report = process.env['PYPACKAGE_TEST_RELEASE'];
  if (report) await writeFile(report, JSON.stringify(made, undefined, 1));
});

for (const name of ['greet', 'polls'] as const) {
  test(`${name} becomes the release that it is on every engine`, { timeout: 600_000 }, async () => {
    const folder = await sandbox.sample(name);
    const { release } = await sandbox.make(folder);
    const lock = join(folder, 'target/pypackage', name, 'pylock.toml');
    const { wheels } = readLock(await readFile(lock, 'utf8'), lock);
    const hashes = wheels.map(({ file, sha256 }) => `${file} ${sha256}`);
    expect(hashes.filter((line) => line.startsWith(`${name}-`))).toHaveLength(1);

    const below = await filesOf(BASE_IMAGE);
    const files = await filesOf(`${release.image}:latest`);
    const changed = [...files].filter(([path, file]) => below.get(path) !== file).map(([path, file]) => `${path} ${file}`);
    const removed = [...below.keys()].filter((path) => !files.has(path)).map((path) => `${path} removed`);
    expect(changed.some((line) => line.includes(`/site-packages/${name}/__init__.py file 644 0:0 `))).toBe(true);
    Object.assign(made, { [`${name}: wheels`]: hashes, [`${name}: files`]: [...changed, ...removed] });
  });
}

/** Empty folders where something was mounted while the image was built: Docker 20.10 leaves them, later ones take them away. */
const MOUNT_POINT = /^\/run\/(pypackage|secrets)(\/\w+)?$/;

const line = z.tuple([z.string(), z.string()]);

/** All files of an image by their paths, as root of a container sees them. */
async function filesOf(image: string): Promise<ReadonlyMap<string, string>> {
  const engine = await connectEngine({ env: process.env });
  const files = new Map<string, string>();
  const problems: string[] = [];
  try {
    const { exitCode } = await engine.runJob({
      image,
      entrypoint: [],
      command: ['python3', '-ISBc', listFiles],
      user: '0:0',
      network: 'none',
      labels: { 'io.pypackage.test': sandbox.namespace },
      onOutput: (stream, text) => {
        if (stream === 'stderr') problems.push(text);
        else {
          const [path, file] = line.parse(JSON.parse(text));
          if (!(MOUNT_POINT.test(path) && file.startsWith('directory '))) files.set(path, file);
        }
      },
    });
    expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: [] });
  } finally {
    engine.close();
  }
  return files;
}
