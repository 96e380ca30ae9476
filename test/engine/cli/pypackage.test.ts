/** The command line that `npm run build` makes, on a Django project that nobody has seen, with a real engine. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LABEL } from '../../../src/core/engine/labels.js';
import { makeRandomProject, type RandomProject } from '../../support/random-project.js';
import { until, useEngine } from '../engine/harness.js';
import { parseEvents, statusSchema } from './event-schema.js';
import { type Call, type Ended, environment, PYPACKAGE, shell, start, type Surroundings } from './pypackage.js';

const SEED = 4711;
const bench = useEngine();
const namespace = bench.id;

let home: string;
let project: RandomProject;
let here: Surroundings;
let projectId: string;
let built: Ended;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pypackage-cli-'));
  project = await makeRandomProject(home, SEED);
  here = { cwd: project.root, env: environment(home) };
  built = await pypackage('all', '--namespace', namespace).ended;
  projectId = statusSchema.parse(JSON.parse((await pypackage('status', '--json', '--namespace', namespace).ended).stdout)).project.id;
});

afterAll(async () => {
  await pypackage('stop', '--namespace', namespace).ended;
  await pypackage('clean', '--yes', '--namespace', namespace).ended;
  for (const volume of await bench.engine.findVolumes({ [LABEL.project]: projectId })) await bench.engine.removeVolume(volume.name);
  await rm(home, { recursive: true, force: true });
});

function pypackage(...argv: readonly string[]): Call {
  return start(argv, here);
}

function inNamespace(verb: string, ...rest: readonly string[]): Call {
  return start([verb, '--namespace', namespace, ...rest], here);
}

async function edit(): Promise<void> {
  const file = join(project.root, project.module, '__init__.py');
  await writeFile(file, `${await readFile(file, 'utf8')}# edited ${Date.now()}\n`);
}

/** Without the lease of a run, which ends by itself right after its holder. */
async function ourContainers(): Promise<readonly string[]> {
  const containers = await bench.engine.findContainers({ [LABEL.project]: projectId });
  return containers.filter(({ labels }) => labels[LABEL.kind] !== 'lease').map(({ name }) => name);
}

/** Only of our namespace: others may work on the same engine. */
async function ourImages(): Promise<readonly string[]> {
  const images = await bench.engine.findImages({});
  return images.flatMap(({ id, tags }) => tags.filter((tag) => tag.startsWith(`${namespace}/`)).map((tag) => `${tag} ${id}`)).sort();
}

describe('all, in a pipe', () => {
  test('tells each stage in plain lines that stay', () => {
    expect({ code: built.code, stderr: built.stderr }).toEqual({ code: 0, stderr: '' });
    expect(built.stdout).toMatch(new RegExp(`^${project.distribution} ${project.version} · Python 3\\.[\\d.]+ · .*engine .+\n\n`));
    expect(built.stdout).toMatch(/^ {2}wheels {4}started: /m);
    expect(built.stdout).toMatch(/^ {2}wheels {4}\| \S/m);
    expect(built.stdout).toMatch(
      new RegExp(`^ {2}release {3}built +[\\d.]+ m?s {3}${namespace}/.*-release:${project.version.replaceAll('.', '\\.')} · \\d+ MB\\b`, 'm'),
    );
    expect(built.stdout).toMatch(new RegExp(`\n\nDone in .*\\. Start it with: pypackage start --namespace ${namespace}\n$`));
    expect(built.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/u);
  });

  test('with nothing changed says so and makes no image and no container', async () => {
    const before = [await ourImages(), await ourContainers()];
    const { code, stdout } = await inNamespace('all').ended;
    expect(code).toBe(0);
    for (const stage of ['base', 'builder', 'wheels', 'release']) expect(stdout).toMatch(new RegExp(`^ {2}${stage} +up to date$`, 'm'));
    expect(stdout).toMatch(/\nUp to date, nothing to do \([\d.]+ m?s\)\. /);
    expect([await ourImages(), await ourContainers()]).toEqual(before);
  });

  test('writes the complete log to the folder for logs', async () => {
    const logDir = join(home, 'logs of a run');
    const [started] = parseEvents((await inNamespace('all', '--json', '--log-dir', logDir).ended).stdout);
    if (started?.type !== 'run.started' || started.log === undefined) throw new Error('the first event names no log');
    expect(started.log.startsWith(`${logDir}/`)).toBe(true);
    expect(await readFile(started.log, 'utf8')).toContain('up to date');
  });

  test('ends quietly when nobody reads', async () => {
    const { stdout, stderr } = await shell(`set -o pipefail; ${PYPACKAGE} all --namespace ${namespace} | head -1; echo "\${PIPESTATUS[0]}"`, here).ended;
    expect(stdout).toMatch(new RegExp(`^${project.distribution} .*\n(0|141)\n$`));
    expect(stderr).toBe('');
    const events = await shell(`${PYPACKAGE} run --namespace ${namespace} yes | head -2`, here).ended;
    expect(events).toMatchObject({ stdout: 'y\ny\n', stderr: '' });
    await until(async () => (await ourContainers()).length === 0, 'the container of the command is gone');
  });
});

