/** Projects as people have them: odd names, large files, other backends, nothing to serve, folders that cannot be written. */
import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, open, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from 'esbuild';
import { readExport } from '../../../src/core/wheels/export.js';
import { BASE_IMAGE, eventsOf, useSandbox } from '../../support/core.js';
import type { Run } from '../../support/core.js';
import { mini, pyproject } from '../../support/projects.js';
import { makeRandomProject } from '../../support/random-project.js';
import { ENGINE_SOCKET, inspectImage, output } from '../../support/raw-engine.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;

async function exported(folder: string): Promise<readonly string[]> {
  const { target } = await sandbox.core.describe(folder);
  const lock = await readExport(join(folder, 'target/pypackage', target));
  return (lock?.wheels ?? []).map(({ name, version }) => `${name} ${version}`).sort();
}

function noteOf(run: Run): string {
  return eventsOf(run.events, 'log')
    .filter(({ stream }) => stream === 'note')
    .map(({ text }) => text)
    .join('\n');
}

describe.each([1, 20_270_101])('a Django project that nobody has seen, from seed %i', (seed) => {
  test('is packaged, started and fetched', async () => {
    const project = await makeRandomProject(sandbox.folder, seed);
    const run = await sandbox.make(project.root);
    expect(run.release).toMatchObject({ name: project.distribution, version: project.version, serves: true });
    expect(run.release.image).toMatch(new RegExp(`^${sandbox.namespace}/[a-z0-9]+(-[a-z0-9]+)*-release$`));
    const started = await sandbox.core.start(sandbox.request(project.root), () => undefined, signal);
    try {
      const page = await (await fetch(started.url ?? '')).text();
      expect(page).toContain(project.sentence);
      const stem = project.staticFile.replace(/\.css$/, '');
      const hashed = new RegExp(`/assets/${stem}\\.[0-9a-f]{12}\\.css`).exec(page)?.[0] ?? '';
      const style = await fetch(`${started.url}${hashed}`);
      expect(style.status).toBe(200);
      expect(await style.text()).toContain('--made-by');
    } finally {
      await sandbox.core.stop(sandbox.request(project.root), signal);
    }
  });
});

describe('a console application', () => {
  let folder: string;
  let run: Run;

  beforeAll(async () => {
    folder = await sandbox.sample('greet', 'Grüße & Co');
    run = await sandbox.make(folder);
  });

  test('runs its script, serves nothing and says so', async () => {
    expect(run.release).toMatchObject({ name: 'greet', version: '0.3.1', command: ['greet'], serves: false });
    const { Config } = await inspectImage(run.release?.imageId ?? '');
    expect(Config.Healthcheck ?? null).toBeNull();
    expect(Config.ExposedPorts ?? {}).toEqual({});
    expect(await output(run.release?.imageId ?? '', ['greet', 'Ada', 'Grace', '--shout'])).toMatch(/ADA.*GRACE/);
    await expect(sandbox.core.start(sandbox.request(folder), () => undefined, signal)).rejects.toMatchObject({
      code: 'serves-nothing',
      fix: 'Run it: pypackage run',
    });
  });

  test('its tests and their extra are not in it', async () => {
    const listing = await output(run.release?.imageId ?? '', [
      'python',
      '-c',
      'import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))',
    ]);
    expect(listing).toContain("'greet'");
    expect(listing).not.toContain('pytest');
  });
});

describe('what has nothing, or little', () => {
  test('no dependencies: the release stands on the base, without a layer for them', async () => {
    const folder = await sandbox.project(mini(), 'no dependencies');
    const run = await sandbox.make(folder);
    expect(await exported(folder)).toEqual(['mini 1.0']);
    expect((await sandbox.tags()).filter((tag) => tag.includes('/mini-deps:'))).toEqual([]);
    expect((await inspectImage(run.release.imageId)).Config.Labels['io.pypackage.layer']).toBeUndefined();
    expect((await sandbox.make(folder)).changed).toBe(false);
  });

  test('dependencies that this platform does not need', async () => {
    const folder = await sandbox.project(mini({ name: 'elsewhere', dependencies: ['pywin32 ; sys_platform == "win32"'] }), 'elsewhere');
    await sandbox.make(folder);
    expect(await exported(folder)).toEqual(['elsewhere 1.0']);
    expect((await sandbox.make(folder)).changed).toBe(false);
  });

  test('Django without a server: the command is python, and it is said', async () => {
    const project = await makeRandomProject(sandbox.folder, 77);
    const file = join(project.root, 'pyproject.toml');
    const text = (await readFile(file, 'utf8')).replace('"gunicorn>=23", ', '');
    await sandbox.project({ 'pyproject.toml': text }, project.root.slice(sandbox.folder.length + 1));
    const run = await sandbox.make(project.root);
    expect(run.release).toMatchObject({ command: ['python'], serves: false });
    expect(noteOf(run)).toContain('the command is python (no server (gunicorn, uvicorn, daphne or waitress) among the dependencies: the command is python)');
  });
});

