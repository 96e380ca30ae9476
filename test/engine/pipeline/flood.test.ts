/** Builds that print more than anybody reads, and what nobody should print: all of it is in the log, little of it in memory, none of it does harm. */
import { spawn, spawnSync } from 'node:child_process';
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
    'ä🐍\udcff\udcfe',
    '\ufeffmark\u2028one line',
  ]);
  expect(texts.at(-1)).toBe('the last line has no end');
  // Steps are remembered, so there is an end to them; the rest are lines.
  expect(steps).toBeLessThan(500);
  expect(texts.filter((text) => text.includes('a step of its own')).length).toBeGreaterThan(4000);
  const log = await readFile(file, 'utf8');
  expect(log).toContain('wheels |\\r 998%\n');
  expect(log.split('\n').every((line) => line === '' || /^\d\d:\d\d:\d\d\.\d{3} /.test(line))).toBe(true);
});

test('the log has the bytes that a container printed: the script of the documentation takes its marks off', async () => {
  const secret = 'canary-password-1';
  const canary = [
    Buffer.from('\u001b[31mred\u001b[0m and \u001b[1mbold\u001b[0m\n\n\n   spaces at the end   \n\ttabs\t\n'),
    Buffer.from(`${Array.from({ length: 200 }, (_, i) => `\r${'#'.repeat(i)} ${i}%`).join('')}\r\nCRLF\r\nCR CR LF\r\r\n\r\r`),
    Buffer.from(`${'y'.repeat(700_000)} ${'ä漢🐍'.repeat(30_000)} ${secret} ${'z'.repeat(5000)}\n`),
    Buffer.from([0, 1, 2, 0, 255, 254, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 10, 0xef, 0xbf, 0xbd, 10]),
    Buffer.from(`12:00:00.000 wheels | not a line of ours\nhttps://me:${secret}@index.example/simple\n\u2028\u0085\n`),
    // Every byte, in many neighbourhoods.
    Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 256)),
    Buffer.from('no newline at the end'),
  ];
  const bytes = Buffer.concat(canary);
  await writeFile(join(folder, 'canary.bin'), bytes);
  await prints(
    [
      'data = open("canary.bin", "rb").read()',
      'for to in (sys.stdout.buffer, sys.stderr.buffer):',
      '    to.write(b"BEGIN\\n"); to.flush()',
      // Pieces of a size that cuts characters, now and then with a pause, so that they arrive by themselves.
      '    for at in range(0, len(data), 4093):',
      '        to.write(data[at:at + 4093]); to.flush()',
      '        if at % 10 == 0: time.sleep(0.002)',
      '    to.write(b"\\nEND\\n"); to.flush()',
    ].join('\n    '),
  );
  let file = '';
  const request = sandbox.request(folder, { env: { ...process.env, PIP_INDEX_URL: `https://me:${secret}@index.example/simple` } });
  const outcome = await sandbox.core.run(
    { ...request, stages: ['wheels'], verb: 'wheels' },
    (event) => {
      if (event.type === 'run.started') file = event.log ?? '';
    },
    new AbortController().signal,
  );
  expect(outcome).toMatchObject({ outcome: 'done' });
  const log = await readFile(file);
  expect(log.includes(secret)).toBe(false);
  const script = join(sandbox.folder, 'output-of.mjs');
  const documentation = await readFile(join(import.meta.dirname, '../../../docs/logs.md'), 'utf8');
  await writeFile(script, /```js\n([\s\S]*?)```/.exec(documentation)?.[1] ?? '');
  const expected = Buffer.from(`${bytes.toString('latin1').replaceAll(`me:${secret}`, '***').replaceAll(secret, '***')}\n`, 'latin1');
  for (const bar of ['|', '!']) {
    const { stdout } = spawnSync(process.execPath, [script, file, bar, 'BEGIN', 'END'], { maxBuffer: 10 * MB });
    expect(firstDifference(stdout, expected)).toBe('none');
  }
});

/** Where two buffers part, with what stands there: a million bytes are no message. */
function firstDifference(found: Buffer, expected: Buffer): string {
  if (found.equals(expected)) return 'none';
  let at = 0;
  while (at < found.length && found[at] === expected[at]) at += 1;
  const around = (bytes: Buffer): string => JSON.stringify(bytes.subarray(Math.max(0, at - 20), at + 20).toString('latin1'));
  return `at ${at} of ${found.length} and ${expected.length}: ${around(found)} instead of ${around(expected)}`;
}
