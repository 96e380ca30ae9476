/** A shell in a release that runs, and in one that does not; and its log over restarts. */
import { z } from 'zod';
import { beforeAll, describe, expect, test } from 'vitest';
import { CancelledError } from '../../../src/core/errors.js';
import type { StartResult } from '../../../src/core/request.js';
import { useSandbox } from '../../support/core.js';
import { makeRandomProject, type RandomProject } from '../../support/random-project.js';
import { ask, call } from '../../support/raw-engine.js';
import { FakeTerminal } from '../../support/terminal.js';
import { until } from '../engine/harness.js';

const sandbox = useSandbox();
const signal = new AbortController().signal;
let project: RandomProject;
let started: StartResult;

beforeAll(async () => {
  project = await makeRandomProject(sandbox.folder, 11);
  await sandbox.make(project.root);
});

function shell(terminal: FakeTerminal, abort = new AbortController().signal): Promise<number> {
  return sandbox.core.shell(sandbox.request(project.root), terminal, abort);
}

async function processes(id: string): Promise<readonly string[]> {
  const top = await ask(z.object({ Processes: z.array(z.array(z.string())) }), `/containers/${id}/top?ps_args=-eo%20pid,args`);
  return top.Processes.map((row) => row.at(-1) ?? '');
}

describe('where nothing runs', () => {
  test('is one of its own, of the last release, and gone with its end', async () => {
    const terminal = new FakeTerminal();
    const code = shell(terminal);
    await terminal.says(/Nothing is running: in a container of its own of /);
    terminal.type('echo "is $((6*7))"; id -u; exit 9\r');
    expect(await code).toBe(9);
    expect(terminal.text).toMatch(/\nis 42\n10001\n/);
    expect((await sandbox.core.status(sandbox.request(project.root), signal)).services).toEqual([]);
  });
});

describe('in the release that runs', () => {
  beforeAll(async () => {
    started = await sandbox.core.start(sandbox.request(project.root), () => undefined, signal);
  });

  test('answers, in its size, with its colours, and ends with the exit code of the last command', async () => {
    const terminal = new FakeTerminal();
    terminal.resize(101, 33);
    const code = shell(terminal);
    await terminal.says(/In the release that is running/);
    terminal.type('stty size; echo "$TERM"\r');
    await terminal.says(/\n33 101\n/);
    terminal.resize(61, 17);
    await new Promise((resolve) => setTimeout(resolve, 200));
    terminal.type('stty size; ls -di /proc/1/root >/dev/null; echo "is $((6*7))"; exit 3\r');
    expect(await code).toBe(3);
    expect(terminal.text).toMatch(/\nxterm-256color\n/);
    expect(terminal.text).toMatch(/\n17 61\n/);
    expect(terminal.text).toMatch(/\nis 42\n/);
    // The line that tells who it is stays between us and the container.
    expect(terminal.text).not.toMatch(/^\d+$/m);
  });

  test('Ctrl+C ends the command and not the shell', async () => {
    const terminal = new FakeTerminal();
    const code = shell(terminal);
    terminal.type('sleep 300\r');
    await until(async () => (await processes(started.id)).includes('sleep 300'), 'sleep runs');
    terminal.type('\u0003');
    await until(async () => !(await processes(started.id)).includes('sleep 300'), 'sleep is gone');
    terminal.type('exit\r');
    expect(await code).toBe(130);
  });

  test('passes on what is not text, and megabytes of it', async () => {
    const terminal = new FakeTerminal();
    const code = shell(terminal);
    terminal.type("head -c 2000000 /dev/zero | tr '\\0' x; echo; printf 'h\\303\\251llo\\n'; exit\r");
    expect(await code).toBe(0);
    expect(terminal.text.match(/x{2000000}/)).not.toBeNull();
    expect(terminal.text).toContain('\nhéllo\n');
  });

  test('closed, it takes with it what it started, and leaves the release alone', async () => {
    const terminal = new FakeTerminal();
    const abort = new AbortController();
    const code = shell(terminal, abort.signal);
    terminal.type("sleep 301 & (trap '' HUP; exec sleep 302) & sleep 303\r");
    await until(async () => (await processes(started.id)).includes('sleep 303'), 'all three run');
    abort.abort();
    await expect(code).rejects.toBeInstanceOf(CancelledError);
    await until(async () => !(await processes(started.id)).some((line) => /sleep 30\d|bash/.test(line)), 'nothing of it is left');
    expect((await fetch(started.url ?? '')).status).toBe(200);
  });

  test('its log is followed through a restart, and into the next start, without a line twice', async () => {
    const abort = new AbortController();
    const lines: string[] = [];
    const notes: string[] = [];
    const following = sandbox.core.followLogs(
      sandbox.request(project.root),
      (_stream, line) => lines.push(line),
      (text) => notes.push(text),
      abort.signal,
    );
    const boots = (): number => lines.filter((line) => line.includes('Listening at')).length;
    await until(() => boots() === 1, 'the past is told');
    await fetch(`${started.url ?? ''}/?first`);
    await until(() => lines.some((line) => line.includes('first')), 'a request is told');
    await call('POST', `/containers/${started.id}/restart?t=1`);
    await until(() => boots() === 2, 'the restart is told', 20_000);
    expect(lines.filter((line) => line.includes('first'))).toHaveLength(1);
    await sandbox.core.stop(sandbox.request(project.root), signal);
    const next = await sandbox.core.start(sandbox.request(project.root), () => undefined, signal);
    await until(() => boots() === 3, 'the next one is told', 20_000);
    await fetch(`${next.url ?? ''}/?second`);
    await until(() => lines.some((line) => line.includes('second')), 'a request to it is told');
    expect(notes).toContainEqual(expect.stringMatching(/-web was started \(/));
    expect(lines.filter((line) => line.includes('first'))).toHaveLength(1);
    abort.abort();
    await expect(following).rejects.toBeInstanceOf(CancelledError);
  });
});