describe('metadata', () => {
  test('a version that only the backend knows', async () => {
    const parts = { name: 'dynamic', rest: '[tool.setuptools.dynamic]\nversion = { attr = "mini.__version__" }' };
    const files = mini(parts);
    const text = String(files['pyproject.toml']).replace('version = "1.0"\n', 'dynamic = ["version"]\n');
    const folder = await sandbox.project(
      { ...files, 'pyproject.toml': text, 'mini/__init__.py': `__version__ = "2.5.1+build.7"\n${String(files['mini/__init__.py'])}` },
      'dynamic',
    );
    const run = await sandbox.make(folder);
    expect(run.release).toMatchObject({ version: '2.5.1+build.7' });
    expect(run.release.tags[0]).toBe('2.5.1-build.7');
  });

  test('setup.py and setup.cfg without a pyproject.toml', async () => {
    const files = {
      'setup.py': 'from setuptools import setup\nsetup()\n',
      'setup.cfg':
        '[metadata]\nname = Old_Style\nversion = 0.9\n\n[options]\npackages = old\ninstall_requires =\n    six==1.17.0\n\n[options.entry_points]\nconsole_scripts =\n    old-style = old:main\n',
      'old/__init__.py': 'def main():\n    import six\n    print("old and", six.__name__)\n',
    };
    const folder = await sandbox.project(files, 'old style');
    const run = await sandbox.make(folder);
    expect(run.release).toMatchObject({ name: 'Old_Style', version: '0.9', command: ['old-style'] });
    expect(await output(run.release.imageId, ['old-style'])).toBe('old and six\n');
  });

  test('an extra brings its dependencies, and only then', async () => {
    const rest = '[project.optional-dependencies]\ncolour = ["six==1.17.0"]\nall = ["extras[colour]"]';
    const folder = await sandbox.project(
      { 'pyproject.toml': pyproject({ name: 'extras', rest: `${rest}\n\n[tool.setuptools]\npackages = ["extras"]` }), 'extras/__init__.py': '' },
      'extras',
    );
    await sandbox.make(folder);
    expect(await exported(folder)).toEqual(['extras 1.0']);
    await sandbox.make(folder, { extras: ['ALL'] });
    expect(await exported(folder)).toEqual(['extras 1.0', 'six 1.17.0']);
    await sandbox.make(folder);
    expect(await exported(folder)).toEqual(['extras 1.0']);
  });

  test('the wheel is what the backend makes of the tree: links within it, modes, files of all names', async () => {
    const folder = await sandbox.project(
      {
        ...mini({ name: 'names', rest: '[tool.setuptools.package-data]\nmini = ["**/*"]' }),
        'mini/data/with space & ünïcode.txt': 'a',
        'mini/data/日本.txt': 'b',
        'mini/data/empty': '',
      },
      'names',
    );
    const run = await sandbox.make(folder);
    const script = 'import importlib.resources as r; print(sorted(p.name for p in (r.files("mini") / "data").iterdir()))';
    const found = await output(run.release.imageId, ['python', '-c', script]);
    expect(found).toContain("['empty', 'with space & ünïcode.txt', '日本.txt']");
  });
});

/** The command line as a process of its own, so that its user and its memory can be looked at. */
async function commandLine(): Promise<string> {
  const outfile = join(sandbox.folder, 'cli.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    loader: { '.py': 'text', '.sh': 'text', '.node': 'empty' },
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    define: { PYPACKAGE_VERSION: '"0.0.0"' },
    logLevel: 'error',
  });
  return outfile;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runCli(
  cli: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number; readonly home: string; readonly preload?: string },
): Promise<Ended> {
  const { uid, gid, home, preload } = options;
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), XDG_STATE_HOME: join(home, 'state'), PYPACKAGE_BASE_IMAGE: BASE_IMAGE };
  const words = [...(preload === undefined ? [] : ['--require', preload]), cli, ...args, '--namespace', sandbox.namespace];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      words,
      { env, maxBuffer: 64 << 20, ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

describe('as a process', () => {
  let cli: string;

  beforeAll(async () => {
    cli = await commandLine();
  });

  test('200 MB in the sources go through without being held in memory', async () => {
    const folder = await sandbox.project({ ...mini({ name: 'large' }), 'report.cjs': '' }, 'large');
    const file = await open(join(folder, 'recording.bin'), 'w');
    await file.truncate(200 * 1024 * 1024);
    await file.close();
    const preload =
      (await sandbox.project(
        { 'memory.cjs': `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n'));\n` },
        'memory',
      )) + '/memory.cjs';
    const home = join(sandbox.folder, 'home');
    await mkdir(home, { recursive: true });
    const ended = await runCli(cli, ['wheels', '--project', folder], { home, preload });
    expect(ended).toMatchObject({ code: 0 });
    const peak = Number(/peak (\d+)/.exec(ended.stderr)?.[1]) / 1024;
    expect(peak).toBeGreaterThan(20);
    expect(peak).toBeLessThan(400);
    expect(await exported(folder)).toEqual(['large 1.0']);
  });

  test('a folder that its user may only read: packaged, and what is not exported is said', async () => {
    const { gid } = await stat(ENGINE_SOCKET);
    const NOBODY = 65_534;
    const folder = await sandbox.project(mini({ name: 'readonly' }), 'readonly');
    const home = join(sandbox.folder, 'home of nobody');
    await mkdir(home);
    await chown(home, NOBODY, gid);
    await chmod(sandbox.folder, 0o755);
    await chmod(folder, 0o555);
    const copy = join(sandbox.folder, 'cli for nobody.cjs');
    await cp(cli, copy);
    await chmod(copy, 0o444);
    const ended = await runCli(copy, ['all', '--project', folder], { uid: NOBODY, gid, home });
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('target/pypackage/readonly cannot be written by this user: the wheels are not exported, they are on the engine');
    expect(await readdir(folder)).toEqual(['mini', 'pyproject.toml']);
    expect((await sandbox.tags()).filter((tag) => tag.endsWith('/readonly-release:1.0'))).toHaveLength(1);
    // The missing export is no reason to work again.
    const again = await runCli(copy, ['all', '--project', folder, '--json'], { uid: NOBODY, gid, home });
    expect(again.stdout.match(/"type":"stage\.skipped"/g)).toHaveLength(4);
  });
});
