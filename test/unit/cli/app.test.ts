import { expect, test, vi } from 'vitest';
import { runCli } from '../../../src/cli/app.js';
import type { CliIo, SignalName } from '../../../src/cli/io.js';
import type { Core } from '../../../src/core/core.js';
import { CancelledError, UserError } from '../../../src/core/errors.js';
import type { CleanItem, DoctorDocument, Request, RunRequest, StatusDocument } from '../../../src/core/request.js';
import { CANCELLED, EDITED, FAILED, START } from './events.js';
import { Pipe, Screen } from './screen.js';

const STATUS: StatusDocument = {
  v: 1,
  project: { name: 'polls', version: '1.4.0', root: '/home/ann/polls', id: 'polls-12345678' },
  target: 'polls',
  python: { version: '3.13', reason: '.python-version' },
  baseImage: { reference: 'python:3.13-slim', source: 'detected' },
  engine: { product: 'Docker', version: '28.5', url: 'unix:///var/run/docker.sock', source: 'default socket' },
  stages: [
    { stage: 'base', state: 'up to date', reason: '', artifact: { name: 'local/polls-base:1', size: 130_000_000, created: START - 300_000 } },
    { stage: 'builder', state: 'unknown', reason: 'the engine was not asked' },
    { stage: 'wheels', state: 'stale', reason: 'polls/views.py changed' },
    { stage: 'release', state: 'never run', reason: '' },
  ],
  release: { image: 'local/polls-release', tags: ['1.4.0', 'latest'], size: 168_000_000, created: START - 300_000 },
  services: [{ id: '1', name: 'polls-web', state: 'running', health: 'healthy', url: 'http://127.0.0.1:8000', image: 'local/polls-release:1.4.0' }],
};

const DOCTOR: DoctorDocument = {
  v: 1,
  version: '0.1.0',
  engine: {
    product: 'Docker',
    version: '20.10',
    apiVersion: '1.41',
    platform: 'linux/amd64',
    buildkit: true,
    url: 'unix:///var/run/docker.sock',
    source: 'default socket',
  },
  tried: [{ url: 'unix:///var/run/docker.sock', source: 'default socket', answer: 'Docker 20.10' }],
  checks: [
    { name: 'engine', state: 'ok', text: 'Docker 20.10' },
    { name: 'BuildKit', state: 'ok', text: 'there' },
    { name: 'disk', state: 'warning', text: '2 GB left', fix: 'pypackage clean' },
  ],
};

const ITEMS: readonly CleanItem[] = [
  { kind: 'image', id: 'i1', name: 'local/polls-release:1.3.0', size: 168_000_000, reason: 'a release of this target' },
  { kind: 'volume', id: 'v1', name: 'pip', reason: 'a cache' },
];

const unused = (): never => {
  throw new Error('not expected here');
};
const NO_CORE: Core = {
  describe: unused,
  run: unused,
  status: unused,
  doctor: unused,
  dockerfile: unused,
  start: unused,
  stop: unused,
  logs: unused,
  runCommand: unused,
  previewClean: unused,
  clean: unused,
  close() {},
};

interface Call {
  readonly out: Pipe | Screen;
  readonly err: Pipe | Screen;
  readonly exits: readonly number[];
  signal(name: SignalName): void;
  readerGoes(): void;
  readonly code: Promise<number>;
}

function call(
  argv: readonly string[],
  core: Partial<Core>,
  options: { readonly screen?: Screen; readonly answer?: string; readonly env?: CliIo['env'] } = {},
): Call {
  const out = options.screen ?? new Pipe();
  const err = options.screen ?? new Pipe();
  const exits: number[] = [];
  const signals = new Set<(name: SignalName) => void>();
  const readers = new Set<() => void>();
  const atExit = new Set<() => void>();
  const io: CliIo = {
    argv,
    env: options.env ?? {},
    cwd: '/home/ann/polls',
    home: '/home/ann',
    stdout: out,
    stderr: err,
    interactive: options.screen !== undefined,
    streams: () => ({ tty: false, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }),
    ask: async () => options.answer,
    now: () => START,
    onSignal(listener) {
      signals.add(listener);
      return () => signals.delete(listener);
    },
    onReaderGone(listener) {
      readers.add(listener);
      return () => readers.delete(listener);
    },
    onExit(listener) {
      atExit.add(listener);
      return () => atExit.delete(listener);
    },
    exit(code) {
      exits.push(code);
      for (const listener of atExit) listener();
    },
    loadCore: async () => ({ ...NO_CORE, ...core }),
  };
  return {
    out,
    err,
    exits,
    code: runCli(io),
    signal: (name) => {
      for (const listener of signals) listener(name);
    },
    readerGoes: () => {
      for (const listener of readers) listener();
    },
  };
}