describe('--json', () => {
  test('an edit is a run of valid events and nothing else', async () => {
    await edit();
    const { code, stdout, stderr } = await inNamespace('all', '--json').ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = parseEvents(stdout);
    expect(events[0]).toMatchObject({ type: 'run.started', project: { name: project.distribution }, stages: ['base', 'builder', 'wheels', 'release'] });
    expect(events.filter(({ type }) => type === 'stage.skipped')).toMatchObject([{ stage: 'base' }, { stage: 'builder' }]);
    expect(events.filter(({ type }) => type === 'stage.finished')).toMatchObject([{ stage: 'wheels' }, { stage: 'release' }]);
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'done', changed: true, release: { version: project.version, serves: true } });
  });
});

test('a dry run tells what would be made and makes nothing', async () => {
  await edit();
  const before = [await ourImages(), await ourContainers()];
  const { code, stdout } = await inNamespace('all', '--dry-run').ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}base {6}up to date$/m);
  expect(stdout).toMatch(/^ {2}wheels {4}would run {4}\S/m);
  expect(stdout).toMatch(/^ {2}release {3}would run {4}\S/m);
  expect(stdout).toMatch(/\nThis is a dry run: nothing was made\.\n$/);
  expect([await ourImages(), await ourContainers()]).toEqual(before);
  expect((await inNamespace('all').ended).code).toBe(0);
});

describe('run', () => {
  const program = 'import sys; print(sys.argv[1:]); print("to stderr", file=sys.stderr); sys.exit(7)';

  test('passes on every word as it is, both streams, and the exit code', async () => {
    const words = ['a=b: c', '--json', '--project', '', "it's", '$HOME `x` "y"', 'zwei\nZeilen', 'ünï', '*', '--'];
    const { code, stdout, stderr } = await inNamespace('run', 'python', '-c', program, ...words).ended;
    const printed = `[${words.map((word) => (word === "it's" ? '"it\'s"' : `'${word.replace('\n', '\\n')}'`)).join(', ')}]\n`;
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: printed, stderr: 'to stderr\n' });
  });

  test('hands standard input over, and bytes come back as they are', async () => {
    const input = 'first\nno end of line at the end';
    const { code, stdout } = await start(['run', '--namespace', namespace, 'cat'], here, input).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: input });
  });

  test('of a command that does not exist ends as a shell would, of no release with 125', async () => {
    expect((await inNamespace('run', 'nonsuch').ended).code).toBe(127);
    const { code, stderr } = await start(['run', '--namespace', `${namespace}-other`, 'true'], here).ended;
    expect(code).toBe(125);
    expect(stderr).toMatch(/^error: There is no release of /);
  });

  test('in a terminal gives the command a terminal and leaves ours as it was', async () => {
    const script = join(home, 'in-a-terminal.sh');
    const inside = 'import sys; print(sys.stdin.isatty(), sys.stdout.isatty())';
    await writeFile(script, `stty -g > ~/before; ${PYPACKAGE} run --namespace ${namespace} python -c '${inside}'; echo "code $?"; stty -g > ~/after\n`);
    const { stdout } = await shell(`script -qec 'bash ${script}' /dev/null`, here).ended;
    expect(stdout.replaceAll('\r', '')).toBe('True True\ncode 0\n');
    const [before, after] = await Promise.all(['before', 'after'].map((file) => readFile(join(home, file), 'utf8')));
    expect(before).toMatch(/./);
    expect(after).toBe(before);
  });

  test('leaves no container', async () => {
    expect(await ourContainers()).toEqual([]);
  });
});

test('start, status, logs and stop', async () => {
  const port = '18437';
  const started = await inNamespace('start', '--port', port).ended;
  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toMatch(new RegExp(`^Started: \\S+ \\(.+\\)\nhttp://127\\.0\\.0\\.1:${port}\nStop it with: pypackage stop`));
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(await page.text()).toContain(project.sentence);

  const again = z
    .object({ v: z.literal(1), url: z.url(), alreadyRunning: z.literal(true) })
    .parse(JSON.parse((await inNamespace('start', '--json').ended).stdout));
  expect(again.url).toBe(`http://127.0.0.1:${port}`);

  const status = statusSchema.parse(JSON.parse((await inNamespace('status', '--json').ended).stdout));
  expect(status.stages.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'up to date'));
  expect(status.services).toMatchObject([{ state: 'running', health: 'healthy', url: again.url }]);
  expect((await inNamespace('status').ended).stdout).toMatch(/^ {2}running {2}\S+ · running, healthy · http:\/\/127\.0\.0\.1:18437$/m);

  const logs = await inNamespace('logs', '--tail', '1').ended;
  expect(logs.code).toBe(0);
  expect(logs.stdout.trimEnd().split('\n')).toHaveLength(1);
  const following = inNamespace('logs', '--follow');
  await following.printed(/\S/);
  following.child.kill('SIGINT');
  expect(await following.ended).toMatchObject({ code: 130, stderr: '' });

  expect((await inNamespace('stop').ended).stdout).toMatch(/^Stopped \S+\.\n$/);
  expect(await ourContainers()).toEqual([]);
  expect(await inNamespace('stop').ended).toMatchObject({ code: 0, stdout: 'Nothing was running.\n' });
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});

