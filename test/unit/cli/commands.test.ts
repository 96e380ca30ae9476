import { expect, test, vi } from 'vitest';
import type { Core } from '../../../src/core/core.js';
import { UserError } from '../../../src/core/errors.js';
import type { RunRequest } from '../../../src/core/request.js';
import { EDITED, FAILED } from './events.js';
import { call, DOCTOR, ITEMS, STATUS, textOf } from './fake-process.js';
import { Screen } from './screen.js';

test.each([
  [['all'], 'all', ['base', 'builder', 'wheels', 'release']],
  [['image'], 'image', ['base', 'builder', 'release']],
  [['image', 'builder'], 'image', ['builder']],
  [['wheels'], 'wheels', ['wheels']],
  [['release'], 'release', ['release']],
] as const)('%j runs its stages and ends with the exit code of the run', async (argv, verb, stages) => {
  const seen: RunRequest[] = [];
  const { code, out, err } = call(argv, {
    async run(request, onEvent) {
      seen.push(request);
      for (const event of FAILED) void onEvent(event);
      return { outcome: 'failed', exitCode: 1, changed: false };
    },
  });
  expect(await code).toBe(1);
  expect(seen[0]).toMatchObject({ verb, stages });
  expect(textOf(out)).toContain('  wheels    failed');
  expect(textOf(err)).toContain('  log    ~/.local/state/');
});

