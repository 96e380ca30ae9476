import { expect, test, vi } from 'vitest';
import type { Core } from '../../../src/core/core.js';
import { CancelledError, UserError } from '../../../src/core/errors.js';
import type { Request } from '../../../src/core/request.js';
import { CANCELLED } from './events.js';
import { call, STATUS, textOf, unused } from './fake-process.js';
import { Screen } from './screen.js';

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
      offline: false,
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
    for (const event of CANCELLED) void onEvent(event);
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