describe('a signal in the middle of a run', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s cancels, ends with %d and leaves nothing running; the next run works', async (signal, code) => {
    await edit();
    const call = inNamespace('all', '--json');
    await call.printed(/"type":"stage\.started","stage":"wheels"/);
    call.child.kill(signal);
    const ended = await call.ended;
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' });
    expect(parseEvents(ended.stdout).at(-1)).toMatchObject({ type: 'run.finished', outcome: 'cancelled' });
    await until(
      async () => (await bench.engine.findContainers({ [LABEL.project]: projectId })).length === 0,
      'nothing of the run is there, its lease included',
    );
    expect((await inNamespace('all').ended).code).toBe(0);
  });

  test('of a command in a release ends it too', async () => {
    const call = inNamespace('run', 'sh', '-c', 'echo up; sleep 1000');
    await call.printed(/up/);
    call.child.kill('SIGINT');
    expect((await call.ended).code).toBe(130);
    await until(async () => (await ourContainers()).length === 0, 'the container of the command is gone');
  });
});

test('of two runs the second waits, and with --no-wait ends with 5', async () => {
  await edit();
  const first = inNamespace('all', '--json');
  await first.printed(/"type":"stage\.started","stage":"wheels"/);
  const second = inNamespace('all');
  const impatient = await inNamespace('all', '--no-wait').ended;
  expect(impatient.code).toBe(5);
  expect(impatient.stderr).toMatch(/^error: Another run works on \S+: run \S+ \(started .+\)\n[\s\S]*^ {2}fix {4}\S/m);
  expect((await first.ended).code).toBe(0);
  const waited = await second.ended;
  expect(waited.code).toBe(0);
  expect(waited.stdout).toMatch(/^ {2}wheels {4}note: waiting for run /m);
  expect(waited.stdout).toMatch(/\nUp to date, nothing to do /);
});

test('clean lists first, and with --yes removes what is ours and nothing else', async () => {
  const { engine } = bench;
  // What lies next to ours: under the same namespace without our labels, and another project's with them.
  const base = await engine.inspectImage(here.env['PYPACKAGE_BASE_IMAGE'] ?? '');
  if (base === undefined) throw new Error('the base image is not there');
  const foreign = `${namespace}/foreign:1`;
  await engine.tagImage(base.id, foreign);
  const others = await engine.startContainer({
    image: base.id,
    command: ['sleep', '1000'],
    labels: { ...bench.labels, [LABEL.kind]: 'service', [LABEL.project]: 'other-00000000' },
  });
  try {
    const listed = await inNamespace('clean').ended;
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(new RegExp(`^ {2}image +${namespace}/\\S+-release:${project.version.replaceAll('.', '\\.')} +\\d+ MB`, 'm'));
    expect(listed.stdout).toContain(`Nothing was removed. To remove this: pypackage clean --namespace ${namespace} --yes\n`);
    expect(listed.stdout).not.toContain('foreign');
    const listedImages = (await engine.findImages({ [LABEL.kind]: 'release', [LABEL.project]: projectId })).length;
    expect(listedImages).toBeGreaterThan(0);

    const removed = await inNamespace('clean', '--yes').ended;
    expect(removed).toMatchObject({ code: 0, stderr: '' });
    expect(removed.stdout).toMatch(/\nRemoved \d+ image names, .*1 exported folder\.\n$/);
    expect(await engine.findImages({ [LABEL.kind]: 'release', [LABEL.project]: projectId })).toEqual([]);
    const left = (await engine.findImages({})).flatMap(({ tags }) => tags).filter((tag) => tag.startsWith(`${namespace}/`));
    expect(left).toEqual([foreign]);
    expect((await engine.inspectContainer(others))?.state).toBe('running');
    expect((await inNamespace('clean', '--yes').ended).stdout).toBe('Nothing to remove.\n');
  } finally {
    await engine.removeContainer(others);
    await engine.removeImage(foreign);
  }
});