test('the next command repeats where the project is', async () => {
  const core: Partial<Core> = {
    async run(_request, onEvent) {
      for (const event of EDITED) void onEvent(event);
      return { outcome: 'done', exitCode: 0, changed: true };
    },
  };
  const { code, out } = call(['all', '--project', "it's here", '--target', 'polls'], core);
  expect(await code).toBe(0);
  expect(textOf(out)).toMatch(/Start it with: pypackage start --project 'it'\\''s here' --target polls\n$/);
  const wheels = call(['wheels'], core);
  await wheels.code;
  expect(textOf(wheels.out)).toMatch(/Done in 1\.7 s\.\n$/);
});

test('a dry run says what would be made and why, and runs nothing', async () => {
  const { code, out } = call(['wheels', '--dry-run'], { status: async () => STATUS });
  expect(await code).toBe(0);
  expect(textOf(out)).toBe(`polls 1.4.0 · Python 3.13 · engine Docker 28.5 (default socket)

  base      up to date
  builder   not known    the engine was not asked
  wheels    would run    polls/views.py changed

This is a dry run: nothing was made.
`);
  const json = call(['all', '--dry-run', '--json'], { status: async () => STATUS });
  await json.code;
  expect(JSON.parse(textOf(json.out))).toMatchObject({
    v: 1,
    dryRun: true,
    stages: [
      { stage: 'base', action: 'skip', reason: 'up to date' },
      { stage: 'builder', action: 'unknown', reason: 'the engine was not asked' },
      { stage: 'wheels', action: 'run', reason: 'polls/views.py changed' },
      { stage: 'release', action: 'run', reason: 'never run' },
    ],
  });
  for (const [argv, text] of [
    [['start', '--dry-run'], 'Would start local/polls-release:1.4.0.'],
    [['stop', '--dry-run'], 'Would stop polls-web.'],
    [['run', '--dry-run', 'ls', '-l'], 'Would run in local/polls-release:1.4.0: ls -l'],
  ] as const) {
    const dry = call(argv, { status: async () => STATUS });
    expect(await dry.code).toBe(0);
    expect(textOf(dry.out)).toBe(`${text}\nThis is a dry run: nothing was done.\n`);
  }
});

test('status, for people and for programs', async () => {
  const people = call(['status'], { status: async () => STATUS });
  expect(await people.code).toBe(0);
  expect(textOf(people.out)).toBe(`polls 1.4.0 · Python 3.13 · engine Docker 28.5 (default socket)

  base      up to date   local/polls-base:1 · 130 MB · 5 min ago
  builder   unknown      the engine was not asked
  wheels    stale        polls/views.py changed
  release   never run

  release  local/polls-release:1.4.0 · 168 MB · 5 min ago
  tags     1.4.0, latest
  running  polls-web · running, healthy · http://127.0.0.1:8000
  python   3.13 (.python-version)
  base     python:3.13-slim (detected)
  engine   Docker 28.5, unix:///var/run/docker.sock (default socket)
`);
  const program = call(['status', '--json'], { status: async () => STATUS });
  await program.code;
  expect(JSON.parse(textOf(program.out))).toEqual(STATUS);
});

test('doctor says what is there and what is missing, and its exit code says so too', async () => {
  const ok = call(['doctor'], { doctor: async () => DOCTOR });
  expect(await ok.code).toBe(0);
  expect(textOf(ok.out)).toBe(`PyPackage 0.1.0

  engine  Docker 20.10
          unix:///var/run/docker.sock (default socket)
          API 1.41, linux/amd64, BuildKit

Tried
  unix:///var/run/docker.sock (default socket)  Docker 20.10  chosen: it is the first of the usual places that answers
  unix:///run/podman/podman.sock (Podman)       no permission
    fix: sudo something

Checks
  ok       BuildKit  there
  warning  disk      2 GB left
                     fix: pypackage clean
`);
  const narrow = new Screen(52);
  const long = {
    name: 'base image',
    state: 'missing',
    text: 'python:3.13-slim is not on the engine and its registry does not answer',
    fix: 'Name one that is there',
  } as const;
  await call(['doctor'], { doctor: async () => ({ ...DOCTOR, tried: [], checks: [long] }) }, { screen: narrow }).code;
  expect(narrow.lines.slice(-4)).toEqual([
    '  missing  base image  python:3.13-slim is not on',
    '                       the engine and its registry',
    '                       does not answer',
    '                       fix: Name one that is there',
  ]);

  const { engine, ...without } = DOCTOR;
  const none = call(['doctor'], { doctor: async () => without });
  expect(await none.code).toBe(3);
  expect(textOf(none.out)).toContain('  engine  none answers\n');
  const missing = call(['doctor', '--json'], { doctor: async () => ({ ...DOCTOR, checks: [{ name: 'project', state: 'missing', text: 'none here' }] }) });
  expect(await missing.code).toBe(2);
  if (engine === undefined) throw new Error('the sample has an engine');
  expect(await call(['doctor'], { doctor: async () => ({ ...DOCTOR, engine: { ...engine, canBuild: false } }) }).code).toBe(3);
});

test('clean in a pipe lists and removes nothing; with --yes it removes', async () => {
  const clean = vi.fn<Core['clean']>(async (_request, items) => items);
  const core: Partial<Core> = {
    previewClean: async () => ({ swept: [{ kind: 'container', id: 'c', name: 'x', reason: 'its run is dead' }], items: ITEMS }),
    clean,
  };
  const listed = call(['clean'], core);
  expect(await listed.code).toBe(0);
  expect(textOf(listed.out)).toBe(`Removed what ended runs left behind: 1 container.
  kind    name                         size  why
  image   local/polls-release:1.3.0  168 MB  a release of this target
  volume  pip                                a cache

1 image name, 1 volume, up to 168 MB (images share layers)

Nothing was removed. To remove this: pypackage clean --yes
`);
  expect(await call(['clean', '--yes', '--dry-run'], core).code).toBe(0);
  expect(clean).not.toHaveBeenCalled();

  const removed = call(['clean', '--yes'], core);
  expect(await removed.code).toBe(0);
  expect(textOf(removed.out)).toMatch(/\nRemoved 1 image name, 1 volume\.\n$/);
  expect(clean).toHaveBeenCalledExactlyOnceWith(expect.anything(), ITEMS, expect.anything());

  const partly = call(['clean', '--yes'], { ...core, clean: async () => ITEMS.slice(1) });
  await partly.code;
  expect(textOf(partly.out)).toMatch(/\nRemoved 1 volume\.\nKept, because something uses it: image local\/polls-release:1\.3\.0\n$/);

  const json = call(['clean', '--json'], core);
  await json.code;
  expect(JSON.parse(textOf(json.out))).toMatchObject({ v: 1, items: ITEMS, removed: [] });
});

test.each([
  ['y', 1],
  ['YES', 1],
  ['n', 0],
  ['', 0],
  [undefined, 0],
])('clean asks in a terminal: %j', async (answer, times) => {
  const clean = vi.fn<Core['clean']>(async (_request, items) => items);
  const screen = new Screen(80);
  const asked = call(['clean'], { previewClean: async () => ({ swept: [], items: ITEMS }), clean }, { screen, ...(answer !== undefined && { answer }) });
  expect(await asked.code).toBe(0);
  expect(clean).toHaveBeenCalledTimes(times);
  expect(screen.lines.at(-1)).toBe(times === 1 ? 'Removed 1 image name, 1 volume.' : 'Nothing was removed.');
});

test('start prints the address; a start that fails shows what was printed', async () => {
  const result = { id: '1', name: 'polls-web', image: 'local/polls-release:1.4.0', url: 'http://127.0.0.1:9000', alreadyRunning: false };
  const start = vi.fn<Core['start']>(async () => result);
  const started = call(['start', '--port', '9000'], { start });
  expect(await started.code).toBe(0);
  expect(textOf(started.out)).toBe('Started: polls-web (local/polls-release:1.4.0)\nhttp://127.0.0.1:9000\nStop it with: pypackage stop\n');
  expect(start.mock.calls[0]?.[0].port).toBe(9000);

  const failing = call(['start'], {
    async start(_request, onLine) {
      for (let line = 1; line <= 25; line++) void onLine('stderr', `line ${line}\u001b[2J`);
      throw new UserError({ kind: 'stage', code: 'not-healthy', message: 'polls-web ended with 1' });
    },
  });
  expect(await failing.code).toBe(1);
  expect(textOf(failing.err)).toMatch(/^ {2}\| line 6\n[\s\S]* {2}\| line 25\n\nerror: polls-web ended with 1\n$/);

  const json = call(['start', '--json'], { start });
  await json.code;
  expect(JSON.parse(textOf(json.out))).toEqual({ v: 1, ...result });
});

test('stop and logs', async () => {
  const stopped = call(['stop'], { stop: async () => ['polls-web'] });
  expect(await stopped.code).toBe(0);
  expect(textOf(stopped.out)).toBe('Stopped polls-web.\n');
  const nothing = call(['stop'], { stop: async () => [] });
  expect(await nothing.code).toBe(0);
  expect(textOf(nothing.out)).toBe('Nothing was running.\n');

  const logs: Core['logs'] = async ({ follow, tail }, onLine) => {
    void onLine('stdout', `follow ${follow} tail ${tail}`);
    void onLine('stderr', '\u001b[31mred\u001b[0m\u001b[2J');
  };
  const plain = call(['logs', '-f', '--tail', '2'], { logs });
  expect(await plain.code).toBe(0);
  expect(textOf(plain.out)).toBe('follow true tail 2\nred\n');
  const json = call(['logs', '--json'], { logs });
  await json.code;
  expect(textOf(json.out).split('\n')[0]).toBe('{"v":1,"stream":"stdout","line":"follow false tail undefined"}');
});

test("run passes the words on and returns the command's own exit code", async () => {
  const runCommand = vi.fn<Core['runCommand']>(async () => 7);
  const { code } = call(['run', '--target', 'web', 'ls', '--json', '--target', ''], { runCommand });
  expect(await code).toBe(7);
  expect(runCommand.mock.calls[0]?.[0]).toMatchObject({ target: 'web', command: ['ls', '--json', '--target', ''] });
});
