/** What the command line says and does where it cannot work: no project, no engine, nobody who answers or reads. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeRandomProject } from '../../support/random-project.js';
import { until } from '../engine/harness.js';
import { errorSchema } from './event-schema.js';
import { environment, PYPACKAGE, shell, start, type Surroundings } from './pypackage.js';

const SEED = 4712;

let home: string;
let here: Surroundings;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pypackage-cli-'));
  here = { cwd: (await makeRandomProject(home, SEED)).root, env: environment(home) };
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

test.each([
  [['status', '--project', '/'], 2, 'project'],
  [['status', '--engine', 'unix:///nonexistent/engine.sock'], 3, 'engine'],
  [['stauts'], 2, 'project'],
  [['run', '--engine', 'unix:///nonexistent/engine.sock', 'true'], 125, 'engine'],
])('%j fails with a document, and with the same exit code as a block', async (argv, code, kind) => {
  const json = await start(['--json', ...argv], here).ended;
  expect({ code: json.code, stderr: json.stderr }).toEqual({ code, stderr: '' });
  const { error } = errorSchema.parse(JSON.parse(json.stdout));
  expect(error.kind).toBe(kind);
  const block = await start(argv, here).ended;
  expect({ code: block.code, stdout: block.stdout }).toEqual({ code, stdout: '' });
  expect(block.stderr.startsWith(`error: ${error.message}\n`)).toBe(true);
  expect(block.stderr).toMatch(/^ {2}fix {4}\S/m);
});

test('a run without a project or an engine says it in its last event', async () => {
  for (const [argv, code, kind] of [
    [['all', '--json', '--project', '/'], 2, 'project'],
    [['all', '--json', '--engine', 'unix:///nonexistent/engine.sock'], 3, 'engine'],
  ] as const) {
    const { code: ended, stdout, stderr } = await start(argv, here).ended;
    expect({ ended, stderr }).toEqual({ ended: code, stderr: '' });
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run.finished', outcome: 'failed', error: { kind } });
  }
});

test('an engine that never answers can be cancelled', async () => {
  const socket = join(home, 'silent.sock');
  const connections = new Set<Socket>();
  const server = createServer((connection) => connections.add(connection));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    for (const verb of ['all', 'status', 'run']) {
      const asked = connections.size;
      const call = start([verb, '--engine', `unix://${socket}`], here);
      await until(() => connections.size > asked, 'the engine is asked');
      call.child.kill('SIGINT');
      const { code, stderr } = await call.ended;
      expect(code).toBe(130);
      expect(stderr).not.toContain('error:');
    }
  } finally {
    for (const connection of connections) connection.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('output that cannot be written is an error, not a success and not a stack trace', async () => {
  const { stdout, stderr } = await shell(`${PYPACKAGE} --help > /dev/full; echo "code $?"; ${PYPACKAGE} doctor > /dev/full; echo "code $?"`, here).ended;
  expect(stdout).toBe('code 1\ncode 1\n');
  expect(stderr).toMatch(/^(error: The output cannot be written: ENOSPC.*\n {2}fix {4}\S.*\n){2}$/);
});

test('doctor names the engine and what it tried', async () => {
  const { code, stdout } = await start(['doctor'], here).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}engine {2}(Docker|Podman) \d/m);
  expect(stdout).toMatch(/\nTried\n {2}\S+ \(.+\) +\S/);
  const none = await start(['doctor', '--engine', 'unix:///nonexistent/engine.sock'], here).ended;
  expect(none.code).toBe(3);
  expect(none.stdout + none.stderr).toContain('/nonexistent/engine.sock');
});
