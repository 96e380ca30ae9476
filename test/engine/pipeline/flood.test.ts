/** Builds that print more than anybody reads, and what nobody should print: all of it is in the log, little of it in memory, none of it does harm. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RunOutcome } from '../../../src/core/core.js';
import type { RunEvent } from '../../../src/core/pipeline/events.js';
import { CLI, environment } from '../cli/pypackage.js';
import { BASE_IMAGE, useSandbox } from '../../support/core.js';
import { isSwept } from '../../support/raw-engine.js';

const MB = 1_000_000;

const PYPROJECT = `[project]
name = "flood"
version = "1.0"

[build-system]
requires = []
build-backend = "flood_backend"
backend-path = ["."]
`;

const BACKEND = `import os, sys, time, zipfile

def write(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    PRINT
    name = 'flood-1.0-py3-none-any.whl'
    with zipfile.ZipFile(os.path.join(wheel_directory, name), 'w') as wheel:
        wheel.writestr('flood.py', '')
        wheel.writestr('flood-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: flood\\nVersion: 1.0\\n')
        wheel.writestr('flood-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: flood\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        wheel.writestr('flood-1.0.dist-info/RECORD', '')
    return name
`;

/** Lines of a hundred bytes, numbered. */
const flood = (megabytes: number): string =>
  `for at in range(${megabytes * 100}): write(b''.join(b'%08d %s\\n' % (at * 100 + i, b'x' * 90) for i in range(100)))`;

const sandbox = useSandbox();
let folder: string;

beforeAll(async () => {
  folder = await sandbox.project({ 'pyproject.toml': PYPROJECT, 'flood_backend.py': backend('pass') }, 'flood');
  await run(() => undefined);
});

function backend(print: string): string {
  return BACKEND.replace('PRINT', () => print);
}

async function prints(code: string): Promise<void> {
  await writeFile(join(folder, 'flood_backend.py'), `# ${performance.now()}\n${backend(code)}`);
}

function run(onEvent: (event: RunEvent) => Promise<void> | undefined, signal = new AbortController().signal): Promise<RunOutcome> {
  return sandbox.core.run({ ...sandbox.request(folder), stages: ['wheels'], verb: 'wheels' }, onEvent, signal);
}

/** The highest that this process, or another one, ever had, in bytes. */
function peak(pid: number | 'self'): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

describe('a build that floods', () => {
  test('is slowed down by a reader that is full, and every line of it is in the log', async () => {
    await prints(flood(30));
    let file = '';
    let lines = 0;
    let held = false;
    let inTheMeantime = 0;
    let room: Promise<void> | undefined;
    const outcome = await run((event) => {
      if (event.type === 'run.started') file = event.log ?? '';
      if (event.type !== 'log') return undefined;
      lines += 1;
      if (held) inTheMeantime += 1;
      if (lines !== 1000) return room;
      held = true;
      return (room = sleep(1500).then(() => {
        held = false;
        room = undefined;
      }));
    });
    expect(outcome).toMatchObject({ outcome: 'done' });
    expect(lines).toBe(300_000);
    // What was on its way: a piece of 64 KiB at most.
    expect(inTheMeantime).toBeLessThan(2000);
    const numbers = (await readFile(file, 'utf8')).matchAll(/^[\d:.]{12} wheels \| (\d{8}) x{90}$/gm);
    let count = 0;
    for (const [, number] of numbers) if (Number(number) === count) count += 1;
    expect(count).toBe(300_000);
  });

  test('is cancelled within a second, and leaves nothing', async () => {
    await prints(flood(500));
    const controller = new AbortController();
    let id = '';
    let lines = 0;
    let since = 0;
    let last = 0;
    const outcome = await run((event) => {
      id = event.run;
      if (event.type === 'log') last = performance.now();
      if (event.type === 'log' && ++lines === 20_000) {
        // Not from here: a cancel comes by a message, for which the loop must have a turn.
        setTimeout(() => {
          since = performance.now();
          controller.abort();
        }, 10);
      }
      return undefined;
    }, controller.signal);
    expect(outcome.outcome).toBe('cancelled');
    expect(last - since).toBeLessThan(1000);
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(await isSwept(id)).toBe(true);
  });

  test('into a pipe that nobody reads for a while takes little memory, and nothing is lost', async () => {
    await prints(flood(30));
    const argv = ['wheels', '--project', folder, '--namespace', sandbox.namespace, '--base-image', BASE_IMAGE, '--json'];
    const child = spawn(process.execPath, [CLI, ...argv], { env: environment(sandbox.folder), stdio: ['ignore', 'pipe', 'inherit'] });
    const { pid, stdout } = child;
    if (pid === undefined) throw new Error('it did not start');
    await sleep(4000);
    const before = peak(pid);
    let count = 0;
    let last = '';
    let rest = '';
    for await (const chunk of stdout.setEncoding('utf8')) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      count += lines.filter((line) => line.includes('"type":"log"')).length;
      last = lines.at(-1) ?? last;
    }
    expect(count).toBe(300_000);
    expect(JSON.parse(last)).toMatchObject({ type: 'run.finished', outcome: 'done' });
    // About 100 MB; what is in the pipe's stead would be 80 MB of JSON more, and several times that as objects.
    expect(before).toBeLessThan(200 * MB);
  });
});