function textOf(output: Pipe | Screen): string {
  return output instanceof Pipe ? output.text : `${output.lines.join('\n')}\n`;
}

test('help and version load no core', async () => {
  for (const [argv, start] of [
    [['--help'], 'Packages Python'],
    [['run', '-h'], 'Run a command'],
    [['help', 'all'], 'Make everything'],
    [['--version'], 'pypackage '],
    [['--version', '--json'], '{"v":1,"version":"'],
  ] as const) {
    const { out, code } = call(argv, { close: unused });
    expect(await code).toBe(0);
    expect(textOf(out).startsWith(start)).toBe(true);
  }
});

test.each([
  ['stage', 1],
  ['project', 2],
  ['engine', 3],
  ['lease', 5],
] as const)('an error of kind %s ends with %d; run ends with 125', async (kind, expected) => {
  const error = new UserError({ kind, code: 'x', message: 'Something is wrong', fix: 'mend it' });
  const fail = async (): Promise<never> => {
    throw error;
  };
  const plain = call(['status'], { status: fail });
  expect(await plain.code).toBe(expected);
  expect([textOf(plain.out), textOf(plain.err)]).toEqual(['', 'error: Something is wrong\n  fix    mend it\n']);

  const json = call(['status', '--json'], { status: fail });
  expect(await json.code).toBe(expected);
  expect(JSON.parse(textOf(json.out))).toEqual({ v: 1, error: { kind, code: 'x', message: 'Something is wrong', fix: 'mend it' } });
  expect(textOf(json.err)).toBe('');

  expect(await call(['run', 'ls'], { runCommand: fail }).code).toBe(125);
});

test('wrong usage ends with 2, of run with 125; also as JSON', async () => {
  const plain = call(['al'], {});
  expect(await plain.code).toBe(2);
  expect(textOf(plain.err)).toBe('error: Unknown verb: al\n  fix    Did you mean: pypackage all\n');
  expect(await call([], {}).code).toBe(2);
  expect(await call(['run', '-x'], {}).code).toBe(125);
  expect(await call(['--json', 'run', '-x'], {}).code).toBe(125);
  const json = call(['al', '--json'], {});
  expect(await json.code).toBe(2);
  expect(JSON.parse(textOf(json.out))).toMatchObject({ v: 1, error: { code: 'usage', message: 'Unknown verb: al' } });
});

test('a defect ends with 1 and says whose fault it is; the stack comes with --verbose', async () => {
  const fail = async (): Promise<never> => {
    throw new TypeError('x is not a function');
  };
  const plain = call(['status'], { status: fail });
  expect(await plain.code).toBe(1);
  expect(textOf(plain.err)).toBe(
    'error: x is not a function\n  why    this is a fault of PyPackage, not of your project\n  fix    Run it again with --verbose, and report what it says\n',
  );
  const verbose = call(['status', '--verbose'], { status: fail });
  await verbose.code;
  expect(textOf(verbose.err)).toContain('\n  TypeError: x is not a function\n');
});

test('flags and environment become the request', async () => {
  const requests: Request[] = [];
  const core: Partial<Core> = {
    async status(request) {
      requests.push(request);
      return STATUS;
    },
  };
  const env = { PYPACKAGE_BASE_IMAGE: 'python:3.12', XDG_STATE_HOME: '/state' };
  await call(['status', '--project', '../other', '--engine', 'work', '--no-wait', '--extra', 'a'], core, { env }).code;
  await call(['status', '--base-image', 'mine', '--log-dir', 'logs'], core, { env: { ...env, XDG_STATE_HOME: 'relative' } }).code;
  await call(['status'], core, { env: { XDG_STATE_HOME: 'relative', PYPACKAGE_BASE_IMAGE: '' } }).code;
  expect(requests).toEqual([
    {
      folder: '/home/ann/other',
      baseImage: { reference: 'python:3.12', source: 'PYPACKAGE_BASE_IMAGE' },
      engine: { value: 'work', source: '--engine' },
      extras: ['a'],
      pull: false,
      wait: false,
      env,
      logDir: '/state/pypackage/logs',
    },
    expect.objectContaining({
      folder: '/home/ann/polls',
      baseImage: { reference: 'mine', source: '--base-image' },
      logDir: '/home/ann/polls/logs',
      wait: true,
    }),
    expect.objectContaining({ logDir: '/home/ann/.local/state/pypackage/logs' }),
  ]);
  expect(requests[2]).not.toHaveProperty('baseImage');
});

