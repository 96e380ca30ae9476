/** Every build backend: the wheel's name and list of files are those that pip makes of the very same folder, Git and all. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine } from '../../../src/core/engine/connect.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { readExport } from '../../../src/core/wheels/export.js';
import { readWheel } from '../../../src/core/wheels/wheel.js';
import { OF_GIT, PROJECTS } from '../../support/backend-projects.js';
import { useSandbox, writeFiles } from '../../support/core.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
let engine: Engine;

beforeAll(async () => {
  engine = await connectEngine({ env: process.env });
});
afterAll(() => engine.close());

interface Built {
  readonly name: string;
  readonly files: readonly string[];
}

/** By our pipeline. */
async function ours(folder: string): Promise<Built> {
  const run = await sandbox.run(folder, { stages: ['wheels'], verb: 'wheels' });
  expect(run.error).toBeUndefined();
  const { target } = await sandbox.core.describe(folder);
  const exported = join(folder, 'target', 'pypackage', target);
  const own = (await readExport(exported))?.wheels.find(({ role }) => role === 'application');
  if (!own) throw new Error('nothing was exported');
  const wheel = await readWheel(join(exported, own.path));
  return { name: own.file, files: wheel.record.map(({ path }) => path).sort() };
}

/** By pip, in the same builder, from all that lies in the folder. */
async function theirs(root: string, path: string): Promise<Built> {
  const recipe = await sandbox.core.dockerfile(sandbox.request(join(root, path)), 'release', signal);
  const builder = /from=([^,]+-builder:[0-9a-f]+)/.exec(recipe)?.[1] ?? '';
  const lines: string[] = [];
  const script = `set -e
git config --global --add safe.directory '*'
cd /src/${path}
PATH=/opt/pypackage/build/bin:$PATH /opt/pypackage/pip/bin/python -m pip -q --python /opt/pypackage/build/bin/python wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels . >&2
cd /wheels && ls && python3 -c 'import glob, zipfile
for name in zipfile.ZipFile(glob.glob("*.whl")[0]).namelist(): print(name)'`;
  const { exitCode } = await engine.runJob({
    image: builder,
    entrypoint: [],
    command: ['sh', '-c', script],
    labels: {},
    user: '0:0',
    env: { HOME: '/root' },
    input: () =>
      Readable.from(pack(root, { ignore: (name) => name.includes('/target/'), map: (header) => ({ ...header, name: `src/${header.name}`, uid: 0, gid: 0 }) }), {
        objectMode: false,
      }),
    onOutput: (stream, text) => {
      lines.push(stream === 'stdout' ? text : `! ${text}`);
      return undefined;
    },
    signal,
  });
  if (exitCode !== 0) throw new Error(lines.join('\n'));
  const [name = '', ...files] = lines.filter((line) => !line.startsWith('! ') && !line.endsWith('/'));
  return { name, files: files.sort() };
}

describe('a project with the backend', () => {
  test.each(Object.entries(PROJECTS))('%s', async (name, files) => {
    const folder = await sandbox.project(files, name.replaceAll(/\W/g, '-'));
    const built = await ours(folder);
    expect(built).toEqual(await theirs(folder, ''));
    expect(built.files.some((path) => path.startsWith('bundle'))).toBe(true);
  });
});

function git(folder: string, ...words: readonly string[]): void {
  const env = { ...process.env, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' };
  execFileSync('git', ['-c', 'init.defaultBranch=main', ...words], { cwd: folder, env, stdio: 'pipe' });
}

describe('a project that takes version and files from Git', () => {
  test.each(Object.entries(OF_GIT))('%s', async (name, { files, path }) => {
    const root = join(sandbox.folder, `git-${name.replaceAll(/\W/g, '-')}`);
    const folder = join(root, path);
    await writeFiles(folder, files);
    git(root, 'init', '-q');
    git(root, 'add', '-A');
    git(root, 'commit', '-qm', 'one');
    git(root, 'tag', 'v1.4.0');
    const tagged = await ours(folder);
    expect(tagged.name).toMatch(/^bundle-1\.4\.0-/);
    expect(tagged).toEqual(await theirs(root, path));
    await writeFiles(folder, { 'src/bundle/more.py': 'x = 1\n', 'src/bundle/untracked.txt': 'x' });
    git(root, 'add', join(folder, 'src/bundle/more.py'));
    git(root, 'commit', '-qm', 'two');
    const after = await ours(folder);
    expect(after.name).toMatch(/^bundle-1\.4\.1\.dev1\+g[0-9a-f]{7,}/);
    expect(after).toEqual(await theirs(root, path));
  });
});