test('what nobody should print is complete in the log, one line an event, and ends no run', async () => {
  const pieces = [
    String.raw`write(b'x' * 1_000_000 + b'\n')`,
    String.raw`write(b''.join(b'%d%%\r' % i for i in range(1000)) + b'\n')`,
    String.raw`write(b'\x1b]0;a title\x07\x1b]52;c;ZXZpbA==\x07\x1b]8;;http://e\x07link\x1b]8;;\x07\x1b[2J\x00end\n')`,
    String.raw`write('ä🐍'.encode()[:4]); time.sleep(0.2); write('ä🐍'.encode()[4:] + b'\xff\xfe\n')`,
    String.raw`write('\ufeffmark\u2028one line\r\n'.encode())`,
    String.raw`write(b'\x1epypackage:{"step": "s", "name": "a step of its own", "state": "started"}\n' * 5000)`,
    String.raw`write(b'the last line has no end')`,
  ];
  await prints(pieces.join('\n    '));
  let file = '';
  const texts: string[] = [];
  let steps = 0;
  const outcome = await run((event) => {
    if (event.type === 'run.started') file = event.log ?? '';
    if (event.type === 'log') texts.push(event.text);
    if (event.type === 'step') steps += 1;
    return undefined;
  });
  expect(outcome).toMatchObject({ outcome: 'done' });
  const long = texts.filter((text) => /^x+$/.test(text));
  expect(long.join('')).toBe('x'.repeat(MB));
  expect(texts.slice(long.length, long.length + 4)).toEqual([
    Array.from({ length: 1000 }, (_, i) => `${i}%`).join('\r'),
    '\u001b]0;a title\u0007\u001b]52;c;ZXZpbA==\u0007\u001b]8;;http://e\u0007link\u001b]8;;\u0007\u001b[2J\u0000end',
    'ä🐍\uFFFD\uFFFD',
    '\ufeffmark\u2028one line',
  ]);
  expect(texts.at(-1)).toBe('the last line has no end');
  // Steps are remembered, so there is an end to them; the rest are lines.
  expect(steps).toBeLessThan(500);
  expect(texts.filter((text) => text.includes('a step of its own')).length).toBeGreaterThan(4000);
  const log = await readFile(file, 'utf8');
  expect(log).toContain('wheels | 999%\n');
  expect(log.split('\n').every((line) => line === '' || /^\d\d:\d\d:\d\d\.\d{3} /.test(line))).toBe(true);
});