test.each([
  ['python:3.13-slim', true],
  ['python', true],
  ['registry.example.com:5000/team/py_thon:3.13', true],
  ['Registry.example.com/python', true],
  [`python@sha256:${'0a'.repeat(32)}`, true],
  ['0f92e9d6b1a5', true],
  ['BAD REF', false],
  ['Python:3', false],
  ['python:', false],
  ['--pull', false],
  ['python:3.13\n', false],
  ['https://example.com/python', false],
])('a base image is the name of an image: %j', async (reference, isOne) => {
  const status = vi.fn<Core['status']>(async () => STATUS);
  const { code, err } = call(['status'], { status }, { env: { PYPACKAGE_BASE_IMAGE: reference } });
  expect(await code).toBe(isOne ? 0 : 2);
  expect(status).toHaveBeenCalledTimes(isOne ? 1 : 0);
  expect(textOf(err).startsWith('error: PYPACKAGE_BASE_IMAGE is not the name of an image: ')).toBe(!isOne);
  expect(await call(['status', `--base-image=${reference}`], { status }).code).toBe(isOne ? 0 : 2);
});

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
      for (const event of FAILED) onEvent(event);
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
      for (const event of EDITED) onEvent(event);
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
  unix:///var/run/docker.sock (default socket)  Docker 20.10

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
  expect(await call(['doctor'], { doctor: async () => ({ ...DOCTOR, engine: { ...engine, buildkit: false } }) }).code).toBe(3);
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
      for (let line = 1; line <= 25; line++) onLine('stderr', `line ${line}\u001b[2J`);
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
    onLine('stdout', `follow ${follow} tail ${tail}`);
    onLine('stderr', '\u001b[31mred\u001b[0m\u001b[2J');
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

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s cancels and ends with %d; nothing is an error then', async (name, expected) => {
  for (const argv of [['status'], ['run', 'sleep'], ['logs', '-f']]) {
    const started = call(argv, {
      status: async (_request, signal) => await untilAborted(signal),
      logs: async (_request, _onLine, signal) => await untilAborted(signal),
      runCommand: async (_request, _streams, signal) => await untilAborted(signal),
    });
    await Promise.resolve();
    await Promise.resolve();
    started.signal(name);
    expect(await started.code).toBe(expected);
    expect(textOf(started.err)).toBe('');
    expect(started.exits).toEqual([]);
  }
});

test('the first signal says so and waits, the second ends it at once with the cursor back', async () => {
  const screen = new Screen(100);
  let finish = (): void => {};
  const started = call(
    ['all'],
    {
      run: async () =>
        await new Promise((resolve) => {
          finish = () => resolve({ outcome: 'cancelled', exitCode: 130, changed: false });
        }),
    },
    { screen },
  );
  await vi.waitFor(() => expect(screen.isCursorShown).toBe(false));
  started.signal('SIGINT');
  expect(started.exits).toEqual([]);
  started.signal('SIGINT');
  expect(started.exits).toEqual([130]);
  expect(screen.isCursorShown).toBe(true);
  finish();
  expect(await started.code).toBe(130);
});

test('a reader that goes away cancels quietly', async () => {
  const run: Core['run'] = async (_request, onEvent, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    for (const event of CANCELLED) onEvent(event);
    return { outcome: 'cancelled', exitCode: 130, changed: false };
  };
  for (const argv of [['status'], ['all'], ['all', '--json']]) {
    const started = call(argv, { run, status: async (_request, signal) => await untilAborted(signal) });
    await Promise.resolve();
    await Promise.resolve();
    started.readerGoes();
    expect(await started.code).toBe(141);
    expect(textOf(started.out) + textOf(started.err)).toBe('');
  }
});

test('the core is closed however it ends', async () => {
  const close = vi.fn<Core['close']>();
  await call(['status'], { close, status: async () => STATUS }).code;
  await call(['status'], { close }).code;
  expect(close).toHaveBeenCalledTimes(2);
});
